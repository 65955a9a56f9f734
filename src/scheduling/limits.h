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
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kube/node_pool.h"
#include "kube/resources.h"
#include "scheduling/node_overlay.h"
#include "state/change_log.h"
#include "state/cluster_state.h"

namespace hyperwright::scheduling {

// What the claim counts for: what its Node reports, else what its status or its instance type
// promises.
kube::Resources capacity_of(const state::ClaimRecord& claim, const state::ClusterState& state,
                            const NodeOverlays& overlays);

// What the nodes of each NodePool have, in all.
class PoolUsage {
 public:
  PoolUsage() = default;
  PoolUsage(const state::ClusterState& state, const NodeOverlays& overlays);
  // These Nodes and claims changed.
  void update(const state::ClusterState& state, const NodeOverlays& overlays,
              const std::set<state::ChangeLog::Entry>& changed);

  // Nothing, for a pool without nodes.
  [[nodiscard]] const kube::Resources& of(std::string_view pool) const;

 private:
  struct Counted {
    std::string pool;
    kube::Resources capacity;
  };
  void count(const state::ChangeLog::Entry& entry, std::string_view pool, kube::Resources capacity);
  void count_claim(const state::ClusterState& state, const NodeOverlays& overlays,
                   const std::string& name);
  void count_node(const state::ClusterState& state, const std::string& name);

  std::map<state::ChangeLog::Entry, Counted> counted_;
  std::map<std::string, kube::Resources, std::less<>> sums_;
};

class LimitCounter {
 public:
  LimitCounter() = default;  // no limits
  LimitCounter(const kube::Limits& limits, const kube::Resources& used);

  // How many nodes of this capacity may still be bought, at most `wanted`.
  [[nodiscard]] std::int64_t affordable(const kube::Resources& capacity, std::int64_t wanted) const;
  void take(const kube::Resources& capacity, std::int64_t count);
  void give_back(const kube::Resources& capacity, std::int64_t count) { take(capacity, -count); }
  // What is left of the limit of this resource, below zero where it is exceeded; max: it has none.
  [[nodiscard]] std::int64_t left(std::string_view resource) const;
  [[nodiscard]] bool is_limited() const { return !left_.empty(); }

 private:
  struct Left {
    std::string resource;
    std::optional<kube::Resource> slot;  // asked millions of times, so found once
    std::int64_t amount = 0;
    [[nodiscard]] std::int64_t of(const kube::Resources& capacity) const {
      return slot ? capacity.get(*slot) : capacity.get(resource);
    }
  };
  std::vector<Left> left_;
};

}  // namespace hyperwright::scheduling
