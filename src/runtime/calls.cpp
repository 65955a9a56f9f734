#include "runtime/calls.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "hyperpod/wire.h"
#include "kube/json.h"
#include "kube/well_known.h"

namespace hyperwright::runtime {
namespace json = boost::json;
using namespace hyperwright::state;  // NOLINT(google-build-using-namespace): this file speaks of
                                     // nothing else

namespace {

constexpr std::string_view kMergePatch = "application/merge-patch+json";
constexpr std::string_view kJson = "application/json";

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

std::string path_of(Kind kind, std::string_view name, std::string_view subresource = {}) {
  std::string path = fmt::format("{}/{}", collection_path(kind), name);
  if (!subresource.empty()) path += fmt::format("/{}", subresource);
  return path;
}

// The collection's path names all namespaces; of one, it comes between the API and the resource.
std::string path_in_namespace(Kind kind, std::string_view namespace_name, std::string_view name,
                              std::string_view subresource = {}) {
  const std::string_view all = collection_path(kind);
  const std::size_t slash = all.rfind('/');
  std::string path = fmt::format("{}/namespaces/{}{}/{}", all.substr(0, slash), namespace_name,
                                 all.substr(slash), name);
  if (!subresource.empty()) path += fmt::format("/{}", subresource);
  return path;
}

std::string pod_path(const kube::ObjectKey& key, std::string_view subresource = {}) {
  return path_in_namespace(Kind::Pod, key.namespace_, key.name, subresource);
}

KubernetesCall patch(std::string path, json::value body) {
  return {"PATCH", std::move(path), std::string(kMergePatch), std::move(body)};
}

json::object delete_options(std::string_view uid) {
  json::object options{{"apiVersion", "v1"}, {"kind", "DeleteOptions"}};
  if (!uid.empty()) options["preconditions"] = json::object{{"uid", uid}};
  return options;
}

// Metadata of a patch: what is set, and the version when a list goes with it, because a list that
// is written on top of another's change would undo it.
json::object metadata_patch(std::uint64_t resource_version, const kube::StringMap& labels,
                            const kube::StringMap& annotations,
                            const std::optional<std::vector<std::string>>& finalizers,
                            bool with_version) {
  json::object metadata;
  if (!labels.empty()) metadata["labels"] = kube::encode(labels);
  if (!annotations.empty()) metadata["annotations"] = kube::encode(annotations);
  if (finalizers) metadata["finalizers"] = json::value_from(*finalizers);
  if (with_version && resource_version != 0)
    metadata["resourceVersion"] = std::to_string(resource_version);
  return metadata;
}

json::value owner_references(const std::vector<kube::OwnerReference>& owners) {
  kube::ObjectMeta meta;
  meta.owner_references = owners;
  const json::value encoded = kube::encode(meta);
  return encoded.as_object().contains("ownerReferences") ? encoded.at("ownerReferences")
                                                         : json::value(json::array{});
}

// A status update is the object's own status, sent as a merge patch of the subresource at its
// version. A key that the status no longer has must be nulled, or the patch would keep it.
KubernetesCall status_patch(Kind kind, const json::value& object,
                            std::initializer_list<std::string_view> clearable) {
  const json::object& whole = object.as_object();
  json::object status = whole.contains("status") ? whole.at("status").as_object() : json::object{};
  for (const std::string_view key : clearable) {
    if (!status.contains(key)) status[key] = nullptr;
  }
  json::object body{
      {"metadata", json::object{{"resourceVersion", whole.at("metadata").at("resourceVersion")}}},
      {"status", std::move(status)}};
  const json::object& meta = whole.at("metadata").as_object();
  const json::string& name = meta.at("name").as_string();
  if (!meta.contains("namespace")) return patch(path_of(kind, name, "status"), std::move(body));
  return patch(path_in_namespace(kind, meta.at("namespace").as_string(), name, "status"),
               std::move(body));
}

// A resource that no node of the pool has any more must be nulled, too, or the patch would keep it,
// and the status would be written again for ever.
KubernetesCall node_pool_status(const kube::NodePool& pool) {
  KubernetesCall call = status_patch(Kind::NodePool, kube::encode(pool), {"resources"});
  json::object* resources = call.body.at("status").at("resources").if_object();
  if (resources == nullptr) return call;
  for (std::size_t i = 0; i < kube::kResourceCount; ++i) {
    const std::string_view name = kube::to_string(static_cast<kube::Resource>(i));
    if (!resources->contains(name)) (*resources)[name] = nullptr;
  }
  return call;
}

std::string_view api_version_of(std::string_view kind) {
  if (kind == "NodeClaim" || kind == "NodePool") return "karpenter.sh/v1";
  if (kind == "NodeOverlay") return "karpenter.sh/v1alpha1";
  if (kind == "CapacityBuffer") return "autoscaling.x-k8s.io/v1beta1";
  if (kind == kube::kNodeClassKind) return "karpenter.sagemaker.amazonaws.com/v1";
  return "v1";
}

// A name is a DNS subdomain of at most 253 characters, whose parts end in a letter or a digit.
std::string name_with_tail(std::string_view base, std::string_view tail) {
  static constexpr std::size_t kNameMax = 253;
  base = base.substr(0, kNameMax - tail.size());
  while (base.ends_with('.') || base.ends_with('-')) base.remove_suffix(1);
  return fmt::format("{}{}", base, tail);
}

KubernetesCall event_call(const Effect& effect, const RecordEvent& event, Time now) {
  // Events of cluster-scoped objects live in "default", as Kubernetes' recorder puts them.
  const std::string namespace_ = event.key.namespace_.empty() ? "default" : event.key.namespace_;
  // The name's tail makes repetitions distinct; ids start again with each process, times do not.
  const std::string tail = fmt::format(".{:x}{:04x}", now.unix_microseconds(), effect.id & 0xffffU);
  const std::string name = name_with_tail(event.key.name, tail);
  // Kubernetes cuts messages at 1024 bytes in its own recorder, and refuses longer ones.
  static constexpr std::size_t kMessageMax = 1024;
  json::object involved{
      {"apiVersion", api_version_of(event.kind)}, {"kind", event.kind}, {"name", event.key.name}};
  if (!event.uid.empty()) involved["uid"] = event.uid;
  if (!event.key.namespace_.empty()) involved["namespace"] = event.key.namespace_;
  json::object body{{"apiVersion", "v1"},
                    {"kind", "Event"},
                    {"metadata", json::object{{"name", name}, {"namespace", namespace_}}},
                    {"involvedObject", std::move(involved)},
                    {"reason", event.reason},
                    {"message", first_bytes(event.message, kMessageMax)},
                    {"type", event.is_warning ? "Warning" : "Normal"},
                    {"source", json::object{{"component", "karpenter"}}},
                    {"reportingComponent", "karpenter"},
                    {"reportingInstance", "hyperwright"},
                    {"firstTimestamp", format_time(now)},
                    {"lastTimestamp", format_time(now)},
                    {"count", 1}};
  return {"POST", fmt::format("/api/v1/namespaces/{}/events", namespace_), std::string(kJson),
          std::move(body)};
}

KubernetesCall node_patch(const PatchNode& node) {
  const bool has_list = node.finalizers || node.taints || node.owner_references;
  json::object metadata = metadata_patch(node.resource_version, node.set_labels,
                                         node.set_annotations, node.finalizers, has_list);
  if (node.owner_references) metadata["ownerReferences"] = owner_references(*node.owner_references);
  json::object body{{"metadata", std::move(metadata)}};
  if (node.taints) body["spec"] = json::object{{"taints", kube::encode(*node.taints)}};
  return patch(path_of(Kind::Node, node.name), std::move(body));
}

}  // namespace

std::string_view collection_path(Kind kind) {
  switch (kind) {
    case Kind::Pod:
      return "/api/v1/pods";
    case Kind::Node:
      return "/api/v1/nodes";
    case Kind::NodePool:
      return "/apis/karpenter.sh/v1/nodepools";
    case Kind::NodeClaim:
      return "/apis/karpenter.sh/v1/nodeclaims";
    case Kind::NodeClass:
      return "/apis/karpenter.sagemaker.amazonaws.com/v1/hyperpodnodeclasses";
    case Kind::DaemonSet:
      return "/apis/apps/v1/daemonsets";
    case Kind::PodDisruptionBudget:
      return "/apis/policy/v1/poddisruptionbudgets";
    case Kind::PersistentVolume:
      return "/api/v1/persistentvolumes";
    case Kind::PersistentVolumeClaim:
      return "/api/v1/persistentvolumeclaims";
    case Kind::StorageClass:
      return "/apis/storage.k8s.io/v1/storageclasses";
    case Kind::CsiNode:
      return "/apis/storage.k8s.io/v1/csinodes";
    case Kind::Namespace:
      return "/api/v1/namespaces";
    case Kind::Service:
      return "/api/v1/services";
    case Kind::ReplicaSet:
      return "/apis/apps/v1/replicasets";
    case Kind::StatefulSet:
      return "/apis/apps/v1/statefulsets";
    case Kind::ReplicationController:
      return "/api/v1/replicationcontrollers";
    case Kind::Deployment:
      return "/apis/apps/v1/deployments";
    case Kind::PodTemplate:
      return "/api/v1/podtemplates";
    case Kind::NodeOverlay:
      return "/apis/karpenter.sh/v1alpha1/nodeoverlays";
    case Kind::CapacityBuffer:
      return "/apis/autoscaling.x-k8s.io/v1beta1/capacitybuffers";
  }
  return {};
}

std::optional<KubernetesCall> kubernetes_call(const Effect& effect, Time now) {
  using Call = std::optional<KubernetesCall>;
  return std::visit(
      Overloaded{
          [](const CreateNodeClaim& a) -> Call {
            json::value body = kube::encode(a.claim);
            body.as_object().erase("status");
            return KubernetesCall{"POST", std::string(collection_path(Kind::NodeClaim)),
                                  std::string(kJson), std::move(body)};
          },
          [](const PatchNodeClaim& a) -> Call {
            json::object metadata =
                metadata_patch(a.resource_version, a.set_labels, a.set_annotations, a.finalizers,
                               a.finalizers.has_value());
            return patch(path_of(Kind::NodeClaim, a.name),
                         json::object{{"metadata", std::move(metadata)}});
          },
          [](const UpdateNodeClaimStatus& a) -> Call {
            return status_patch(Kind::NodeClaim, kube::encode(a.claim),
                                {"nodeName", "providerID", "lastPodEventTime"});
          },
          [](const DeleteNodeClaim& a) -> Call {
            return KubernetesCall{"DELETE", path_of(Kind::NodeClaim, a.name), std::string(kJson),
                                  delete_options(a.uid)};
          },
          [](const PatchNode& a) -> Call { return node_patch(a); },
          [](const DeleteNode& a) -> Call {
            return KubernetesCall{"DELETE", path_of(Kind::Node, a.name), std::string(kJson),
                                  delete_options(a.uid)};
          },
          [](const EvictPod& a) -> Call {
            json::object body{
                {"apiVersion", "policy/v1"},
                {"kind", "Eviction"},
                {"metadata", json::object{{"name", a.key.name}, {"namespace", a.key.namespace_}}},
                {"deleteOptions", delete_options(a.uid)}};
            return KubernetesCall{"POST", pod_path(a.key, "eviction"), std::string(kJson),
                                  std::move(body)};
          },
          [](const DeletePod& a) -> Call {
            json::object options = delete_options(a.uid);
            options["gracePeriodSeconds"] = a.grace_seconds;
            return KubernetesCall{"DELETE", pod_path(a.key), std::string(kJson),
                                  std::move(options)};
          },
          [](const PatchNodePool& a) -> Call {
            return patch(
                path_of(Kind::NodePool, a.name),
                json::object{
                    {"metadata", json::object{{"annotations", kube::encode(a.set_annotations)}}}});
          },
          [](const UpdateNodePoolStatus& a) -> Call { return node_pool_status(a.pool); },
          [](const PatchNodeClass& a) -> Call {
            return patch(
                path_of(Kind::NodeClass, a.name),
                json::object{
                    {"metadata", json::object{{"annotations", kube::encode(a.set_annotations)}}}});
          },
          [](const UpdateNodeClassStatus& a) -> Call {
            return status_patch(Kind::NodeClass, kube::encode(a.node_class), {"instanceGroups"});
          },
          [](const UpdateNodeOverlayStatus& a) -> Call {
            return status_patch(Kind::NodeOverlay, kube::encode(a.overlay), {});
          },
          [](const UpdateCapacityBufferStatus& a) -> Call {
            return status_patch(Kind::CapacityBuffer, kube::encode(a.buffer),
                                {"podTemplateRef", "replicas", "podTemplateGeneration"});
          },
          [&](const RecordEvent& a) -> Call { return event_call(effect, a, now); },
          [](const auto&) -> Call { return std::nullopt; }},
      effect.action);
}

std::optional<HyperPodCall> hyperpod_call(const Effect& effect, std::string_view cluster) {
  using Call = std::optional<HyperPodCall>;
  return std::visit(
      Overloaded{
          [&](const BatchAddClusterNodes& a) -> Call {
            return HyperPodCall{
                "BatchAddClusterNodes",
                hyperpod::batch_add_request(cluster, a.client_token, a.specifications)};
          },
          [&](const BatchDeleteClusterNodes& a) -> Call {
            return HyperPodCall{"BatchDeleteClusterNodes",
                                hyperpod::batch_delete_request(cluster, a.logical_ids)};
          },
          [&](const DescribeCluster&) -> Call {
            return HyperPodCall{"DescribeCluster", hyperpod::describe_cluster_request(cluster)};
          },
          [](const DescribeSubnets& a) -> Call {
            return HyperPodCall{"DescribeSubnets", hyperpod::describe_subnets_request(a.ids)};
          },
          [&](const ListClusterNodes& a) -> Call {
            return HyperPodCall{"ListClusterNodes",
                                hyperpod::list_nodes_request(cluster, a.next_token)};
          },
          [&](const DescribeClusterNode& a) -> Call {
            return HyperPodCall{"DescribeClusterNode",
                                hyperpod::describe_node_request(cluster, a.instance_id)};
          },
          [](const DescribeTrainingPlan& a) -> Call {
            return HyperPodCall{"DescribeTrainingPlan",
                                hyperpod::describe_training_plan_request(a.name)};
          },
          [&](const ListClusterEvents& a) -> Call {
            return HyperPodCall{"ListClusterEvents",
                                hyperpod::list_events_request(cluster, a.after, a.next_token)};
          },
          [&](const DescribeClusterEvent& a) -> Call {
            return HyperPodCall{"DescribeClusterEvent",
                                hyperpod::describe_event_request(cluster, a.event_id)};
          },
          [](const auto&) -> Call { return std::nullopt; }},
      effect.action);
}

}  // namespace hyperwright::runtime
