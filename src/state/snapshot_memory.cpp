#include "state/snapshot_memory.h"

#include <algorithm>
#include <map>

#include "state/codec_fields.h"

namespace hyperwright::state {
namespace {

kube::StringMap text_map(const std::map<std::string, std::string, std::less<>>& map) {
  kube::StringMap texts;
  for (const auto& [key, value] : map) texts.set(key, value);
  return texts;
}

bool names_claims(const PodClass& pod_class) {
  return std::ranges::any_of(
      pod_class.scheduling.volume_claims,
      [](const kube::VolumeClaim& claim) { return !claim.claim_name.empty(); });
}

// Named so that no claim's name begins with it: those of generic ephemeral volumes would be cut.
kube::Pod pod_like(const PodClass& pod_class) {
  kube::Pod pod;
  pod.meta.name = "class";
  pod.meta.namespace_ = pod_class.namespace_;
  pod.meta.labels = pod_class.labels;
  pod.scheduling = pod_class.scheduling;
  return pod;
}

bool is_remembered(const PodRecord& pod, bool is_pending) {
  return is_pending || !pod.pending_since.is_zero() || pod.nomination || pod.verdict_version != 0 ||
         !pod.verdict.empty() || !pod.verdict_at.is_zero();
}

}  // namespace

HyperPodMemory HyperPodMemory::of(const HyperPodView& view) {
  HyperPodMemory memory;
  memory.cluster = view.cluster_;
  memory.cluster_read_at = view.cluster_read_at_;
  memory.cluster_problem = view.cluster_problem_;
  memory.subnets = view.subnets_;
  memory.subnets_problem = view.subnets_problem_;
  for (const auto& [name, plan] : view.training_plans_)
    memory.training_plans.push_back({name, plan});
  memory.nodes.reserve(view.nodes_.size());
  for (const auto& [id, record] : view.nodes_)
    memory.nodes.push_back({record.node, record.seen_at});
  memory.logical_ids = text_map(view.logical_ids_);
  memory.nodes_listed_at = view.nodes_listed_at_;
  memory.nodes_read_at = view.nodes_read_at_;
  memory.list_begun_at = view.list_begun_at_;
  memory.next_page = view.next_page_;
  memory.events_after = view.events_after_;
  memory.events_read_at = view.events_read_at_;
  memory.newest_event = view.newest_event_;
  memory.next_events_page = view.next_events_page_;
  memory.events_seen.assign(view.events_seen_.begin(), view.events_seen_.end());
  for (const auto& event : view.events_to_describe_)
    memory.events_to_describe.push_back({event.time, event.id, event.group});
  memory.launch_failures = text_map(view.launch_failures_);
  return memory;
}

HyperPodView HyperPodMemory::view() const {
  HyperPodView view;
  view.cluster_ = cluster;
  view.cluster_read_at_ = cluster_read_at;
  view.cluster_problem_ = cluster_problem;
  view.subnets_ = subnets;
  view.subnets_problem_ = subnets_problem;
  for (const Plan& plan : training_plans) view.training_plans_.emplace(plan.name, plan.plan);
  for (const Instance& instance : nodes)
    view.nodes_[instance.node.logical_id] = {instance.node, instance.seen_at};
  for (const auto& [instance, logical_id] : logical_ids) view.logical_ids_[instance] = logical_id;
  view.nodes_listed_at_ = nodes_listed_at;
  view.nodes_read_at_ = nodes_read_at;
  view.list_begun_at_ = list_begun_at;
  view.next_page_ = next_page;
  view.events_after_ = events_after;
  view.events_read_at_ = events_read_at;
  view.newest_event_ = newest_event;
  view.next_events_page_ = next_events_page;
  view.events_seen_.insert(events_seen.begin(), events_seen.end());
  for (const EventToDescribe& event : events_to_describe)
    view.events_to_describe_.insert({event.time, event.id, event.group});
  for (const auto& [logical_id, failure] : launch_failures)
    view.launch_failures_[logical_id] = failure;
  return view;
}

// Classes that no pod is of are forgotten, but those that a pod may still be compared with: of
// shapes that do not take it, and of pods that mount claims of their own.
void PictureMemory::take_classes(const ClusterState& state) {
  std::map<PodClassId, Class> used;
  std::vector<bool> is_used(state.pod_classes_.size());
  for (const auto& [key, record] : state.pods_) {
    if (is_used[record.pod_class]) continue;
    is_used[record.pod_class] = true;
    used[record.pod_class].pod = key;
  }
  for (const auto& [key, virtual_pods] : state.buffer_pods_) {
    const auto [it, is_new] = used.try_emplace(virtual_pods.front().pod_class);
    if (is_new) it->second.buffer = key;
  }
  const auto keep = [&](PodClassId id) {
    const auto [it, is_new] = used.try_emplace(id);
    if (!is_new) return;
    const PodClass& pod_class = state.pod_classes_.get(id);
    it->second.like = Object(pod_like(pod_class));
    for (const kube::VolumeClaim& claim : pod_class.scheduling.volume_claims)
      it->second.claim_names.push_back(claim.claim_name);
  };
  for (const auto& [id, group, type] : state.misfits_) keep(id);
  for (PodClassId id = 0; id < state.pod_classes_.size(); ++id) {
    if (names_claims(state.pod_classes_.get(id))) keep(id);
  }
  std::map<PodClassId, std::uint64_t> places;
  for (auto& [id, pod_class] : used) {
    places[id] = classes.size();
    classes.push_back(std::move(pod_class));
  }
  for (const auto& [id, group, type] : state.misfits_) misfits.push_back({places[id], group, type});
}

PictureMemory PictureMemory::of(const ClusterState& state) {
  PictureMemory memory;
  for (std::size_t i = 0; i < kKindCount; ++i) {
    if (state.synced_[i]) memory.synced.emplace_back(to_string(static_cast<Kind>(i)));
  }
  memory.hyperpod = HyperPodMemory::of(state.hyperpod_);
  memory.take_classes(state);
  for (const auto& [key, record] : state.pods_) {
    const bool is_pending = state.pending_pods_.contains(key);
    if (!is_remembered(record, is_pending)) continue;
    memory.pods.push_back({.key = key,
                           .is_pending = is_pending,
                           .pending_since = record.pending_since,
                           .nomination = record.nomination,
                           .verdict_version = record.verdict_version,
                           .verdict = record.verdict,
                           .verdict_at = record.verdict_at});
  }
  for (const auto& [name, record] : state.nodes_)
    memory.nodes.push_back({name, record.claim, record.first_seen_ready, record.deleting_since});
  for (const auto& [name, record] : state.claims_) {
    memory.claims.push_back({.name = name,
                             .launch_problem = record.launch_problem,
                             .logical_id = record.logical_id,
                             .is_being_created = record.is_being_created,
                             .deleting_since = record.deleting_since,
                             .node_name = record.node_name});
  }
  for (const auto& [name, claim] : state.foreign_claims_) memory.foreign_claims.push_back(name);
  memory.claims_by_logical_id = text_map(state.claims_by_logical_id_);
  for (const auto& [node, usage] : state.usage_) {
    if (!usage.last_pod_event.is_zero()) memory.pod_events.push_back({node, usage.last_pod_event});
  }
  for (const auto& [id, deletion] : state.deletions_) memory.deletions.push_back({id, deletion});
  memory.orphaned_instances.assign(state.orphaned_instances_.begin(),
                                   state.orphaned_instances_.end());
  for (const auto& [batch, answer] : state.launch_answers_)
    memory.launch_answers.push_back({batch, answer});
  memory.uncalled_batches.assign(state.uncalled_batches_.begin(), state.uncalled_batches_.end());
  const BufferPlan& plan = state.buffer_plan_;
  memory.buffer_inputs = plan.inputs_version;
  memory.buffer_plan_at = plan.at;
  memory.is_changed_since_buffer_plan = plan.changes != state.change_log_.end();
  for (const auto& [buffer, is_there] : plan.rooms) memory.rooms.push_back({buffer, is_there});
  memory.room_claims.assign(plan.claims.begin(), plan.claims.end());
  for (const auto& [at, uid] : state.nomination_ends_) memory.nomination_ends.push_back({uid, at});
  for (const auto& [at, name] : state.uncertain_claims_)
    memory.uncertain_claims.push_back({name, at});
  for (const auto& [offering, until] : state.unavailable_)
    memory.unavailable.push_back({offering, until});
  for (const auto& [group, record] : state.back_offs_) memory.back_offs.push_back({group, record});
  for (const auto& [pool, failure] : state.creation_failures_)
    memory.creation_failures.push_back({pool, failure});
  memory.inputs_version = state.inputs_version_;
  memory.offerings_version = state.offerings_version_;
  memory.expectations_version = state.expectations_version_;
  memory.inputs_changed_at = state.inputs_changed_at_;
  for (const auto& [target, wait] : state.waits_)
    memory.waits.push_back({target, wait.until, wait.failures, wait.newer_than});
  for (const auto& [target, at] : state.last_emitted_) memory.last_emitted.push_back({target, at});
  for (const auto& [text, at] : state.recorded_) memory.recorded.push_back({text, at});
  memory.changed.assign(state.changed_.begin(), state.changed_.end());
  return memory;
}

void PictureMemory::put_into(ClusterState& state) const {
  for (const std::string& word : synced) {
    if (const auto kind = parse_word<Kind>(word))
      state.synced_[static_cast<std::size_t>(*kind)] = true;
  }
  for (const auto& [logical_id, claim] : claims_by_logical_id)
    state.claims_by_logical_id_[logical_id] = claim;
  for (const NamedTime& event : pod_events) state.usage_[event.name].last_pod_event = event.at;
  for (const NamedDeletion& entry : deletions) state.deletions_[entry.id] = entry.deletion;
  state.orphaned_instances_.insert(orphaned_instances.begin(), orphaned_instances.end());
  for (const NamedAnswer& entry : launch_answers) state.launch_answers_[entry.batch] = entry.answer;
  state.uncalled_batches_.insert(uncalled_batches.begin(), uncalled_batches.end());
  BufferPlan& plan = state.buffer_plan_;
  plan.inputs_version = buffer_inputs;
  plan.at = buffer_plan_at;
  state.change_log_ = ChangeLog{};
  plan.changes = is_changed_since_buffer_plan ? ChangeLog::kUnknown : state.change_log_.end();
  for (const Room& room : rooms) plan.rooms[room.buffer] = room.is_there;
  plan.claims.insert(room_claims.begin(), room_claims.end());
  for (const NamedTime& end : nomination_ends) state.nomination_ends_.emplace(end.at, end.name);
  for (const NamedTime& claim : uncertain_claims)
    state.uncertain_claims_.emplace(claim.at, claim.name);
  for (const Unavailable& entry : unavailable) state.unavailable_[entry.offering] = entry.until;
  for (const NamedBackOff& entry : back_offs) state.back_offs_[entry.group] = entry.record;
  for (const NamedFailure& entry : creation_failures)
    state.creation_failures_[entry.pool] = entry.failure;
  state.inputs_version_ = inputs_version;
  state.offerings_version_ = offerings_version;
  state.expectations_version_ = expectations_version;
  state.inputs_changed_at_ = inputs_changed_at;
  for (const TargetWait& wait : waits)
    state.waits_[wait.target] = {wait.until, wait.failures, wait.newer_than};
  for (const TargetTime& entry : last_emitted) state.last_emitted_[entry.target] = entry.at;
  for (const NamedTime& entry : recorded) state.recorded_[entry.name] = entry.at;
  state.changed_ = {changed.begin(), changed.end()};
}

}  // namespace hyperwright::state
