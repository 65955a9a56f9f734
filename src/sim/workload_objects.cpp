#include "sim/workload_objects.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/number.h"
#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

void copy_field(const json::object& from, FieldPath path, json::object& to, const char* key) {
  if (const json::value* value = find_field(from, path)) to[key] = *value;
}

}  // namespace

json::value text_value(std::string_view text) {
  return json::value(json::string_view(text.data(), text.size()));
}

json::value time_value(Time time) { return text_value(format_time(time)); }

Time time_field(const json::object& object, FieldPath path) {
  const std::string_view text = text_field(object, path);
  if (text.empty()) return Time{};
  const auto time = parse_time(text);
  return time ? *time : Time{};
}

const json::object* controller_of(const json::object& object) {
  const json::array* owners = array_field(object, {"metadata", "ownerReferences"});
  if (owners == nullptr) return nullptr;
  for (const json::value& owner : *owners) {
    if (owner.is_object() && bool_field(owner.get_object(), {"controller"}))
      return &owner.get_object();
  }
  return nullptr;
}

json::object controller_reference(const json::object& owner) {
  return {{"apiVersion", text_value(text_field(owner, {"apiVersion"}))},
          {"kind", text_value(text_field(owner, {"kind"}))},
          {"name", text_value(name_of(owner))},
          {"uid", text_value(uid_of(owner))},
          {"controller", true},
          {"blockOwnerDeletion", true}};
}

ObjectName object_name(const json::object& object) {
  return {std::string(namespace_of(object)), std::string(name_of(object))};
}

bool set_condition(json::object& status, const ConditionText& condition, Time now) {
  json::array& conditions = array_at(status, {"conditions"});
  const auto it = std::ranges::find_if(conditions, [&](const json::value& item) {
    return item.is_object() && text_field(item.get_object(), {"type"}) == condition.type;
  });
  json::object written{{"type", text_value(condition.type)},
                       {"status", text_value(condition.status)},
                       {"lastTransitionTime", time_value(now)}};
  if (!condition.reason.empty()) written["reason"] = text_value(condition.reason);
  if (!condition.message.empty()) written["message"] = text_value(condition.message);
  if (it == conditions.end()) {
    conditions.emplace_back(std::move(written));
    return true;
  }
  const json::object& old = it->get_object();
  if (text_field(old, {"status"}) == condition.status &&
      text_field(old, {"reason"}) == condition.reason &&
      text_field(old, {"message"}) == condition.message) {
    return false;
  }
  if (text_field(old, {"status"}) == condition.status) {
    if (const json::value* since = find_field(old, {"lastTransitionTime"}))
      written["lastTransitionTime"] = *since;
  }
  *it = std::move(written);
  return true;
}

void erase_condition(json::object& status, std::string_view type) {
  json::array* conditions = array_field(status, {"conditions"});
  if (conditions == nullptr) return;
  const auto it = std::ranges::find_if(*conditions, [&](const json::value& item) {
    return item.is_object() && text_field(item.get_object(), {"type"}) == type;
  });
  if (it != conditions->end()) conditions->erase(it);
}

bool is_terminal_pod(const json::object& pod) {
  const std::string_view phase = text_field(pod, {"status", "phase"});
  return phase == "Succeeded" || phase == "Failed";
}

bool is_active_pod(const json::object& pod) { return !is_terminal_pod(pod) && !is_deleting(pod); }

bool is_ready_pod(const json::object& pod) { return has_condition(pod, "Ready", "True"); }

json::object pod_from_template(const json::object& pod_template, const json::object& owner) {
  json::object metadata;
  copy_field(owner, {"metadata", "namespace"}, metadata, "namespace");
  copy_field(pod_template, {"metadata", "labels"}, metadata, "labels");
  copy_field(pod_template, {"metadata", "annotations"}, metadata, "annotations");
  copy_field(pod_template, {"metadata", "finalizers"}, metadata, "finalizers");
  metadata["ownerReferences"] = json::array{controller_reference(owner)};
  json::object pod{{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", std::move(metadata)}};
  copy_field(pod_template, {"spec"}, pod, "spec");
  return pod;
}

std::string template_hash(const json::object& pod_template, std::int64_t salt) {
  std::uint32_t hash = 2166136261U;
  for (const char c : json::serialize(pod_template) + std::to_string(salt)) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  }
  static constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
  std::string out = std::to_string(hash);
  for (char& c : out) c = kLetters[static_cast<std::size_t>(c) % kLetters.size()];
  return out;
}

std::int64_t int_or_percent(const json::value* field, std::int64_t total, Rounding rounding,
                            std::int64_t otherwise) {
  if (field == nullptr) return otherwise;
  if (field->is_int64()) return field->get_int64();
  if (field->is_uint64()) return static_cast<std::int64_t>(field->get_uint64());
  if (!field->is_string()) return otherwise;
  std::string_view text(field->get_string().data(), field->get_string().size());
  if (!text.ends_with('%')) return otherwise;
  text.remove_suffix(1);
  const auto percent = parse_int64(text);
  if (!percent) return otherwise;
  return (total * *percent + (rounding == Rounding::Up ? 99 : 0)) / 100;
}

}  // namespace hyperwright::sim
