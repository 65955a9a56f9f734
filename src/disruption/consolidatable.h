// When a node may be looked at for consolidation: consolidateAfter since it was initialized and
// since the last pod came to it or left it (DaemonSet pods do not count).
//
// Source: Karpenter v1, Concepts > Disruption > Consolidation, consolidateAfter.
#pragma once

#include <optional>

#include "base/time.h"
#include "kube/node_pool.h"
#include "state/cluster_state.h"

namespace hyperwright::disruption {

// nullopt: never, as things are: not initialized, or consolidateAfter is Never.
std::optional<Time> consolidatable_from(const state::ClusterState& state,
                                        const state::ClaimRecord& claim,
                                        const kube::NodePool& pool);

}  // namespace hyperwright::disruption
