// How the loop's own effects, and the answers to them, are folded into the picture.
#include <algorithm>

#include "kube/well_known.h"
#include "state/cluster_state.h"

namespace hyperwright::state {
namespace {

// An effect of unknown outcome shows itself by the watch, if it took effect, well within this.
constexpr Duration kUncertainFor = Duration::seconds(30);

Duration back_off_of(Outcome outcome, std::int32_t failures) {
  // Doubles from a first wait up to a longest one: a conflict is over as soon as the newer version is
  // here; an eviction waits for other pods to become ready; what was rejected is likely to be again.
  Duration first = Duration::seconds(1);
  Duration longest = Duration::seconds(30);
  if (outcome == Outcome::Rejected || outcome == Outcome::LimitExceeded) {
    first = Duration::seconds(10);
    longest = Duration::minutes(10);
  } else if (outcome == Outcome::Blocked) {
    longest = Duration::seconds(10);
  }
  const std::int32_t doublings = std::min(failures, 12);
  return std::min(first * (std::int64_t{1} << doublings), longest);
}

std::uint64_t version_of(const Action& action) {
  if (const auto* patch = std::get_if<PatchNodeClaim>(&action)) return patch->resource_version;
  if (const auto* patch = std::get_if<PatchNode>(&action)) return patch->resource_version;
  if (const auto* update = std::get_if<UpdateNodeClaimStatus>(&action)) return update->claim.meta.resource_version;
  if (const auto* update = std::get_if<UpdateNodePoolStatus>(&action)) return update->pool.meta.resource_version;
  if (const auto* update = std::get_if<UpdateNodeClassStatus>(&action)) return update->node_class.meta.resource_version;
  return 0;
}

}  // namespace

void ClusterState::fold(const Event& event, Time now) {
  if (const auto* changed = std::get_if<Changed>(&event)) return fold_changed(changed->object, now);
  if (const auto* gone = std::get_if<Gone>(&event)) return fold_gone(*gone, now);
  if (const auto* answered = std::get_if<Answered>(&event)) return fold_answered(*answered, now);
  const bool was_synced = is_synced();
  synced_[static_cast<std::size_t>(std::get<Synced>(event).kind)] = true;
  if (!was_synced && is_synced()) mark_everything(now);
}

void ClusterState::mark_everything(Time now) {
  for (const auto& [name, record] : nodes_) mark(Key::Of::Node, name);
  for (const auto& [name, record] : claims_) mark(Key::Of::NodeClaim, name);
  for (const auto& [name, pool] : pools_) mark(Key::Of::NodePool, name);
  for (const auto& [name, node_class] : classes_) mark(Key::Of::NodeClass, name);
  for (const auto& [batch, claims] : claims_by_batch_) mark(Key::Of::Launch, batch);
  mark(Key::Of::HyperPod);
  solver_inputs_changed(now);
}

void ClusterState::fold_time(Time now) {
  bool something_ended = std::erase_if(unavailable_, [&](const auto& entry) { return entry.second <= now; }) > 0;
  for (const auto& [group, record] : back_offs_) {
    if (record.until <= now && record.until > inputs_changed_at_) something_ended = true;
  }
  if (something_ended) solver_inputs_changed(now);
  expire_nominations(now);
  while (!uncertain_claims_.empty() && uncertain_claims_.begin()->first <= now) {
    const std::string name = uncertain_claims_.begin()->second;
    uncertain_claims_.erase(uncertain_claims_.begin());
    if (const ClaimRecord* claim = find_claim(name); claim != nullptr && claim->is_being_created) erase_claim(name, now);
  }
}

void ClusterState::fold_emitted(const Effect& effect, Time now) {
  const Action& action = effect.action;
  if (const auto* event = std::get_if<RecordEvent>(&action)) remember_recorded(*event, now);
  if (is_answered(action)) {
    pending_[effect.id] = Pending{effect.id, now, action, effect.reason};
    for (const Target& target : targets_of(action)) pending_targets_[target] = effect.id;
    remember_emitted(action, now);
  }
  if (const auto* create = std::get_if<CreateNodeClaim>(&action)) {
    ClaimRecord& record = claims_[create->claim.meta.name];
    record.claim = create->claim;
    record.is_being_created = true;
    if (auto launch = decode_launch(create->claim.meta.annotations.get(kube::kLaunch))) {
      record.launch = std::move(*launch);
      claims_by_batch_[record.launch->call.batch].insert(create->claim.meta.name);
    }
    for (const std::string& uid : create->pods) nominate(uid, {.node = {}, .claim = create->claim.meta.name, .at = now});
    mark(Key::Of::NodePool, create->claim.node_pool());
    return solver_inputs_changed(now);
  }
  if (const auto* nominated = std::get_if<NominatePods>(&action)) {
    for (const std::string& uid : nominated->pods) nominate(uid, {.node = nominated->claim.empty() ? nominated->node : std::string{}, .claim = nominated->claim, .at = now});
    return;
  }
  if (const auto* verdict = std::get_if<MarkUnschedulable>(&action)) {
    for (const std::string& uid : verdict->pods) {
      const kube::ObjectKey* const* key = pods_by_uid_.find(uid);
      if (key == nullptr) continue;
      PodRecord& record = pods_.at(**key);
      record.verdict_version = verdict->inputs_version;
      record.verdict = verdict->verdict;
      record.verdict_at = now;
    }
    return;
  }
  if (const auto* unavailable = std::get_if<MarkUnavailable>(&action)) {
    Time& until = unavailable_[unavailable->offering];
    until = std::max(until, unavailable->until);
    return solver_inputs_changed(now);
  }
  if (const auto* back_off = std::get_if<BackOff>(&action)) {
    BackOffRecord& record = back_offs_[back_off->group];
    record.until = back_off->until;
    record.why = back_off->why;
    ++record.streak;
    return solver_inputs_changed(now);
  }
  if (std::holds_alternative<ListClusterNodes>(action) && std::get<ListClusterNodes>(action).next_token.empty()) {
    hyperpod_.begin_list(now);
  }
  if (const auto* deletion = std::get_if<BatchDeleteClusterNodes>(&action)) {
    for (const std::string& id : deletion->logical_ids) deletions_.try_emplace(id);
  }
}

void ClusterState::remember_emitted(const Action& action, Time now) {
  for (const Target& target : targets_of(action)) {
    if (target.of == Target::Of::NodePool) last_emitted_[target] = now;
    if (target.of == Target::Of::Reading) last_emitted_[{target.of, std::string(name_of(action))}] = now;
  }
  std::string_view launch;
  if (const auto* create = std::get_if<CreateNodeClaim>(&action)) launch = create->claim.meta.annotations.get(kube::kLaunch);
  if (const auto* patch = std::get_if<PatchNodeClaim>(&action)) launch = patch->set_annotations.get(kube::kLaunch);
  if (!launch.empty()) {
    if (const auto decoded = decode_launch(launch)) uncalled_batches_.insert(decoded->call.batch);
  }
  if (const auto* call = std::get_if<BatchAddClusterNodes>(&action)) uncalled_batches_.erase(call->client_token);
}

void ClusterState::fold_refused(const Effect& effect, Time now) {
  for (const Target& target : targets_of(effect.action)) wait(target, Outcome::Rejected, 0, now);
}

void ClusterState::wait(const Target& target, Outcome outcome, std::uint64_t version, Time now) {
  Wait& record = waits_[target];
  record.until = now + back_off_of(outcome, record.failures);
  record.newer_than = outcome == Outcome::Conflict ? version : 0;
  ++record.failures;
}

void ClusterState::mark_target(const Target& target) {
  switch (target.of) {
    case Target::Of::Pod:
      if (const auto slash = target.name.find('/'); slash != std::string::npos) {
        const auto it = pods_.find({target.name.substr(0, slash), target.name.substr(slash + 1)});
        if (it != pods_.end()) mark(Key::Of::Node, it->second.pod.node_name);
      }
      return;
    case Target::Of::Node:
      mark(Key::Of::Node, target.name);
      if (const NodeRecord* node = find_node(target.name); node != nullptr && !node->claim.empty()) mark(Key::Of::NodeClaim, node->claim);
      return;
    case Target::Of::NodePool:
      return mark(Key::Of::NodePool, target.name);
    case Target::Of::NodeClaim:
      mark(Key::Of::NodeClaim, target.name);
      if (const ClaimRecord* claim = find_claim(target.name)) {
        if (claim->launch) mark(Key::Of::Launch, claim->launch->call.batch);
        if (!claim->node_name.empty()) mark(Key::Of::Node, claim->node_name);
      }
      return;
    case Target::Of::NodeClass:
      return mark(Key::Of::NodeClass, target.name);
    case Target::Of::Launch:
      return mark(Key::Of::Launch, target.name);
    case Target::Of::Instance:
      if (const auto it = claims_by_logical_id_.find(target.name); it != claims_by_logical_id_.end()) mark(Key::Of::NodeClaim, it->second);
      return mark(Key::Of::HyperPod);
    case Target::Of::Reading:
      return mark(Key::Of::HyperPod);
    case Target::Of::Nothing:
      return;
  }
}

void ClusterState::fold_answered(const Answered& answered, Time now) {
  const auto it = pending_.find(answered.effect);
  if (it == pending_.end()) return;  // an answer to an effect of an earlier life
  const Action action = std::move(it->second.action);
  pending_.erase(it);
  for (const Target& target : targets_of(action)) {
    pending_targets_.erase(target);
    const bool is_fine = answered.outcome == Outcome::Done || answered.outcome == Outcome::AlreadyExists;
    if (is_fine && target.of == Target::Of::Pod) {
      // The pod goes now; the watch says so in a moment.
      waits_[target] = Wait{.until = now + Duration::seconds(2)};
    } else if (is_fine) {
      waits_.erase(target);
    } else {
      wait(target, answered.outcome, version_of(action), now);
    }
    mark_target(target);
  }
  fold_payload(action, answered, now);
}

void ClusterState::fold_payload(const Action& action, const Answered& answered, Time now) {
  // Read your own writes: the object that came back is the newest version of it.
  if (const auto* object = std::get_if<Object>(&answered.payload)) fold_changed(*object, now);

  if (const auto* create = std::get_if<CreateNodeClaim>(&action)) {
    const ClaimRecord* record = find_claim(create->claim.meta.name);
    if (record == nullptr || !record->is_being_created) return;
    if (answered.outcome == Outcome::Unknown || answered.outcome == Outcome::AlreadyExists) {
      uncertain_claims_.emplace(now + kUncertainFor, create->claim.meta.name);
    } else if (answered.outcome != Outcome::Done) {
      erase_claim(create->claim.meta.name, now);
    }
    return;
  }
  if (const auto* launch = std::get_if<BatchAddClusterNodes>(&action)) {
    LaunchAnswer& answer = launch_answers_[launch->client_token];
    answer.outcome = answered.outcome;
    answer.message = answered.message;
    answer.at = now;
    if (const auto* result = std::get_if<hyperpod::AddResult>(&answered.payload)) answer.result = *result;
    return mark(Key::Of::HyperPod);
  }
  if (const auto* deletion = std::get_if<BatchDeleteClusterNodes>(&action)) return fold_deletion(*deletion, answered, now);
  if (std::holds_alternative<DescribeCluster>(action)) {
    if (const auto* cluster = std::get_if<hyperpod::Cluster>(&answered.payload)) {
      const bool was_synced = is_synced();
      const bool changed = !hyperpod_.cluster() || *hyperpod_.cluster() != *cluster;
      hyperpod_.fold_cluster(*cluster, now);
      if (changed) match_nodes();
      if (!was_synced && is_synced()) return mark_everything(now);
      if (!changed) return;
      for (const auto& [name, node_class] : classes_) mark(Key::Of::NodeClass, name);
      return solver_inputs_changed(now);
    }
    return hyperpod_.fold_cluster_problem(answered.message, now);
  }
  if (std::holds_alternative<DescribeSubnets>(action)) {
    if (const auto* subnets = std::get_if<std::vector<hyperpod::Subnet>>(&answered.payload)) {
      hyperpod_.fold_subnets(*subnets);
    } else {
      hyperpod_.fold_subnets_problem(answered.message);
    }
    for (const auto& [name, node_class] : classes_) mark(Key::Of::NodeClass, name);
    return solver_inputs_changed(now);
  }
  if (std::holds_alternative<ListClusterNodes>(action)) {
    if (const auto* page = std::get_if<hyperpod::Page<hyperpod::Node>>(&answered.payload)) {
      return fold_changed_instances(hyperpod_.fold_nodes(*page, now));
    }
    return hyperpod_.abandon_list(now);
  }
  if (std::holds_alternative<DescribeClusterNode>(action)) {
    if (const auto* node = std::get_if<hyperpod::Node>(&answered.payload)) fold_changed_instances(hyperpod_.fold_node(*node, now));
    return;
  }
  if (const auto* list = std::get_if<ListClusterEvents>(&action)) {
    if (const auto* page = std::get_if<hyperpod::Page<hyperpod::ClusterEvent>>(&answered.payload)) {
      hyperpod_.fold_events(*page, list->after, now);
    }
    return;
  }
  if (const auto* description = std::get_if<DescribeClusterEvent>(&action)) {
    const auto* event = std::get_if<hyperpod::ClusterEvent>(&answered.payload);
    if (event == nullptr) {
      if (answered.outcome == Outcome::NotFound || answered.outcome == Outcome::Rejected) hyperpod_.forget_event(description->event_id);
      return;
    }
    const auto claim = claims_by_logical_id_.find(hyperpod_.fold_event(*event));
    if (claim != claims_by_logical_id_.end()) mark(Key::Of::NodeClaim, claim->second);
  }
}

void ClusterState::fold_changed_instances(const std::vector<std::string>& logical_ids) {
  for (auto& [logical_id, deletion] : deletions_) {
    const bool is_listed = hyperpod_.find_node(logical_id) != nullptr;
    if (deletion.is_gone || is_listed || deletion.accepted_at.is_zero() || hyperpod_.nodes_listed_at() <= deletion.accepted_at) continue;
    deletion.is_gone = true;
    mark_target({Target::Of::Instance, logical_id});
  }
  for (const std::string& logical_id : logical_ids) mark_target({Target::Of::Instance, logical_id});
  if (!logical_ids.empty()) match_nodes();
}

void ClusterState::fold_deletion(const BatchDeleteClusterNodes& call, const Answered& answered, Time now) {
  const auto* result = std::get_if<hyperpod::DeleteResult>(&answered.payload);
  if (result == nullptr) {
    for (const std::string& id : call.logical_ids) deletions_[id].problem = answered.message;
    return;
  }
  for (const std::string& id : result->successful) {
    Deletion& deletion = deletions_[id];
    deletion.accepted_at = now;
    deletion.problem.clear();
  }
  for (const hyperpod::DeleteFailure& failure : result->failed) {
    Deletion& deletion = deletions_[failure.id];
    if (failure.code == "NodeIdNotFound") {
      deletion.is_gone = true;
      deletion.problem.clear();
      hyperpod_.erase_node(failure.id);
    } else {
      deletion.problem = failure.code + ": " + failure.message;
      wait({Target::Of::Instance, failure.id}, Outcome::Retry, 0, now);
    }
  }
}

}  // namespace hyperwright::state
