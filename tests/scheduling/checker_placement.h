// A plan carried out on a picture of the cluster, as the checker wants it: every node that is
// there, that is coming, and that the plan buys, with the pods that are and will be on it.
#pragma once

#include "scheduling/plan.h"
#include "state/cluster_state.h"
#include "tests/scheduling/checker.h"

namespace hyperwright::scheduling {

// `pods` are those that were planned for.
checker::Placement placement_of(const Plan& plan, const state::ClusterState& state,
                                const std::vector<const state::PodRecord*>& pods, Time now);

}  // namespace hyperwright::scheduling
