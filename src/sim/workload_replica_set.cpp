#include "sim/workload_replica_set.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/number.h"
#include "sim/kubernetes_fields.h"
#include "sim/workload_objects.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr std::int64_t kBurst = 500;
constexpr Duration kRetryAfter = Duration::seconds(15);
constexpr std::string_view kSets = "replicasets.apps";
constexpr std::string_view kComponent = "replicaset-controller";

std::int64_t deletion_cost(const json::object& pod) {
  return parse_int64(text_field(pod, {"metadata", "annotations",
                                      "controller.kubernetes.io/pod-deletion-cost"}))
      .value_or(0);
}

}  // namespace

std::vector<std::string> pods_missed_least(const PodsOfOwner& owned, std::int64_t count) {
  std::map<std::string_view, std::int64_t> on_node;
  for (const auto& [name, pod] : owned.pods) {
    if (pod.is_active) on_node[text_field(*pod.object, {"spec", "nodeName"})] += 1;
  }
  struct Rank {
    std::tuple<bool, bool, bool, std::int64_t, std::int64_t> order;  // what is less goes first
    std::string_view ready_since;
    std::string_view created;
    std::string_view name;
  };
  std::vector<Rank> ranks;
  for (const auto& [name, pod] : owned.pods) {
    if (!pod.is_active) continue;
    const json::object& object = *pod.object;
    const std::string_view node = text_field(object, {"spec", "nodeName"});
    const bool is_running = text_field(object, {"status", "phase"}) == "Running";
    const json::object* ready = find_condition(object, "Ready");
    ranks.push_back({.order = {!node.empty(), is_running, pod.is_ready, deletion_cost(object),
                               node.empty() ? 0 : -on_node[node]},
                     .ready_since = pod.is_ready ? text_field(*ready, {"lastTransitionTime"})
                                                 : std::string_view{},
                     .created = text_field(object, {"metadata", "creationTimestamp"}),
                     .name = name});
  }
  std::ranges::sort(ranks, [](const Rank& a, const Rank& b) {
    if (a.order != b.order) return a.order < b.order;
    if (a.ready_since != b.ready_since) return a.ready_since > b.ready_since;
    if (a.created != b.created) return a.created > b.created;
    return a.name < b.name;
  });
  std::vector<std::string> names;
  for (const Rank& rank : ranks) {
    if (std::ssize(names) == count) break;
    names.emplace_back(rank.name);
  }
  return names;
}

std::int64_t available_pods(const PodsOfOwner& owned, std::int64_t min_ready_seconds, Time now,
                            Time& next) {
  next = Time::max();
  if (min_ready_seconds == 0) return owned.ready;
  std::int64_t available = 0;
  for (const auto& [name, pod] : owned.pods) {
    if (!pod.is_ready) continue;
    const Time from = time_field(*find_condition(*pod.object, "Ready"), {"lastTransitionTime"}) +
                      Duration::seconds(min_ready_seconds);
    if (from <= now) {
      available += 1;
    } else {
      next = std::min(next, from);
    }
  }
  return available;
}

void ReplicaSetController::step(Time now) {
  for (const Change& change : sets_.take().changes) dirty_.insert(object_name(*change.object));
  dirty_.merge(pods_.follow());
  for (const ObjectName& name : due_.take_due(now)) dirty_.insert(name);
  for (const ObjectName& name : std::exchange(dirty_, {})) reconcile(name, now);
}

