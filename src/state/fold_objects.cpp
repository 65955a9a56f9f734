// How nodes, claims, pools and classes are folded into the picture, and what each change marks.
// Pods are in fold_pods.cpp, the kinds that are only read in fold_kinds.cpp.
#include <algorithm>
#include <utility>

#include "kube/well_known.h"
#include "state/cluster_state.h"
#include "state/echo.h"

namespace hyperwright::state {
namespace {

bool is_initialized(const kube::NodeClaim& claim) {
  return kube::is_true(claim.conditions, kube::node_claim_condition::kInitialized);
}

// What the solver reads of a claim that is there already.
bool changes_capacity(const kube::NodeClaim& known, const kube::NodeClaim& came) {
  return known.meta.is_deleting() != came.meta.is_deleting() ||
         known.meta.labels != came.meta.labels || known.allocatable != came.allocatable ||
         is_initialized(known) != is_initialized(came);
}

// `known`: of the same object, before it came again.
Time deleting_since(Time known, const kube::ObjectMeta& meta, Time now) {
  if (!meta.is_deleting()) return {};
  return known.is_zero() ? now : known;
}

}  // namespace

// --- nodes ---

void ClusterState::put(const kube::Node& node, Time now) {
  // A successor of the same name: what was known of the old one goes with it.
  if (const NodeRecord* known = find_node(node.meta.name);
      known != nullptr && known->node.meta.uid != node.meta.uid) {
    erase_node(node.meta.name, now);
  }
  auto [it, is_new] = nodes_.try_emplace(node.meta.name);
  NodeRecord& record = it->second;
  if (!is_new && is_echo(record.node.meta, node.meta)) return;
  const kube::Node& old = record.node;
  const bool matters = is_new || old.meta.labels != node.meta.labels || old.taints != node.taints ||
                       old.allocatable != node.allocatable ||
                       old.unschedulable != node.unschedulable ||
                       old.meta.is_deleting() != node.meta.is_deleting();
  if (is_new) record.first_seen_ready = kube::is_ready(node);
  if (!is_new) unindex_node(record.node);
  record.node = node;
  record.deleting_since = deleting_since(record.deleting_since, node.meta, now);
  index_node(node);
  release({Target::Of::Node, node.meta.name}, node.meta.resource_version);
  match_node(record);
  mark(Key::Of::Node, node.meta.name);
  if (!record.claim.empty()) {
    index_claim(record.claim);
    mark(Key::Of::NodeClaim, record.claim);
  }
  if (matters) solver_inputs_changed(now);
}

void ClusterState::erase_node(const std::string& name, Time now) {
  const auto it = nodes_.find(name);
  if (it == nodes_.end()) return;
  const std::string claim = it->second.claim;
  unindex_node(it->second.node);
  nodes_by_claim_.erase({claim, name});
  nodes_.erase(it);
  claim_index_.put_orphan(name, false);
  waits_.erase({Target::Of::Node, name});
  mark(Key::Of::Node, name);
  if (const auto owner = claims_.find(claim); owner != claims_.end()) {
    mark(Key::Of::NodeClaim, claim);
    if (owner->second.node_name == name) {
      owner->second.node_name.clear();
      for (auto other = nodes_by_claim_.lower_bound({claim, {}});
           other != nodes_by_claim_.end() && other->first == claim; ++other)
        owner->second.node_name = other->second;
      if (!owner->second.node_name.empty()) mark(Key::Of::Node, owner->second.node_name);
    }
    index_claim(claim);
  }
  if (const auto uids = nominated_to_node_.find(name); uids != nominated_to_node_.end()) {
    const std::set<std::string> pods = uids->second;
    for (const std::string& uid : pods) {
      if (const kube::ObjectKey* const* key = pods_by_uid_.find(uid))
        clear_nomination(pods_.at(**key));
    }
  }
  forget_usage(name);
  solver_inputs_changed(now);
}

// --- claims ---

// A name is one object's at a time. Where ours and a foreign claim have the same, the older of the
// two has gone, and a list, or nobody, told of it.
void ClusterState::put_foreign(const kube::NodeClaim& claim, Time now) {
  if (const ClaimRecord* ours = find_claim(claim.meta.name)) {
    if (ours->claim.meta.resource_version > claim.meta.resource_version) return;
    erase_claim(claim.meta.name, now);
  }
  auto [it, is_new] = foreign_claims_.try_emplace(claim.meta.name);
  kube::NodeClaim& known = it->second;
  if (!is_new && known.meta.uid == claim.meta.uid && is_echo(known.meta, claim.meta)) return;
  const bool matters = is_new || known.meta.uid != claim.meta.uid || changes_capacity(known, claim);
  known = claim;
  if (matters) solver_inputs_changed(now);
}

void ClusterState::put(const kube::NodeClaim& claim, Time now) {
  const std::string& name = claim.meta.name;
  if (!claim.spec.node_class_ref.is_hyperpod()) return put_foreign(claim, now);
  if (const auto foreign = foreign_claims_.find(name); foreign != foreign_claims_.end()) {
    if (foreign->second.meta.resource_version > claim.meta.resource_version) return;
    foreign_claims_.erase(foreign);
    solver_inputs_changed(now);
  }
  auto [it, is_new] = claims_.try_emplace(name);
  ClaimRecord& record = it->second;
  const bool is_other =
      is_new || record.is_being_created || record.claim.meta.uid != claim.meta.uid;
  if (!is_other && is_echo(record.claim.meta, claim.meta)) return;
  if (!is_new && !record.claim.meta.uid.empty() && is_other) {
    // A successor of the same name: what was known of the old one goes with it.
    erase_claim(name, now);
    return put(claim, now);
  }
  // A claim counts from the moment that its creation is emitted: that it is there now changes
  // nothing for the solver.
  const bool matters =
      (is_other && !record.is_being_created) || changes_capacity(record.claim, claim);
  const std::string_view old_launch = record.claim.meta.annotations.get(kube::kLaunch);
  const std::string_view launch = claim.meta.annotations.get(kube::kLaunch);
  if (is_new || old_launch != launch || (!record.launch && record.launch_problem.empty())) {
    if (record.launch) forget_batch(record.launch->call.batch, name);
    record.launch.reset();
    record.launch_problem.clear();
    if (launch.empty()) {
      record.launch_problem = "it has no annotation hyperwright.dev/launch";
    } else if (auto decoded = decode_launch(launch)) {
      record.launch = std::move(*decoded);
      claims_by_batch_[record.launch->call.batch].insert(name);
    } else {
      record.launch_problem = decoded.error().text();
    }
  }
  record.claim = claim;
  record.is_being_created = false;
  record.deleting_since = deleting_since(record.deleting_since, claim.meta, now);
  if (claim.meta.is_deleting()) deleting_claims_.insert(name);
  release({Target::Of::NodeClaim, name}, claim.meta.resource_version);
  const bool is_uid_new = claims_by_uid_.insert_or_assign(claim.meta.uid, name).second;
  const std::string logical_id(claim.meta.annotations.get(kube::kNodeLogicalId));
  if (record.logical_id != logical_id) {
    const std::string old_id = std::exchange(record.logical_id, logical_id);
    if (!old_id.empty()) claims_by_logical_id_.erase(old_id);
    if (!logical_id.empty()) claims_by_logical_id_[logical_id] = name;
    orphaned_instances_.erase(logical_id);
    for (const std::string& id : {old_id, logical_id}) {
      if (!id.empty()) index_instance(id);
    }
    match_nodes_of({}, logical_id);
    mark(Key::Of::HyperPod);
  }
  if (is_new) mark(Key::Of::HyperPod);
  if (is_uid_new) match_nodes_of(claim.meta.uid, {});
  for (const PodRecord* nominated : nominated_to_claim(name)) {
    PodRecord& pod = pods_.at({nominated->pod.meta.namespace_, nominated->pod.meta.name});
    if (claim.meta.is_deleting()) {
      clear_nomination(pod);
    } else if (is_initialized(claim) && pod.nomination->ends == Time::max()) {
      end_nomination(pod, now);
    }
  }
  index_claim(name);
  mark(Key::Of::NodeClaim, name);
  mark(Key::Of::NodePool, claim.node_pool());
  if (record.launch) mark(Key::Of::Launch, record.launch->call.batch);
  if (!record.node_name.empty()) mark(Key::Of::Node, record.node_name);
  if (matters) solver_inputs_changed(now);
}

void ClusterState::forget_batch(const std::string& batch, const std::string& claim) {
  mark(Key::Of::Launch, batch);
  const auto it = claims_by_batch_.find(batch);
  if (it == claims_by_batch_.end()) return;
  it->second.erase(claim);
  if (!it->second.empty()) return;
  claims_by_batch_.erase(it);
  forget_answer(batch);
}

// Ids of the answer that no claim has are ours by its token.
void ClusterState::forget_answer(const std::string& batch) {
  if (const auto answer = launch_answers_.find(batch); answer != launch_answers_.end()) {
    for (const hyperpod::NodeAddition& addition : answer->second.result.successful) {
      if (find_claim_by_logical_id(addition.logical_id) != nullptr) continue;
      if (addition.status != hyperpod::InstanceStatus::NotFound) keep_orphan(addition.logical_id);
      if (!orphaned_instances_.contains(addition.logical_id)) deletions_.erase(addition.logical_id);
    }
    launch_answers_.erase(answer);
  }
  uncalled_batches_.erase(batch);
}

// The claim was the only word of it, and went before HyperPod was known to have ended the instance.
void ClusterState::keep_orphan(const std::string& logical_id) {
  const Deletion* deletion = find_deletion(logical_id);
  if (deletion != nullptr && deletion->is_gone) return;
  orphaned_instances_.insert(logical_id);
  mark(Key::Of::HyperPod);
}

void ClusterState::erase_claim(const std::string& name, Time now) {
  const auto it = claims_.find(name);
  if (it == claims_.end()) return;
  for (const PodRecord* pod : nominated_to_claim(name))
    clear_nomination(pods_.at({pod->pod.meta.namespace_, pod->pod.meta.name}));
  ClaimRecord& record = it->second;
  claim_index_.put(name, record.place, {});
  if (!record.logical_id.empty()) {
    claims_by_logical_id_.erase(record.logical_id);
    keep_orphan(record.logical_id);
  }
  if (record.launch) forget_batch(record.launch->call.batch, name);
  // While others of its batch are there, the answer names the id: it must not look unclaimed.
  const bool is_answered = record.launch && launch_answers_.contains(record.launch->call.batch);
  if (!is_answered && !orphaned_instances_.contains(record.logical_id))
    deletions_.erase(record.logical_id);
  if (!record.logical_id.empty()) index_instance(record.logical_id);
  claims_by_uid_.erase(record.claim.meta.uid);
  mark(Key::Of::NodeClaim, name);
  mark(Key::Of::NodePool, record.claim.node_pool());
  mark(Key::Of::HyperPod);
  for (auto node = nodes_by_claim_.lower_bound({name, {}});
       node != nodes_by_claim_.end() && node->first == name; node = nodes_by_claim_.erase(node)) {
    NodeRecord& orphan = nodes_.at(node->second);
    orphan.claim.clear();
    index_orphan(orphan);
    mark(Key::Of::Node, node->second);
  }
  claims_.erase(it);
  deleting_claims_.erase(name);
  waits_.erase({Target::Of::NodeClaim, name});
  solver_inputs_changed(now);
}

// --- the others ---

void ClusterState::put(const kube::NodePool& pool, Time now) {
  if (!pool.template_spec.node_class_ref.is_hyperpod()) return;
  auto [it, is_new] = pools_.try_emplace(pool.meta.name);
  kube::NodePool& known = it->second;
  const bool is_other = is_new || known.meta.uid != pool.meta.uid;
  if (!is_other && is_echo(known.meta, pool.meta)) return;
  const auto ready = [](const kube::NodePool& p) {
    return kube::is_true(p.conditions, kube::node_pool_condition::kReady);
  };
  const bool spec_changed = is_other || known.meta.generation != pool.meta.generation ||
                            known.meta.is_deleting() != pool.meta.is_deleting();
  const bool matters = spec_changed || ready(known) != ready(pool);
  if (known.conditions != pool.conditions) ++offerings_version_;  // verdicts quote them
  known = pool;
  release({Target::Of::NodePool, pool.meta.name}, pool.meta.resource_version);
  mark(Key::Of::NodePool, pool.meta.name);
  if (spec_changed) {
    creation_failures_.erase(pool.meta.name);  // it may be mended
    for (const auto& [name, claim] : claims_) {
      if (claim.claim.node_pool() != pool.meta.name) continue;
      mark(Key::Of::NodeClaim, name);
      if (!claim.node_name.empty()) mark(Key::Of::Node, claim.node_name);
    }
  }
  if (matters) offerings_changed(now);
}

void ClusterState::put(const kube::HyperpodNodeClass& node_class, Time now) {
  auto [it, is_new] = classes_.try_emplace(node_class.meta.name);
  kube::HyperpodNodeClass& known = it->second;
  const bool is_other = is_new || known.meta.uid != node_class.meta.uid;
  if (!is_other && is_echo(known.meta, node_class.meta)) return;
  const bool matters = is_other || known.instance_groups != node_class.instance_groups ||
                       known.meta.annotations != node_class.meta.annotations ||
                       known.conditions != node_class.conditions ||
                       known.meta.is_deleting() != node_class.meta.is_deleting();
  known = node_class;
  seen_capacity_[known.meta.name] = SeenCapacity::of(known);
  release({Target::Of::NodeClass, node_class.meta.name}, node_class.meta.resource_version);
  mark(Key::Of::NodeClass, node_class.meta.name);
  for (const auto& [name, pool] : pools_) {
    if (pool.template_spec.node_class_ref.name == node_class.meta.name)
      mark(Key::Of::NodePool, name);
  }
  if (matters) expectations_changed(now);
}

}  // namespace hyperwright::state
