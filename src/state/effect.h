// The way out: everything that the loop wants done. An effect says what and why; the effector says
// what became of it with one Answered event. Those of the picture only (NominatePods, KeepRoom,
// ...) change nothing outside: they are folded into the picture when they are emitted and need no
// answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "hyperpod/cluster.h"
#include "hyperpod/offering.h"
#include "kube/hyperpod_node_class.h"
#include "kube/node.h"
#include "kube/node_claim.h"
#include "kube/node_pool.h"
#include "state/event.h"

namespace hyperwright::state {

// --- Kubernetes ---
struct CreateNodeClaim {
  kube::NodeClaim claim;
  std::vector<std::string> pods;  // UIDs of the pods that it is made for: nominated to it
  bool operator==(const CreateNodeClaim&) const = default;
};
// Labels and annotations go as a plain merge patch; with finalizers, the resource version goes with
// it.
struct PatchNodeClaim {
  std::string name;
  std::string uid;
  std::uint64_t resource_version = 0;
  kube::StringMap set_labels;
  kube::StringMap set_annotations;
  std::optional<std::vector<std::string>> finalizers;
  bool operator==(const PatchNodeClaim&) const = default;
};
// The whole status of `claim`, at its resource version.
struct UpdateNodeClaimStatus {
  kube::NodeClaim claim;
  bool operator==(const UpdateNodeClaimStatus&) const = default;
};
struct DeleteNodeClaim {
  std::string name;
  std::string uid;
  bool operator==(const DeleteNodeClaim&) const = default;
};
// As PatchNodeClaim; taints go with the resource version too.
struct PatchNode {
  std::string name;
  std::string uid;
  std::uint64_t resource_version = 0;
  kube::StringMap set_labels;
  kube::StringMap set_annotations;
  std::optional<std::vector<kube::Taint>> taints;
  std::optional<std::vector<std::string>> finalizers;
  std::optional<std::vector<kube::OwnerReference>> owner_references;
  bool operator==(const PatchNode&) const = default;
};
struct DeleteNode {
  std::string name;
  std::string uid;
  bool operator==(const DeleteNode&) const = default;
};
// Through the eviction API, with the UID as precondition: a successor of the same name is never
// evicted.
struct EvictPod {
  kube::ObjectKey key;
  std::string uid;
  bool operator==(const EvictPod&) const = default;
};
// Past the node's termination deadline: deletes with this grace, whatever budgets say.
struct DeletePod {
  kube::ObjectKey key;
  std::string uid;
  std::int64_t grace_seconds = 1;
  bool operator==(const DeletePod&) const = default;
};
struct PatchNodePool {
  std::string name;
  kube::StringMap set_annotations;
  bool operator==(const PatchNodePool&) const = default;
};
struct UpdateNodePoolStatus {
  kube::NodePool pool;
  bool operator==(const UpdateNodePoolStatus&) const = default;
};
struct PatchNodeClass {
  std::string name;
  kube::StringMap set_annotations;
  bool operator==(const PatchNodeClass&) const = default;
};
struct UpdateNodeClassStatus {
  kube::HyperpodNodeClass node_class;
  bool operator==(const UpdateNodeClassStatus&) const = default;
};
struct UpdateNodeOverlayStatus {
  kube::NodeOverlay overlay;
  bool operator==(const UpdateNodeOverlayStatus&) const = default;
};
struct UpdateCapacityBufferStatus {
  kube::CapacityBuffer buffer;
  bool operator==(const UpdateCapacityBufferStatus&) const = default;
};
// A Kubernetes event on an object. The same reason and message on the same object within `quiet` is
// said once: the loop drops the repetition.
struct RecordEvent {
  std::string kind;  // Pod, Node, NodeClaim, NodePool, HyperpodNodeClass
  kube::ObjectKey key;
  std::string uid;
  bool is_warning = false;
  std::string reason;
  std::string message;
  Duration quiet = Duration::minutes(2);
  bool operator==(const RecordEvent&) const = default;
};

// --- HyperPod ---
struct BatchAddClusterNodes {
  std::string client_token;
  std::vector<hyperpod::AddSpecification> specifications;
  bool operator==(const BatchAddClusterNodes&) const = default;
};
struct BatchDeleteClusterNodes {
  std::vector<std::string> logical_ids;  // at most 50
  bool operator==(const BatchDeleteClusterNodes&) const = default;
};
struct DescribeCluster {
  bool operator==(const DescribeCluster&) const = default;
};
struct DescribeSubnets {
  std::vector<std::string> ids;
  bool operator==(const DescribeSubnets&) const = default;
};
struct ListClusterNodes {
  std::string next_token;
  bool operator==(const ListClusterNodes&) const = default;
};
struct DescribeClusterNode {
  std::string instance_id;
  bool operator==(const DescribeClusterNode&) const = default;
};
struct DescribeTrainingPlan {
  std::string name;
  bool operator==(const DescribeTrainingPlan&) const = default;
};
struct ListClusterEvents {
  Time after;
  std::string next_token;
  bool operator==(const ListClusterEvents&) const = default;
};
struct DescribeClusterEvent {
  std::string event_id;
  bool operator==(const DescribeClusterEvent&) const = default;
};

// --- the picture only ---
// Pods are planned onto a node or a claim that exists; the plan sticks.
struct NominatePods {
  std::string node;               // name of a Node, or
  std::string claim;              // of a NodeClaim
  std::vector<std::string> pods;  // UIDs
  bool operator==(const NominatePods&) const = default;
};
// Where the last plan keeps room for the virtual pods of CapacityBuffers
// (state/capacity_buffers.h); it takes the place of what was planned before.
struct KeepRoom {
  struct Room {
    kube::ObjectKey buffer;
    bool is_there = false;  // all of its pods fit on nodes that are there or on their way
    bool operator==(const Room&) const = default;
  };
  std::uint64_t inputs_version = 0;
  std::vector<Room> rooms;
  std::vector<std::string> claims;  // that hold some of it
  bool operator==(const KeepRoom&) const = default;
};
// The solver looked at these pods and found no place, for this reason; they are looked at again
// when its inputs change.
struct MarkUnschedulable {
  std::vector<std::string> pods;  // UIDs
  std::uint64_t inputs_version = 0;
  std::string verdict;
  bool operator==(const MarkUnschedulable&) const = default;
};
struct MarkUnavailable {
  hyperpod::OfferingKey offering;
  Time until;
  bool operator==(const MarkUnavailable&) const = default;
};
// A group (or, with an empty name, the cluster) takes no launches until then.
struct BackOff {
  std::string group;
  Time until;
  std::string why;
  bool operator==(const BackOff&) const = default;
};

using Action =
    std::variant<CreateNodeClaim, PatchNodeClaim, UpdateNodeClaimStatus, DeleteNodeClaim, PatchNode,
                 DeleteNode, EvictPod, DeletePod, PatchNodePool, UpdateNodePoolStatus,
                 PatchNodeClass, UpdateNodeClassStatus, UpdateNodeOverlayStatus,
                 UpdateCapacityBufferStatus, RecordEvent, BatchAddClusterNodes,
                 BatchDeleteClusterNodes, DescribeCluster, DescribeSubnets, ListClusterNodes,
                 DescribeClusterNode, DescribeTrainingPlan, ListClusterEvents, DescribeClusterEvent,
                 NominatePods, KeepRoom, MarkUnschedulable, MarkUnavailable, BackOff>;

struct Effect {
  EffectId id = 0;     // given by the loop
  std::string reason;  // for the log line and the metric: provisioned, empty, expired,
                       // insufficient_capacity, ...
  Action action;
  bool operator==(const Effect&) const = default;
};

// The action's name, as in the log: "CreateNodeClaim".
std::string_view name_of(const Action& action);
// Whether an answer will come. False for those that only change the picture.
bool is_answered(const Action& action);

// What an effect acts on. While an effect on a target is under way, no other is emitted for it.
struct Target {
  enum class Of : std::uint8_t {
    Pod,
    Node,
    NodePool,
    NodeClaim,
    NodeClass,
    NodeOverlay,
    CapacityBuffer,
    Launch,
    Instance,
    Reading,
    Nothing
  };
  Of of = Of::Nothing;
  std::string name;  // "namespace/name" of a pod or a buffer; client token of a launch; logical id;
                     // name of the call for readings
  auto operator<=>(const Target&) const = default;
};
// A deletion of several instances has several targets; all else one; RecordEvent, and what only
// changes the picture, none.
std::vector<Target> targets_of(const Action& action);

}  // namespace hyperwright::state
