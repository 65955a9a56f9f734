#include "sim/workload_daemon_set.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/json.h"
#include "sim/kubernetes_fields.h"
#include "sim/scheduler_node_affinity.h"
#include "sim/workload_daemon_pods.h"
#include "sim/workload_objects.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr std::string_view kSets = "daemonsets.apps";
constexpr std::string_view kComponent = "daemonset-controller";
constexpr Duration kRetryAfter = Duration::seconds(15);

bool tolerates(const kube::DaemonSet& set, const kube::Node& node, bool only_no_execute) {
  return std::ranges::all_of(node.taints, [&](const kube::Taint& taint) {
    const bool counts = taint.effect == kube::TaintEffect::NoExecute ||
                        (taint.effect == kube::TaintEffect::NoSchedule && !only_no_execute);
    return !counts || kube::is_tolerated(taint, set.scheduling.tolerations);
  });
}

bool is_daemon(const json::object& pod) {
  const json::object* owner = controller_of(pod);
  return owner != nullptr && text_field(*owner, {"kind"}) == "DaemonSet";
}

bool is_updated(const json::object& pod, std::string_view hash) {
  return text_field(pod, {"metadata", "labels", "controller-revision-hash"}) == hash;
}

}  // namespace

void DaemonSetController::Counts::add(const Counts& other, std::int64_t sign) {
  desired += sign * other.desired;
  current += sign * other.current;
  misscheduled += sign * other.misscheduled;
  ready += sign * other.ready;
  updated += sign * other.updated;
}

void DaemonSetController::step(Time now) {
  follow_sets();
  follow_nodes();
  follow_pods();
  for (const ObjectName& name : due_.take_due(now)) {
    const auto it = known_sets_.find(name);
    if (it == known_sets_.end()) continue;
    for (const auto& [node, decoded] : known_nodes_) dirty_[name].insert(node);
  }
  for (const auto& [name, nodes] : std::exchange(dirty_, {})) {
    const auto it = known_sets_.find(name);
    const ObjectPtr object = api_.find(kSets, name.ns, name.name);
    if (it == known_sets_.end() || object == nullptr || is_deleting(*object)) continue;
    for (const std::string& node : nodes) reconcile_node(it->second, *object, node, now);
    roll(it->second, *object, now);
    write_status(name, it->second, now);
  }
}

void DaemonSetController::follow_sets() {
  const ChangeFollower::News news = sets_.take();
  if (news.is_relist) {
    for (auto& [name, set] : known_sets_) {
      for (auto& [node, slot] : set.slots) {
        for (auto& [pod, owned] : slot.pods) strays_[set.uid][pod] = owned.object;
      }
    }
    known_sets_.clear();
    set_names_.clear();
  }
  for (const Change& change : news.changes) {
    const ObjectName name = object_name(*change.object);
    const std::string uid(uid_of(*change.object));
    if (change.kind == ChangeKind::Deleted) {
      known_sets_.erase(name);
      set_names_.erase(uid);
      strays_.erase(uid);
      due_.erase(name);
      continue;
    }
    const std::int64_t generation = int_field(*change.object, {"metadata", "generation"});
    const auto known = known_sets_.find(name);
    if (known != known_sets_.end() && known->second.uid == uid &&
        known->second.generation == generation) {
      continue;  // only its status
    }
    auto decoded = kube::decode_daemon_set(*change.object);
    if (!decoded) continue;  // what cannot be read runs nowhere
    const bool uses_host_network =
        bool_field(*change.object, {"spec", "template", "spec", "hostNetwork"});
    for (kube::Toleration& toleration : daemon_tolerations(uses_host_network)) {
      decoded->scheduling.tolerations.push_back(std::move(toleration));
    }
    Set& set = known_sets_[name];
    set.uid = uid;
    set.generation = generation;
    set.decoded = *std::move(decoded);
    set.hash = template_hash(*object_field(*change.object, {"spec", "template"}));
    set_names_[uid] = name;
    std::set<std::string>& nodes = dirty_[name];
    for (const auto& [node, at] : known_nodes_) nodes.insert(node);
    const auto strays = strays_.find(uid);
    if (strays != strays_.end()) {
      const std::map<std::string, ObjectPtr> pods = std::move(strays->second);
      strays_.erase(strays);
      for (const auto& [pod, object] : pods) place_pod(object);
    }
  }
}

