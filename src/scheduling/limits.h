// Limits of a NodePool: how much its nodes may have in all, by capacity (not allocatable), of each
// resource that is listed; "nodes" counts the nodes themselves.
//
//   used = capacity of every node of the pool, those being created and those being deleted
//   included:
//          a node counts until it is gone
//
// Within one pass the counter is exact: every node that is planned is taken off at the size that it
// is bought in. Once a listed resource is over its limit nothing more is bought for the pool, as in
// Karpenter.
//
// Source: Karpenter, Concepts > NodePools, spec.limits.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kube/node_pool.h"
#include "kube/resources.h"
#include "state/cluster_state.h"

namespace hyperwright::scheduling {

using PoolUsage = std::map<std::string, kube::Resources, std::less<>>;

// By NodePool; a pool without nodes has no entry.
PoolUsage usage_of_pools(const state::ClusterState& state);

class LimitCounter {
 public:
  LimitCounter() = default;  // no limits
  LimitCounter(const kube::Limits& limits, const kube::Resources& used);

  // How many nodes of this capacity may still be bought, at most `wanted`.
  [[nodiscard]] std::int64_t affordable(const kube::Resources& capacity, std::int64_t wanted) const;
  void take(const kube::Resources& capacity, std::int64_t count);
  void give_back(const kube::Resources& capacity, std::int64_t count) { take(capacity, -count); }
  // The first limit that leaves no room for one more node of this capacity; nullopt: none does.
  [[nodiscard]] std::optional<std::string> first_reached(const kube::Resources& capacity) const;
  [[nodiscard]] bool is_limited() const { return !left_.empty(); }

 private:
  std::vector<std::pair<std::string, std::int64_t>> left_;
};

}  // namespace hyperwright::scheduling
