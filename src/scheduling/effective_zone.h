// In which zone pods that wait could be placed, as things stand before any of them is: for a gauge
// that shows of which zone capacity is short.
//
//   "us-east-1a"   in this one alone: by node selector, required node affinity or volume, or by
//                  what is required of zones in view of the pods that are there
//   "flexible"     in any of several
//   "none"         in none that any node or NodePool has
//
// What is only preferred does not count.
//
// Source: Karpenter v1, Reference > Metrics,
// karpenter_scheduler_pending_pods_by_effective_zone_count.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "scheduling/supply.h"
#include "state/cluster_state.h"

namespace hyperwright::scheduling {

// Cost: as of a plan, without the placing.
std::map<std::string, std::vector<const state::PodRecord*>> pods_by_effective_zone(
    Supply& supply, const state::ClusterState& state,
    const std::vector<const state::PodRecord*>& pods, Time now);

}  // namespace hyperwright::scheduling