void DaemonSetController::follow_nodes() {
  const ChangeFollower::News news = nodes_.take();
  const auto touch = [&](const std::string& node) {
    for (const auto& [name, set] : known_sets_) dirty_[name].insert(node);
  };
  if (news.is_relist) {
    for (const auto& [node, known] : known_nodes_) touch(node);
    known_nodes_.clear();
  }
  for (const Change& change : news.changes) {
    const std::string name(name_of(*change.object));
    if (change.kind == ChangeKind::Deleted) {
      known_nodes_.erase(name);
      touch(name);
      continue;
    }
    auto decoded = kube::decode_node(*change.object);
    if (!decoded) continue;
    const auto it = known_nodes_.find(name);
    const bool is_same = it != known_nodes_.end() && it->second.taints == decoded->taints &&
                         it->second.meta.labels == decoded->meta.labels;
    if (!is_same) touch(name);
    known_nodes_[name] = *std::move(decoded);
  }
}

void DaemonSetController::follow_pods() {
  const ChangeFollower::News news = pods_.take();
  if (news.is_relist) {
    strays_.clear();
    for (auto& [name, set] : known_sets_) {
      for (auto& [node, slot] : set.slots) {
        slot.pods.clear();
        dirty_[name].insert(node);
      }
    }
  }
  for (const Change& change : news.changes) {
    if (!is_daemon(*change.object)) continue;
    if (change.kind == ChangeKind::Deleted) {
      unplace_pod(*change.object);
    } else {
      place_pod(change.object);
    }
  }
}

void DaemonSetController::place_pod(const ObjectPtr& pod) {
  const std::string uid(text_field(*controller_of(*pod), {"uid"}));
  const auto name = set_names_.find(uid);
  if (name == set_names_.end()) {
    strays_[uid][std::string(name_of(*pod))] = pod;
    return;
  }
  const std::string node = daemon_node(*pod);
  OwnedPod owned{.object = pod};
  owned.is_failed = is_terminal_pod(*pod);
  owned.is_terminating = is_deleting(*pod);
  owned.is_active = !owned.is_failed && !owned.is_terminating;
  owned.is_ready = owned.is_active && is_ready_pod(*pod);
  known_sets_[name->second].slots[node].pods[std::string(name_of(*pod))] = owned;
  dirty_[name->second].insert(node);
}

void DaemonSetController::unplace_pod(const json::object& pod) {
  const std::string uid(text_field(*controller_of(pod), {"uid"}));
  const auto name = set_names_.find(uid);
  if (name == set_names_.end()) {
    const auto strays = strays_.find(uid);
    if (strays == strays_.end()) return;
    strays->second.erase(std::string(name_of(pod)));
    if (strays->second.empty()) strays_.erase(strays);
    return;
  }
  const std::string node = daemon_node(pod);
  auto& slots = known_sets_[name->second].slots;
  const auto slot = slots.find(node);
  if (slot != slots.end()) slot->second.pods.erase(std::string(name_of(pod)));
  dirty_[name->second].insert(node);
}

void DaemonSetController::reconcile_node(Set& set, const json::object& object,
                                         const std::string& node, Time now) {
  const auto known = known_nodes_.find(node);
  Slot& slot = set.slots[node];
  bool may_stay = false;
  slot.is_wanted = false;
  if (known != known_nodes_.end()) {
    const bool is_selected = matches_node_selection(set.decoded.scheduling, known->second);
    slot.is_wanted = is_selected && tolerates(set.decoded, known->second, false);
    may_stay = is_selected && tolerates(set.decoded, known->second, true);
    std::vector<ObjectPtr> surplus;
    ObjectPtr oldest;
    for (const auto& [name, pod] : slot.pods) {
      if (pod.is_terminating) continue;
      if (pod.is_failed || !may_stay) {
        surplus.push_back(pod.object);
      } else if (oldest == nullptr) {
        oldest = pod.object;
      } else {
        const bool is_older = text_field(*pod.object, {"metadata", "creationTimestamp"}) <
                              text_field(*oldest, {"metadata", "creationTimestamp"});
        surplus.push_back(is_older ? std::exchange(oldest, pod.object) : pod.object);
      }
    }
    for (const ObjectPtr& pod : surplus) delete_pod(object, *pod, now);
    if (slot.is_wanted && slot.pods.empty()) create_pod(set, object, node, now);
  }
  count(set, slot);
  if (known == known_nodes_.end() && slot.pods.empty()) set.slots.erase(node);
}

