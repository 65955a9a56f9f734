// Reads the members of one JSON object of an answer. The first thing that is wrong is kept in a
// Problem that the readers of one answer share, with the path that leads to it; reads after it give
// empty values. So a decoder reads straight down, and asks once at its end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "base/time.h"
#include "hyperpod/enum_text.h"

namespace hyperwright::hyperpod {

class Problem {
 public:
  void keep(std::string sentence);
  [[nodiscard]] Status status() const;

 private:
  std::optional<Error> first_;
};

class AnswerReader {
 public:
  // `value` and `problem` outlive the reader. `path` is "" for the answer itself.
  AnswerReader(const boost::json::value& value, std::string path, Problem& problem);

  // Absent and null members are empty: "", 0, false, no elements.
  [[nodiscard]] bool has(std::string_view member) const;
  [[nodiscard]] std::string text(std::string_view member) const;
  // As text, and it must be there and not be empty.
  [[nodiscard]] std::string required_text(std::string_view member) const;
  [[nodiscard]] std::int32_t count(std::string_view member) const;
  [[nodiscard]] std::optional<Time> time(std::string_view member) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view member) const;
  [[nodiscard]] kube::StringMap map(std::string_view member) const;
  // An absent member gives an empty reader: every read of it is empty.
  [[nodiscard]] AnswerReader object(std::string_view member) const;
  [[nodiscard]] std::vector<AnswerReader> objects(std::string_view member) const;

  template <typename Enum>
  [[nodiscard]] std::optional<Enum> optional_enumerator(std::string_view member) const {
    const std::string name = text(member);
    if (name.empty()) return std::nullopt;
    const auto value = enum_of<Enum>(name);
    if (!value) unknown_enumerator(member, name);
    return value;
  }
  // `otherwise`: what an absent member means.
  template <typename Enum>
  [[nodiscard]] Enum enumerator(std::string_view member, Enum otherwise) const {
    return optional_enumerator<Enum>(member).value_or(otherwise);
  }
  template <typename Enum>
  [[nodiscard]] Enum required_enumerator(std::string_view member) const {
    return enum_of<Enum>(required_text(member)).value_or(enumerator<Enum>(member, Enum{}));
  }

 private:
  AnswerReader(const boost::json::object* object, std::string path, Problem& problem)
      : object_(object), path_(std::move(path)), problem_(&problem) {}
  [[nodiscard]] const boost::json::value* find(std::string_view member) const;
  [[nodiscard]] std::string path_of(std::string_view member) const;
  void wrong(std::string_view member, std::string_view what) const;
  void unknown_enumerator(std::string_view member, std::string_view value) const;

  const boost::json::object* object_;  // nullptr: the member was absent
  std::string path_;
  Problem* problem_;
};

}  // namespace hyperwright::hyperpod
