// Withdrawing instances: BatchDeleteClusterNodes by logical id, which ends what was launched for a
// claim, and HyperPod's retries with it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "controllers/controller.h"

namespace hyperwright::controllers {

enum class Withdrawal : std::uint8_t { Asked, Accepted, Gone };

// Ids that are due together go in one call of at most 50.
Withdrawal withdraw(const Context& context, const std::string& logical_id, Decision& decision);

// Those of these instances, which no claim is left for, that are due now: in one call.
void withdraw_orphans(const Context& context, const std::vector<std::string>& logical_ids,
                      Decision& decision);

// The claim goes, its Nodes are drained, and its instance is to be ended.
bool is_due_for_withdrawal(const state::ClusterState& state, const state::ClaimRecord& claim);

}  // namespace hyperwright::controllers
