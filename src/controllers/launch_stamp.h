// How nodes are grouped into launch calls: at most 5 specifications and 50 nodes a call, and no
// offering twice in one call, because the list of failures in its answer has no index.
#pragma once

#include <string_view>
#include <vector>

#include "controllers/controller.h"
#include "hyperpod/offering.h"
#include "state/launch.h"

namespace hyperwright::controllers {

// One node to be launched.
struct Wanted {
  hyperpod::OfferingKey offering;
  bool is_flexible = false;
};

// The launch of each node, in the order of `wanted`. Draws one batch id a call.
std::vector<state::Launch> group_into_calls(const std::vector<Wanted>& wanted,
                                            std::size_t specifications_max, Random& random);

// Gives claims that were not launched a new batch. They keep their offerings. Does nothing, and
// looks again, while one of them cannot be patched: a batch must be complete to be called.
void stamp_anew(const Context& context, const std::vector<const state::ClaimRecord*>& claims,
                std::size_t specifications_max, std::string_view reason, Decision& decision);

}  // namespace hyperwright::controllers
