// How the loop's own effects, and the answers to them, are folded into the picture.
#include <algorithm>
#include <ranges>

#include "base/text.h"
#include "kube/well_known.h"
#include "state/cluster_state.h"

namespace hyperwright::state {
namespace {

// A claim that may have been created counts, and is asked for again, until an answer or the watch
// shows it; and no longer than this. (A watch may be away for as long as the API server is.)
constexpr Duration kUncertainFor = Duration::hours(8);

// Of an answer that names each field that is wrong.
constexpr std::size_t kWhyBytesMax = 300;

Duration back_off_of(Outcome outcome, std::int32_t failures) {
  // Doubles from a first wait up to a longest one: a conflict is over as soon as the newer version
  // is here; an eviction waits for other pods to become ready; what was rejected is likely to be
  // again.
  Duration first = Duration::seconds(1);
  Duration longest = Duration::seconds(30);
  if (outcome == Outcome::Rejected || outcome == Outcome::Forbidden ||
      outcome == Outcome::LimitExceeded) {
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
  if (const auto* update = std::get_if<UpdateNodeClaimStatus>(&action))
    return update->claim.meta.resource_version;
  if (const auto* update = std::get_if<UpdateNodePoolStatus>(&action))
    return update->pool.meta.resource_version;
  if (const auto* update = std::get_if<UpdateNodeClassStatus>(&action))
    return update->node_class.meta.resource_version;
  if (const auto* update = std::get_if<UpdateNodeOverlayStatus>(&action))
    return update->overlay.meta.resource_version;
  if (const auto* update = std::get_if<UpdateCapacityBufferStatus>(&action))
    return update->buffer.meta.resource_version;
  return 0;
}

// Of a target's name: "namespace/name".
kube::ObjectKey key_of(std::string_view target) {
  const std::size_t slash = target.find('/');
  if (slash == std::string_view::npos) return {{}, std::string(target)};
  return {std::string(target.substr(0, slash)), std::string(target.substr(slash + 1))};
}

}  // namespace

void ClusterState::fold(const Event& event, Time now) {
  if (const auto* changed = std::get_if<Changed>(&event)) return fold_changed(changed->object, now);
  if (const auto* gone = std::get_if<Gone>(&event)) return fold_gone(*gone, now);
  if (const auto* answered = std::get_if<Answered>(&event)) return fold_answered(*answered, now);
  if (const auto* priced = std::get_if<Priced>(&event)) return fold_priced(*priced, now);
  const bool was_synced = is_synced();
  synced_[static_cast<std::size_t>(std::get<Synced>(event).kind)] = true;
  if (!was_synced && is_synced()) mark_everything(now);
}

void ClusterState::fold_priced(const Priced& priced, Time now) {
  if (!types_.set_prices(priced.prices)) return;
  mark_node_classes();
  offerings_changed(now);
}

void ClusterState::mark_everything(Time now) {
  for (const auto& [name, record] : nodes_) mark(Key::Of::Node, name);
  for (const auto& [name, record] : claims_) mark(Key::Of::NodeClaim, name);
  for (const auto& [name, pool] : pools_) mark(Key::Of::NodePool, name);
  for (const auto& [name, node_class] : classes_) mark(Key::Of::NodeClass, name);
  for (const auto& [key, buffer] : objects<kube::CapacityBuffer>())
    mark(Key::Of::CapacityBuffer, key.namespace_ + '/' + key.name);
  mark(Key::Of::NodeOverlays);
  for (const auto& [batch, claims] : claims_by_batch_) mark(Key::Of::Launch, batch);
  mark(Key::Of::HyperPod);
  expectations_changed(now);
}

void ClusterState::fold_time(Time now) {
  bool something_ended =
      std::erase_if(unavailable_, [&](const auto& entry) { return entry.second <= now; }) > 0;
  const auto has_ended = [&](const auto& record) {
    return record.until <= now && record.until > inputs_changed_at_;
  };
  something_ended = something_ended ||
                    std::ranges::any_of(back_offs_ | std::views::values, has_ended) ||
                    std::ranges::any_of(creation_failures_ | std::views::values, has_ended);
  if (something_ended) offerings_changed(now);
  expire_nominations(now);
  while (!uncertain_claims_.empty() && uncertain_claims_.begin()->first <= now) {
    const std::string name = uncertain_claims_.begin()->second;
    uncertain_claims_.erase(uncertain_claims_.begin());
    if (const ClaimRecord* claim = find_claim(name); claim != nullptr && claim->is_being_created)
      erase_claim(name, now);
  }
}

void ClusterState::fold_emitted(const Effect& effect, Time now) {
  const Action& action = effect.action;
  if (const auto* event = std::get_if<RecordEvent>(&action)) remember_recorded(*event, now);
  if (is_answered(action)) {
    pending_[effect.id] = Pending{effect.id, now, action, effect.reason};
    note_stamp(action, +1);
    for (const Target& target : targets_of(action)) {
      pending_targets_[target] = effect.id;
      if (target.of == Target::Of::NodeClaim) index_claim(target.name);
    }
    remember_emitted(action, now);
  }
  if (const auto* create = std::get_if<CreateNodeClaim>(&action)) {
    const ClaimRecord* known = find_claim(create->claim.meta.name);
    if (known != nullptr && known->is_being_created) {  // asked for again: nothing is new
      if (known->launch) uncalled_batches_.insert(known->launch->call.batch);
      return;
    }
    ClaimRecord& record = claims_[create->claim.meta.name];
    record.claim = create->claim;
    record.is_being_created = true;
    if (auto launch = decode_launch(create->claim.meta.annotations.get(kube::kLaunch))) {
      record.launch = std::move(*launch);
      claims_by_batch_[record.launch->call.batch].insert(create->claim.meta.name);
      uncalled_batches_.insert(record.launch->call.batch);
    }
    index_claim(create->claim.meta.name);
    change_log_.add(/*is_claim=*/true, create->claim.meta.name);
    for (const std::string& uid : create->pods)
      nominate(uid, {.node = {}, .claim = create->claim.meta.name, .at = now});
    mark(Key::Of::NodePool, create->claim.node_pool());
    mark(Key::Of::HyperPod);
    return solver_inputs_changed(now);
  }
  if (const auto* nominated = std::get_if<NominatePods>(&action)) {
    for (const std::string& uid : nominated->pods)
      nominate(uid, {.node = nominated->claim.empty() ? nominated->node : std::string{},
                     .claim = nominated->claim,
                     .at = now});
    return;
  }
  if (const auto* keep = std::get_if<KeepRoom>(&action)) return keep_room(*keep, now);
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
    return offerings_changed(now);
  }
  if (const auto* back_off = std::get_if<BackOff>(&action)) {
    BackOffRecord& record = back_offs_[back_off->group];
    record.until = back_off->until;
    record.why = back_off->why;
    ++record.streak;
    return offerings_changed(now);
  }
  if (std::holds_alternative<ListClusterNodes>(action) &&
      std::get<ListClusterNodes>(action).next_token.empty()) {
    hyperpod_.begin_list(now);
  }
  if (const auto* deletion = std::get_if<BatchDeleteClusterNodes>(&action)) {
    for (const std::string& id : deletion->logical_ids) deletions_.try_emplace(id);
  }
}

void ClusterState::remember_emitted(const Action& action, Time now) {
  for (const Target& target : targets_of(action)) {
    if (target.of == Target::Of::NodePool) last_emitted_[target] = now;
    if (target.of == Target::Of::Reading)
      last_emitted_[{target.of, std::string(name_of(action))}] = now;
  }
  const auto* patch = std::get_if<PatchNodeClaim>(&action);
  const std::string_view launch =
      patch == nullptr ? std::string_view{} : patch->set_annotations.get(kube::kLaunch);
  if (!launch.empty()) {
    if (const auto decoded = decode_launch(launch)) uncalled_batches_.insert(decoded->call.batch);
  }
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

void ClusterState::release(const Target& target, std::uint64_t version) {
  const auto it = waits_.find(target);
  if (it != waits_.end() && it->second.newer_than != 0 && version > it->second.newer_than)
    waits_.erase(it);
}

std::uint64_t ClusterState::version_of_target(const Target& target) const {
  const auto version = [](const auto* found, const auto& meta) {
    return found == nullptr ? 0 : meta(*found).resource_version;
  };
  const auto own_meta = [](const auto& object) -> const kube::ObjectMeta& { return object.meta; };
  switch (target.of) {
    case Target::Of::Node:
      return version(find_node(target.name),
                     [](const NodeRecord& r) -> const kube::ObjectMeta& { return r.node.meta; });
    case Target::Of::NodeClaim:
      return version(find_claim(target.name),
                     [](const ClaimRecord& r) -> const kube::ObjectMeta& { return r.claim.meta; });
    case Target::Of::NodePool:
      return version(find_node_pool(target.name), own_meta);
    case Target::Of::NodeClass:
      return version(find_node_class(target.name), own_meta);
    case Target::Of::NodeOverlay:
      return version(find<kube::NodeOverlay>({}, target.name), own_meta);
    case Target::Of::CapacityBuffer: {
      const kube::ObjectKey key = key_of(target.name);
      return version(find<kube::CapacityBuffer>(key.namespace_, key.name), own_meta);
    }
    default:
      return 0;
  }
}

void ClusterState::mark_node_classes() {
  for (const auto& [name, node_class] : classes_) mark(Key::Of::NodeClass, name);
}

void ClusterState::mark_target(const Target& target) {
  switch (target.of) {
    case Target::Of::Pod:
      if (const auto it = pods_.find(key_of(target.name)); it != pods_.end())
        mark(Key::Of::Node, it->second.pod.node_name);
      return;
    case Target::Of::Node:
      mark(Key::Of::Node, target.name);
      if (const NodeRecord* node = find_node(target.name); node != nullptr && !node->claim.empty())
        mark(Key::Of::NodeClaim, node->claim);
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
    case Target::Of::NodeOverlay:
      return mark(Key::Of::NodeOverlays);
    case Target::Of::CapacityBuffer:
      return mark(Key::Of::CapacityBuffer, target.name);
    case Target::Of::Launch:
      return mark(Key::Of::Launch, target.name);
    case Target::Of::Instance:
      if (const auto it = claims_by_logical_id_.find(target.name);
          it != claims_by_logical_id_.end()) {
        mark(Key::Of::NodeClaim, it->second);
      } else {
        // A Node whose claim is gone waits for its instance, whose name is gone with it.
        for (const std::string& node : claim_index_.orphan_nodes()) mark(Key::Of::Node, node);
      }
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
  note_stamp(action, -1);
  for (const Target& target : targets_of(action)) {
    pending_targets_.erase(target);
    const bool is_fine =
        answered.outcome == Outcome::Done || answered.outcome == Outcome::AlreadyExists;
    if (!is_fine) {
      wait(target, answered.outcome, version_of(action), now);
      release(target, version_of_target(target));
    } else if (target.of == Target::Of::Pod) {
      // The pod goes now; the watch says so in a moment.
      waits_[target] = Wait{.until = now + Duration::seconds(2)};
    } else if (target.of != Target::Of::Instance) {  // the answer says it of each instance apart
      waits_.erase(target);
    }
    if (target.of == Target::Of::NodeClaim) index_claim(target.name);
    mark_target(target);
  }
  fold_payload(action, answered, now);
}

bool ClusterState::is_known(const Object& object) const {
  const kube::ObjectMeta& meta = meta_of(object);
  const auto is_it = [&](const auto* found, const auto& known) {
    return found != nullptr && known(*found).uid == meta.uid;
  };
  const auto own_meta = [](const auto& typed) -> const kube::ObjectMeta& { return typed.meta; };
  switch (kind_of(object)) {
    case Kind::Pod:
      return find_pod(meta.uid) != nullptr;
    case Kind::Node:
      return is_it(find_node(meta.name),
                   [](const NodeRecord& r) -> const kube::ObjectMeta& { return r.node.meta; });
    case Kind::NodeClaim: {
      const ClaimRecord* record = find_claim(meta.name);
      return record != nullptr && (record->is_being_created || record->claim.meta.uid == meta.uid);
    }
    case Kind::NodePool:
      return is_it(find_node_pool(meta.name), own_meta);
    case Kind::NodeClass:
      return is_it(find_node_class(meta.name), own_meta);
    case Kind::NodeOverlay:
      return is_it(find<kube::NodeOverlay>({}, meta.name), own_meta);
    case Kind::CapacityBuffer:
      return is_it(find<kube::CapacityBuffer>(meta.namespace_, meta.name), own_meta);
    default:
      return false;  // never written
  }
}

void ClusterState::fold_payload(const Action& action, const Answered& answered, Time now) {
  // Read your own writes: the object that came back is the newest version of it. Answers and
  // watches come on different connections: an object that the watch took away already must not come
  // back with the answer.
  if (const auto* object = std::get_if<Object>(&answered.payload);
      object != nullptr && is_known(*object))
    fold_changed(*object, now);
  if (const auto* create = std::get_if<CreateNodeClaim>(&action))
    return fold_creation(create->claim, answered, now);
  fold_hyperpod(action, answered, now);
}

void ClusterState::fold_creation(const kube::NodeClaim& claim, const Answered& answered, Time now) {
  const ClaimRecord* record = find_claim(claim.meta.name);
  if (answered.outcome == Outcome::Done) {
    const auto failure = creation_failures_.find(claim.node_pool());
    if (failure != creation_failures_.end()) failure->second.in_a_row = 0;
  }
  const auto is_it = [&](const auto& entry) { return entry.second == claim.meta.name; };
  if (record == nullptr || !record->is_being_created || answered.outcome == Outcome::Done) {
    std::erase_if(uncertain_claims_, is_it);
    return;
  }
  const bool exists = answered.outcome == Outcome::AlreadyExists;
  const bool was_uncertain = std::ranges::any_of(uncertain_claims_, is_it);
  // That this attempt did nothing says nothing of the one before.
  if (exists || answered.outcome == Outcome::Unknown ||
      (was_uncertain && answered.outcome == Outcome::Retry)) {
    if (!was_uncertain) uncertain_claims_.emplace(now + kUncertainFor, claim.meta.name);
    if (exists) wait({Target::Of::NodeClaim, claim.meta.name}, Outcome::Unknown, 0, now);
    return;
  }
  std::erase_if(uncertain_claims_, is_it);
  erase_claim(claim.meta.name, now);
  fold_creation_failure(claim, answered, now);
}

// The next plan has other names, so a wait for this name would hold nothing back: the NodePool
// waits, whose template the claim was made by. An instance group does not: it is others', too.
void ClusterState::fold_creation_failure(const kube::NodeClaim& claim, const Answered& answered,
                                         Time now) {
  if (find_node_pool(claim.node_pool()) == nullptr) return;
  CreationFailure& failure = creation_failures_[std::string(claim.node_pool())];
  if (now < failure.until) return;
  failure.until = now + back_off_of(answered.outcome, failure.in_a_row++);
  failure.why = first_bytes(answered.message, kWhyBytesMax);
  offerings_changed(now);
}

}  // namespace hyperwright::state
