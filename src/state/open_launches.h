// Launches that are open: claims whose instance does not run yet. Until it does, HyperPod's list
// and its events say whether it ever will.
#pragma once

#include <map>
#include <string>

#include "base/time.h"
#include "state/cluster_state.h"

namespace hyperwright::state {

bool is_launch_open(const ClusterState& state, const ClaimRecord& claim);

// By instance group: when the oldest claim of its open launches was created.
std::map<std::string, Time, std::less<>> open_launches(const ClusterState& state);

}  // namespace hyperwright::state
