#include "state/open_launches.h"

#include <algorithm>

#include "kube/condition.h"
#include "kube/well_known.h"

namespace hyperwright::state {

bool is_launch_open(const ClusterState& state, const ClaimRecord& claim) {
  if (claim.logical_id.empty()) return claim.launch.has_value();
  if (claim.is_deleting()) return false;
  const HyperPodView::NodeRecord* node = state.hyperpod().find_node(claim.logical_id);
  const bool runs = node != nullptr && !node->node.instance_id.empty() &&
                    node->node.status == hyperpod::InstanceStatus::Running;
  return !runs && !kube::is_true(claim.claim.conditions, kube::node_claim_condition::kInitialized);
}

std::map<std::string, Time, std::less<>> open_launches(const ClusterState& state) {
  std::map<std::string, Time, std::less<>> oldest;
  for (const std::string& name : state.claim_index().of(ClaimIndex::Of::Open)) {
    const ClaimRecord& claim = *state.find_claim(name);
    if (claim.is_being_created || !is_launch_open(state, claim)) continue;
    const std::string group = claim.launch
                                  ? claim.launch->offering().group
                                  : std::string(claim.claim.meta.labels.get(kube::kInstanceGroup));
    const Time since = claim.claim.meta.creation_time - kClocksApart;
    Time& time = oldest.try_emplace(group, since).first->second;
    time = std::min(time, since);
  }
  return oldest;
}

}  // namespace hyperwright::state
