#include "sim/kubernetes_strategy.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>

#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

json::string_view key_of(std::string_view text) { return {text.data(), text.size()}; }

json::value text_value(std::string_view text) { return json::value(key_of(text)); }

void copy_field(const json::object& from, json::object& to, std::string_view key) {
  const json::value* value = from.if_contains(key_of(key));
  if (value != nullptr) {
    to[key_of(key)] = *value;
  } else {
    erase_field(to, key);
  }
}

json::value initial_status(const ResourceType& type, const json::object& object,
                           const json::value* written) {
  if (type.is_custom) return nullptr;
  const std::string resource = type.resource();
  if (resource == "nodes") return written == nullptr ? json::value(json::object{}) : *written;
  if (resource == "pods")
    return json::object{{"phase", "Pending"}, {"qosClass", text_value(qos_class(object))}};
  if (resource == "namespaces") return json::object{{"phase", "Active"}};
  if (resource == "persistentvolumeclaims" || resource == "persistentvolumes")
    return json::object{{"phase", "Pending"}};
  if (resource == "services") return json::object{{"loadBalancer", json::object{}}};
  if (resource == "poddisruptionbudgets.policy") {
    return json::object{{"currentHealthy", 0},
                        {"desiredHealthy", 0},
                        {"disruptionsAllowed", 0},
                        {"expectedPods", 0}};
  }
  if (resource == "replicasets.apps" || resource == "replicationcontrollers")
    return json::object{{"replicas", 0}};
  if (resource == "statefulsets.apps")
    return json::object{{"replicas", 0}, {"availableReplicas", 0}};
  if (resource == "daemonsets.apps") {
    return json::object{{"currentNumberScheduled", 0},
                        {"numberMisscheduled", 0},
                        {"desiredNumberScheduled", 0},
                        {"numberReady", 0}};
  }
  if (resource == "volumeattachments.storage.k8s.io") return json::object{{"attached", false}};
  return json::object{};
}

// What counts as the wanted state: spec of a built-in object, or a PodTemplate's template; of a
// custom one all but metadata and status.
bool wanted_state_differs(const ResourceType& type, const json::object& old,
                          const json::object& updated) {
  if (!type.is_custom) {
    const char* const wanted = type.kind == "PodTemplate" ? "template" : "spec";
    const json::value* before = old.if_contains(wanted);
    const json::value* after = updated.if_contains(wanted);
    if (before == nullptr || after == nullptr) return before != after;
    return *before != *after;
  }
  const auto is_wanted = [&](json::string_view key) {
    return key != "metadata" && key != "apiVersion" && key != "kind" &&
           !(key == "status" && type.has_status);
  };
  const auto has_other = [&](const json::object& a, const json::object& b) {
    return std::ranges::any_of(a, [&](const auto& field) {
      if (!is_wanted(field.key())) return false;
      const json::value* other = b.if_contains(field.key());
      return other == nullptr || *other != field.value();
    });
  };
  return has_other(old, updated) || has_other(updated, old);
}

void keep_server_metadata(const json::object& old, json::object& updated) {
  const json::object& before = old.at("metadata").as_object();
  json::object& after = object_at(updated, {"metadata"});
  for (const std::string_view key :
       {"name", "namespace", "uid", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "generation", "generateName", "resourceVersion"}) {
    copy_field(before, after, key);
  }
  erase_field(after, "selfLink");
  erase_field(after, "managedFields");
}

}  // namespace

std::string_view qos_class(const json::object& pod) {
  static constexpr std::array<std::string_view, 2> kResources{"cpu", "memory"};
  bool has_any = false;
  bool is_guaranteed = true;
  const auto look_at = [&](const json::value& item) {
    if (!item.is_object()) return;
    for (const std::string_view resource : kResources) {
      const json::value* limit = find_field(item.get_object(), {"resources", "limits", resource});
      const json::value* request =
          find_field(item.get_object(), {"resources", "requests", resource});
      has_any = has_any || limit != nullptr || request != nullptr;
      is_guaranteed =
          is_guaranteed && limit != nullptr && (request == nullptr || *request == *limit);
    }
  };
  for (const std::string_view field : {"containers", "initContainers"}) {
    if (const json::array* containers = array_field(pod, {"spec", field})) {
      for (const json::value& container : *containers) look_at(container);
    }
  }
  if (!has_any) return "BestEffort";
  return is_guaranteed ? "Guaranteed" : "Burstable";
}

void prepare_for_create(const ResourceType& type, json::object& object, std::string_view uid,
                        Time now) {
  json::object& metadata = object_at(object, {"metadata"});
  for (const std::string_view key :
       {"resourceVersion", "selfLink", "managedFields", "deletionTimestamp",
        "deletionGracePeriodSeconds", "generation"}) {
    erase_field(metadata, key);
  }
  if (!type.namespaced) erase_field(metadata, "namespace");
  metadata["uid"] = key_of(uid);
  metadata["creationTimestamp"] = format_time(now);
  if (type.has_generation) metadata["generation"] = 1;
  if (!type.has_status) return;
  json::value status = initial_status(type, object, object.if_contains("status"));
  erase_field(object, "status");
  if (!status.is_null()) object["status"] = std::move(status);
}

void prepare_for_update(const ResourceType& type, const json::object& old, json::object& updated) {
  keep_server_metadata(old, updated);
  if (type.has_status) copy_field(old, updated, "status");
  if (type.has_generation && wanted_state_differs(type, old, updated)) {
    object_at(updated, {"metadata"})["generation"] = int_field(old, {"metadata", "generation"}) + 1;
  }
}

void prepare_for_status_update(const ResourceType& type, const json::object& old,
                               json::object& updated) {
  json::value status = nullptr;
  if (const json::value* written = updated.if_contains("status")) status = *written;
  // Kubelets write labels and annotations of pods and nodes along with their status; elsewhere only
  // status counts.
  const bool takes_metadata = type.kind == "Pod" || type.kind == "Node";
  json::object out = old;
  if (takes_metadata && !type.is_custom) {
    if (const json::object* metadata = object_field(updated, {"metadata"})) {
      json::object& into = object_at(out, {"metadata"});
      copy_field(*metadata, into, "labels");
      copy_field(*metadata, into, "annotations");
      copy_field(*metadata, into, "finalizers");
    }
  }
  erase_field(out, "status");
  if (!status.is_null()) out["status"] = std::move(status);
  updated = std::move(out);
}

}  // namespace hyperwright::sim
