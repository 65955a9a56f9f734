// What the instance of a NodeClaim costs, by its labels.
#pragma once

#include "hyperpod/money.h"
#include "state/cluster_state.h"

namespace hyperwright::controllers {

// For an hour; nothing for a type that is not known or has no price.
hyperpod::MicroDollars price_of(const state::ClusterState& state, const state::ClaimRecord& claim);

}  // namespace hyperwright::controllers
