#include "hyperpod/answer_reader.h"

#include <boost/json.hpp>

#include "hyperpod/epoch_seconds.h"

namespace hyperwright::hyperpod {
namespace json = boost::json;

void Problem::keep(std::string sentence) {
  if (first_) return;
  first_ = Error(ErrorCode::Invalid, "HyperPod's answer cannot be read: " + std::move(sentence),
                 "check that the endpoint speaks the SageMaker API");
}

Status Problem::status() const {
  if (first_) return fail(*first_);
  return {};
}

AnswerReader::AnswerReader(const json::value& value, std::string path, Problem& problem)
    : AnswerReader(value.if_object(), std::move(path), problem) {
  if (object_ == nullptr && !value.is_null()) {
    problem_->keep(path_.empty() ? "it is no JSON object"
                                 : fmt::format("{} is no JSON object", path_));
  }
}

std::string AnswerReader::path_of(std::string_view member) const {
  return path_.empty() ? std::string(member) : fmt::format("{}.{}", path_, member);
}

void AnswerReader::wrong(std::string_view member, std::string_view what) const {
  problem_->keep(fmt::format("{} {}", path_of(member), what));
}

void AnswerReader::unknown_enumerator(std::string_view member, std::string_view value) const {
  wrong(member, fmt::format("has the value \"{}\", which this version does not know", value));
}

const json::value* AnswerReader::find(std::string_view member) const {
  if (object_ == nullptr) return nullptr;
  const json::value* value = object_->if_contains(member);
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool AnswerReader::has(std::string_view member) const { return find(member) != nullptr; }

std::string AnswerReader::text(std::string_view member) const {
  const json::value* value = find(member);
  if (value == nullptr) return {};
  const json::string* text = value->if_string();
  if (text == nullptr) {
    wrong(member, "is no text");
    return {};
  }
  return std::string(text->data(), text->size());
}

std::string AnswerReader::required_text(std::string_view member) const {
  std::string found = text(member);
  if (found.empty()) wrong(member, "is missing");
  return found;
}

std::int32_t AnswerReader::count(std::string_view member) const {
  const json::value* value = find(member);
  if (value == nullptr) return 0;
  boost::system::error_code error;
  const auto number = value->to_number<std::int32_t>(error);
  if (error || number < 0) {
    wrong(member, "is no count");
    return 0;
  }
  return number;
}

std::optional<Time> AnswerReader::time(std::string_view member) const {
  const json::value* value = find(member);
  if (value == nullptr) return std::nullopt;
  const auto time = from_epoch_seconds(*value);
  if (!time) wrong(member, "is no time in seconds since 1970");
  return time;
}

std::vector<std::string> AnswerReader::texts(std::string_view member) const {
  const json::value* value = find(member);
  if (value == nullptr) return {};
  std::vector<std::string> texts;
  const json::array* array = value->if_array();
  if (array == nullptr) {
    wrong(member, "is no list");
    return {};
  }
  for (const json::value& element : *array) {
    if (const json::string* text = element.if_string()) {
      texts.emplace_back(text->data(), text->size());
    } else {
      wrong(member, "holds something that is no text");
    }
  }
  return texts;
}

kube::StringMap AnswerReader::map(std::string_view member) const {
  kube::StringMap map;
  const json::value* value = find(member);
  if (value == nullptr) return map;
  const json::object* object = value->if_object();
  if (object == nullptr) {
    wrong(member, "is no JSON object");
    return map;
  }
  for (const auto& [key, element] : *object) {
    if (const json::string* text = element.if_string()) {
      map.set(std::string_view(key.data(), key.size()),
              std::string_view(text->data(), text->size()));
    } else {
      wrong(member, "holds something that is no text");
    }
  }
  return map;
}

AnswerReader AnswerReader::object(std::string_view member) const {
  const json::value* value = find(member);
  if (value == nullptr)
    return {static_cast<const json::object*>(nullptr), path_of(member), *problem_};
  return {*value, path_of(member), *problem_};
}

std::vector<AnswerReader> AnswerReader::objects(std::string_view member) const {
  std::vector<AnswerReader> readers;
  const json::value* value = find(member);
  if (value == nullptr) return readers;
  const json::array* array = value->if_array();
  if (array == nullptr) {
    wrong(member, "is no list");
    return readers;
  }
  readers.reserve(array->size());
  for (std::size_t i = 0; i < array->size(); ++i) {
    readers.emplace_back((*array)[i], fmt::format("{}[{}]", path_of(member), i), *problem_);
  }
  return readers;
}

}  // namespace hyperwright::hyperpod
