// Reads and checks the members of a request's body as AWS does. A member of the wrong JSON kind is
// a SerializationException, of which the first is told. A value that breaks a constraint of the
// API's model is a part of one ValidationException, which tells all of them:
//
//   2 validation errors detected: Value '51' at 'nodesToAdd.1.member.incrementTargetCountBy' failed
//   to satisfy constraint: Member must have value less than or equal to 50; Value at 'clusterName'
//   failed to satisfy ...
//
// Rules that look at several members together are the operation's, and are checked after these.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/time.h"
#include "hyperpod/enum_text.h"
#include "service/answer.h"
#include "service/patterns.h"

namespace hyperwright::service {

enum class Need : std::uint8_t { Optional, Required };

struct TextRule {
  Need need = Need::Optional;
  std::size_t min = 0;
  std::size_t max = SIZE_MAX;
  const Pattern* pattern = nullptr;
};
struct NumberRule {
  Need need = Need::Optional;
  std::int64_t min = 0;
  std::int64_t max = INT32_MAX;
};
struct ListRule {
  Need need = Need::Optional;
  std::size_t min = 0;
  std::size_t max = SIZE_MAX;
};

class RequestProblems {
 public:
  void serialization(std::string message);
  void constraint(std::string sentence);
  // The error to answer with; nullopt: nothing is wrong so far.
  [[nodiscard]] std::optional<Answer> answer() const;

 private:
  std::string serialization_;
  std::vector<std::string> constraints_;
};

class RequestReader {
 public:
  // `body` and `problems` outlive the reader.
  RequestReader(const boost::json::value& body, RequestProblems& problems);

  [[nodiscard]] bool has(std::string_view member) const;
  // Absent members, and those that are wrong, are empty: "", nullopt, no elements.
  [[nodiscard]] std::string text(std::string_view member, TextRule rule) const;
  [[nodiscard]] std::optional<std::int32_t> number(std::string_view member, NumberRule rule) const;
  [[nodiscard]] bool flag(std::string_view member) const;
  [[nodiscard]] std::optional<Time> time(std::string_view member) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view member, ListRule rule,
                                               TextRule element) const;
  [[nodiscard]] kube::StringMap map(std::string_view member, ListRule rule, TextRule key,
                                    TextRule value) const;
  // A reader of nothing where the member is absent.
  [[nodiscard]] RequestReader object(std::string_view member, Need need) const;
  [[nodiscard]] std::vector<RequestReader> objects(std::string_view member, ListRule rule) const;
  // The member as canonical JSON text (sorted keys); "" where it is absent.
  [[nodiscard]] std::string json_text(std::string_view member) const;

  // One of `allowed`; "" where it is absent or not allowed.
  [[nodiscard]] std::string one_of(std::string_view member, Need need,
                                   std::vector<std::string_view> allowed) const;
  template <typename Enum>
  [[nodiscard]] std::optional<Enum> enumerator(std::string_view member, Need need) const {
    std::vector<std::string_view> allowed;
    for (const auto& entry : hyperpod::enum_texts<Enum>()) allowed.push_back(entry.second);
    return hyperpod::enum_of<Enum>(one_of(member, need, std::move(allowed)));
  }

  // Tells a broken constraint of this member ("" for the object itself), in AWS's words.
  void constraint(std::string_view member, std::string_view value, std::string_view sentence) const;

 private:
  RequestReader(const boost::json::object* object, std::string path, RequestProblems& problems)
      : object_(object), path_(std::move(path)), problems_(&problems) {}
  [[nodiscard]] const boost::json::value* find(std::string_view member, Need need) const;
  // "instanceGroups.1.member.instanceCount"
  [[nodiscard]] std::string path_of(std::string_view member) const;
  void check_text(const std::string& path, std::string_view text, const TextRule& rule) const;
  void check_size(const std::string& path, std::size_t size, const ListRule& rule) const;
  void wrong_kind(const std::string& path, const boost::json::value& value,
                  std::string_view wanted) const;

  const boost::json::object* object_;  // nullptr: the member was absent
  std::string path_;
  RequestProblems* problems_;
};

// JSON text with the keys of every object sorted: equal values have equal texts.
std::string canonical(const boost::json::value& value);

}  // namespace hyperwright::service
