// Draining a Node that is going: its pods leave in four tiers, through the eviction API, so that
// budgets hold; past the node's deadline they are deleted, whatever budgets say.
//
//   1. others   2. DaemonSets' that are not critical   3. critical ones   4. critical ones of
//   DaemonSets
//
// A tier begins when the one before it is gone. Pods that tolerate karpenter.sh/disrupted, mirror
// pods, ended pods, and those that hang a minute past their end are not waited for.
//
// Source: Karpenter v1, Concepts > Disruption > Termination Controller; events Evicted, Disrupted,
// FailedDraining.
#pragma once

#include <optional>
#include <string_view>

#include "controllers/controller.h"

namespace hyperwright::controllers {

// Takes the next steps. Says whether no pod is left to wait for.
bool drain(const Context& context, const state::NodeRecord& node, std::optional<Time> deadline,
           std::string_view reason, Decision& decision);

}  // namespace hyperwright::controllers
