// Gauges are read off the picture, all of them at once: what is gone from the picture (a NodePool,
// a limit of it, an offering) is gone from the next reading too, and no alert rings for a pool that
// nobody has any more. Source: Karpenter, Reference > Metrics.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "scheduling/supply.h"
#include "state/cluster_state.h"

namespace hyperwright::runtime {

struct Sample {
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;
  bool operator==(const Sample&) const = default;
};

struct Gauge {
  std::string name;
  std::string help;
  std::vector<Sample> samples;
};

// `unsynced_since`: since when the picture is not complete; what is told is 0 when it is.
// `supply`: the loop's. Cost: O(claims + nodes + NodePools + offerings), and while pods wait what a
// plan for them takes without the placing: once every few seconds is enough.
std::vector<Gauge> read_gauges(const state::ClusterState& state, scheduling::Supply& supply,
                               Time unsynced_since, Time now);

}  // namespace hyperwright::runtime
