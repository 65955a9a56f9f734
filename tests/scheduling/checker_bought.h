// What may be bought, as the checker has it: written from Karpenter's documentation, without
// anything of src/scheduling.
//
//   limits of NodePools, where something is bought for them
//   reservations: no more nodes draw on one than it has instances
//   minValues of NodePools, where they are strict: so many values among the kinds of fresh nodes
//     that could take all pods of a new one
//
// Source: Karpenter v1, Concepts > NodePools, spec.limits and Min Values.
#pragma once

#include <string>
#include <vector>

#include "tests/scheduling/checker.h"

namespace hyperwright::checker {

// What is wrong with the new nodes, one sentence each; empty: nothing.
std::vector<std::string> bought_problems(const Placement& placement);

}  // namespace hyperwright::checker
