#include "sim/workload_deployment.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/number.h"
#include "sim/kubernetes_fields.h"
#include "sim/workload_deployment_status.h"
#include "sim/workload_objects.h"
#include "sim/workload_rollout.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr std::string_view kDeployments = "deployments.apps";
constexpr std::string_view kSets = "replicasets.apps";
constexpr std::string_view kComponent = "deployment-controller";
constexpr const char* kHash = "pod-template-hash";
constexpr const char* kRevision = "deployment.kubernetes.io/revision";
constexpr Duration kRetryAfter = Duration::seconds(15);

std::int64_t replicas_of(const json::object& object) {
  return int_field(object, {"spec", "replicas"}, 1);
}

std::int64_t revision_of(const json::object& object) {
  return parse_int64(text_field(object, {"metadata", "annotations", kRevision})).value_or(0);
}

// The template without the label that the controller itself put there.
json::object template_of(const json::object& object) {
  json::object pod_template = *object_field(object, {"spec", "template"});
  if (json::object* labels = object_field(pod_template, {"metadata", "labels"}))
    erase_field(*labels, kHash);
  return pod_template;
}

Rollout rollout_of(const json::object& deployment, const ObjectPtr& current,
                   const std::vector<ObjectPtr>& old) {
  const auto counts = [](const json::object& set) {
    return RolloutSet{replicas_of(set), int_field(set, {"status", "availableReplicas"})};
  };
  Rollout rollout{.replicas = replicas_of(deployment),
                  .surge_max = 0,
                  .unavailable_max = 0,
                  .current = {},
                  .old = {}};
  rollout.surge_max = max_surge(deployment);
  rollout.unavailable_max = max_unavailable(deployment);
  if (current != nullptr) rollout.current = counts(*current);
  for (const ObjectPtr& set : old) rollout.old.push_back(counts(*set));
  return rollout;
}

}  // namespace

void DeploymentController::step(Time now) {
  follow();
  for (const ObjectName& name : due_.take_due(now)) dirty_.insert(name);
  for (const ObjectName& name : std::exchange(dirty_, {})) reconcile(name, now);
}

void DeploymentController::follow() {
  for (const Change& change : deployments_.take().changes)
    dirty_.insert(object_name(*change.object));
  const ChangeFollower::News sets = sets_.take();
  if (sets.is_relist) sets_by_owner_.clear();
  for (const Change& change : sets.changes) {
    const json::object* owner = controller_of(*change.object);
    if (owner == nullptr || text_field(*owner, {"kind"}) != "Deployment") continue;
    SetsByName& of_owner = sets_by_owner_[std::string(text_field(*owner, {"uid"}))];
    if (change.kind == ChangeKind::Deleted) {
      of_owner.erase(std::string(name_of(*change.object)));
      if (of_owner.empty()) sets_by_owner_.erase(std::string(text_field(*owner, {"uid"})));
    } else {
      of_owner[std::string(name_of(*change.object))] = change.object;
    }
    dirty_.insert(
        {std::string(namespace_of(*change.object)), std::string(text_field(*owner, {"name"}))});
  }
  const ChangeFollower::News pods = pods_.take();
  const bool pods_went =
      pods.is_relist || std::ranges::any_of(pods.changes, [](const Change& change) {
        return change.kind == ChangeKind::Deleted || is_terminal_pod(*change.object);
      });
  if (pods_went) dirty_.merge(std::exchange(recreating_, {}));
}

DeploymentController::Sets DeploymentController::sets_of(const json::object& deployment) const {
  Sets sets;
  const auto it = sets_by_owner_.find(uid_of(deployment));
  if (it == sets_by_owner_.end()) return sets;
  const json::object wanted = template_of(deployment);
  for (const auto& [name, set] : it->second) {
    if (is_deleting(*set)) continue;
    if (sets.current == nullptr && template_of(*set) == wanted) {
      sets.current = set;
    } else {
      sets.old.push_back(set);
    }
  }
  std::ranges::sort(sets.old, {}, [](const ObjectPtr& set) {
    return std::pair(text_field(*set, {"metadata", "creationTimestamp"}), name_of(*set));
  });
  return sets;
}

