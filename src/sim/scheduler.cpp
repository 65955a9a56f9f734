#include "sim/scheduler.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/json.h"
#include "sim/kubernetes_fields.h"
#include "sim/scheduler_filters.h"
#include "sim/scheduler_verdict.h"
#include "sim/workload_objects.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr std::string_view kName = "default-scheduler";
constexpr Duration kRenewVerdict = Duration::seconds(10);
constexpr Duration kRetellAll = Duration::minutes(5);

bool is_gated(const json::object& pod) {
  const json::array* gates = array_field(pod, {"spec", "schedulingGates"});
  return gates != nullptr && !gates->empty();
}

}  // namespace

void Scheduler::step(Time now) {
  follow_nodes();
  follow_pods(now);
  schedule_pinned(now);
  schedule(now);
  tell_due(now);
}

Time Scheduler::next_wake() const { return std::min(renewals_.next(), retellings_.next()); }

// ---- Following
// -------------------------------------------------------------------------------------

void Scheduler::follow_nodes() {
  const ChangeFollower::News news = node_changes_.take();
  const auto remove = [&](const std::string& name) {
    const auto id = nodes_.remove(name);
    if (!id) return;
    nodes_gone_ += 1;
    const auto pods = pods_of_node_.find(name);
    if (pods != pods_of_node_.end()) {
      for (const ObjectName& pod : pods->second) {
        Pod& known = pods_.find(pod)->second;
        if (known.counted_on) classes_[known.pod_class]->pod_class.placed.erase(*known.counted_on);
        known.counted_on.reset();
      }
    }
    topologies_changed();
  };
  if (news.is_relist) {
    std::vector<std::string> gone;
    for (const auto& [name, id] : nodes_.by_name()) {
      if (api_.find("nodes", "", name) == nullptr) gone.push_back(name);
    }
    for (const std::string& name : gone) remove(name);
  }
  for (const Change& change : news.changes) {
    const std::string name(name_of(*change.object));
    if (change.kind == ChangeKind::Deleted) {
      remove(name);
      continue;
    }
    auto decoded = kube::decode_node(json::value(*change.object));
    if (!decoded) {  // what it offers cannot be known
      remove(name);
      continue;
    }
    const SchedulerNodes::Upsert upsert = nodes_.upsert(*std::move(decoded));
    if (upsert == SchedulerNodes::Upsert::New || upsert == SchedulerNodes::Upsert::Relabelled)
      topologies_changed();
    if (upsert != SchedulerNodes::Upsert::New) continue;
    const auto pods = pods_of_node_.find(name);
    if (pods == pods_of_node_.end()) continue;
    for (const ObjectName& pod : pods->second)
      count_on(pods_.find(pod)->second, *nodes_.find(name));
  }
}

void Scheduler::follow_pods(Time now) {
  const ChangeFollower::News news = pod_changes_.take();
  if (news.is_relist) {
    ObjectNames gone;
    for (const auto& [name, pod] : pods_) {
      if (api_.find("pods", name.ns, name.name) == nullptr) gone.insert(name);
    }
    for (const ObjectName& name : gone) forget(name);
  }
  for (const Change& change : news.changes) {
    if (change.kind == ChangeKind::Deleted) {
      forget(object_name(*change.object));
    } else {
      take_in(change.object, now);
    }
  }
}

void Scheduler::take_in(const ObjectPtr& object, Time now) {
  const ObjectName name = object_name(*object);
  const std::string_view node = text_field(*object, {"spec", "nodeName"});
  const bool waits = node.empty() && text_field(*object, {"spec", "schedulerName"}) == kName &&
                     !is_deleting(*object);
  if (is_terminal_pod(*object) || (node.empty() && !waits)) {
    forget(name);
    return;
  }
  if (waits && is_gated(*object)) {
    forget(name);
    tell_gated(*object, now);
    return;
  }
  const std::int64_t generation = int_field(*object, {"metadata", "generation"});
  auto it = pods_.find(name);
  if (it != pods_.end()) {
    Pod& known = it->second;
    const bool is_going = is_deleting(*object);
    if (known.uid == uid_of(*object) && known.node == node &&
        (known.generation == generation || !node.empty())) {
      if (!known.node.empty() && is_going && !known.is_terminating) {
        known.is_terminating = true;
        PodClass& pod_class = classes_[known.pod_class]->pod_class;
        if (known.counted_on) pod_class.placed[*known.counted_on].terminating += 1;
        pods_changed(pod_class);
      }
      return;
    }
    forget(name);
  }
  Pod& pod = pods_[name];
  pod.uid = uid_of(*object);
  pod.generation = generation;
  pod.pod_class = class_of(*object, pod.pin);
  pod.is_terminating = is_deleting(*object);
  pod.node = node;
  if (waits) {
    pod.queued = {.priority = int_field(*object, {"spec", "priority"}),
                  .created = std::string(text_field(*object, {"metadata", "creationTimestamp"})),
                  .sequence = sequence_++,
                  .name = name};
    enqueue(pod);
  } else {
    pods_of_node_[pod.node].insert(name);
    if (const auto id = nodes_.find(pod.node)) count_on(pod, *id);
  }
}

