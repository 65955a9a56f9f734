// What no plan for a workload can cost less than.
//
// Area: as if nodes could be cut to size. All cpu and memory that is asked for, and what each node
// that must be there keeps for itself (a pod that repels its like needs a node of its own), at the
// price of a cpu, whichever of the two resources needs more cpus; rounded up to a whole cpu. For
// types whose price is in proportion to their size (Karpenter's fake ones).
//
// Patterns: a linear program. A pattern is what one node of a type may hold; a plan buys patterns
// so that every class of pods is covered, and the program may buy parts of them. Its dual puts a
// value on each class so that no pattern is worth more than its node; the demand at these values is
// a lower bound (weak duality), whoever found the values. So the bound needs no trust in the
// search:
//
//   1. Column generation (Gilmore and Gomory) finds good values.
//   2. For each type an upper bound of its best pattern's value is proved by branch and bound over
//      whole pods; where its steps run out, the open branches' own bounds count.
//   3. All values are scaled down by the worst ratio of price to that bound (Farley's bound): then
//      they are feasible. The best over all rounds is kept, less a billionth for rounding.
//
// Constraints between pods are left out, which can only lower the bound, with one exception: pods
// that repel their like share a resource of which each node has one.
//
// Sources: Gilmore and Gomory, A linear programming approach to the cutting stock problem (1961);
// Farley, A note on bounding a class of linear programming problems (1990).
#pragma once

#include <optional>

#include "bench/scheduling/workload.h"

namespace hyperwright::bench {

// No two pods like it may stand on one node.
bool repels_its_like(const kube::Pod& pod);

// Dollars an hour. nullopt: the workload's prices are not in proportion to size.
std::optional<double> area_bound(const Workload& workload);

struct PatternBound {
  double dollars = 0;  // an hour; proved
  double program = 0;  // what the program itself came to: the bound lies below it by the gap
  std::size_t rounds = 0;
};
// nullopt: there are nodes already, which this bound does not know.
std::optional<PatternBound> pattern_bound(const Workload& workload);

}  // namespace hyperwright::bench
