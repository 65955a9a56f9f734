// Two small subresources: `binding`, by which a scheduler puts a pod on a node, and `scale`, by
// which kubectl and autoscalers set the replicas of whatever has some.
//
// Source: Kubernetes API reference, Binding and Scale.
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_api.h"
#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

void set_condition(json::object& object, json::object condition) {
  json::array& conditions = array_at(object, {"status", "conditions"});
  for (json::value& item : conditions) {
    if (item.is_object() && item.get_object()["type"] == condition["type"]) {
      item = std::move(condition);
      return;
    }
  }
  conditions.push_back(std::move(condition));
}

// Walks ".spec.replicas"; creates what is missing when `creates`.
json::value* field_at_path(json::object& object, std::string_view path, bool creates) {
  json::object* at = &object;
  while (!path.empty()) {
    if (path.front() == '.') path.remove_prefix(1);
    const std::size_t dot = path.find('.');
    const std::string_view key = path.substr(0, dot);
    const json::string_view name(key.data(), key.size());
    if (!creates && !at->contains(name)) return nullptr;
    json::value& next = (*at)[name];
    if (dot == std::string_view::npos) return &next;
    if (!next.is_object()) {
      if (!creates) return nullptr;
      next = json::object{};
    }
    at = &next.get_object();
    path = path.substr(dot + 1);
  }
  return nullptr;
}

std::int64_t number_at_path(const json::object& object, std::string_view path) {
  const json::value* found = field_at_path(const_cast<json::object&>(object), path, false);
  return found != nullptr && found->is_int64() ? found->get_int64() : 0;
}

json::object scale_of(const ResourceType& type, const json::object& object) {
  json::object metadata;
  for (const char* key : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
    if (const json::value* value = find_field(object, {"metadata", key})) metadata[key] = *value;
  }
  json::object status{{"replicas", number_at_path(object, type.scale->status_replicas)}};
  if (!type.is_custom) {
    status["selector"] = to_text(label_selector_of(object_field(object, {"spec", "selector"})));
  } else if (!type.scale->label_selector.empty()) {
    const json::value* selector =
        field_at_path(const_cast<json::object&>(object), type.scale->label_selector, false);
    if (selector != nullptr && selector->is_string()) status["selector"] = *selector;
  }
  return {{"kind", "Scale"},
          {"apiVersion", "autoscaling/v1"},
          {"metadata", std::move(metadata)},
          {"spec", json::object{{"replicas", number_at_path(object, type.scale->spec_replicas)}}},
          {"status", std::move(status)}};
}

}  // namespace

ApiResult<ObjectPtr> KubernetesApi::bind(std::string_view ns, std::string_view pod,
                                         std::string_view node, Time now, bool dry_run) {
  const ResourceType& type = *find_type("pods");
  const ObjectPtr found = store_.find("pods", ns, pod);
  if (found == nullptr) return not_found(type.subject(pod));
  if (node.empty())
    return invalid({"", "Binding", "bindings", pod}, {field_required("target.name")});
  if (is_deleting(*found)) {
    return conflict(type.subject(pod),
                    fmt::format("pod {} is being deleted, cannot be assigned to a host", pod));
  }
  if (const std::string_view there = text_field(*found, {"spec", "nodeName"}); !there.empty()) {
    return conflict(type.subject(pod),
                    fmt::format("pod {} is already assigned to node \"{}\"", pod, there));
  }
  if (const json::array* gates = array_field(*found, {"spec", "schedulingGates"});
      gates != nullptr && !gates->empty()) {
    return conflict(type.subject(pod),
                    fmt::format("pod {} has non-empty .spec.schedulingGates", pod));
  }
  json::object changed = *found;
  object_at(changed, {"spec"})["nodeName"] = json::string_view(node.data(), node.size());
  set_condition(changed, {{"type", "PodScheduled"},
                          {"status", "True"},
                          {"lastProbeTime", nullptr},
                          {"lastTransitionTime", format_time(now)}});
  if (dry_run) return std::make_shared<const json::object>(std::move(changed));
  return store_.put("pods", std::move(changed));
}

ApiResult<json::object> KubernetesApi::get_scale(std::string_view resource, std::string_view ns,
                                                 std::string_view name) const {
  const ResourceType* type = find_type(resource);
  if (type == nullptr || !type->scale) return no_such_resource();
  const ObjectPtr found = store_.find(resource, ns, name);
  if (found == nullptr) return not_found(type->subject(name));
  return scale_of(*type, *found);
}

ApiResult<json::object> KubernetesApi::update_scale(std::string_view resource, std::string_view ns,
                                                    std::string_view name,
                                                    const json::object& scale, Time now,
                                                    bool dry_run) {
  const ResourceType* type = find_type(resource);
  if (type == nullptr || !type->scale) return no_such_resource();
  const ObjectPtr found = store_.find(resource, ns, name);
  if (found == nullptr) return not_found(type->subject(name));
  const std::int64_t replicas = int_field(scale, {"spec", "replicas"});
  if (replicas < 0) {
    return invalid({"autoscaling", "Scale", "scales", name},
                   {field_invalid("spec.replicas", json::value(replicas),
                                  "must be greater than or equal to 0")});
  }
  json::object changed = *found;
  *field_at_path(changed, type->scale->spec_replicas, true) = replicas;
  const std::string_view version = text_field(scale, {"metadata", "resourceVersion"});
  if (!version.empty())
    object_at(changed, {"metadata"})["resourceVersion"] =
        json::string_view(version.data(), version.size());
  const auto stored = store_changed(*type, found, std::move(changed), now, {.dry_run = dry_run});
  if (!stored) return stored.error();
  return scale_of(*type, **stored);
}

}  // namespace hyperwright::sim
