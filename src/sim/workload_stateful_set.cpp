#include "sim/workload_stateful_set.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/number.h"
#include "sim/kubernetes_fields.h"
#include "sim/workload_objects.h"
#include "sim/workload_replica_set.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr std::string_view kSets = "statefulsets.apps";
constexpr std::string_view kComponent = "statefulset-controller";
constexpr const char* kRevision = "controller-revision-hash";
constexpr std::int64_t kBurst = 500;
constexpr Duration kRetryAfter = Duration::seconds(15);

std::int64_t replicas_of(const json::object& set) {
  return int_field(set, {"spec", "replicas"}, 1);
}
std::int64_t first_ordinal(const json::object& set) {
  return int_field(set, {"spec", "ordinals", "start"});
}

bool is_parallel(const json::object& set) {
  return text_field(set, {"spec", "podManagementPolicy"}) == "Parallel";
}

std::string pod_name(const json::object& set, std::int64_t ordinal) {
  return fmt::format("{}-{}", name_of(set), ordinal);
}

std::string revision_of(const json::object& set) {
  return fmt::format("{}-{}", name_of(set),
                     template_hash(*object_field(set, {"spec", "template"})));
}

bool is_of_revision(const json::object& pod, std::string_view revision) {
  return text_field(pod, {"metadata", "labels", kRevision}) == revision;
}

// The ordinal in a pod's name; nullopt: the name is not one of the set's.
std::optional<std::int64_t> ordinal_of(const json::object& set, std::string_view pod) {
  const std::string_view name = name_of(set);
  if (!pod.starts_with(name) || pod.size() <= name.size() + 1 || pod[name.size()] != '-')
    return std::nullopt;
  return parse_int64(pod.substr(name.size() + 1));
}

std::map<std::int64_t, const OwnedPod*> by_ordinal(const json::object& set,
                                                   const PodsOfOwner& owned) {
  std::map<std::int64_t, const OwnedPod*> pods;
  for (const auto& [name, pod] : owned.pods) {
    if (const auto ordinal = ordinal_of(set, name)) pods[*ordinal] = &pod;
  }
  return pods;
}

}  // namespace

void StatefulSetController::step(Time now) {
  for (const Change& change : sets_.take().changes) dirty_.insert(object_name(*change.object));
  dirty_.merge(pods_.follow());
  for (const ObjectName& name : due_.take_due(now)) dirty_.insert(name);
  for (const ObjectName& name : std::exchange(dirty_, {})) reconcile(name, now);
}

void StatefulSetController::reconcile(const ObjectName& name, Time now) {
  const ObjectPtr set = api_.find(kSets, name.ns, name.name);
  if (set == nullptr) return;
  if (!is_deleting(*set)) {
    manage_pods(*set, now);
    const ObjectNames touched = pods_.follow();  // what was just written counts
    for (const ObjectName& other : touched) {
      if (other.ns != name.ns || other.name != name.name) dirty_.insert(other);
    }
  }
  write_status(*set, now);
}

void StatefulSetController::manage_pods(const json::object& set, Time now) {
  const std::int64_t begin = first_ordinal(set);
  const std::int64_t end = begin + replicas_of(set);
  const bool parallel = is_parallel(set);
  const auto pods = by_ordinal(set, pods_.of(uid_of(set)));

  // What is over goes; a pod of its name comes when it has gone.
  for (const auto& [ordinal, pod] : pods) {
    if ((pod->is_failed || pod->is_succeeded) && !is_deleting(*pod->object)) {
      delete_pod(set, pod_name(set, ordinal), now);
      return;
    }
  }
  std::int64_t created = 0;
  for (std::int64_t ordinal = begin; ordinal < end; ++ordinal) {
    const auto it = pods.find(ordinal);
    if (it != pods.end() && it->second->is_ready) continue;
    if (it == pods.end()) {
      if (created == kBurst) {
        dirty_.insert(object_name(set));
        return;
      }
      created += 1;
      if (!create_pod(set, ordinal, now)) return;
    }
    if (!parallel) return;  // this one first
  }
  // All that stay are Ready, or order does not matter: now those beyond go, the highest first.
  for (auto it = pods.rbegin(); it != pods.rend(); ++it) {
    if (it->first >= begin && it->first < end) continue;
    if (it->second->is_terminating && !parallel) return;
    if (it->second->is_active) {
      delete_pod(set, pod_name(set, it->first), now);
      if (!parallel) return;
    }
  }
  if (created == 0) roll(set, now);
}

