// Strategic merge patch and server-side apply: both walk object and patch together and merge lists
// by the keys of kubernetes_list_keys.h (or, for an applied custom resource, by its schema's).
#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_fields.h"
#include "sim/kubernetes_list_keys.h"
#include "sim/kubernetes_patch.h"
#include "sim/kubernetes_resource_types.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr std::string_view kDeleteFromList = "$deleteFromPrimitiveList/";
constexpr std::string_view kSetElementOrder = "$setElementOrder/";

std::string_view view(json::string_view text) { return {text.data(), text.size()}; }

using Wrong = std::optional<ApiError>;

Wrong merge_object(json::object& target, const json::object& patch, std::string_view holder);

json::value* entry_by_key(json::array& list, std::string_view key, const json::value& wanted) {
  for (json::value& item : list) {
    const json::value* own = item.is_object() ? find_field(item.get_object(), {key}) : nullptr;
    if (own != nullptr && *own == wanted) return &item;
  }
  return nullptr;
}

// Takes the patch's own instructions out of a value that is stored as it came.
json::value without_directives(const json::value& value) {
  if (const json::array* array = value.if_array()) {
    json::array out;
    for (const json::value& item : *array) out.push_back(without_directives(item));
    return out;
  }
  if (!value.is_object()) return value;
  json::object out;
  for (const auto& [key, field] : value.get_object()) {
    if (!key.starts_with("$") && !field.is_null()) out[key] = without_directives(field);
  }
  return out;
}

Wrong merge_map_list(json::array& target, const json::array& patch, std::string_view field,
                     std::string_view key) {
  // {"$patch": "replace"} as an entry replaces the whole list by the other entries.
  const bool replaces = std::ranges::any_of(patch, [](const json::value& item) {
    return item.is_object() && text_field(item.get_object(), {"$patch"}) == "replace";
  });
  if (replaces) target.clear();
  for (const json::value& item : patch) {
    if (!item.is_object()) {
      return bad_request(
          fmt::format("strategic merge patch: an entry of {} is {}, and must be an object", field,
                      json::serialize(item)));
    }
    const json::object& entry = item.get_object();
    const std::string_view directive = text_field(entry, {"$patch"});
    if (directive == "replace") continue;
    const json::value* wanted = find_field(entry, {key});
    if (wanted == nullptr) {
      return bad_request(fmt::format("map: {} does not contain declared merge key: {}",
                                     json::serialize(item), key));
    }
    json::value* found = entry_by_key(target, key, *wanted);
    if (directive == "delete") {
      if (found != nullptr) target.erase(target.begin() + (found - target.data()));
    } else if (found == nullptr) {
      target.push_back(without_directives(item));
    } else if (auto wrong = merge_object(found->get_object(), entry, field)) {
      return wrong;
    }
  }
  return std::nullopt;
}

Wrong merge_list(json::value& target, const json::array& patch, std::string_view holder,
                 std::string_view field) {
  const ListKeys keys = list_keys(holder, field);
  if (!target.is_array()) target = json::array{};
  json::array& list = target.get_array();
  if (keys.is_map && !keys.patch_key.empty())
    return merge_map_list(list, patch, field, keys.patch_key);
  if (!keys.is_set) {
    list = patch;
    return std::nullopt;
  }
  for (const json::value& item : patch) {
    if (std::ranges::find(list, item) == list.end()) list.push_back(item);
  }
  return std::nullopt;
}

void delete_from_list(json::object& target, std::string_view field, const json::value& values) {
  json::array* list = array_field(target, {field});
  if (list == nullptr || !values.is_array()) return;
  for (const json::value& value : values.get_array()) {
    const auto it = std::ranges::find(*list, value);
    if (it != list->end()) list->erase(it);
  }
}

void retain_keys(json::object& target, const json::value& keys) {
  if (!keys.is_array()) return;
  std::vector<std::string> gone;
  for (const auto& [key, value] : target) {
    if (std::ranges::find(keys.get_array(), json::value(key)) == keys.get_array().end())
      gone.emplace_back(key);
  }
  for (const std::string& key : gone) erase_field(target, key);
}

Wrong merge_object(json::object& target, const json::object& patch, std::string_view holder) {
  const std::string_view directive = text_field(patch, {"$patch"});
  if (directive == "replace" || directive == "delete") {
    target = directive == "replace" ? without_directives(patch).as_object() : json::object{};
    return std::nullopt;
  }
  if (const json::value* keys = patch.if_contains("$retainKeys")) retain_keys(target, *keys);
  for (const auto& [key, value] : patch) {
    const std::string_view name = view(key);
    if (name.starts_with(kDeleteFromList)) {
      delete_from_list(target, name.substr(kDeleteFromList.size()), value);
    } else if (name.starts_with(kSetElementOrder) || name.starts_with("$")) {
      continue;
    } else if (value.is_null()) {
      erase_field(target, name);
    } else if (const json::array* list = value.if_array()) {
      if (auto wrong = merge_list(target[key], *list, holder, name)) return wrong;
    } else if (const json::object* object = value.if_object()) {
      json::value& into = target[key];
      if (!into.is_object()) into = json::object{};
      const bool deletes = text_field(*object, {"$patch"}) == "delete";
      if (auto wrong = merge_object(into.get_object(), *object, name)) return wrong;
      if (deletes) erase_field(target, name);
    } else {
      target[key] = value;
    }
  }
  return std::nullopt;
}

