#include "sim/kubernetes_fields.h"

#include <boost/json.hpp>

#include "base/number.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

json::string_view key_of(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

const json::value* find_field(const json::object& object, FieldPath path) {
  const json::object* at = &object;
  const json::value* found = nullptr;
  for (const std::string_view key : path) {
    if (at == nullptr) return nullptr;
    found = at->if_contains(key_of(key));
    if (found == nullptr) return nullptr;
    at = found->if_object();
  }
  return found;
}

json::value* find_field(json::object& object, FieldPath path) {
  return const_cast<json::value*>(find_field(static_cast<const json::object&>(object), path));
}

std::string_view text_field(const json::object& object, FieldPath path) {
  const json::value* found = find_field(object, path);
  if (found == nullptr || !found->is_string()) return {};
  return {found->get_string().data(), found->get_string().size()};
}

std::int64_t int_field(const json::object& object, FieldPath path, std::int64_t otherwise) {
  const json::value* found = find_field(object, path);
  if (found == nullptr) return otherwise;
  if (found->is_int64()) return found->get_int64();
  if (found->is_uint64()) return static_cast<std::int64_t>(found->get_uint64());
  return otherwise;
}

bool bool_field(const json::object& object, FieldPath path) {
  const json::value* found = find_field(object, path);
  return found != nullptr && found->is_bool() && found->get_bool();
}

const json::object* object_field(const json::object& object, FieldPath path) {
  const json::value* found = find_field(object, path);
  return found == nullptr ? nullptr : found->if_object();
}

const json::array* array_field(const json::object& object, FieldPath path) {
  const json::value* found = find_field(object, path);
  return found == nullptr ? nullptr : found->if_array();
}

json::object* object_field(json::object& object, FieldPath path) {
  json::value* found = find_field(object, path);
  return found == nullptr ? nullptr : found->if_object();
}

json::array* array_field(json::object& object, FieldPath path) {
  json::value* found = find_field(object, path);
  return found == nullptr ? nullptr : found->if_array();
}

json::object& object_at(json::object& object, FieldPath path) {
  json::object* at = &object;
  for (const std::string_view key : path) {
    json::value& next = (*at)[key_of(key)];
    if (!next.is_object()) next = json::object{};
    at = &next.get_object();
  }
  return *at;
}

json::array& array_at(json::object& object, FieldPath path) {
  json::object* at = &object;
  json::value* next = nullptr;
  for (const std::string_view key : path) {
    if (next != nullptr) {
      if (!next->is_object()) *next = json::object{};
      at = &next->get_object();
    }
    next = &(*at)[key_of(key)];
  }
  if (!next->is_array()) *next = json::array{};
  return next->get_array();
}

void set_default(json::object& object, std::string_view key, json::value value) {
  json::value& field = object[key_of(key)];
  if (field.is_null()) field = std::move(value);
}

void erase_field(json::object& object, std::string_view key) {
  const auto it = object.find(key_of(key));
  if (it != object.end()) object.stable_erase(it);
}

std::string_view namespace_of(const json::object& object) {
  return text_field(object, {"metadata", "namespace"});
}

std::string_view name_of(const json::object& object) {
  return text_field(object, {"metadata", "name"});
}

std::string_view uid_of(const json::object& object) {
  return text_field(object, {"metadata", "uid"});
}

std::uint64_t resource_version_of(const json::object& object) {
  const auto version = parse_int64(text_field(object, {"metadata", "resourceVersion"}));
  return version && *version > 0 ? static_cast<std::uint64_t>(*version) : 0;
}

bool is_deleting(const json::object& object) {
  return !text_field(object, {"metadata", "deletionTimestamp"}).empty();
}

const json::object* find_condition(const json::object& object, std::string_view type) {
  const json::array* conditions = array_field(object, {"status", "conditions"});
  if (conditions == nullptr) return nullptr;
  for (const json::value& condition : *conditions) {
    if (condition.is_object() && text_field(condition.get_object(), {"type"}) == type)
      return &condition.get_object();
  }
  return nullptr;
}

bool has_condition(const json::object& object, std::string_view type, std::string_view status) {
  const json::object* condition = find_condition(object, type);
  return condition != nullptr && text_field(*condition, {"status"}) == status;
}

}  // namespace hyperwright::sim