void Scheduler::forget(const ObjectName& name) {
  const auto it = pods_.find(name);
  if (it == pods_.end()) return;
  Pod& pod = it->second;
  if (pod.node.empty()) {
    dequeue(pod);
  } else {
    uncount(pod);
    const auto pods = pods_of_node_.find(pod.node);
    pods->second.erase(name);
    if (pods->second.empty()) pods_of_node_.erase(pods);
  }
  leave_class(pod.pod_class);
  pods_.erase(it);
}

Scheduler::ClassId Scheduler::class_of(const json::object& pod, std::optional<std::string>& pin) {
  PodClassKey key = pod_class_key(pod);
  pin = key.pin;
  const auto it = class_ids_.find(key.text);
  if (it != class_ids_.end()) {
    classes_[it->second]->pod_class.pods += 1;
    return it->second;
  }
  const auto id = static_cast<ClassId>(classes_.size());
  classes_.push_back(std::make_unique<Class>());
  classes_.back()->pod_class = make_pod_class(key, pod);
  classes_.back()->pod_class.pods = 1;
  class_ids_.emplace(std::move(key.text), id);
  if (!classes_.back()->pod_class.scheduling.required_pod_anti_affinity.empty())
    repelling_classes_.insert(id);
  return id;
}

void Scheduler::leave_class(ClassId id) {
  PodClass& pod_class = classes_[id]->pod_class;
  pod_class.pods -= 1;
  if (pod_class.pods > 0) return;
  class_ids_.erase(pod_class.key);
  repelling_classes_.erase(id);
  renewals_.erase(id);
  retellings_.erase(id);
  classes_[id].reset();
}

void Scheduler::enqueue(Pod& pod) {
  waiting_ += 1;
  if (pod.pin) {
    pinned_[*pod.pin].insert(pod.queued);
    pins_to_try_.insert(*pod.pin);
    return;
  }
  Class& known = *classes_[pod.pod_class];
  known.queue.insert(pod.queued);
  known.untold.insert(pod.queued);
  waiting_classes_.insert(pod.pod_class);
}

void Scheduler::dequeue(Pod& pod) {
  waiting_ -= 1;
  if (pod.pin) {
    const auto it = pinned_.find(*pod.pin);
    it->second.erase(pod.queued);
    if (it->second.empty()) pinned_.erase(it);
    return;
  }
  Class& known = *classes_[pod.pod_class];
  known.queue.erase(pod.queued);
  known.untold.erase(pod.queued);
  if (!known.queue.empty()) return;
  waiting_classes_.erase(pod.pod_class);
  renewals_.erase(pod.pod_class);
  retellings_.erase(pod.pod_class);
}

void Scheduler::count_on(Pod& pod, NodeId node) {
  PodClass& pod_class = classes_[pod.pod_class]->pod_class;
  pod.counted_on = node;
  nodes_.take(node, pod_class);
  PodClass::Placed& placed = pod_class.placed[node];
  placed.all += 1;
  placed.terminating += pod.is_terminating ? 1 : 0;
  pods_changed(pod_class);
}

void Scheduler::uncount(Pod& pod) {
  if (!pod.counted_on) return;
  PodClass& pod_class = classes_[pod.pod_class]->pod_class;
  nodes_.release(*pod.counted_on, pod_class);
  const auto it = pod_class.placed.find(*pod.counted_on);
  it->second.all -= 1;
  it->second.terminating -= pod.is_terminating ? 1 : 0;
  if (it->second.all == 0) pod_class.placed.erase(it);
  pod.counted_on.reset();
  pods_changed(pod_class);
}