void DeploymentController::reconcile(const ObjectName& name, Time now) {
  const ObjectPtr deployment = api_.find(kDeployments, name.ns, name.name);
  if (deployment == nullptr) return;
  Sets sets = sets_of(*deployment);
  bool created_set = false;
  if (!is_deleting(*deployment)) {
    if (bool_field(*deployment, {"spec", "paused"})) {
      // Paused: no rollout, but it may be scaled.
      if (sets.current != nullptr && sets.old.empty())
        scale(*deployment, sets.current, replicas_of(*deployment), now);
    } else {
      const bool had_set = sets.current != nullptr;
      if (text_field(*deployment, {"spec", "strategy", "type"}) == "Recreate") {
        recreate(*deployment, sets, now);
      } else {
        roll(*deployment, sets, now);
      }
      created_set = !had_set && sets.current != nullptr;
      forget_history(*deployment, sets, now);
    }
    write_revision(*deployment, sets, now);
  }
  write_status(name, sets, created_set, now);
}

void DeploymentController::roll(const json::object& deployment, Sets& sets, Time now) {
  if (sets.current == nullptr) {
    const std::int64_t first = next_current_replicas(rollout_of(deployment, nullptr, sets.old));
    sets.current = create_set(deployment, sets, first, now);
    if (sets.current == nullptr) return;
  } else {
    scale(deployment, sets.current,
          next_current_replicas(rollout_of(deployment, sets.current, sets.old)), now);
  }
  const std::vector<std::int64_t> next =
      next_old_replicas(rollout_of(deployment, sets.current, sets.old));
  for (std::size_t i = 0; i < sets.old.size(); ++i) scale(deployment, sets.old[i], next[i], now);
}

void DeploymentController::recreate(const json::object& deployment, Sets& sets, Time now) {
  for (ObjectPtr& set : sets.old) scale(deployment, set, 0, now);
  if (sets.current == nullptr) {
    const auto is_of_old_set = [&](const ObjectPtr& pod) {
      const json::object* owner = controller_of(*pod);
      return !is_terminal_pod(*pod) && owner != nullptr &&
             std::ranges::any_of(sets.old, [&](const ObjectPtr& set) {
               return uid_of(*set) == text_field(*owner, {"uid"});
             });
    };
    const LabelSelector selector =
        label_selector_of(object_field(deployment, {"spec", "selector"}));
    const auto pods = api_.list(
        "pods", {.ns = std::string(namespace_of(deployment)), .labels = selector, .fields = {}});
    if (!sets.old.empty() && std::ranges::any_of(pods, is_of_old_set)) {
      recreating_.insert(object_name(deployment));
      return;
    }
    sets.current = create_set(deployment, sets, replicas_of(deployment), now);
  } else {
    scale(deployment, sets.current, replicas_of(deployment), now);
  }
}

ObjectPtr DeploymentController::create_set(const json::object& deployment, const Sets& sets,
                                           std::int64_t replicas, Time now) {
  std::int64_t revision = 0;
  for (const ObjectPtr& set : sets.old) revision = std::max(revision, revision_of(*set));
  json::object pod_template = template_of(deployment);
  // A hash that another template has taken already gets another salt.
  for (std::int64_t salt = 0; salt < 8; ++salt) {
    const std::string hash = template_hash(template_of(deployment), salt);
    json::object& labels = object_at(pod_template, {"metadata", "labels"});
    labels[kHash] = hash;
    json::object selector = *object_field(deployment, {"spec", "selector"});
    object_at(selector, {"matchLabels"})[kHash] = hash;
    json::object set{
        {"metadata",
         {{"name", fmt::format("{}-{}", name_of(deployment), hash)},
          {"namespace", text_value(namespace_of(deployment))},
          {"labels", labels},
          {"annotations",
           {{kRevision, std::to_string(revision + 1)},
            {"deployment.kubernetes.io/desired-replicas", std::to_string(replicas_of(deployment))},
            {"deployment.kubernetes.io/max-replicas",
             std::to_string(replicas_of(deployment) + max_surge(deployment))}}},
          {"ownerReferences", json::array{controller_reference(deployment)}}}},
        {"spec",
         {{"replicas", replicas}, {"selector", std::move(selector)}, {"template", pod_template}}}};
    if (const json::value* seconds = find_field(deployment, {"spec", "minReadySeconds"})) {
      set["spec"].get_object()["minReadySeconds"] = *seconds;
    }
    const auto created = api_.create(kSets, std::move(set), now);
    if (created) {
      if (replicas > 0) {
        events_.record(deployment,
                       {.reason = "ScalingReplicaSet",
                        .message = fmt::format("Scaled up replica set {} from 0 to {}",
                                               name_of(**created), replicas),
                        .component = kComponent},
                       now);
      }
      return *created;
    }
    if (created.error().reason != "AlreadyExists") {
      events_.record(
          deployment,
          {.type = "Warning",
           .reason = "ReplicaSetCreateError",
           .message = fmt::format("Failed to create new replica set: {}", created.error().message),
           .component = kComponent},
          now);
      break;
    }
  }
  due_.set_earliest(object_name(deployment), now + kRetryAfter);
  return nullptr;
}

