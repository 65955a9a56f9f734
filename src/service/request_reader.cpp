#include "service/request_reader.h"

#include <algorithm>

#include <boost/json.hpp>

#include "hyperpod/epoch_seconds.h"

namespace hyperwright::service {
namespace json = boost::json;
namespace {

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

// As AWS's JSON parser calls it in its errors.
std::string_view kind_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::object:
      return "START_OBJECT";
    case json::kind::array:
      return "START_ARRAY";
    case json::kind::string:
      return "STRING_VALUE";
    case json::kind::bool_:
      return value.get_bool() ? "TRUE_VALUE" : "FALSE_VALUE";
    case json::kind::null:
      return "NULL_VALUE";
    default:
      return value.is_double() ? "DECIMAL_VALUE" : "NUMBER_VALUE";
  }
}

std::string lower_first(std::string_view name) {
  std::string text(name);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z')
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

std::string broken(const std::string& path, std::string_view value, std::string_view sentence) {
  return value.empty()
             ? fmt::format("Value at '{}' failed to satisfy constraint: {}", path, sentence)
             : fmt::format("Value '{}' at '{}' failed to satisfy constraint: {}", value, path,
                           sentence);
}

void write_canonical(const json::value& value, std::string& text) {
  if (const json::object* object = value.if_object()) {
    std::vector<const json::key_value_pair*> members;
    for (const json::key_value_pair& member : *object) members.push_back(&member);
    std::ranges::sort(members, {}, [](const auto* member) {
      return std::string_view(member->key().data(), member->key().size());
    });
    text += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) text += ',';
      text += json::serialize(json::string(members[i]->key()));
      text += ':';
      write_canonical(members[i]->value(), text);
    }
    text += '}';
  } else if (const json::array* array = value.if_array()) {
    text += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i > 0) text += ',';
      write_canonical((*array)[i], text);
    }
    text += ']';
  } else {
    text += json::serialize(value);
  }
}

}  // namespace

std::string canonical(const json::value& value) {
  std::string text;
  write_canonical(value, text);
  return text;
}

void RequestProblems::serialization(std::string message) {
  if (serialization_.empty()) serialization_ = std::move(message);
}

void RequestProblems::constraint(std::string sentence) {
  constraints_.push_back(std::move(sentence));
}

std::optional<Answer> RequestProblems::answer() const {
  if (!serialization_.empty()) return serialization_error(serialization_);
  if (constraints_.empty()) return std::nullopt;
  return validation_error(fmt::format("{} validation error{} detected: {}", constraints_.size(),
                                      constraints_.size() == 1 ? "" : "s",
                                      fmt::join(constraints_, "; ")));
}

RequestReader::RequestReader(const json::value& body, RequestProblems& problems)
    : RequestReader(body.if_object(), "", problems) {
  if (object_ == nullptr) problems_->serialization("The request's body is no JSON object.");
}

std::string RequestReader::path_of(std::string_view member) const {
  if (member.empty()) return path_;
  return path_.empty() ? lower_first(member) : fmt::format("{}.{}", path_, lower_first(member));
}

void RequestReader::constraint(std::string_view member, std::string_view value,
                               std::string_view sentence) const {
  problems_->constraint(broken(path_of(member), value, sentence));
}

void RequestReader::wrong_kind(const std::string& path, const json::value& value,
                               std::string_view wanted) const {
  problems_->serialization(
      fmt::format("{}: {} can not be converted to {}", path, kind_of(value), wanted));
}

const json::value* RequestReader::find(std::string_view member, Need need) const {
  const json::value* value = object_ == nullptr ? nullptr : object_->if_contains(member);
  if (value != nullptr && !value->is_null()) return value;
  // What is required of an absent object is not required at all.
  if (need == Need::Required && object_ != nullptr)
    constraint(member, "", "Member must not be null");
  return nullptr;
}

bool RequestReader::has(std::string_view member) const {
  return find(member, Need::Optional) != nullptr;
}

void RequestReader::check_text(const std::string& path, std::string_view text,
                               const TextRule& rule) const {
  const auto tell = [&](std::string_view sentence) {
    problems_->constraint(broken(path, text, sentence));
  };
  if (text.size() < rule.min)
    tell(fmt::format("Member must have length greater than or equal to {}", rule.min));
  if (text.size() > rule.max)
    tell(fmt::format("Member must have length less than or equal to {}", rule.max));
  if (rule.pattern != nullptr && !rule.pattern->matches(text)) {
    tell(fmt::format("Member must satisfy regular expression pattern: {}",
                     rule.pattern->expression));
  }
}

void RequestReader::check_size(const std::string& path, std::size_t size,
                               const ListRule& rule) const {
  const auto tell = [&](std::string_view sentence) {
    problems_->constraint(broken(path, "", sentence));
  };
  if (size < rule.min)
    tell(fmt::format("Member must have length greater than or equal to {}", rule.min));
  if (size > rule.max)
    tell(fmt::format("Member must have length less than or equal to {}", rule.max));
}

