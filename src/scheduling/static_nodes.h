// Nodes of a static NodePool: bought for their number, not for pods.
//
// Each is the cheapest offering of the pool that is to be had, reserved capacity first. Its claim
// has the pool's requirements as they are, and asks for nothing.
//
// Source: Karpenter v1, Concepts > NodePools > spec.replicas (static capacity).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scheduling/plan.h"
#include "scheduling/supply.h"

namespace hyperwright::scheduling {

struct StaticNodes {
  std::vector<NewNode> nodes;
  std::string why_not_more;  // a sentence, where there are fewer than were asked for
};

// Up to `count` nodes. Requires: the supply has followed the picture.
StaticNodes static_nodes(Supply& supply, const kube::NodePool& pool, std::int64_t count, Time now);

}  // namespace hyperwright::scheduling
