// Reads the maps of a scenario strictly: every key that nobody asked for, and every double one, is
// a problem with its line and, for an unknown key, the nearest word that there is. Nothing stops at
// the first problem.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <yaml-cpp/yaml.h>

namespace hyperwright::scenarios {

struct Problem {
  int line = 0;  // counted from 1
  std::string text;
};
using Problems = std::vector<Problem>;

int line_of(const YAML::Node& node);

class Fields {
 public:
  // `what` names the map in messages: `pod "web"`. An absent or null map has no fields.
  Fields(const YAML::Node& map, std::string what, Problems& problems);
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;
  ~Fields();  // tells of the keys that nobody asked for

  // nullopt: absent.
  std::optional<YAML::Node> take(std::string_view key);
  // The text of a scalar; "" when absent.
  std::string text(std::string_view key, std::string fallback = {});
  std::int64_t number(std::string_view key, std::int64_t fallback);
  bool flag(std::string_view key, bool fallback);
  std::vector<std::string> texts(std::string_view key);  // a list, or one scalar
  std::vector<std::pair<std::string, std::string>> pairs(std::string_view key);  // a map of scalars
  // Everything that nobody has asked for yet, in order.
  std::vector<std::pair<std::string, YAML::Node>> rest();

  void problem(const YAML::Node& at, std::string text);
  [[nodiscard]] Problems& problems() { return problems_; }
  [[nodiscard]] const std::string& what() const { return what_; }

 private:
  struct Entry {
    std::string key;
    YAML::Node node;
    int line = 0;
    bool is_taken = false;
  };
  std::vector<Entry> entries_;
  std::vector<std::string> asked_;
  std::string what_;
  Problems& problems_;
};

std::vector<std::string> texts_of(const YAML::Node& node, std::string_view what,
                                  Problems& problems);
std::optional<std::int64_t> number_of(const YAML::Node& node);
// The one of `words` that differs least; "" if none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& words);

}  // namespace hyperwright::scenarios