void DaemonSetController::count(Set& set, Slot& slot) {
  set.counts.add(slot.counts, -1);
  slot.counts = {};
  const OwnedPod* pod = nullptr;
  for (const auto& [name, owned] : slot.pods) {
    if (pod == nullptr || owned.is_active) pod = &owned;
  }
  if (slot.is_wanted) {
    slot.counts.desired = 1;
    if (pod != nullptr) {
      slot.counts.current = 1;
      slot.counts.ready = pod->is_ready ? 1 : 0;
      slot.counts.updated = is_updated(*pod->object, set.hash) ? 1 : 0;
    }
  } else if (pod != nullptr) {
    slot.counts.misscheduled = 1;
  }
  set.counts.add(slot.counts, 1);
}

void DaemonSetController::create_pod(const Set& set, const json::object& object,
                                     const std::string& node, Time now) {
  const auto created = api_.create("pods", daemon_pod(object, node, set.hash), now);
  if (created) {
    events_.record(object,
                   {.reason = "SuccessfulCreate",
                    .message = fmt::format("Created pod: {}", name_of(**created)),
                    .component = kComponent},
                   now);
    return;
  }
  events_.record(object,
                 {.type = "Warning",
                  .reason = "FailedCreate",
                  .message = fmt::format("Error creating: {}", created.error().message),
                  .component = kComponent},
                 now);
  due_.set_earliest(object_name(object), now + kRetryAfter);
}

void DaemonSetController::delete_pod(const json::object& object, const json::object& pod,
                                     Time now) {
  const auto removed = api_.remove("pods", namespace_of(pod), name_of(pod), now);
  if (!removed && removed.error().code != 404)
    due_.set_earliest(object_name(object), now + kRetryAfter);
  events_.record(object,
                 {.reason = "SuccessfulDelete",
                  .message = fmt::format("Deleted pod: {}", name_of(pod)),
                  .component = kComponent},
                 now);
}

// The pods of an older template make room, at most maxUnavailable nodes at a time.
void DaemonSetController::roll(Set& set, const json::object& object, Time now) {
  if (set.counts.updated == set.counts.current) return;
  if (text_field(object, {"spec", "updateStrategy", "type"}) == "OnDelete") return;
  const std::int64_t unavailable_max = std::max(
      std::int64_t{1}, int_or_percent(find_field(object, {"spec", "updateStrategy", "rollingUpdate",
                                                          "maxUnavailable"}),
                                      set.counts.desired, Rounding::Up, 1));
  std::int64_t may_go = unavailable_max - (set.counts.desired - set.counts.ready);
  std::vector<ObjectPtr> going;
  for (const auto& [node, slot] : set.slots) {
    for (const auto& [name, pod] : slot.pods) {
      if (!pod.is_active || is_updated(*pod.object, set.hash)) continue;
      // One that serves nobody costs nothing to replace.
      if (!pod.is_ready) {
        going.push_back(pod.object);
      } else if (may_go > 0) {
        going.push_back(pod.object);
        may_go -= 1;
      }
    }
  }
  for (const ObjectPtr& pod : going) delete_pod(object, *pod, now);
}

void DaemonSetController::write_status(const ObjectName& name, const Set& set, Time now) {
  const ObjectPtr object = api_.find(kSets, name.ns, name.name);
  if (object == nullptr) return;
  const json::object* old = object_field(*object, {"status"});
  json::object status = old == nullptr ? json::object{} : *old;
  const Counts& counts = set.counts;
  status["currentNumberScheduled"] = counts.current;
  status["numberMisscheduled"] = counts.misscheduled;
  status["desiredNumberScheduled"] = counts.desired;
  status["numberReady"] = counts.ready;
  status["observedGeneration"] = int_field(*object, {"metadata", "generation"});
  const auto write_count = [&](const char* field, std::int64_t value) {
    if (value != 0) {
      status[field] = value;
    } else {
      erase_field(status, field);
    }
  };
  write_count("updatedNumberScheduled", counts.updated);
  write_count("numberAvailable", counts.ready);
  write_count("numberUnavailable", counts.desired - counts.ready);
  if (old != nullptr && status == *old) return;
  json::object changed = *object;
  changed["status"] = std::move(status);
  const auto written = api_.update_status(kSets, std::move(changed), now);
  if (!written) due_.set_earliest(name, now + kRetryAfter);
}

}  // namespace hyperwright::sim