// Pods of this class came or went: those whose affinity or spread is about them look again.
void Scheduler::pods_changed(const PodClass& changed) {
  const NamespaceLabels namespaces = namespace_labels();
  for (const ClassId id : waiting_classes_) {
    Class& known = *classes_[id];
    const bool may_matter =
        known.pod_class.has_topology || !changed.scheduling.required_pod_anti_affinity.empty();
    if (!may_matter || known.must_try || !is_related(known.pod_class, changed, namespaces))
      continue;
    known.must_try = true;
    known.candidates.unpark();
  }
}

void Scheduler::topologies_changed() {
  for (const ClassId id : waiting_classes_) {
    Class& known = *classes_[id];
    if (!known.pod_class.has_topology && repelling_classes_.empty()) continue;
    known.must_try = true;
    known.candidates.unpark();
  }
}

// ---- A pass
// ----------------------------------------------------------------------------------------

NamespaceLabels Scheduler::namespace_labels() const {
  return [this](std::string_view ns) -> std::optional<kube::StringMap> {
    const ObjectPtr found = api_.find("namespaces", "", ns);
    if (found == nullptr) return std::nullopt;
    kube::StringMap labels;
    if (const json::object* written = object_field(*found, {"metadata", "labels"})) {
      for (const auto& [key, value] : *written) {
        if (value.is_string())
          labels.set(key, std::string_view(value.get_string().data(), value.get_string().size()));
      }
    }
    return labels;
  };
}

// nullptr: no other pod has a say in where this class may run.
std::unique_ptr<Topology> Scheduler::topology_of(const PodClass& pod) const {
  const NamespaceLabels namespaces = namespace_labels();
  const bool has_one = pod.has_topology || std::ranges::any_of(repelling_classes_, [&](ClassId id) {
                         return is_related(pod, classes_[id]->pod_class, namespaces);
                       });
  if (!has_one) return nullptr;
  std::vector<const PodClass*> classes;
  for (const auto& known : classes_) {
    if (known != nullptr) classes.push_back(&known->pod_class);
  }
  return std::make_unique<Topology>(pod, nodes_, classes, namespaces);
}

// A daemon's pod has one node to look at.
void Scheduler::schedule_pinned(Time now) {
  if (const auto better = nodes_.better_since(pins_place_)) {
    for (const NodeId id : *better) pins_to_try_.insert(nodes_.at(id).name);
  } else {
    for (const auto& [node, pods] : pinned_) pins_to_try_.insert(node);
  }
  for (const std::string& pin : std::exchange(pins_to_try_, {})) {
    const auto found = pinned_.find(pin);
    if (found == pinned_.end()) continue;
    for (const QueuedPod& queued : std::set<QueuedPod>(found->second)) {
      Pod& pod = pods_.find(queued.name)->second;
      const PodClass& pod_class = classes_[pod.pod_class]->pod_class;
      const std::unique_ptr<Topology> topology = topology_of(pod_class);
      const auto id = nodes_.find(pin);
      bool by_hostname = false;
      const bool fits = id && pod_class.problem.empty() && !misfit(pod_class, nodes_.at(*id)) &&
                        (topology == nullptr || !topology->refusal(nodes_.at(*id), by_hostname));
      if (fits && bind(pod, *id, now)) continue;
      const std::string text = verdict(pod_class, pin, nodes_, topology.get());
      if (pod.told_text != text) tell_pod(pod, text, now);
      pod.told_text = text;
    }
  }
}

void Scheduler::schedule(Time now) {
  std::set<std::pair<QueuedPod, ClassId>> heads;
  std::map<ClassId, std::unique_ptr<Topology>> topologies;
  for (const ClassId id : waiting_classes_) {
    Class& known = *classes_[id];
    const bool has_new = known.candidates.refresh(known.pod_class, nodes_);
    const bool has_untold = !known.untold.empty();
    if (known.candidates.empty() || !(has_new || known.must_try || has_untold)) continue;
    topologies[id] = topology_of(known.pod_class);
    known.must_try = false;
    heads.emplace(*known.queue.begin(), id);
  }
  while (!heads.empty()) {
    const auto [queued, id] = *heads.begin();
    heads.erase(heads.begin());
    Class& known = *classes_[id];
    const auto node = known.candidates.best(known.pod_class, nodes_, topologies[id].get());
    if (!node) {
      // The others of the class will not fit either.
      known.is_verdict_stale = true;
      continue;
    }
    Pod& pod = pods_.find(queued.name)->second;
    if (!bind(pod, *node, now)) {
      dequeue(pod);  // it was bound or deleted by another hand, and its change will say so
      pods_.erase(queued.name);
      leave_class(id);
    } else {
      for (auto& [other, topology] : topologies) {
        if (topology != nullptr && classes_[other] != nullptr &&
            topology->add(known.pod_class, *node)) {
          classes_[other]->candidates.unpark();
        }
      }
    }
    if (classes_[id] != nullptr && !known.queue.empty()) heads.emplace(*known.queue.begin(), id);
  }
  for (const ClassId id : std::set<ClassId>(waiting_classes_)) tell(*classes_[id], id, now);
}

