#include "sim/workload_pod_disruption_budget.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_fields.h"
#include "sim/workload_objects.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr std::string_view kBudgets = "poddisruptionbudgets.policy";
constexpr Duration kNoteKept = Duration::minutes(2);
constexpr Duration kRetryAfter = Duration::seconds(15);

bool is_percentage(const json::value* field) { return field != nullptr && field->is_string(); }

}  // namespace

void PodDisruptionBudgetController::step(Time now) {
  follow_budgets();
  follow_pods();
  follow_scales();
  for (const ObjectName& name : due_.take_due(now)) dirty_.insert(name);
  for (const ObjectName& name : std::exchange(dirty_, {})) reconcile(name, now);
}

void PodDisruptionBudgetController::follow_budgets() {
  const ChangeFollower::News news = budgets_.take();
  if (news.is_relist) known_.clear();
  for (const Change& change : news.changes) {
    const ObjectName name = object_name(*change.object);
    if (change.kind == ChangeKind::Deleted) {
      known_.erase(name);
      due_.erase(name);
      continue;
    }
    dirty_.insert(name);
    const std::int64_t generation = int_field(*change.object, {"metadata", "generation"});
    const auto it = known_.find(name);
    if (it != known_.end() && it->second.generation == generation) continue;
    Budget& budget = known_[name];
    budget = {};
    budget.generation = generation;
    budget.selector = label_selector_of(object_field(*change.object, {"spec", "selector"}));
    // The pods that came since the last look are in this list already; taking one in twice changes
    // nothing.
    for (const ObjectPtr& pod :
         api_.list("pods", {.ns = name.ns, .labels = budget.selector, .fields = {}})) {
      take_in(budget, *pod);
    }
  }
}

void PodDisruptionBudgetController::follow_pods() {
  const ChangeFollower::News news = pods_.take();
  if (known_.empty()) return;
  if (news.is_relist) {
    for (auto& [name, budget] : known_) {
      dirty_.insert(name);
      budget.members.clear();
      budget.controllers.clear();
      budget.healthy = 0;
    }
  }
  for (const Change& change : news.changes) {
    const std::string_view ns = namespace_of(*change.object);
    const std::string_view pod = name_of(*change.object);
    for (auto it = known_.lower_bound(ObjectNameView{ns, ""});
         it != known_.end() && it->first.ns == ns; ++it) {
      Budget& budget = it->second;
      if (change.kind != ChangeKind::Deleted && budget.selector.matches(*change.object)) {
        take_in(budget, *change.object);
      } else if (budget.members.contains(pod)) {
        leave_out(budget, pod);
      } else {
        continue;
      }
      dirty_.insert(it->first);
    }
  }
}

// The replicas of a workload count where its pods do.
void PodDisruptionBudgetController::follow_scales() {
  for (ChangeFollower* follower : {&deployments_, &replica_sets_, &stateful_sets_}) {
    for (const Change& change : follower->take().changes) {
      const bool is_scaled =
          change.previous == nullptr || int_field(*change.previous, {"spec", "replicas"}) !=
                                            int_field(*change.object, {"spec", "replicas"});
      if (!is_scaled) continue;
      const std::string_view ns = namespace_of(*change.object);
      for (auto it = known_.lower_bound(ObjectNameView{ns, ""});
           it != known_.end() && it->first.ns == ns; ++it) {
        dirty_.insert(it->first);
      }
    }
  }
}

void PodDisruptionBudgetController::take_in(Budget& budget, const json::object& pod) {
  leave_out(budget, name_of(pod));
  Member member;
  member.is_going = is_deleting(pod);
  member.is_healthy = !member.is_going && is_ready_pod(pod);
  if (const json::object* owner = controller_of(pod)) {
    member.controller_uid = text_field(*owner, {"uid"});
    Controller& controller = budget.controllers[member.controller_uid];
    controller.kind = text_field(*owner, {"kind"});
    controller.name = text_field(*owner, {"name"});
    controller.pods += 1;
  }
  budget.healthy += member.is_healthy ? 1 : 0;
  budget.members[std::string(name_of(pod))] = std::move(member);
}

void PodDisruptionBudgetController::leave_out(Budget& budget, std::string_view pod) {
  const auto it = budget.members.find(pod);
  if (it == budget.members.end()) return;
  budget.healthy -= it->second.is_healthy ? 1 : 0;
  const auto controller = budget.controllers.find(it->second.controller_uid);
  if (controller != budget.controllers.end() && --controller->second.pods == 0)
    budget.controllers.erase(controller);
  budget.members.erase(it);
}

