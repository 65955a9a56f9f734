// What HyperPod says about an instance that did not come up. BatchAddClusterNodes has no error code
// for a shortage: a node's status message, or the failure message of an event, is all there is.
#pragma once

#include <cstdint>
#include <string>

#include "state/cluster_state.h"

namespace hyperwright::controllers {

enum class LaunchFailureKind : std::uint8_t {
  None,
  Capacity,         // the offering has none: withdrawn at once, the next best is tried
  LifecycleScript,  // HyperPod tries again for ever, and bills every try
  Other,            // HyperPod tries again with another instance; the time-outs watch over it
};
struct LaunchFailure {
  LaunchFailureKind kind = LaunchFailureKind::None;
  std::string message;
};

LaunchFailure launch_failure(const state::ClusterState& state, const state::ClaimRecord& claim);
LaunchFailureKind classify_launch_failure(std::string_view message);

}  // namespace hyperwright::controllers
