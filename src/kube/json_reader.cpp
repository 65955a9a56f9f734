#include "kube/json_reader.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"

namespace hyperwright::kube {
namespace {

const boost::json::value* unless_null(const boost::json::value& value) {
  return value.is_null() ? nullptr : &value;
}

// Values in messages are cut, between two characters: whole documents help nobody.
std::string shown(const boost::json::value& value) {
  constexpr std::size_t kShownMax = 80;
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  if (!value.is_string()) return boost::json::serialize(value);
  const std::string_view text = value.get_string();
  if (text.size() <= kShownMax) return boost::json::serialize(text);
  return boost::json::serialize(first_bytes(text, kShownMax)) + "...";
}

}  // namespace

bool JsonField::is_object() const { return value_ != nullptr && value_->is_object(); }

const boost::json::object* JsonField::object_or_tell() const {
  if (value_ == nullptr) return nullptr;
  if (const auto* object = value_->if_object()) return object;
  if (!is_told_) must_be("an object");
  is_told_ = true;
  return nullptr;
}

const boost::json::array* JsonField::array_or_tell() const {
  if (value_ == nullptr) return nullptr;
  if (const auto* array = value_->if_array()) return array;
  if (!is_told_) must_be("a list");
  is_told_ = true;
  return nullptr;
}

JsonField JsonField::at(std::string_view key) const& {
  const auto* object = object_or_tell();
  const boost::json::value* value = object == nullptr ? nullptr : object->if_contains(key);
  return {value == nullptr ? nullptr : unless_null(*value), this, key, 0};
}

std::size_t JsonField::item_count() const {
  const auto* array = array_or_tell();
  return array == nullptr ? 0 : array->size();
}

std::size_t JsonField::member_count() const {
  const auto* object = object_or_tell();
  return object == nullptr ? 0 : object->size();
}

JsonField JsonField::item(std::size_t index) const& {
  const auto* array = array_or_tell();
  const bool is_there = array != nullptr && index < array->size();
  return {is_there ? unless_null((*array)[index]) : nullptr, this, {}, index};
}

JsonField JsonField::member(std::size_t index) const& {
  const auto* object = object_or_tell();
  if (object == nullptr || index >= object->size()) return {nullptr, this, {}, index};
  const boost::json::key_value_pair& pair = object->begin()[static_cast<std::ptrdiff_t>(index)];
  return {unless_null(pair.value()), this, pair.key(), 0};
}

std::optional<std::string_view> JsonField::if_text() const {
  if (value_ == nullptr) return std::nullopt;
  const auto* text = value_->if_string();
  return text == nullptr ? std::nullopt : std::optional<std::string_view>(*text);
}

std::string_view JsonField::text() const {
  if (value_ == nullptr) return {};
  if (const auto text = if_text()) return *text;
  must_be("a text");
  return {};
}

std::string JsonField::scalar_text() const {
  if (value_ == nullptr) return {};
  if (const auto text = if_text()) return std::string(*text);
  if (value_->is_number()) return boost::json::serialize(*value_);
  must_be("a text or a number");
  return {};
}

bool JsonField::boolean() const {
  if (value_ == nullptr) return false;
  if (const auto* flag = value_->if_bool()) return *flag;
  must_be("true or false");
  return false;
}

std::int64_t JsonField::integer(JsonIntegerRange range) const {
  if (value_ == nullptr) return range.otherwise;
  boost::json::error_code error;
  const auto number = value_->is_number() ? value_->to_number<std::int64_t>(error) : 0;
  if (!value_->is_number() || error || number < range.min || number > range.max) {
    if (range.min == INT64_MIN && range.max == INT64_MAX) {
      must_be("a whole number");
    } else {
      must_be(fmt::format("a whole number from {} to {}", range.min, range.max));
    }
    return range.otherwise;
  }
  return number;
}

std::int32_t JsonField::count(std::int32_t otherwise) const {
  return static_cast<std::int32_t>(integer({.min = 0, .max = INT32_MAX, .otherwise = otherwise}));
}

Time JsonField::time() const { return optional_time().value_or(Time{}); }

std::optional<Time> JsonField::optional_time() const {
  if (value_ == nullptr) return std::nullopt;
  const auto time = parse_time(if_text().value_or(std::string_view{}));
  if (!time) {
    must_be("a time such as 2026-11-24T12:00:00Z");
    return std::nullopt;
  }
  return *time < Time{} ? Time{} : *time;
}

std::vector<std::string> JsonField::texts() const {
  std::vector<std::string> result;
  result.reserve(item_count());
  each_item([&](const JsonField& field) {
    if (field.exists()) result.emplace_back(field.text());
  });
  return result;
}

void JsonField::must_be(std::string_view what) const {
  problems_->add(fmt::format("{} must be {}, it is {}", path(), what,
                             value_ == nullptr ? "absent" : shown(*value_)));
}

void JsonField::problem(std::string_view what) const {
  problems_->add(fmt::format("{}: {}", path(), what));
}

std::string JsonField::path() const {
  std::string text;
  append_path(text);
  return text.empty() ? "the document" : text;
}

// A key with dots or slashes, such as a label's, stands in brackets.
void JsonField::append_path(std::string& text) const {
  if (parent_ == nullptr) return;
  parent_->append_path(text);
  if (name_.data() == nullptr) {
    text += fmt::format("[{}]", index_);
  } else if (name_.empty() || name_.find_first_of("./") != std::string_view::npos) {
    text += fmt::format("[{}]", name_);
  } else {
    text += fmt::format("{}{}", text.empty() ? "" : ".", name_);
  }
}

}  // namespace hyperwright::kube
