// karpenter.sh/v1 NodeClaim: the wish for one node, and what became of it. Its spec never changes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kube/condition.h"
#include "kube/object_meta.h"
#include "kube/requirement.h"
#include "kube/resources.h"
#include "kube/taint.h"

namespace hyperwright::kube {

struct NodeClassReference {
  std::string group;
  std::string kind;
  std::string name;
  auto operator<=>(const NodeClassReference&) const = default;
  [[nodiscard]] bool is_hyperpod() const;
};

// template.spec of a NodePool and, with requests, spec of a NodeClaim.
struct NodeClaimSpec {
  std::vector<Taint> taints;
  std::vector<Taint> startup_taints;
  std::vector<NodeRequirement> requirements;
  NodeClassReference node_class_ref;
  std::optional<Duration> termination_grace_period;  // absent: wait for ever
  std::optional<Duration> expire_after;              // absent: Never
  Resources requests;                                // NodeClaim only
  bool operator==(const NodeClaimSpec&) const = default;
};

struct NodeClaim {
  ObjectMeta meta;
  NodeClaimSpec spec;
  // status
  std::string node_name;
  std::string provider_id;
  std::string image_id;
  Resources capacity;
  Resources allocatable;
  std::optional<Time> last_pod_event_time;
  Conditions conditions;
  // What could not be read, one sentence a field: such a claim is seen all the same, or its node
  // leaked.
  std::vector<std::string> decode_problems;
  bool operator==(const NodeClaim&) const = default;

  [[nodiscard]] std::string_view node_pool() const {
    return meta.labels.get("karpenter.sh/nodepool");
  }
};

namespace node_claim_condition {
inline constexpr std::string_view kLaunched = "Launched";
inline constexpr std::string_view kRegistered = "Registered";
inline constexpr std::string_view kInitialized = "Initialized";
inline constexpr std::string_view kConsolidatable = "Consolidatable";
inline constexpr std::string_view kDrifted = "Drifted";
inline constexpr std::string_view kDrained = "Drained";
inline constexpr std::string_view kInstanceTerminating = "InstanceTerminating";
inline constexpr std::string_view kDisruptionReason = "DisruptionReason";
inline constexpr std::string_view kReady = "Ready";
// Feed Ready.
inline constexpr std::string_view kDependents[] = {kLaunched, kRegistered, kInitialized};
}  // namespace node_claim_condition

}  // namespace hyperwright::kube
