// Packs the worst nodes of a plan again, exactly: what is left over at the end of a greedy search
// is where it loses most.
//
// A dynamic program over multisets of pods. best(S) is the least price at which the pods of S can
// be housed:
//
//   best({}) = 0
//   best(S)  = min over the subsets T of S that hold the first kind of S:  price of one node for T
//   + best(S - T)
//
// Small windows of nodes with few pods each are taken, worst ratio of price to worth first; a
// window grows while the number of multisets stays within bounds, so the work is counted in steps.
// On small problems the window is the whole plan, and the answer is the cheapest there is.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "scheduling/packing.h"

namespace hyperwright::scheduling {

// The same pods on nodes that cost no more. `worth`: by class. `limits` is corrected by what is
// saved.
std::vector<PackedNode> repacked(const OfferingCatalogue& catalogue,
                                 std::span<const PackingClass> classes,
                                 std::span<const std::int64_t> worth, std::vector<PackedNode> nodes,
                                 LimitCounter& limits);

}  // namespace hyperwright::scheduling
