// What the instance of a NodeClaim costs, by its labels: nothing where it is reserved, because it
// is paid for already; where a NodeOverlay sets the price, what that says.
#pragma once

#include "hyperpod/money.h"
#include "state/cluster_state.h"

namespace hyperwright::controllers {

// For an hour; nothing also for a type that is not known or has no price.
hyperpod::MicroDollars price_of(const state::ClusterState& state, const state::ClaimRecord& claim);

}  // namespace hyperwright::controllers
