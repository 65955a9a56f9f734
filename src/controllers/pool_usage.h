// What a NodePool's nodes use of its limits.
//
// A claim counts from the moment that its creation is emitted until its logical id is gone at
// HyperPod: what is in flight, and what is going, is still paid for.
#pragma once

#include <string_view>

#include "kube/resources.h"
#include "scheduling/node_overlay.h"
#include "state/cluster_state.h"

namespace hyperwright::controllers {

// Of the Node, where it is initialized; else what the claim's status or its instance type promises.
// With one of "nodes". `overlays`: those in force, which are read once for many claims.
kube::Resources capacity_of(const state::ClusterState& state, const state::ClaimRecord& claim,
                            const scheduling::NodeOverlays& overlays);
// Of a node that is still to come, by its labels; with one of "nodes".
kube::Resources promised_capacity(const state::ClusterState& state, const kube::StringMap& labels,
                                  const scheduling::NodeOverlays& overlays);
// Of all claims of the pool, and of its Nodes without a claim: as the solver counts.
kube::Resources pool_usage(const state::ClusterState& state, std::string_view pool);

}  // namespace hyperwright::controllers