bool StatefulSetController::create_pod(const json::object& set, std::int64_t ordinal, Time now) {
  const std::string name = pod_name(set, ordinal);
  json::object pod = pod_from_template(*object_field(set, {"spec", "template"}), set);
  json::object& metadata = object_at(pod, {"metadata"});
  metadata["name"] = name;
  json::object& labels = object_at(metadata, {"labels"});
  labels["statefulset.kubernetes.io/pod-name"] = name;
  labels["apps.kubernetes.io/pod-index"] = std::to_string(ordinal);
  labels[kRevision] = revision_of(set);
  json::object& spec = object_at(pod, {"spec"});
  spec["hostname"] = name;
  if (const std::string_view service = text_field(set, {"spec", "serviceName"}); !service.empty()) {
    spec["subdomain"] = text_value(service);
  }
  if (const json::array* templates = array_field(set, {"spec", "volumeClaimTemplates"})) {
    json::array& volumes = array_at(spec, {"volumes"});
    for (const json::value& claim : *templates) {
      const std::string_view volume = name_of(claim.as_object());
      volumes.push_back(json::object{
          {"name", text_value(volume)},
          {"persistentVolumeClaim", {{"claimName", fmt::format("{}-{}", volume, name)}}}});
    }
    create_volume_claims(set, name, now);
  }
  const auto created = api_.create("pods", std::move(pod), now);
  if (created) {
    events_.record(
        set,
        {.reason = "SuccessfulCreate",
         .message = fmt::format("create Pod {} in StatefulSet {} successful", name, name_of(set)),
         .component = kComponent},
        now);
    return true;
  }
  events_.record(set,
                 {.type = "Warning",
                  .reason = "FailedCreate",
                  .message = fmt::format("create Pod {} in StatefulSet {} failed error: {}", name,
                                         name_of(set), created.error().message),
                  .component = kComponent},
                 now);
  due_.set_earliest(object_name(set), now + kRetryAfter);
  return false;
}

void StatefulSetController::create_volume_claims(const json::object& set, const std::string& pod,
                                                 Time now) {
  for (const json::value& item : *array_field(set, {"spec", "volumeClaimTemplates"})) {
    json::object claim = item.as_object();
    json::object& metadata = object_at(claim, {"metadata"});
    metadata["name"] = fmt::format("{}-{}", text_field(metadata, {"name"}), pod);
    metadata["namespace"] = text_value(namespace_of(set));
    erase_field(claim, "status");
    claim["apiVersion"] = "v1";
    claim["kind"] = "PersistentVolumeClaim";
    const auto created = api_.create("persistentvolumeclaims", std::move(claim), now);
    // One that is there already is the pod's own, from before.
    if (!created && created.error().reason != "AlreadyExists")
      due_.set_earliest(object_name(set), now + kRetryAfter);
  }
}

void StatefulSetController::delete_pod(const json::object& set, const std::string& pod, Time now) {
  const auto removed = api_.remove("pods", namespace_of(set), pod, now);
  if (!removed && removed.error().code != 404)
    due_.set_earliest(object_name(set), now + kRetryAfter);
  events_.record(
      set,
      {.reason = "SuccessfulDelete",
       .message = fmt::format("delete Pod {} in StatefulSet {} successful", pod, name_of(set)),
       .component = kComponent},
      now);
}

void StatefulSetController::roll(const json::object& set, Time now) {
  if (text_field(set, {"spec", "updateStrategy", "type"}) == "OnDelete") return;
  const std::string revision = revision_of(set);
  const std::int64_t first = std::max(
      first_ordinal(set), int_field(set, {"spec", "updateStrategy", "rollingUpdate", "partition"}));
  const auto pods = by_ordinal(set, pods_.of(uid_of(set)));
  for (auto it = pods.rbegin(); it != pods.rend() && it->first >= first; ++it) {
    if (!is_of_revision(*it->second->object, revision)) {
      if (it->second->is_active) delete_pod(set, pod_name(set, it->first), now);
      return;
    }
    if (!it->second->is_ready) return;
  }
}

void StatefulSetController::write_status(const json::object& set, Time now) {
  const PodsOfOwner& owned = pods_.of(uid_of(set));
  const std::string revision = revision_of(set);
  std::int64_t updated = 0;
  std::int64_t replicas = 0;
  for (const auto& [name, pod] : owned.pods) {
    replicas += 1;
    if (pod.is_active && is_of_revision(*pod.object, revision)) updated += 1;
  }
  Time next_available = Time::max();
  const std::int64_t available =
      available_pods(owned, int_field(set, {"spec", "minReadySeconds"}), now, next_available);
  if (next_available != Time::max()) due_.set_earliest(object_name(set), next_available);

  const json::object* old = object_field(set, {"status"});
  json::object status = old == nullptr ? json::object{} : *old;
  const auto write_count = [&](const char* field, std::int64_t value) {
    if (value != 0) {
      status[field] = value;
    } else {
      erase_field(status, field);
    }
  };
  status["observedGeneration"] = int_field(set, {"metadata", "generation"});
  status["replicas"] = replicas;
  status["availableReplicas"] = available;
  write_count("readyReplicas", owned.ready);
  write_count("updatedReplicas", updated);
  set_default(status, "currentRevision", text_value(revision));
  status["updateRevision"] = revision;
  set_default(status, "collisionCount", 0);
  // The update is over when every pod has it: the revision becomes the current one.
  const bool is_over =
      updated == replicas && owned.ready == replicas && replicas == replicas_of(set);
  if (is_over) status["currentRevision"] = revision;
  const std::string current(text_field(status, {"currentRevision"}));
  write_count("currentReplicas", current == revision ? updated : replicas - updated);
  if (old != nullptr && status == *old) return;
  json::object changed = set;
  changed["status"] = std::move(status);
  const auto written = api_.update_status(kSets, std::move(changed), now);
  if (!written) due_.set_earliest(object_name(set), now + kRetryAfter);
}

}  // namespace hyperwright::sim
