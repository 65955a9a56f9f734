#include "state/cluster_state.h"

#include <algorithm>
#include <ranges>

namespace hyperwright::state {
namespace {

template <typename Map, typename Name>
const typename Map::mapped_type* find_in(const Map& map, const Name& name) {
  const auto it = map.find(name);
  return it == map.end() ? nullptr : &it->second;
}

}  // namespace

ClusterState::ClusterState(Options options, hyperpod::InstanceTypes types)
    : options_(std::move(options)), types_(std::move(types)) {}
ClusterState::ClusterState(ClusterState&&) noexcept = default;
ClusterState& ClusterState::operator=(ClusterState&&) noexcept = default;
ClusterState::~ClusterState() = default;

bool ClusterState::is_synced() const {
  for (std::size_t i = 0; i < kKindCount; ++i) {
    if (!synced_[i] && options_.watches(static_cast<Kind>(i))) return false;
  }
  return hyperpod_.cluster().has_value();
}

std::vector<Key> ClusterState::take_changed(std::size_t most) {
  std::vector<Key> keys;
  if (changed_.empty()) return keys;
  keys.reserve(std::min(most, changed_.size()));
  while (!changed_.empty() && keys.size() < most)
    keys.push_back(std::move(changed_.extract(changed_.begin()).value()));
  return keys;
}

void ClusterState::mark(Key::Of of, std::string_view name) {
  changed_.insert({of, std::string(name)});
  if (of == Key::Of::Node || of == Key::Of::NodeClaim)
    change_log_.add(of == Key::Of::NodeClaim, name);
}

void ClusterState::solver_inputs_changed(Time now) {
  ++inputs_version_;
  inputs_changed_at_ = now;
  mark(Key::Of::PendingPods);
}

void ClusterState::offerings_changed(Time now) {
  ++offerings_version_;
  solver_inputs_changed(now);
}

void ClusterState::expectations_changed(Time now) {
  ++expectations_version_;
  offerings_changed(now);
}

const PodRecord* ClusterState::find_pod(std::string_view uid) const {
  const kube::ObjectKey* const* key = pods_by_uid_.find(uid);
  return key == nullptr ? nullptr : &pods_.at(**key);
}

const NodeRecord* ClusterState::find_node(std::string_view name) const {
  return find_in(nodes_, name);
}
const ClaimRecord* ClusterState::find_claim(std::string_view name) const {
  return find_in(claims_, name);
}
const Deletion* ClusterState::find_deletion(std::string_view logical_id) const {
  return find_in(deletions_, logical_id);
}
const kube::NodePool* ClusterState::find_node_pool(std::string_view name) const {
  return find_in(pools_, name);
}
const kube::HyperpodNodeClass* ClusterState::find_node_class(std::string_view name) const {
  return find_in(classes_, name);
}
const SeenCapacity& ClusterState::seen_capacity(std::string_view node_class) const {
  static const SeenCapacity kNone;
  const SeenCapacity* found = find_in(seen_capacity_, node_class);
  return found == nullptr ? kNone : *found;
}
const LaunchAnswer* ClusterState::launch_answer(std::string_view batch) const {
  return find_in(launch_answers_, batch);
}

const ClaimRecord* ClusterState::find_claim_by_logical_id(std::string_view logical_id) const {
  const std::string* name = find_in(claims_by_logical_id_, logical_id);
  return name == nullptr ? nullptr : find_claim(*name);
}

const NodeUsage& ClusterState::usage(std::string_view node) const {
  static const NodeUsage kNone;
  const NodeUsage* found = find_in(usage_, node);
  return found == nullptr ? kNone : *found;
}

std::vector<const PodRecord*> ClusterState::nominated_to_claim(std::string_view claim) const {
  std::vector<const PodRecord*> pods;
  if (const auto* uids = find_in(nominated_to_claim_, claim)) {
    for (const std::string& uid : *uids) pods.push_back(find_pod(uid));
  }
  return pods;
}

std::vector<const PodRecord*> ClusterState::nominated_to_node(std::string_view node) const {
  std::vector<const PodRecord*> pods;
  if (const auto* uids = find_in(nominated_to_node_, node)) {
    for (const std::string& uid : *uids) pods.push_back(find_pod(uid));
  }
  return pods;
}

std::vector<const ClaimRecord*> ClusterState::claims_of_launch(std::string_view batch) const {
  std::vector<const ClaimRecord*> claims;
  if (const auto* names = find_in(claims_by_batch_, batch)) {
    for (const std::string& name : *names) claims.push_back(find_claim(name));
  }
  return claims;
}

bool ClusterState::is_unavailable(const hyperpod::OfferingKey& offering, Time now) const {
  const Time* until = find_in(unavailable_, offering);
  return until != nullptr && now < *until;
}

bool ClusterState::is_misfit(PodClassId pod_class, std::string_view group,
                             std::string_view type) const {
  return misfits_.contains({pod_class, std::string(group), std::string(type)});
}

Time ClusterState::next_offer(Time now) const {
  Time next = Time::max();
  for (const Time until : unavailable_ | std::views::values) {
    if (now < until) next = std::min(next, until);
  }
  for (const BackOffRecord& record : back_offs_ | std::views::values) {
    if (now < record.until) next = std::min(next, record.until);
  }
  for (const CreationFailure& failure : creation_failures_ | std::views::values) {
    if (now < failure.until) next = std::min(next, failure.until);
  }
  return next;
}

Time ClusterState::next_time() const {
  Time next = Time::max();
  for (const Time until : unavailable_ | std::views::values) next = std::min(next, until);
  for (const BackOffRecord& record : back_offs_ | std::views::values) {
    if (record.until > inputs_changed_at_) next = std::min(next, record.until);
  }
  for (const CreationFailure& failure : creation_failures_ | std::views::values) {
    if (failure.until > inputs_changed_at_) next = std::min(next, failure.until);
  }
  if (!nomination_ends_.empty()) next = std::min(next, nomination_ends_.begin()->first);
  if (!uncertain_claims_.empty()) next = std::min(next, uncertain_claims_.begin()->first);
  return next;
}

const BackOffRecord* ClusterState::back_off(std::string_view group, Time now) const {
  const BackOffRecord* record = find_in(back_offs_, group);
  return record != nullptr && now < record->until ? record : nullptr;
}

const CreationFailure* ClusterState::creation_failure(std::string_view pool, Time now) const {
  const CreationFailure* failure = find_in(creation_failures_, pool);
  return failure != nullptr && now < failure->until ? failure : nullptr;
}

Time ClusterState::next_try(const Target& target) const {
  if (pending_targets_.contains(target)) return Time::max();
  const Wait* wait = find_in(waits_, target);
  return wait == nullptr ? Time{} : wait->until;
}

Time ClusterState::last_emitted(const Target& target) const {
  const Time* at = find_in(last_emitted_, target);
  return at == nullptr ? Time{} : *at;
}

namespace {

std::string text_of(const RecordEvent& event) {
  std::string text = event.kind + '/' + event.key.namespace_ + '/' + event.key.name;
  return text + '/' + event.uid + '/' + event.reason + '/' + event.message;
}

}  // namespace

bool ClusterState::was_recorded(const RecordEvent& event, Time now) const {
  const Time* at = find_in(recorded_, text_of(event));
  return at != nullptr && now < *at + event.quiet;
}

void ClusterState::remember_recorded(const RecordEvent& event, Time now) {
  static constexpr std::size_t kRecordedMax = 20'000;
  if (recorded_.size() >= kRecordedMax) {
    std::erase_if(recorded_,
                  [&](const auto& entry) { return entry.second + Duration::hours(1) < now; });
  }
  if (recorded_.size() >= kRecordedMax) recorded_.clear();
  recorded_[text_of(event)] = now;
}

}  // namespace hyperwright::state
