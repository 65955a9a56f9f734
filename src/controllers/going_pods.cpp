#include "controllers/going_pods.h"

#include <algorithm>

namespace hyperwright::controllers {
namespace {

// No eviction of it will be allowed: a place made for it would stay empty.
bool may_move(const state::ClusterState& state, const kube::Pod& pod, Time now) {
  if (!kube::is_reschedulable(pod) || kube::is_do_not_disrupt_active(pod, now)) return false;
  return std::ranges::none_of(state.objects<kube::PodDisruptionBudget>(), [&](const auto& entry) {
    return kube::is_fully_blocking(entry.second) && kube::covers(entry.second, pod);
  });
}

}  // namespace

std::vector<const state::PodRecord*> going_pods(const state::ClusterState& state,
                                                const state::ClaimRecord& claim, Time now) {
  std::vector<const state::PodRecord*> pods;
  if (claim.node_name.empty() || !claim.is_deleting()) return pods;
  for (const state::PodRecord* pod : state.usage(claim.node_name).pods) {
    if (may_move(state, pod->pod, now)) pods.push_back(pod);
  }
  return pods;
}

}  // namespace hyperwright::controllers