std::optional<std::int64_t> PodDisruptionBudgetController::replicas_of(
    std::string_view ns, const Controller& controller) const {
  if (controller.kind == "StatefulSet") {
    const ObjectPtr set = api_.find("statefulsets.apps", ns, controller.name);
    return set == nullptr ? 0 : int_field(*set, {"spec", "replicas"}, 1);
  }
  if (controller.kind != "ReplicaSet") return std::nullopt;
  const ObjectPtr set = api_.find("replicasets.apps", ns, controller.name);
  if (set == nullptr) return 0;
  const json::object* owner = controller_of(*set);
  if (owner != nullptr && text_field(*owner, {"kind"}) == "Deployment") {
    const ObjectPtr deployment = api_.find("deployments.apps", ns, text_field(*owner, {"name"}));
    if (deployment != nullptr) return int_field(*deployment, {"spec", "replicas"}, 1);
  }
  return int_field(*set, {"spec", "replicas"}, 1);
}

PodDisruptionBudgetController::Expected PodDisruptionBudgetController::expected_of(
    const json::object& object, const Budget& budget) const {
  Expected expected;
  const json::value* min_available = find_field(object, {"spec", "minAvailable"});
  const json::value* max_unavailable = find_field(object, {"spec", "maxUnavailable"});
  if (min_available != nullptr && !is_percentage(min_available)) {
    expected.pods = std::ssize(budget.members);
    expected.desired_healthy = int_or_percent(min_available, 0, Rounding::Up, 0);
    return expected;
  }
  if (min_available == nullptr && max_unavailable == nullptr) return expected;
  std::vector<std::string> deployments;  // each counts once, however many ReplicaSets it has
  for (const auto& [uid, controller] : budget.controllers) {
    const std::string_view ns = namespace_of(object);
    if (controller.kind == "ReplicaSet") {
      const ObjectPtr set = api_.find("replicasets.apps", ns, controller.name);
      const json::object* owner = set == nullptr ? nullptr : controller_of(*set);
      if (owner != nullptr) {
        const std::string owner_uid(text_field(*owner, {"uid"}));
        if (std::ranges::find(deployments, owner_uid) != deployments.end()) continue;
        deployments.push_back(owner_uid);
      }
    }
    const auto replicas = replicas_of(ns, controller);
    if (!replicas) {
      expected.problem = fmt::format("{} \"{}\" does not implement the scale subresource",
                                     controller.kind, controller.name);
      return expected;
    }
    expected.pods += *replicas;
  }
  const std::int64_t bound = int_or_percent(
      max_unavailable != nullptr ? max_unavailable : min_available, expected.pods, Rounding::Up, 0);
  expected.desired_healthy =
      max_unavailable != nullptr ? std::max(std::int64_t{0}, expected.pods - bound) : bound;
  return expected;
}

void PodDisruptionBudgetController::reconcile(const ObjectName& name, Time now) {
  const ObjectPtr object = api_.find(kBudgets, name.ns, name.name);
  const auto it = known_.find(name);
  if (object == nullptr || it == known_.end()) return;
  const Budget& budget = it->second;
  const json::object* old = object_field(*object, {"status"});
  json::object status = old == nullptr ? json::object{} : *old;

  std::int64_t healthy = budget.healthy;
  json::object notes;
  Time next = Time::max();
  if (const json::object* disrupted = object_field(status, {"disruptedPods"})) {
    for (const auto& [pod, value] : *disrupted) {
      const auto member = budget.members.find(std::string_view(pod.data(), pod.size()));
      const Time expires =
          time_field(status, {"disruptedPods", std::string_view(pod.data(), pod.size())}) +
          kNoteKept;
      if (member == budget.members.end() || member->second.is_going || expires <= now) continue;
      healthy -= member->second.is_healthy ? 1 : 0;
      notes[pod] = value;
      next = std::min(next, expires);
    }
  }
  due_.erase(name);
  if (next != Time::max()) due_.set(name, next);

  const Expected expected = expected_of(*object, budget);
  std::int64_t allowed = 0;
  if (expected.problem.empty()) {
    allowed = expected.pods > 0 ? std::max(std::int64_t{0}, healthy - expected.desired_healthy) : 0;
    status["currentHealthy"] = healthy;
    status["desiredHealthy"] = expected.desired_healthy;
    status["expectedPods"] = expected.pods;
  }
  status["disruptionsAllowed"] = allowed;
  status["observedGeneration"] = int_field(*object, {"metadata", "generation"});
  erase_field(status, "disruptedPods");
  if (!notes.empty()) status["disruptedPods"] = std::move(notes);
  if (!expected.problem.empty()) {
    set_condition(status, {"DisruptionAllowed", "False", "SyncFailed", expected.problem}, now);
  } else {
    set_condition(status,
                  {"DisruptionAllowed",
                   allowed > 0 ? "True" : "False",
                   allowed > 0 ? "SufficientPods" : "InsufficientPods",
                   {}},
                  now);
  }
  if (old != nullptr && status == *old) return;
  json::object changed = *object;
  changed["status"] = std::move(status);
  const auto written = api_.update_status(kBudgets, std::move(changed), now);
  if (!written) due_.set_earliest(name, now + kRetryAfter);
}

}  // namespace hyperwright::sim
