#include "state/effect.h"

#include <array>

namespace hyperwright::state {
namespace {

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

std::vector<Target> one(Target::Of of, std::string name) { return {{of, std::move(name)}}; }

std::string pod_name(const kube::ObjectKey& key) { return key.namespace_ + '/' + key.name; }

constexpr std::array<std::string_view, std::variant_size_v<Action>> kNames = {
    "CreateNodeClaim",
    "PatchNodeClaim",
    "UpdateNodeClaimStatus",
    "DeleteNodeClaim",
    "PatchNode",
    "DeleteNode",
    "EvictPod",
    "DeletePod",
    "PatchNodePool",
    "UpdateNodePoolStatus",
    "PatchNodeClass",
    "UpdateNodeClassStatus",
    "UpdateNodeOverlayStatus",
    "UpdateCapacityBufferStatus",
    "RecordEvent",
    "BatchAddClusterNodes",
    "BatchDeleteClusterNodes",
    "DescribeCluster",
    "DescribeSubnets",
    "ListClusterNodes",
    "DescribeClusterNode",
    "DescribeTrainingPlan",
    "ListClusterEvents",
    "DescribeClusterEvent",
    "NominatePods",
    "KeepRoom",
    "MarkUnschedulable",
    "MarkUnavailable",
    "BackOff"};

}  // namespace

std::string_view name_of(const Action& action) { return kNames[action.index()]; }

bool is_answered(const Action& action) {
  return !std::holds_alternative<NominatePods>(action) &&
         !std::holds_alternative<KeepRoom>(action) &&
         !std::holds_alternative<MarkUnschedulable>(action) &&
         !std::holds_alternative<MarkUnavailable>(action) &&
         !std::holds_alternative<BackOff>(action);
}

std::vector<Target> targets_of(const Action& action) {
  using Of = Target::Of;
  using Targets = std::vector<Target>;
  return std::visit(
      Overloaded{
          [](const CreateNodeClaim& a) { return one(Of::NodeClaim, a.claim.meta.name); },
          [](const PatchNodeClaim& a) { return one(Of::NodeClaim, a.name); },
          [](const UpdateNodeClaimStatus& a) { return one(Of::NodeClaim, a.claim.meta.name); },
          [](const DeleteNodeClaim& a) { return one(Of::NodeClaim, a.name); },
          [](const PatchNode& a) { return one(Of::Node, a.name); },
          [](const DeleteNode& a) { return one(Of::Node, a.name); },
          [](const EvictPod& a) { return one(Of::Pod, pod_name(a.key)); },
          [](const DeletePod& a) { return one(Of::Pod, pod_name(a.key)); },
          [](const PatchNodePool& a) { return one(Of::NodePool, a.name); },
          [](const UpdateNodePoolStatus& a) { return one(Of::NodePool, a.pool.meta.name); },
          [](const PatchNodeClass& a) { return one(Of::NodeClass, a.name); },
          [](const UpdateNodeClassStatus& a) { return one(Of::NodeClass, a.node_class.meta.name); },
          [](const UpdateNodeOverlayStatus& a) {
            return one(Of::NodeOverlay, a.overlay.meta.name);
          },
          [](const UpdateCapacityBufferStatus& a) {
            const kube::ObjectMeta& meta = a.buffer.meta;
            return one(Of::CapacityBuffer, meta.namespace_ + '/' + meta.name);
          },
          [](const BatchAddClusterNodes& a) { return one(Of::Launch, a.client_token); },
          [](const BatchDeleteClusterNodes& a) {
            Targets targets;
            for (const std::string& id : a.logical_ids) targets.push_back({Of::Instance, id});
            return targets;
          },
          [](const DescribeClusterNode& a) {
            return one(Of::Reading, "DescribeClusterNode " + a.instance_id);
          },
          [](const DescribeClusterEvent& a) {
            return one(Of::Reading, "DescribeClusterEvent " + a.event_id);
          },
          [](const DescribeTrainingPlan& a) {
            return one(Of::Reading, "DescribeTrainingPlan " + a.name);
          },
          [](const DescribeCluster&) { return one(Of::Reading, "DescribeCluster"); },
          [](const DescribeSubnets&) { return one(Of::Reading, "DescribeSubnets"); },
          [](const ListClusterNodes&) { return one(Of::Reading, "ListClusterNodes"); },
          [](const ListClusterEvents&) { return one(Of::Reading, "ListClusterEvents"); },
          [](const auto&) { return Targets{}; }},
      action);
}

std::string_view to_string(Outcome outcome) {
  static constexpr std::array<std::string_view, 10> kOutcomes = {
      "Done",     "Conflict",  "NotFound",      "AlreadyExists", "Blocked",
      "Rejected", "Forbidden", "LimitExceeded", "Retry",         "Unknown"};
  return kOutcomes[static_cast<std::size_t>(outcome)];
}

std::string_view to_string(Kind kind) {
  static constexpr std::array<std::string_view, kKindCount> kKinds = {"Pod",
                                                                      "Node",
                                                                      "NodePool",
                                                                      "NodeClaim",
                                                                      "HyperpodNodeClass",
                                                                      "DaemonSet",
                                                                      "PodDisruptionBudget",
                                                                      "PersistentVolume",
                                                                      "PersistentVolumeClaim",
                                                                      "StorageClass",
                                                                      "CSINode",
                                                                      "Namespace",
                                                                      "Service",
                                                                      "ReplicaSet",
                                                                      "StatefulSet",
                                                                      "ReplicationController",
                                                                      "Deployment",
                                                                      "PodTemplate",
                                                                      "NodeOverlay",
                                                                      "CapacityBuffer"};
  return kKinds[static_cast<std::size_t>(kind)];
}

const kube::ObjectMeta& meta_of(const Object& object) {
  return std::visit([](const auto& typed) -> const kube::ObjectMeta& { return typed.meta; },
                    object);
}

}  // namespace hyperwright::state
