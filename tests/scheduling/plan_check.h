// Checks a plan from first principles: nothing of the solver is used, only the picture, the pods
// and the rules of Kubernetes. Returns what is wrong, one sentence each; empty: the plan is sound.
//
//   each pod is placed once, or stands among the unplaced with a verdict
//   each new node is an offering that is sold, available, in a group of the pool's NodeClass
//   what the plan makes of the cluster passes the checker (checker.h)
#pragma once

#include <string>
#include <vector>

#include "scheduling/plan.h"
#include "state/cluster_state.h"
#include "tests/scheduling/checker.h"

namespace hyperwright::scheduling {

std::vector<std::string> problems_of(const Plan& plan, const state::ClusterState& state,
                                     const std::vector<const state::PodRecord*>& pods, Time now,
                                     checker::SpreadHolds spread = checker::SpreadHolds::AtTheEnd);

// Pods that the plan leaves waiting although a fresh node would serve them beside all that it
// places: a sentence each, with that node.
std::vector<std::string> needlessly_waiting(const Plan& plan, const state::ClusterState& state,
                                            const std::vector<const state::PodRecord*>& pods,
                                            Time now);

// Pods that the plan leaves waiting, beside less important ones on new nodes whose place would suit
// them: alike in everything that a scheduler looks at, and asking for no more of anything.
std::vector<std::string> passed_over(const Plan& plan, const state::ClusterState& state);

// What the new nodes cost an hour.
hyperpod::MicroDollars price_of(const Plan& plan);
std::size_t placed_pods(const Plan& plan);

}  // namespace hyperwright::scheduling
