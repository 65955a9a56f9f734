// Pods of nodes that are going: their new place is made before they are evicted.
#pragma once

#include <vector>

#include "state/cluster_state.h"

namespace hyperwright::controllers {

// Pods that stand on the claim's node and will need another one. None while the claim is only
// marked: it may be kept, as when pods come to a node that was empty.
std::vector<const state::PodRecord*> going_pods(const state::ClusterState& state,
                                                const state::ClaimRecord& claim, Time now);

}  // namespace hyperwright::controllers
