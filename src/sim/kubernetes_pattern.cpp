#include "sim/kubernetes_pattern.h"

#include <map>
#include <optional>
#include <regex>
#include <string>

namespace hyperwright::sim {
namespace {

class Pattern {
 public:
  explicit Pattern(const std::string& pattern) {
    try {
      regex_.emplace(pattern, std::regex::ECMAScript);
    } catch (const std::regex_error&) {
      regex_.reset();
    }
  }

  bool matches(std::string_view text) {
    if (!regex_) return true;
    if (const auto known = known_.find(text); known != known_.end()) return known->second;
    if (known_.size() == kKnownMax) known_.clear();
    return known_.emplace(text, search(text)).first->second;
  }

 private:
  // An object is written again and again, with nearly the same texts.
  static constexpr std::size_t kKnownMax = 1000;

  [[nodiscard]] bool search(std::string_view text) const {
    try {
      return std::regex_search(text.begin(), text.end(), *regex_);
    } catch (const std::regex_error&) {
      return true;
    }
  }

  std::optional<std::regex> regex_;
  std::map<std::string, bool, std::less<>> known_;
};

}  // namespace

bool matches_pattern(std::string_view text, std::string_view pattern) {
  thread_local std::map<std::string, Pattern, std::less<>> patterns;  // reading one costs the most
  auto it = patterns.find(pattern);
  if (it == patterns.end())
    it = patterns.try_emplace(std::string(pattern), std::string(pattern)).first;
  return it->second.matches(text);
}

}  // namespace hyperwright::sim
