// A field of a JSON document that is being decoded: it knows where it stands, so that every problem
// names its path.
//
//   JsonProblems problems;
//   const JsonField pod(json, problems);
//   const JsonField spec = pod.at("spec");
//   const JsonField weight = spec.at("weight");     // absent, if spec or weight is
//   weight.integer({.min = 1, .max = 100});         // "spec.weight must be a whole number from 1
//   to 100, it is "x""
//
// An absent field and null are the same, and read as the default. A field of a wrong type is a
// problem, told once, and reads as the default too. Fields point to the document and to the field
// that they were found in; both must outlive them, so that at() and item() of a temporary do not
// compile.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/time.h"

namespace hyperwright::kube {

// The first problems of a document, each once. More than a few help nobody, and may be made by the
// million.
class JsonProblems {
 public:
  void add(std::string sentence) {
    if (sentences_.size() == kMax || std::ranges::find(sentences_, sentence) != sentences_.end())
      return;
    sentences_.push_back(std::move(sentence));
  }
  [[nodiscard]] bool empty() const { return sentences_.empty(); }
  [[nodiscard]] const std::vector<std::string>& sentences() const { return sentences_; }

 private:
  static constexpr std::size_t kMax = 16;
  std::vector<std::string> sentences_;
};

struct JsonIntegerRange {
  std::int64_t min = INT64_MIN;
  std::int64_t max = INT64_MAX;
  std::int64_t otherwise = 0;
};

class JsonField {
 public:
  JsonField(const boost::json::value& document, JsonProblems& problems)
      : value_(&document), problems_(&problems) {}

  // Neither absent nor null.
  [[nodiscard]] bool exists() const { return value_ != nullptr; }
  [[nodiscard]] bool is_object() const;

  [[nodiscard]] JsonField at(std::string_view key) const&;
  JsonField at(std::string_view key) const&& = delete;
  // Items of an array, members of an object; 0 when absent.
  [[nodiscard]] std::size_t item_count() const;
  [[nodiscard]] std::size_t member_count() const;
  [[nodiscard]] JsonField item(std::size_t index) const&;
  JsonField item(std::size_t index) const&& = delete;
  // Its key is name().
  [[nodiscard]] JsonField member(std::size_t index) const&;
  JsonField member(std::size_t index) const&& = delete;
  [[nodiscard]] std::string_view name() const { return name_; }

  template <typename Visit>
  void each_item(Visit&& visit) const& {
    const std::size_t count = item_count();
    for (std::size_t i = 0; i < count; ++i) visit(item(i));
  }
  template <typename Visit>
  void each_member(Visit&& visit) const& {
    const std::size_t count = member_count();
    for (std::size_t i = 0; i < count; ++i) visit(member(i));
  }

  [[nodiscard]] std::string_view text() const;
  // A text, or a number as text: how Kubernetes writes int-or-string fields and quantities.
  [[nodiscard]] std::string scalar_text() const;
  // The text, without a copy, where the value is one; nullopt: absent or no text (no problem).
  [[nodiscard]] std::optional<std::string_view> if_text() const;
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::int64_t integer(JsonIntegerRange range = {}) const;
  [[nodiscard]] std::int32_t count(std::int32_t otherwise = 0) const;  // 0 to 2^31 - 1
  // RFC 3339. What lies before 1970 is Go's way to say "never set", and reads as Time{}.
  [[nodiscard]] Time time() const;
  [[nodiscard]] std::optional<Time> optional_time() const;
  [[nodiscard]] std::vector<std::string> texts() const;
  // One of the names of a table; nullopt: absent, or a problem that lists them.
  template <typename Choice, std::size_t count>
  [[nodiscard]] std::optional<Choice> choice(
      const std::pair<std::string_view, Choice> (&table)[count]) const {
    if (!exists()) return std::nullopt;
    const std::string_view own = if_text().value_or(std::string_view{});
    std::string allowed;
    for (const auto& [name, value] : table) {
      if (name == own && if_text()) return value;
      if (!allowed.empty()) allowed += ", ";
      allowed += name;
    }
    must_be("one of " + allowed);
    return std::nullopt;
  }

  // Adds "<path> must be <what>, it is <value>".
  void must_be(std::string_view what) const;
  // Adds "<path>: <what>".
  void problem(std::string_view what) const;
  [[nodiscard]] std::string path() const;

 private:
  JsonField(const boost::json::value* value, const JsonField* parent, std::string_view name,
            std::size_t index)
      : value_(value), parent_(parent), name_(name), index_(index), problems_(parent->problems_) {}
  [[nodiscard]] const boost::json::object* object_or_tell() const;
  [[nodiscard]] const boost::json::array* array_or_tell() const;
  void append_path(std::string& text) const;

  const boost::json::value* value_;  // nullptr: absent or null
  const JsonField* parent_ = nullptr;
  std::string_view name_;  // with no name, an item of an array
  std::size_t index_ = 0;
  JsonProblems* problems_;
  mutable bool is_told_ = false;
};

}  // namespace hyperwright::kube
