// The PodDisruptionBudgets that the eviction API asks before it lets a pod go.
//
//   none      of a pod that is not evicted (kube::is_evictable), and of one that is not ready where
//             its only budget lets such pods go (unhealthyPodEvictionPolicy: AlwaysAllow)
//   one       it decides
//   several   the API refuses every eviction, whatever they say: it supports one a pod
//
// Source: Kubernetes, Concepts > Workloads > Pods > Disruptions; Karpenter v1, pkg/utils/pdb.
#pragma once

#include <vector>

#include "base/time.h"
#include "state/cluster_state.h"

namespace hyperwright::disruption {

// In the order of their names.
std::vector<const kube::PodDisruptionBudget*> budgets_asked(const state::ClusterState& state,
                                                            const kube::Pod& pod, Time now);

// No eviction of the pod will ever be allowed, unless somebody edits a budget.
bool is_never_evicted(const state::ClusterState& state, const kube::Pod& pod, Time now);

}  // namespace hyperwright::disruption
