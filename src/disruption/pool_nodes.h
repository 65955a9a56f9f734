// What budgets count: a pool's initialized nodes, and those of them that are out of service.
//
// Source: Karpenter, disruption budgets: nodes that are not Ready, and nodes that are going for
// whatever reason, count against every budget.
#pragma once

#include <string_view>

#include "disruption/budget.h"
#include "state/cluster_state.h"

namespace hyperwright::disruption {

// The claim that this action deletes, or marks for deletion; "": none.
std::string_view claim_marked_by(const state::Action& action);
// The claim's deletion, or its marking for it, was emitted and is not answered yet.
bool is_being_marked(const state::ClusterState& state, const state::ClaimRecord& claim);
// The claim goes, or is marked to go: it is deleted, or its Node is tainted for disruption.
bool is_marked(const state::ClusterState& state, const state::ClaimRecord& claim);
// The claim is one of those that budgets count: initialized, its instance not terminating.
bool is_counted(const state::ClaimRecord& claim);
// Of a claim that is counted: its Node is not Ready, or it goes. What is under way is not asked.
bool is_out_of_service(const state::ClusterState& state, const state::ClaimRecord& claim);
// Counts what is being marked as out of service. Cost: O(claims).
PoolNodes pool_nodes(const state::ClusterState& state, std::string_view pool);

}  // namespace hyperwright::disruption