bool Scheduler::bind(Pod& pod, NodeId node, Time now) {
  const std::string& name = nodes_.at(node).name;
  const auto bound = api_.bind(pod.queued.name.ns, pod.queued.name.name, name, now);
  if (!bound) return false;
  dequeue(pod);
  pod.node = name;
  pods_of_node_[name].insert(pod.queued.name);
  count_on(pod, node);
  events_.record(**bound,
                 {.reason = "Scheduled",
                  .message = fmt::format("Successfully assigned {}/{} to {}", pod.queued.name.ns,
                                         pod.queued.name.name, name),
                  .component = kName},
                 now);
  return true;
}

// ---- Telling
// ---------------------------------------------------------------------------------------

void Scheduler::tell(Class& known, ClassId id, Time now) {
  known.is_verdict_stale = known.is_verdict_stale || known.verdict_place != verdict_place();
  if (known.verdict.empty() ||
      (known.is_verdict_stale && now - known.verdict_time >= kRenewVerdict)) {
    renew_verdict(known, now);
    if (!known.queue.empty() && !known.untold.contains(*known.queue.begin())) {
      Pod& first = pods_.find(known.queue.begin()->name)->second;
      if (first.told != known.verdict_number) {
        tell_pod(first, known.verdict, now);
        first.told = known.verdict_number;
        if (known.queue.size() > 1) retellings_.set_earliest(id, now + kRetellAll);
      }
    }
  }
  if (known.is_verdict_stale) renewals_.set_earliest(id, known.verdict_time + kRenewVerdict);
  for (const QueuedPod& queued : std::exchange(known.untold, {})) {
    Pod& pod = pods_.find(queued.name)->second;
    tell_pod(pod, known.verdict, now);
    pod.told = known.verdict_number;
  }
}

void Scheduler::renew_verdict(Class& known, Time now) {
  const std::unique_ptr<Topology> topology = topology_of(known.pod_class);
  std::string text = verdict(known.pod_class, std::nullopt, nodes_, topology.get());
  known.verdict_time = now;
  known.is_verdict_stale = false;
  known.verdict_place = verdict_place();
  if (text == known.verdict) return;
  known.verdict = std::move(text);
  known.verdict_number += 1;
}

void Scheduler::tell_due(Time now) {
  for (const ClassId id : renewals_.take_due(now)) {
    if (classes_[id] != nullptr && !classes_[id]->queue.empty()) tell(*classes_[id], id, now);
  }
  for (const ClassId id : retellings_.take_due(now)) {
    if (classes_[id] == nullptr) continue;
    Class& known = *classes_[id];
    for (const QueuedPod& queued : known.queue) {
      Pod& pod = pods_.find(queued.name)->second;
      if (pod.told == known.verdict_number) continue;
      tell_pod(pod, known.verdict, now);
      pod.told = known.verdict_number;
    }
  }
}

void Scheduler::tell_pod(Pod& pod, std::string_view text, Time now) {
  const ObjectPtr found = api_.find("pods", pod.queued.name.ns, pod.queued.name.name);
  if (found == nullptr || uid_of(*found) != pod.uid) return;
  json::object changed = *found;
  if (!set_condition(object_at(changed, {"status"}),
                     {"PodScheduled", "False", "Unschedulable", text}, now))
    return;
  const auto written = api_.update_status("pods", std::move(changed), now);
  check(written.has_value(), "the status of a waiting pod can be written");
  events_.record(
      **written,
      {.type = "Warning", .reason = "FailedScheduling", .message = text, .component = kName}, now);
}

void Scheduler::tell_gated(const json::object& pod, Time now) {
  json::object changed = pod;
  if (!set_condition(object_at(changed, {"status"}),
                     {"PodScheduled", "False", "SchedulingGated",
                      "Scheduling is blocked due to non-empty scheduling gates"},
                     now)) {
    return;
  }
  const auto written = api_.update_status("pods", std::move(changed), now);
  // An older version than the present one: the present one comes up next.
  check(written || written.error().code == 409 || written.error().code == 404,
        "the status of a gated pod can be written");
}

}  // namespace hyperwright::sim