void DeploymentController::scale(const json::object& deployment, ObjectPtr& set,
                                 std::int64_t replicas, Time now) {
  const std::int64_t before = replicas_of(*set);
  if (before == replicas) return;
  json::object changed = *set;
  object_at(changed, {"spec"})["replicas"] = replicas;
  const auto scaled = api_.update(kSets, std::move(changed), now);
  if (!scaled) {  // somebody wrote it meanwhile, and its change will bring us back
    due_.set_earliest(object_name(deployment), now + kRetryAfter);
    return;
  }
  set = *scaled;
  events_.record(
      deployment,
      {.reason = "ScalingReplicaSet",
       .message = fmt::format("Scaled {} replica set {} from {} to {}",
                              replicas > before ? "up" : "down", name_of(*set), before, replicas),
       .component = kComponent},
      now);
}

void DeploymentController::forget_history(const json::object& deployment, const Sets& sets,
                                          Time now) {
  std::vector<ObjectPtr> unused;
  for (const ObjectPtr& set : sets.old) {
    if (replicas_of(*set) == 0 && int_field(*set, {"status", "replicas"}) == 0 &&
        int_field(*set, {"status", "observedGeneration"}) ==
            int_field(*set, {"metadata", "generation"})) {
      unused.push_back(set);
    }
  }
  std::ranges::sort(
      unused, {}, [](const ObjectPtr& set) { return std::pair(revision_of(*set), name_of(*set)); });
  const std::int64_t kept = int_field(deployment, {"spec", "revisionHistoryLimit"}, 10);
  for (std::int64_t i = 0; i + kept < std::ssize(unused); ++i) {
    const json::object& set = *unused[static_cast<std::size_t>(i)];
    const auto removed = api_.remove(kSets, namespace_of(set), name_of(set), now);
    if (!removed) due_.set_earliest(object_name(deployment), now + kRetryAfter);
  }
}

// The current ReplicaSet has the highest revision: one that is rolled back to moves up.
void DeploymentController::write_revision(const json::object& deployment, const Sets& sets,
                                          Time now) {
  if (sets.current == nullptr) return;
  std::int64_t revision = revision_of(*sets.current);
  for (const ObjectPtr& set : sets.old) revision = std::max(revision, revision_of(*set) + 1);
  const json::object patch{
      {"metadata", {{"annotations", {{kRevision, std::to_string(revision)}}}}}};
  const auto write = [&](std::string_view resource, const json::object& object) {
    if (revision_of(object) == revision) return;
    const auto written =
        api_.patch(resource, namespace_of(object), name_of(object), PatchType::Merge, patch, now);
    if (!written) due_.set_earliest(object_name(deployment), now + kRetryAfter);
  };
  write(kSets, *sets.current);
  write(kDeployments, deployment);
}

void DeploymentController::write_status(const ObjectName& name, const Sets& sets, bool created_set,
                                        Time now) {
  const ObjectPtr deployment = api_.find(kDeployments, name.ns, name.name);
  if (deployment == nullptr) return;
  std::vector<ObjectPtr> all = sets.old;
  if (sets.current != nullptr) all.push_back(sets.current);
  Time deadline = Time::max();
  json::object status =
      deployment_status(*deployment, sets.current.get(), all, created_set, now, deadline);
  due_.erase(name);
  if (deadline != Time::max()) due_.set(name, deadline);
  const json::object* old = object_field(*deployment, {"status"});
  if (old != nullptr && *old == status) return;
  json::object changed = *deployment;
  changed["status"] = std::move(status);
  const auto written = api_.update_status(kDeployments, std::move(changed), now);
  if (!written) due_.set_earliest(name, now + kRetryAfter);
}

}  // namespace hyperwright::sim
