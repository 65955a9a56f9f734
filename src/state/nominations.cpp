// Nominations: where pods are planned to go. A place on a claim that is coming is kept until its
// node has been there for a while; a place on a node that is there, for a while.
#include "state/attached_volumes.h"
#include "state/cluster_state.h"

namespace hyperwright::state {
namespace {

// Twice Karpenter's batch maximum: how long a nomination to a node that is ready may wait for the
// binding.
constexpr Duration kNominationLasts = Duration::seconds(20);

}  // namespace

void ClusterState::clear_nomination(PodRecord& record) {
  if (!record.nomination) return;
  auto& index = record.nomination->claim.empty() ? nominated_to_node_ : nominated_to_claim_;
  const std::string& place =
      record.nomination->claim.empty() ? record.nomination->node : record.nomination->claim;
  if (const auto it = index.find(place); it != index.end()) {
    it->second.erase(record.pod.meta.uid);
    if (it->second.empty()) index.erase(it);
  }
  if (!record.nomination->claim.empty()) mark(Key::Of::NodeClaim, record.nomination->claim);
  if (!record.nomination->node.empty()) mark(Key::Of::Node, record.nomination->node);
  record.nomination.reset();
  index_unplaced(record);
  mark(Key::Of::PendingPods);
}

void ClusterState::nominate(std::string_view uid, Nomination nomination) {
  const kube::ObjectKey* const* key = pods_by_uid_.find(uid);
  if (key == nullptr) return;
  PodRecord& record = pods_.at(**key);
  clear_nomination(record);
  const bool is_to_node = nomination.claim.empty();
  (is_to_node ? nominated_to_node_[nomination.node] : nominated_to_claim_[nomination.claim])
      .insert(record.pod.meta.uid);
  change_log_.add(!is_to_node, is_to_node ? nomination.node : nomination.claim);
  const ClaimRecord* claim = is_to_node ? nullptr : find_claim(nomination.claim);
  record.nomination = std::move(nomination);
  index_unplaced(record);
  if (is_to_node || (claim != nullptr && kube::is_true(claim->claim.conditions,
                                                       kube::node_claim_condition::kInitialized)))
    end_nomination(record, record.nomination->at);
}

void ClusterState::end_nomination(PodRecord& record, Time since) {
  record.nomination->ends = since + kNominationLasts;
  nomination_ends_.emplace(record.nomination->ends, record.pod.meta.uid);
}

// The claim's node would hold the pod, and did not take it; or it would not if it were empty: it
// shows less than the plan counted on. A node that is not known is taken as one with room.
bool ClusterState::does_not_suit(const ClaimRecord& claim, const kube::Pod& pod) const {
  const NodeRecord* node = find_node(claim.node_name);
  if (node == nullptr) return true;
  // Others attached what it may; the limit of a node is known only when the node is there.
  if (is_attach_limit_reached(*this, claim.node_name, pod)) return false;
  const kube::Resources& requests = pod.scheduling.requests;
  const NodeUsage& used = usage(claim.node_name);
  return requests.fits(node->node.allocatable - used.requested) ||
         !requests.fits(node->node.allocatable - used.daemon_requested);
}

// The scheduler knows nothing of nominations: of pods that are alike it binds any one to any place.
// The pod whose place was taken gets the place that the other one no longer needs, from now on.
void ClusterState::trade_places(const PodRecord& bound, PodClassId waited_as, Time now) {
  if (!bound.nomination) return;
  const NodeRecord* node = find_node(bound.pod.node_name);
  const std::string claim = node == nullptr ? std::string{} : node->claim;
  if (bound.nomination->node == bound.pod.node_name ||
      (!claim.empty() && bound.nomination->claim == claim))
    return;
  std::vector<const PodRecord*> rivals = nominated_to_node(bound.pod.node_name);
  if (!claim.empty()) {
    const std::vector<const PodRecord*> of_claim = nominated_to_claim(claim);
    rivals.insert(rivals.end(), of_claim.begin(), of_claim.end());
  }
  for (const PodRecord* rival : rivals) {
    if (rival->pod_class != waited_as || rival == &bound) continue;
    const Nomination place = *bound.nomination;
    return nominate(rival->pod.meta.uid, {.node = place.node, .claim = place.claim, .at = now});
  }
}

void ClusterState::expire_nominations(Time now) {
  while (!nomination_ends_.empty() && nomination_ends_.begin()->first <= now) {
    const std::string uid = nomination_ends_.begin()->second;
    nomination_ends_.erase(nomination_ends_.begin());
    const kube::ObjectKey* const* key = pods_by_uid_.find(uid);
    if (key == nullptr) continue;
    PodRecord& record = pods_.at(**key);
    if (!record.nomination || record.nomination->ends > now) continue;  // nominated anew meanwhile
    const ClaimRecord* claim = find_claim(record.nomination->claim);
    if (claim != nullptr && claim->launch && pending_pods_.contains(**key) &&
        does_not_suit(*claim, record.pod)) {
      // The node has been there for a while, and the scheduler did not use it for this pod, for no
      // want of room that others took. A pod that still runs on the node that it leaves was not
      // tried.
      // Claims of its own may be the reason: its like is not blamed.
      const PodClassId whose = record.pod.scheduling.volume_claims.empty()
                                   ? record.pod_class
                                   : pod_classes_.intern_with_claims(record.pod_class, record.pod);
      misfits_.emplace(whose, claim->launch->offering().group, claim->launch->offering().type);
    }
    clear_nomination(record);
    solver_inputs_changed(now);
  }
}

// It was taken after all: the scheduler had only been slow.
void ClusterState::forget_misfit(const PodRecord& record, PodClassId waited_as, Time now) {
  const NodeRecord* node = misfits_.empty() ? nullptr : find_node(record.pod.node_name);
  const ClaimRecord* claim = node == nullptr ? nullptr : find_claim(node->claim);
  if (claim == nullptr || !claim->launch) return;
  const hyperpod::OfferingKey& offering = claim->launch->offering();
  if (!record.pod.scheduling.volume_claims.empty())
    waited_as = pod_classes_.find_with_claims(waited_as, record.pod).value_or(waited_as);
  if (misfits_.erase({waited_as, offering.group, offering.type}) > 0) solver_inputs_changed(now);
}

}  // namespace hyperwright::state
