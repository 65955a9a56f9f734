// Company on one node: pod affinity on kubernetes.io/hostname, and who waits alone for it.
//
//   needs company   pods that carry such an affinity: they go to nodes of pods that it selects. The
//                   first of its kind may go to any node (topology.h)
//   called          pods that the affinity of a first one selects, as long as that one is alone.
//                   The next of them goes to its node: else the first would stand apart from those
//                   that it selects, and could not be bound after them
//
// Where the called cannot stand beside the first, the first had better wait for them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "scheduling/cells.h"
#include "scheduling/demands.h"
#include "scheduling/topology.h"

namespace hyperwright::scheduling {

// The demand's pods may stand on nodes of certain other pods only, by their own affinity or because
// they are called.
bool needs_company(const Demand& demand, const Topology& topology);
bool is_called(const Demand& demand, const Topology& topology);
// Nothing is there to be near to, and the pods count themselves: one of them goes first.
bool is_first_of_its_kind(const Demand& demand, const Topology& topology);

// By demand: whether its pods are company for those that need it.
std::vector<bool> company_of(const Demand& demand, std::span<const Demand> demands,
                             const Topology& topology);

// Demands of which a pod is alone, on a node or in a domain, and keeps others there that have no
// place, and could have a new node elsewhere but for that. `cells`: by demand.
std::vector<std::size_t> whom_others_cannot_join(std::span<const Demand> demands,
                                                 std::span<const std::vector<Cell>> cells,
                                                 const Topology& topology);

}  // namespace hyperwright::scheduling
