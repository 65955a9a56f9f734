// Guards of the promises that hold at every instant: an effect that would break one is refused, and
// the refusal says why. The controllers keep the promises by themselves; a guard is the second lock
// on the same door.
//
//   1. A NodePool's limits are never exceeded by what was created plus what is in flight.
//   2. A disruption budget is never exceeded.
//   3. No instance is asked for without its claims, and none twice for one claim.
//   4. Nothing is deleted at HyperPod that is not ours.
#pragma once

#include <optional>
#include <string>

#include "state/cluster_state.h"
#include "state/effect.h"

namespace hyperwright::controllers {

// Asked for each effect before it goes out, with everything that went out before it in the picture.
// nullopt: it may go.
std::optional<std::string> refusal(const state::ClusterState& state, const state::Effect& effect,
                                   Time now);

}  // namespace hyperwright::controllers
