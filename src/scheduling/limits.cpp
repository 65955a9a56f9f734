#include "scheduling/limits.h"

#include <algorithm>

#include "kube/well_known.h"

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

kube::Resources capacity_of(const state::ClaimRecord& record, const state::ClusterState& state) {
  kube::Resources capacity = record.claim.capacity;
  if (record.launch) {
    if (const auto* type = state.instance_types().find(record.launch->offering().type)) {
      capacity = filled(std::move(capacity), type->capacity());
    }
  }
  const state::NodeRecord* node = state.find_node(record.node_name);
  return node == nullptr ? capacity : filled(node->node.capacity, capacity);
}

}  // namespace

PoolUsage usage_of_pools(const state::ClusterState& state) {
  PoolUsage usage;
  const auto count = [&usage](std::string_view pool, kube::Resources capacity) {
    if (pool.empty()) return;
    capacity.set(kube::Resource::Nodes, 1);
    usage[std::string(pool)] += capacity;
  };
  for (const auto& [name, record] : state.claims())
    count(record.claim.node_pool(), capacity_of(record, state));
  for (const auto& [name, record] : state.nodes()) {
    // A Node whose claim is gone, or was never ours, still stands in the pool that its label names.
    if (record.claim.empty())
      count(record.node.meta.labels.get(kube::kNodePool), record.node.capacity);
  }
  return usage;
}

LimitCounter::LimitCounter(const kube::Limits& limits, const kube::Resources& used)
    : left_(limits.amounts) {
  for (auto& [name, left] : left_) left -= used.get(name);
}

std::int64_t LimitCounter::affordable(const kube::Resources& capacity, std::int64_t wanted) const {
  std::int64_t count = wanted;
  for (const auto& [name, left] : left_) {
    if (left < 0) return 0;
    const std::int64_t each = capacity.get(name);
    if (each > 0) count = std::min(count, left / each);
  }
  return count;
}

void LimitCounter::take(const kube::Resources& capacity, std::int64_t count) {
  for (auto& [name, left] : left_) left -= capacity.get(name) * count;
}

std::optional<std::string> LimitCounter::first_reached(const kube::Resources& capacity) const {
  for (const auto& [name, left] : left_) {
    if (left < 0 || capacity.get(name) > left) return name;
  }
  return std::nullopt;
}

}  // namespace hyperwright::scheduling
