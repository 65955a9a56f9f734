// Launches that are open: claims whose instance does not run yet. Until it does, HyperPod's list
// and its events say whether it ever will.
#pragma once

#include <map>
#include <string>

#include "base/time.h"
#include "state/cluster_state.h"

namespace hyperwright::state {

// How far before a claim's creation an event may concern its launch. The one is a time of the API
// server's clock, the other of HyperPod's, and the first look counts from ours; AWS itself serves
// nobody whose clock is further than this from its own. Too early costs a few descriptions more.
inline constexpr Duration kClocksApart = Duration::minutes(5);

bool is_launch_open(const ClusterState& state, const ClaimRecord& claim);

// By instance group: since when its events may concern an open launch.
std::map<std::string, Time, std::less<>> open_launches(const ClusterState& state);

}  // namespace hyperwright::state
