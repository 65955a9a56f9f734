// The cluster that a workload is solved in: one NodePool over all its types, and the nodes that are
// there already.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/scheduling/workload.h"
#include "tests/scheduling/cluster_builder.h"

namespace hyperwright::bench {

inline constexpr std::int64_t kCpusUnlimited = 10'000'000;  // a limit that never binds

// Pods are "pod-0", "pod-1", ... in the workload's order, their UIDs "uid-pod-0", ...
// A market whose prices are not HyperPod's (spot at the price of on-demand) is left out where
// another sells the same types no dearer in at least its zones: it could save nothing.
// `cpus`: the NodePool's limit.
scheduling::ClusterBuilder world_of(const Workload& workload, std::int64_t cpus = kCpusUnlimited);

// The workload's pod of this UID, by its place; Requires: it is one of them.
std::size_t place_of(const std::string& uid);

}  // namespace hyperwright::bench
