// The guards that look at one effect alone (guards.h has those that count): each says why an effect
// would break a promise; nullopt: it would not.
//
//   launch        it is the call of its claims, and all of them exist
//   withdrawal    the instance is ours, and its claim is deleted
//   release       a claim keeps its finalizer while HyperPod may have an instance for it
//   drain         pods leave only nodes of ours that go; past budgets only by the node's deadline
//   second claim  nobody buys for a pod that has its place on a claim that is coming
//   foreign       no Node, claim or NodePool is touched that is not ours
#pragma once

#include <optional>
#include <string>

#include "state/cluster_state.h"
#include "state/effect.h"

namespace hyperwright::controllers {

std::optional<std::string> refusal_of(const state::ClusterState& state, const state::Action& action,
                                      Time now);
std::optional<std::string> refuse_second_claim(const state::ClusterState& state,
                                               const state::CreateNodeClaim& create);

}  // namespace hyperwright::controllers
