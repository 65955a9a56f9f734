#include "disruption/consolidatable.h"

#include <algorithm>

#include "kube/condition.h"

namespace hyperwright::disruption {

std::optional<Time> consolidatable_from(const state::ClusterState& state,
                                        const state::ClaimRecord& claim,
                                        const kube::NodePool& pool) {
  const std::optional<Duration>& after = pool.disruption.consolidate_after;
  const kube::Condition* initialized =
      kube::find_condition(claim.claim.conditions, kube::node_claim_condition::kInitialized);
  if (!after || claim.node_name.empty() || initialized == nullptr ||
      initialized->status != kube::ConditionStatus::True) {
    return std::nullopt;
  }
  // What this process saw is exact; the status field survives a restart and is written only every
  // 10 seconds.
  const Time seen = state.usage(claim.node_name).last_pod_event;
  const Time written = claim.claim.last_pod_event_time.value_or(Time{});
  return std::max({initialized->last_transition_time, seen, written}) + *after;
}

}  // namespace hyperwright::disruption
