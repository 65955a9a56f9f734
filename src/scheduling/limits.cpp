#include "scheduling/limits.h"

#include <algorithm>
#include <limits>

#include "kube/well_known.h"
#include "scheduling/node_overlay.h"

namespace hyperwright::scheduling {
namespace {

// A kubelet reports no extended resources until their plugins run: what it does not say yet,
// `expected` says.
kube::Resources filled(kube::Resources reported, const kube::Resources& expected) {
  expected.for_each([&](std::string_view name, std::int64_t amount) {
    if (reported.get(name) == 0) reported.set(name, amount);
  });
  return reported;
}

std::optional<kube::Resource> slot_of(std::string_view resource) {
  for (std::size_t i = 0; i < kube::kResourceCount; ++i) {
    if (to_string(static_cast<kube::Resource>(i)) == resource)
      return static_cast<kube::Resource>(i);
  }
  return std::nullopt;
}

}  // namespace

kube::Resources capacity_of(const state::ClaimRecord& record, const state::ClusterState& state,
                            const NodeOverlays& overlays) {
  kube::Resources capacity = record.claim.capacity;
  if (record.launch) {
    if (const auto* type = state.instance_types().find(record.launch->offering().type)) {
      capacity =
          filled(std::move(capacity), promised_capacity(*type, record.claim.meta.labels, overlays));
    }
  }
  const state::NodeRecord* node = state.find_node(record.node_name);
  return node == nullptr ? capacity : filled(node->node.capacity, capacity);
}

PoolUsage::PoolUsage(const state::ClusterState& state, const NodeOverlays& overlays) {
  for (const auto& [name, record] : state.claims()) count_claim(state, overlays, name);
  for (const auto& [name, record] : state.nodes()) count_node(state, name);
}

void PoolUsage::update(const state::ClusterState& state, const NodeOverlays& overlays,
                       const std::set<state::ChangeLog::Entry>& changed) {
  for (const auto& [is_claim, name] : changed) {
    if (is_claim) {
      count_claim(state, overlays, name);
      continue;
    }
    count_node(state, name);
    const state::NodeRecord* node = state.find_node(name);
    if (node != nullptr && !node->claim.empty()) count_claim(state, overlays, node->claim);
  }
}

void PoolUsage::count_claim(const state::ClusterState& state, const NodeOverlays& overlays,
                            const std::string& name) {
  const state::ClaimRecord* claim = state.find_claim(name);
  if (claim == nullptr) return count({true, name}, {}, {});
  count({true, name}, claim->claim.node_pool(), capacity_of(*claim, state, overlays));
}

// A Node whose claim is gone, or was never ours, still stands in the pool that its label names.
void PoolUsage::count_node(const state::ClusterState& state, const std::string& name) {
  const state::NodeRecord* node = state.find_node(name);
  if (node == nullptr || !node->claim.empty()) return count({false, name}, {}, {});
  count({false, name}, node->node.meta.labels.get(kube::kNodePool), node->node.capacity);
}

// `pool`: "" for what counts nowhere (any more).
void PoolUsage::count(const state::ChangeLog::Entry& entry, std::string_view pool,
                      kube::Resources capacity) {
  if (const auto known = counted_.find(entry); known != counted_.end()) {
    sums_[known->second.pool] -= known->second.capacity;
    counted_.erase(known);
  }
  if (pool.empty()) return;
  capacity.set(kube::Resource::Nodes, 1);
  sums_[std::string(pool)] += capacity;
  counted_.emplace(entry, Counted{std::string(pool), std::move(capacity)});
}

const kube::Resources& PoolUsage::of(std::string_view pool) const {
  static const kube::Resources kNothing;
  const auto it = sums_.find(pool);
  return it == sums_.end() ? kNothing : it->second;
}

LimitCounter::LimitCounter(const kube::Limits& limits, const kube::Resources& used) {
  for (const auto& [name, limit] : limits.amounts)
    left_.push_back({name, slot_of(name), limit - used.get(name)});
}

std::int64_t LimitCounter::affordable(const kube::Resources& capacity, std::int64_t wanted) const {
  std::int64_t count = wanted;
  for (const Left& left : left_) {
    if (left.amount < 0) return 0;
    const std::int64_t each = left.of(capacity);
    if (each > 0) count = std::min(count, left.amount / each);
  }
  return count;
}

void LimitCounter::take(const kube::Resources& capacity, std::int64_t count) {
  for (Left& left : left_) left.amount -= left.of(capacity) * count;
}

std::int64_t LimitCounter::left(std::string_view resource) const {
  for (const Left& left : left_) {
    if (left.resource == resource) return left.amount;
  }
  return std::numeric_limits<std::int64_t>::max();
}

}  // namespace hyperwright::scheduling
