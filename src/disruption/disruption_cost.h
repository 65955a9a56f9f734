// What it costs to take a node's pods away: how the nodes that may go are put in order.
//
//   eviction cost of a pod    1 + its deletion cost / 2^27 + its priority / 2^25, from -10 to 10
//   cost of a node            the sum over its pods x the share of its lifetime that is left
//
// Counted in whole numbers, so that equal costs are equal on every machine: the cost of a plain pod
// is kPlainPod, and a share is in millionths.
//
// Source: Karpenter, pkg/utils/disruption; Kubernetes, annotation
// controller.kubernetes.io/pod-deletion-cost.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "kube/node_claim.h"
#include "kube/pod.h"
#include "state/cluster_state.h"

namespace hyperwright::disruption {

inline constexpr std::int64_t kPlainPod = std::int64_t{1} << 27;

std::int64_t eviction_cost(const kube::Pod& pod);
// 1,000,000 for a claim that was born now, or that never expires; 0 for one that has expired.
std::int64_t lifetime_remaining(const kube::NodeClaim& claim, Time now);
// Of all pods of the claim's node, those of DaemonSets, too; in millionths of eviction costs.
std::int64_t disruption_cost(const state::ClusterState& state, const state::ClaimRecord& claim,
                             Time now);

}  // namespace hyperwright::disruption
