#include "disruption/pod_budgets.h"

namespace hyperwright::disruption {

std::vector<const kube::PodDisruptionBudget*> budgets_asked(const state::ClusterState& state,
                                                            const kube::Pod& pod, Time now) {
  std::vector<const kube::PodDisruptionBudget*> asked;
  if (!kube::is_evictable(pod, now)) return asked;
  for (const auto& [key, budget] : state.objects<kube::PodDisruptionBudget>()) {
    if (kube::covers(budget, pod)) asked.push_back(&budget);
  }
  if (asked.size() == 1 && asked.front()->always_allow_unhealthy && !pod.is_ready) asked.clear();
  return asked;
}

bool is_never_evicted(const state::ClusterState& state, const kube::Pod& pod, Time now) {
  const auto asked = budgets_asked(state, pod, now);
  return asked.size() > 1 || (asked.size() == 1 && kube::is_fully_blocking(*asked.front()));
}

}  // namespace hyperwright::disruption