void ReplicaSetController::reconcile(const ObjectName& name, Time now) {
  const ObjectPtr set = api_.find(kSets, name.ns, name.name);
  if (set == nullptr) {
    retries_.erase(name);
    return;
  }
  std::string failure;
  if (!is_deleting(*set)) {
    const std::int64_t missing =
        int_field(*set, {"spec", "replicas"}, 1) - pods_.of(uid_of(*set)).active;
    const auto held = retries_.find(name);
    const bool is_held = held != retries_.end() && held->second.at > now;
    if (missing > 0 && is_held) failure = held->second.failure;  // refused a moment ago
    if (missing > 0 && !is_held) failure = create_pods(*set, std::min(missing, kBurst), now);
    if (missing < 0) failure = delete_pods(*set, std::min(-missing, kBurst), now);
    if (failure.empty()) {
      retries_.erase(name);
    } else if (!is_held) {
      retries_[name] = {.at = now + kRetryAfter, .failure = failure};
    }
    if (!failure.empty()) {
      due_.set_earliest(name, retries_[name].at);
    } else if (missing > kBurst || missing < -kBurst) {
      dirty_.insert(name);
    }
    const ObjectNames touched = pods_.follow();  // what was just written counts
    for (const ObjectName& other : touched) {
      if (other.ns != name.ns || other.name != name.name) dirty_.insert(other);
    }
  }
  write_status(*set, failure, now);
}

std::string ReplicaSetController::create_pods(const json::object& set, std::int64_t count,
                                              Time now) {
  json::object pod = pod_from_template(*object_field(set, {"spec", "template"}), set);
  object_at(pod, {"metadata"})["generateName"] = text_value(fmt::format("{}-", name_of(set)));
  for (std::int64_t i = 0; i < count; ++i) {
    const auto created = api_.create("pods", pod, now);
    if (!created) {
      events_.record(set,
                     {.type = "Warning",
                      .reason = "FailedCreate",
                      .message = fmt::format("Error creating: {}", created.error().message),
                      .component = kComponent},
                     now);
      return created.error().message;
    }
    events_.record(set,
                   {.reason = "SuccessfulCreate",
                    .message = fmt::format("Created pod: {}", name_of(**created)),
                    .component = kComponent},
                   now);
  }
  return {};
}

std::string ReplicaSetController::delete_pods(const json::object& set, std::int64_t count,
                                              Time now) {
  for (const std::string& pod : pods_missed_least(pods_.of(uid_of(set)), count)) {
    const auto removed = api_.remove("pods", namespace_of(set), pod, now);
    if (!removed && removed.error().code != 404) return removed.error().message;
    events_.record(set,
                   {.reason = "SuccessfulDelete",
                    .message = fmt::format("Deleted pod: {}", pod),
                    .component = kComponent},
                   now);
  }
  return {};
}

void ReplicaSetController::write_status(const json::object& set, std::string_view failure,
                                        Time now) {
  const PodsOfOwner& owned = pods_.of(uid_of(set));
  Time next_available = Time::max();
  const std::int64_t available =
      available_pods(owned, int_field(set, {"spec", "minReadySeconds"}), now, next_available);
  if (next_available != Time::max()) due_.set_earliest(object_name(set), next_available);

  const json::object* old = object_field(set, {"status"});
  json::object status = old == nullptr ? json::object{} : *old;
  const auto write_count = [&](const char* field, std::int64_t value, bool is_always_there) {
    if (value != 0 || is_always_there) {
      status[field] = value;
    } else {
      erase_field(status, field);
    }
  };
  write_count("replicas", owned.active, true);
  write_count("fullyLabeledReplicas", owned.active, false);
  write_count("readyReplicas", owned.ready, false);
  write_count("availableReplicas", available, false);
  status["observedGeneration"] = int_field(set, {"metadata", "generation"});
  if (failure.empty()) {
    erase_condition(status, "ReplicaFailure");
    if (const json::array* left = array_field(status, {"conditions"});
        left != nullptr && left->empty()) {
      erase_field(status, "conditions");
    }
  } else {
    set_condition(status, {"ReplicaFailure", "True", "FailedCreate", failure}, now);
  }
  if (old != nullptr && status == *old) return;
  json::object changed = set;
  changed["status"] = std::move(status);
  const auto written = api_.update_status(kSets, std::move(changed), now);
  if (!written) due_.set_earliest(object_name(set), now + kRetryAfter);
}

}  // namespace hyperwright::sim
