// Keeps the index of claims (claim_index.h) and what else is found by something other than its
// name.
#include "kube/well_known.h"
#include "state/cluster_state.h"

namespace hyperwright::state {
namespace {

namespace condition = kube::node_claim_condition;

const kube::Taint kDisrupted{.key = std::string(kube::kTaintDisrupted),
                             .value = {},
                             .effect = kube::TaintEffect::NoSchedule};

// The batch that the effect stamps its claim with; "": none.
std::string batch_stamped_by(const Action& action) {
  const auto* patch = std::get_if<PatchNodeClaim>(&action);
  if (patch == nullptr) return {};
  const std::string_view text = patch->set_annotations.get(kube::kLaunch);
  if (text.empty()) return {};
  const auto launch = decode_launch(text);
  return launch ? launch->call.batch : std::string{};
}

}  // namespace

ClaimIndex::Place ClusterState::place_of(const ClaimRecord& record) const {
  using Of = ClaimIndex::Of;
  const kube::NodeClaim& claim = record.claim;
  const bool is_deleting = record.is_deleting();
  const bool has_id = !record.logical_id.empty();
  const bool is_initialized = kube::is_true(claim.conditions, condition::kInitialized);
  ClaimIndex::Place place;
  place.add(Of::Open, is_deleting || !is_initialized || !has_id);
  if (is_deleting && has_id) {
    const Deletion* deletion = find_deletion(record.logical_id);
    place.add(Of::Unwithdrawn,
              deletion == nullptr || (deletion->accepted_at.is_zero() && !deletion->is_gone));
  }
  place.add(Of::Unlisted, has_id && hyperpod_.find_node(record.logical_id) == nullptr);
  if (!is_deleting) {
    const NodeRecord* node = find_node(record.node_name);
    const bool is_marked = kube::is_true(claim.conditions, condition::kDisruptionReason) ||
                           (node != nullptr && kube::contains_taint(node->node.taints, kDisrupted));
    place.add(Of::Marked, is_marked);
    place.add(Of::Idle, is_initialized && node != nullptr && !is_marked &&
                            !record.is_being_created &&
                            usage(record.node_name).reschedulable == 0 &&
                            pending_on({Target::Of::NodeClaim, claim.meta.name}) == nullptr);
  }
  place.add(Of::OtherHash,
            claim.meta.annotations.get(kube::kNodePoolHashVersion) != kube::kTemplateHashVersion);
  const kube::Condition* registered =
      kube::find_condition(claim.conditions, condition::kRegistered);
  if (registered != nullptr && registered->status == kube::ConditionStatus::True)
    place.registered = registered->last_transition_time;
  return place;
}

void ClusterState::index_claim(std::string_view name) {
  const auto it = claims_.find(name);
  if (it != claims_.end()) claim_index_.put(it->first, it->second.place, place_of(it->second));
}

// The claim whose Node this is.
void ClusterState::index_claim_of_node(std::string_view node) {
  const NodeRecord* record = find_node(node);
  if (record != nullptr && !record->claim.empty()) index_claim(record->claim);
}

void ClusterState::index_instance(const std::string& logical_id) {
  const auto claim = claims_by_logical_id_.find(logical_id);
  const bool is_owned = claim != claims_by_logical_id_.end();
  claim_index_.put_unowned(logical_id, !is_owned && hyperpod_.find_node(logical_id) != nullptr);
  if (is_owned) index_claim(claim->second);
}

void ClusterState::index_orphan(const NodeRecord& record) {
  const kube::ObjectMeta& meta = record.node.meta;
  claim_index_.put_orphan(
      meta.name, record.claim.empty() && !meta.annotations.get(kube::kNodeClaimUid).empty());
}

void ClusterState::index_everything() {
  claim_index_ = {};
  for (auto& [name, record] : claims_) {
    record.place = {};
    index_claim(name);
  }
  for (const auto& [logical_id, record] : hyperpod_.nodes()) index_instance(logical_id);
  for (const auto& [name, record] : nodes_) index_orphan(record);
  seen_capacity_.clear();
  for (const auto& [name, node_class] : classes_)
    seen_capacity_[name] = SeenCapacity::of(node_class);
  unplaced_pods_.clear();
  for (const kube::ObjectKey& key : pending_pods_) index_unplaced(pods_.at(key));
  stamps_under_way_.clear();
  for (const auto& [id, effect] : pending_) note_stamp(effect.action, +1);
}

// Pods that wait, and are planned nowhere.
void ClusterState::index_unplaced(const PodRecord& record) {
  const kube::ObjectKey key{record.pod.meta.namespace_, record.pod.meta.name};
  if (!record.nomination && pending_pods_.contains(key)) {
    unplaced_pods_.emplace(key, &record);
  } else {
    unplaced_pods_.erase(key);
  }
}

void ClusterState::note_stamp(const Action& action, int change) {
  const std::string batch = batch_stamped_by(action);
  if (batch.empty()) return;
  const auto it = stamps_under_way_.try_emplace(batch, 0).first;
  it->second += change;
  if (it->second <= 0) stamps_under_way_.erase(it);
}

const Pending* ClusterState::pending_on(const Target& target) const {
  const auto it = pending_targets_.find(target);
  if (it == pending_targets_.end()) return nullptr;
  const auto pending = pending_.find(it->second);
  return pending == pending_.end() ? nullptr : &pending->second;
}

std::vector<const NodeRecord*> ClusterState::nodes_in(const NodeIndex& index,
                                                      std::string_view key) const {
  std::vector<const NodeRecord*> nodes;
  for (auto it = index.lower_bound({std::string(key), {}}); it != index.end() && it->first == key;
       ++it)
    nodes.push_back(&nodes_.at(it->second));
  return nodes;
}

std::vector<const NodeRecord*> ClusterState::nodes_of_claim(std::string_view claim) const {
  return nodes_in(nodes_by_claim_, claim);
}

std::vector<const NodeRecord*> ClusterState::nodes_of_instance(std::string_view instance_id) const {
  return nodes_in(nodes_by_instance_, instance_id);
}

}  // namespace hyperwright::state
