#include "sim/kubernetes_admission.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr std::string_view kPriorityClasses = "priorityclasses.scheduling.k8s.io";

json::string_view json_text(std::string_view text) { return {text.data(), text.size()}; }

std::optional<ApiError> admit_namespace(const KubernetesStore& store, const ResourceType& type,
                                        const json::object& object) {
  if (!type.namespaced) return std::nullopt;
  const std::string_view ns = namespace_of(object);
  const ObjectPtr found = store.find("namespaces", "", ns);
  if (found == nullptr)
    return not_found({.group = "", .kind = "Namespace", .plural = "namespaces", .name = ns});
  if (!is_deleting(*found)) return std::nullopt;
  ApiError error =
      forbidden(type.subject(name_of(object)),
                fmt::format("unable to create new content in namespace {} because it is being "
                            "terminated",
                            ns));
  error.causes.push_back({"NamespaceTerminating",
                          fmt::format("namespace {} is being terminated", ns),
                          "metadata.namespace"});
  return error;
}

// A pod stays 5 minutes on a node that is not ready or not reachable, unless it says otherwise.
void tolerate_lost_node(json::object& spec) {
  for (const std::string_view key :
       {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
    json::array& tolerations = array_at(spec, {"tolerations"});
    const bool is_tolerated = std::ranges::any_of(tolerations, [&](const json::value& item) {
      if (!item.is_object()) return false;
      const std::string_view own = text_field(item.get_object(), {"key"});
      const std::string_view effect = text_field(item.get_object(), {"effect"});
      return (own == key || own.empty()) && (effect.empty() || effect == "NoExecute");
    });
    if (is_tolerated) continue;
    tolerations.push_back(json::object{{"key", json_text(key)},
                                       {"operator", "Exists"},
                                       {"effect", "NoExecute"},
                                       {"tolerationSeconds", 300}});
  }
}

ObjectPtr default_priority_class(const KubernetesStore& store) {
  for (const auto& [name, object] : *store.objects(kPriorityClasses)) {
    if (bool_field(*object, {"globalDefault"})) return object;
  }
  return nullptr;
}

std::optional<ApiError> admit_priority(const KubernetesStore& store, const ResourceType& type,
                                       json::object& pod) {
  json::object& spec = object_at(pod, {"spec"});
  const std::string wanted(text_field(spec, {"priorityClassName"}));
  const ObjectPtr found =
      wanted.empty() ? default_priority_class(store) : store.find(kPriorityClasses, "", wanted);
  if (!wanted.empty() && found == nullptr) {
    return forbidden(type.subject(name_of(pod)),
                     fmt::format("no PriorityClass with name {} was found", wanted));
  }
  spec["priority"] = found == nullptr ? 0 : int_field(*found, {"value"});
  if (found != nullptr && wanted.empty()) spec["priorityClassName"] = json_text(name_of(*found));
  const std::string_view preemption =
      found == nullptr ? std::string_view{} : text_field(*found, {"preemptionPolicy"});
  set_default(spec, "preemptionPolicy",
              preemption.empty() ? "PreemptLowerPriority" : json_text(preemption));
  return std::nullopt;
}

std::optional<ApiError> admit_runtime_class(const KubernetesStore& store, const ResourceType& type,
                                            json::object& pod) {
  json::object& spec = object_at(pod, {"spec"});
  const std::string wanted(text_field(spec, {"runtimeClassName"}));
  if (wanted.empty()) return std::nullopt;
  const ObjectPtr found = store.find("runtimeclasses.node.k8s.io", "", wanted);
  if (found == nullptr) {
    return forbidden(type.subject(name_of(pod)),
                     fmt::format("pod rejected: RuntimeClass \"{}\" not found", wanted));
  }
  if (const json::value* overhead = find_field(*found, {"overhead", "podFixed"}))
    spec["overhead"] = *overhead;
  return std::nullopt;
}

std::optional<ApiError> admit_pod(const KubernetesStore& store, const ResourceType& type,
                                  json::object& pod) {
  json::object& spec = object_at(pod, {"spec"});
  set_default(spec, "serviceAccountName", "default");
  const std::string account(text_field(spec, {"serviceAccountName"}));
  set_default(spec, "serviceAccount", json_text(account));
  tolerate_lost_node(spec);
  if (auto refused = admit_priority(store, type, pod)) return refused;
  return admit_runtime_class(store, type, pod);
}

// The guard of a new node: nothing lands on it before somebody has seen it Ready. One that
// registers as Ready needs none.
void admit_node(json::object& node) {
  if (has_condition(node, "Ready", "True")) return;
  json::array& taints = array_at(node, {"spec", "taints"});
  const bool is_there = std::ranges::any_of(taints, [](const json::value& taint) {
    return taint.is_object() &&
           text_field(taint.get_object(), {"key"}) == "node.kubernetes.io/not-ready" &&
           text_field(taint.get_object(), {"effect"}) == "NoSchedule";
  });
  if (!is_there)
    taints.push_back(
        json::object{{"key", "node.kubernetes.io/not-ready"}, {"effect", "NoSchedule"}});
}

void admit_volume_claim(const KubernetesStore& store, json::object& claim) {
  json::object& spec = object_at(claim, {"spec"});
  if (spec.contains("storageClassName")) return;
  for (const auto& [name, object] : *store.objects("storageclasses.storage.k8s.io")) {
    if (text_field(*object, {"metadata", "annotations",
                             "storageclass.kubernetes.io/is-default-class"}) == "true") {
      spec["storageClassName"] = name.name;
      return;
    }
  }
}

// An address of the usual range of services. Nothing routes to it.
void admit_service(json::object& service, Random& random) {
  json::object& spec = object_at(service, {"spec"});
  if (text_field(spec, {"type"}) == "ExternalName") return;
  if (text_field(spec, {"clusterIP"}).empty()) {
    spec["clusterIP"] = fmt::format("10.96.{}.{}", random.below(256), 1 + random.below(254));
  }
  const json::value address = spec["clusterIP"];
  set_default(spec, "clusterIPs", json::array{address});
  set_default(spec, "ipFamilies", json::array{"IPv4"});
  set_default(spec, "ipFamilyPolicy", "SingleStack");
  const std::string_view type = text_field(spec, {"type"});
  json::array* ports = array_field(spec, {"ports"});
  if ((type != "NodePort" && type != "LoadBalancer") || ports == nullptr) return;
  for (json::value& port : *ports) {
    if (port.is_object()) set_default(port.get_object(), "nodePort", 30'000 + random.below(2'768));
  }
}

}  // namespace

std::optional<ApiError> admit_new(const KubernetesStore& store, const ResourceType& type,
                                  json::object& object, Random& random) {
  if (auto refused = admit_namespace(store, type, object)) return refused;
  if (type.is_custom) return std::nullopt;
  const std::string resource = type.resource();
  if (resource == "pods") return admit_pod(store, type, object);
  if (resource == "nodes") admit_node(object);
  if (resource == "services") admit_service(object, random);
  if (resource == "persistentvolumeclaims") admit_volume_claim(store, object);
  return std::nullopt;
}

void admit_update(const ResourceType& type, json::object& object) {
  if (!type.is_custom && type.resource() == "pods") tolerate_lost_node(object_at(object, {"spec"}));
}

}  // namespace hyperwright::sim
