#include "controllers/going_pods.h"

#include "disruption/pod_budgets.h"

namespace hyperwright::controllers {
namespace {

// A place made for a pod that is never evicted would stay empty.
bool may_move(const state::ClusterState& state, const kube::Pod& pod, Time now) {
  return kube::is_reschedulable(pod) && !kube::is_do_not_disrupt_active(pod, now) &&
         !disruption::is_never_evicted(state, pod, now);
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
