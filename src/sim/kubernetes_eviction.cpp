// The eviction subresource: a deletion that PodDisruptionBudgets may refuse.
//
// A pod that is not running, or is on its way out, is not what a budget protects: it is deleted. Of
// a running one the budget that selects it must allow a disruption; the API server takes that one
// off status.disruptionsAllowed and notes the pod in status.disruptedPods, until the disruption
// controller has counted anew. More than one budget is an error of configuration, and answered as
// upstream does. Under the policy IfHealthyBudget (the default) a pod that is not ready may go
// while the budget is met, and under AlwaysAllow always.
//
// Source: Kubernetes, Concepts > Scheduling > API-initiated Eviction; Tasks > Specifying a
// Disruption Budget.
#include <algorithm>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_api.h"
#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr std::string_view kBudgets = "poddisruptionbudgets.policy";
constexpr std::size_t kDisruptedPodsMax = 2000;

bool needs_no_budget(const json::object& pod) {
  const std::string_view phase = text_field(pod, {"status", "phase"});
  return phase == "Succeeded" || phase == "Failed" || phase == "Pending" || is_deleting(pod);
}

ApiError too_many_requests(std::string cause) {
  ApiError error{.code = 429,
                 .reason = "TooManyRequests",
                 .message = "Cannot evict pod as it would violate the pod's disruption budget."};
  error.causes.push_back({"DisruptionBudget", std::move(cause), {}});
  return error;
}

// False: the budget does not protect this pod now.
bool must_ask(const json::object& pod, const json::object& budget) {
  if (has_condition(pod, "Ready", "True")) return true;
  if (text_field(budget, {"spec", "unhealthyPodEvictionPolicy"}) == "AlwaysAllow") return false;
  const std::int64_t healthy = int_field(budget, {"status", "currentHealthy"});
  const std::int64_t desired = int_field(budget, {"status", "desiredHealthy"});
  return healthy < desired || desired <= 0;
}

void note_that_none_is_left(json::object& status, std::int64_t generation, Time now) {
  json::object condition{
      {"type", "DisruptionAllowed"},      {"status", "False"},
      {"observedGeneration", generation}, {"lastTransitionTime", format_time(now)},
      {"reason", "InsufficientPods"},     {"message", ""}};
  json::array& conditions = array_at(status, {"conditions"});
  for (json::value& own : conditions) {
    if (!own.is_object() || text_field(own.get_object(), {"type"}) != "DisruptionAllowed") continue;
    if (text_field(own.get_object(), {"status"}) != "False") own = std::move(condition);
    return;
  }
  conditions.push_back(std::move(condition));
}

}  // namespace

ApiResult<ObjectPtr> KubernetesApi::evict(std::string_view ns, std::string_view pod, Time now,
                                          const DeleteOptions& options) {
  const ResourceType& type = *find_type("pods");
  const ObjectPtr found = store_.find("pods", ns, pod);
  if (found == nullptr) return not_found(type.subject(pod));
  if (needs_no_budget(*found)) return remove("pods", ns, pod, now, options);
  if (options.uid && *options.uid != uid_of(*found)) {
    return conflict(
        type.subject(pod),
        fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}",
                    *options.uid, uid_of(*found)));
  }

  std::vector<ObjectPtr> budgets;
  for (ObjectPtr& budget : list(kBudgets, {.ns = std::string(ns), .labels = {}, .fields = {}})) {
    if (label_selector_of(object_field(*budget, {"spec", "selector"})).matches(*found))
      budgets.push_back(budget);
  }
  if (budgets.size() > 1) {
    return internal_error(
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not "
        "support.");
  }
  if (budgets.size() == 1 && must_ask(*found, *budgets.front())) {
    const json::object& budget = *budgets.front();
    const std::string_view name = name_of(budget);
    if (int_field(budget, {"status", "observedGeneration"}) <
        int_field(budget, {"metadata", "generation"})) {
      ApiError error = too_many_requests(
          fmt::format("The disruption budget {} is still being processed by the server.", name));
      error.retry_after_seconds = 10;
      return error;
    }
    const std::int64_t allowed = int_field(budget, {"status", "disruptionsAllowed"});
    if (allowed < 0)
      return forbidden(find_type(kBudgets)->subject(name), "pdb disruptions allowed is negative");
    const json::object* disrupted = object_field(budget, {"status", "disruptedPods"});
    if (disrupted != nullptr && disrupted->size() > kDisruptedPodsMax) {
      return forbidden(
          find_type(kBudgets)->subject(name),
          "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
    }
    if (allowed == 0) {
      return too_many_requests(
          fmt::format("The disruption budget {} needs {} healthy pods and has {} currently", name,
                      int_field(budget, {"status", "desiredHealthy"}),
                      int_field(budget, {"status", "currentHealthy"})));
    }
    if (!options.dry_run) {
      json::object changed = budget;
      json::object& status = object_at(changed, {"status"});
      status["disruptionsAllowed"] = allowed - 1;
      if (allowed == 1)
        note_that_none_is_left(status, int_field(budget, {"metadata", "generation"}), now);
      object_at(status, {"disruptedPods"})[json::string_view(pod.data(), pod.size())] =
          format_time(now);
      store_.put(kBudgets, std::move(changed));
    }
  }
  if (!options.dry_run) {
    json::object changed = *found;
    json::array& conditions = array_at(changed, {"status", "conditions"});
    conditions.push_back(json::object{{"type", "DisruptionTarget"},
                                      {"status", "True"},
                                      {"reason", "EvictionByEvictionAPI"},
                                      {"message", "Eviction API: evicting"},
                                      {"lastTransitionTime", format_time(now)}});
    store_.put("pods", std::move(changed));
  }
  return remove("pods", ns, pod, now, options);
}

}  // namespace hyperwright::sim
