// Why pods stay without a place: one sentence that names the constraint and the nearest miss.
//
// Constraints between pods come last: where a new node could be bought but for them, they are
// named. Every pool is asked how far the pods come in it: offered, tolerated, matching, available,
// fitting, open (minValues), within limits, placed. The pool where they come furthest is the
// nearest miss, and the step at which its last candidate was lost is the constraint. Built only for
// pods that have no place.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "scheduling/demands.h"
#include "scheduling/pool_plan.h"
#include "scheduling/templates.h"
#include "state/cluster_state.h"

namespace hyperwright::scheduling {

std::string verdict_of(const Demand& demand, const std::deque<PoolPlan>& pools,
                       const std::vector<NotOffered>& not_offered, const Topology& topology,
                       const state::ClusterState& state);

}  // namespace hyperwright::scheduling
