// Who is placed before whom, where there may be less than everybody would take: what is left of a
// NodePool's limit, or of a reservation, is for the more important pods, whatever else they ask
// for.
//
// Differs from Karpenter, whose queue is by size alone. Source of the rule: Kubernetes, Pod
// Priority and Preemption, whose scheduler tries pods in this order.
#pragma once

#include <cstddef>
#include <vector>

#include "scheduling/demands.h"
#include "scheduling/tries.h"

namespace hyperwright::scheduling {

// Of a CapacityBuffer (state/capacity_buffers.h): it takes what pods that exist leave.
bool is_imagined(const Demand& demand);

// The demands that are not rejected, in bands. Each is placed down to its loosest wishes before the
// next one looks. Who is late goes after the others; then the priority counts, where something is
// scarce.
std::vector<std::vector<std::size_t>> bands_of(const std::vector<Demand>& demands,
                                               const Learned& learned, bool is_scarce);

}  // namespace hyperwright::scheduling