std::string RequestReader::text(std::string_view member, TextRule rule) const {
  const json::value* value = find(member, rule.need);
  if (value == nullptr) return {};
  const json::string* text = value->if_string();
  if (text == nullptr) {
    wrong_kind(path_of(member), *value, "a String");
    return {};
  }
  check_text(path_of(member), view(*text), rule);
  return std::string(view(*text));
}

std::optional<std::int32_t> RequestReader::number(std::string_view member, NumberRule rule) const {
  const json::value* value = find(member, rule.need);
  if (value == nullptr) return std::nullopt;
  boost::system::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  if (error) {
    wrong_kind(path_of(member), *value, "an Integer");
    return std::nullopt;
  }
  const auto tell = [&](std::string_view sentence) {
    constraint(member, fmt::format("{}", number), sentence);
  };
  if (number < rule.min)
    tell(fmt::format("Member must have value greater than or equal to {}", rule.min));
  if (number > rule.max)
    tell(fmt::format("Member must have value less than or equal to {}", rule.max));
  if (number < rule.min || number > rule.max) return std::nullopt;
  return static_cast<std::int32_t>(number);
}

bool RequestReader::flag(std::string_view member) const {
  const json::value* value = find(member, Need::Optional);
  if (value == nullptr) return false;
  if (!value->is_bool()) {
    wrong_kind(path_of(member), *value, "a Boolean");
    return false;
  }
  return value->get_bool();
}

std::optional<Time> RequestReader::time(std::string_view member) const {
  const json::value* value = find(member, Need::Optional);
  if (value == nullptr) return std::nullopt;
  const auto time = hyperpod::from_epoch_seconds(*value);
  if (!time) wrong_kind(path_of(member), *value, "a Timestamp");
  return time;
}

std::vector<std::string> RequestReader::texts(std::string_view member, ListRule rule,
                                              TextRule element) const {
  const json::value* value = find(member, rule.need);
  if (value == nullptr) return {};
  const json::array* array = value->if_array();
  if (array == nullptr) {
    wrong_kind(path_of(member), *value, "a List");
    return {};
  }
  check_size(path_of(member), array->size(), rule);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < array->size(); ++i) {
    const std::string path = fmt::format("{}.{}.member", path_of(member), i + 1);
    if (const json::string* text = (*array)[i].if_string()) {
      check_text(path, view(*text), element);
      texts.emplace_back(view(*text));
    } else {
      wrong_kind(path, (*array)[i], "a String");
    }
  }
  return texts;
}

kube::StringMap RequestReader::map(std::string_view member, ListRule rule, TextRule key_rule,
                                   TextRule value_rule) const {
  kube::StringMap map;
  const json::value* value = find(member, rule.need);
  if (value == nullptr) return map;
  const json::object* object = value->if_object();
  if (object == nullptr) {
    wrong_kind(path_of(member), *value, "a Map");
    return map;
  }
  check_size(path_of(member), object->size(), rule);
  for (const auto& [key_text, element] : *object) {
    const std::string_view key(key_text.data(), key_text.size());
    check_text(path_of(member), key, key_rule);
    if (const json::string* text = element.if_string()) {
      check_text(fmt::format("{}.{}.member", path_of(member), key), view(*text), value_rule);
      map.set(key, view(*text));
    } else {
      wrong_kind(fmt::format("{}.{}.member", path_of(member), key), element, "a String");
    }
  }
  return map;
}

RequestReader RequestReader::object(std::string_view member, Need need) const {
  const json::value* value = find(member, need);
  if (value != nullptr && !value->is_object()) wrong_kind(path_of(member), *value, "a Structure");
  return {value == nullptr ? nullptr : value->if_object(), path_of(member), *problems_};
}

std::vector<RequestReader> RequestReader::objects(std::string_view member, ListRule rule) const {
  std::vector<RequestReader> readers;
  const json::value* value = find(member, rule.need);
  if (value == nullptr) return readers;
  const json::array* array = value->if_array();
  if (array == nullptr) {
    wrong_kind(path_of(member), *value, "a List");
    return readers;
  }
  check_size(path_of(member), array->size(), rule);
  for (std::size_t i = 0; i < array->size(); ++i) {
    const std::string path = fmt::format("{}.{}.member", path_of(member), i + 1);
    const json::object* object = (*array)[i].if_object();
    if (object == nullptr) {
      wrong_kind(path, (*array)[i], "a Structure");
    } else {
      readers.push_back(RequestReader(object, path, *problems_));
    }
  }
  return readers;
}

std::string RequestReader::json_text(std::string_view member) const {
  const json::value* value = find(member, Need::Optional);
  return value == nullptr ? std::string{} : canonical(*value);
}

std::string RequestReader::one_of(std::string_view member, Need need,
                                  std::vector<std::string_view> allowed) const {
  std::string found = text(member, {.need = need});
  if (!has(member) || std::ranges::find(allowed, found) != allowed.end()) return found;
  constraint(member, found,
             fmt::format("Member must satisfy enum value set: [{}]", fmt::join(allowed, ", ")));
  return {};
}

}  // namespace hyperwright::service