// Server-side apply
// ----------------------------------------------------------------------------------

// How one list of the applied configuration merges: by these keys, as a set, or not at all.
struct ApplyRule {
  bool is_map = false;
  bool is_set = false;
  std::vector<std::string_view> keys;
};

ApplyRule rule_of(const json::object* schema, std::string_view holder, std::string_view field) {
  if (schema == nullptr) {
    ListKeys keys = list_keys(holder, field);
    return {keys.is_map, keys.is_set, std::move(keys.apply_keys)};
  }
  const std::string_view type = text_field(*schema, {"x-kubernetes-list-type"});
  ApplyRule rule{.is_map = type == "map", .is_set = type == "set", .keys = {}};
  if (const json::array* keys = array_field(*schema, {"x-kubernetes-list-map-keys"})) {
    for (const json::value& key : *keys) {
      if (key.is_string()) rule.keys.push_back(view(key.get_string()));
    }
  }
  return rule;
}

// Ports are keyed by number and protocol; a port that names no protocol means TCP.
bool has_same_keys(const json::object& a, const json::object& b,
                   const std::vector<std::string_view>& keys) {
  return std::ranges::all_of(keys, [&](std::string_view key) {
    static const json::value kTcp("TCP");
    static const json::value kNone;
    const json::value* absent = key == "protocol" ? &kTcp : &kNone;
    const json::value* left = find_field(a, {key});
    const json::value* right = find_field(b, {key});
    return *(left == nullptr ? absent : left) == *(right == nullptr ? absent : right);
  });
}

const json::object* child_schema(const json::object* schema, std::string_view field) {
  return schema == nullptr ? nullptr : object_field(*schema, {"properties", field});
}

void apply_value(json::value& target, const json::value& wanted, const json::object* schema,
                 bool is_custom, std::string_view holder, std::string_view field);

void apply_object(json::object& target, const json::object& wanted, const json::object* schema,
                  bool is_custom, std::string_view holder) {
  for (const auto& [key, value] : wanted) {
    const std::string_view name = view(key);
    if (value.is_null()) {
      erase_field(target, name);
      continue;
    }
    const json::object* child = child_schema(schema, name);
    apply_value(target[key], value, child, is_custom, holder, name);
  }
}

void apply_value(json::value& target, const json::value& wanted, const json::object* schema,
                 bool is_custom, std::string_view holder, std::string_view field) {
  static const json::object
      kAtomic;  // of a custom resource, a list that its schema says nothing about
  if (const json::object* object = wanted.if_object()) {
    const bool is_atomic =
        schema != nullptr && text_field(*schema, {"x-kubernetes-map-type"}) == "atomic";
    if (!target.is_object() || is_atomic) target = json::object{};
    apply_object(target.get_object(), *object, schema, is_custom, field);
    return;
  }
  const json::array* list = wanted.if_array();
  const ApplyRule rule = rule_of(is_custom && schema == nullptr ? &kAtomic : schema, holder, field);
  if (list == nullptr || !target.is_array() || (!rule.is_map && !rule.is_set)) {
    target = wanted;
    return;
  }
  json::array& into = target.get_array();
  for (const json::value& item : *list) {
    if (rule.is_set || !item.is_object()) {
      if (std::ranges::find(into, item) == into.end()) into.push_back(item);
      continue;
    }
    const auto it = std::ranges::find_if(into, [&](const json::value& own) {
      return own.is_object() && has_same_keys(own.get_object(), item.get_object(), rule.keys);
    });
    if (it == into.end()) {
      into.push_back(item);
    } else {
      apply_object(it->get_object(), item.get_object(),
                   schema == nullptr ? nullptr : object_field(*schema, {"items"}), is_custom,
                   field);
    }
  }
}

}  // namespace

ApiResult<json::object> apply_strategic_merge_patch(const json::object& object,
                                                    const json::value& patch) {
  if (!patch.is_object()) return bad_request("a strategic merge patch must be an object");
  json::object out = object;
  if (auto wrong = merge_object(out, patch.get_object(), "")) return *std::move(wrong);
  return out;
}

json::object apply_configuration(const ResourceType& type, const json::object& object,
                                 const json::object& configuration) {
  json::object out = object;
  for (const auto& [key, value] : configuration) {
    // metadata has the same lists in every kind, whatever a custom resource's schema says.
    const bool is_metadata = key == "metadata";
    const json::object* schema = type.schema == nullptr || is_metadata
                                     ? nullptr
                                     : object_field(*type.schema, {"properties", view(key)});
    apply_value(out[key], value, schema, type.is_custom && !is_metadata, "", view(key));
  }
  return out;
}

}  // namespace hyperwright::sim
