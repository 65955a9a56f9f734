#include "sim/workload_deployment_status.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_fields.h"
#include "sim/workload_objects.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

std::int64_t replicas_of(const json::object& object) {
  return int_field(object, {"spec", "replicas"}, 1);
}

bool is_rolling(const json::object& deployment) {
  return text_field(deployment, {"spec", "strategy", "type"}) != "Recreate";
}

struct Counts {
  std::int64_t replicas = 0;
  std::int64_t updated = 0;
  std::int64_t ready = 0;
  std::int64_t available = 0;
};

Counts counts_in(const json::object& status) {
  return {.replicas = int_field(status, {"replicas"}),
          .updated = int_field(status, {"updatedReplicas"}),
          .ready = int_field(status, {"readyReplicas"}),
          .available = int_field(status, {"availableReplicas"})};
}

// A condition of a Deployment also says when it was last written.
void set_timed_condition(json::object& status, const ConditionText& text, Time now,
                         bool is_progress) {
  const bool has_changed = set_condition(status, text, now);
  for (json::value& item : *array_field(status, {"conditions"})) {
    json::object& condition = item.get_object();
    if (text_field(condition, {"type"}) != text.type) continue;
    if (has_changed || is_progress || !condition.contains("lastUpdateTime"))
      condition["lastUpdateTime"] = time_value(now);
  }
}

}  // namespace

std::int64_t max_surge(const json::object& deployment) {
  if (!is_rolling(deployment)) return 0;
  return int_or_percent(find_field(deployment, {"spec", "strategy", "rollingUpdate", "maxSurge"}),
                        replicas_of(deployment), Rounding::Up, 0);
}

std::int64_t max_unavailable(const json::object& deployment) {
  if (!is_rolling(deployment)) return 0;
  const std::int64_t unavailable = int_or_percent(
      find_field(deployment, {"spec", "strategy", "rollingUpdate", "maxUnavailable"}),
      replicas_of(deployment), Rounding::Down, 0);
  if (unavailable == 0 && max_surge(deployment) == 0) return 1;
  return std::min(unavailable, replicas_of(deployment));
}

json::object deployment_status(const json::object& deployment, const json::object* current,
                               const std::vector<ObjectPtr>& all, bool created_set, Time now,
                               Time& deadline) {
  deadline = Time::max();
  const json::object* old = object_field(deployment, {"status"});
  json::object status = old == nullptr ? json::object{} : *old;
  const Counts before = counts_in(status);
  Counts counts;
  std::int64_t wanted = 0;  // of all ReplicaSets
  for (const ObjectPtr& set : all) {
    wanted += replicas_of(*set);
    counts.replicas += int_field(*set, {"status", "replicas"});
    counts.ready += int_field(*set, {"status", "readyReplicas"});
    counts.available += int_field(*set, {"status", "availableReplicas"});
  }
  if (current != nullptr) counts.updated = int_field(*current, {"status", "replicas"});
  const auto write_count = [&](const char* field, std::int64_t value) {
    if (value != 0) {
      status[field] = value;
    } else {
      erase_field(status, field);
    }
  };
  status["observedGeneration"] = int_field(deployment, {"metadata", "generation"});
  write_count("replicas", counts.replicas);
  write_count("updatedReplicas", counts.updated);
  write_count("readyReplicas", counts.ready);
  write_count("availableReplicas", counts.available);
  write_count("unavailableReplicas", std::max(std::int64_t{0}, wanted - counts.available));

  const std::int64_t replicas = replicas_of(deployment);
  const bool is_available = counts.available >= replicas - max_unavailable(deployment);
  set_timed_condition(status,
                      {"Available", is_available ? "True" : "False",
                       is_available ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                       is_available ? "Deployment has minimum availability."
                                    : "Deployment does not have minimum availability."},
                      now, false);

  const std::string set_name =
      current == nullptr ? std::string("(none)") : fmt::format("\"{}\"", name_of(*current));
  const json::object* progressing = find_condition(deployment, "Progressing");
  const std::string_view reason =
      progressing == nullptr ? std::string_view{} : text_field(*progressing, {"reason"});
  const bool is_complete =
      counts.updated == replicas && counts.replicas == replicas && counts.available == replicas;
  const bool has_progress = counts.updated > before.updated || counts.ready > before.ready ||
                            counts.available > before.available ||
                            counts.replicas - counts.updated < before.replicas - before.updated;
  if (created_set) {
    set_timed_condition(status,
                        {"Progressing", "True", "NewReplicaSetCreated",
                         fmt::format("Created new replica set {}", set_name)},
                        now, true);
  } else if (is_complete) {
    set_timed_condition(status,
                        {"Progressing", "True", "NewReplicaSetAvailable",
                         fmt::format("ReplicaSet {} has successfully progressed.", set_name)},
                        now, false);
  } else if (reason == "NewReplicaSetAvailable" && counts.replicas == counts.updated) {
    // A complete rollout stays complete when pods fail later.
  } else if (has_progress) {
    set_timed_condition(status,
                        {"Progressing", "True", "ReplicaSetUpdated",
                         fmt::format("ReplicaSet {} is progressing.", set_name)},
                        now, true);
  }
  json::object view{{"status", status}};
  const json::object* latest = find_condition(view, "Progressing");
  const bool is_under_way = latest != nullptr && text_field(*latest, {"status"}) == "True" &&
                            text_field(*latest, {"reason"}) != "NewReplicaSetAvailable";
  if (is_under_way) {
    const Time fails =
        time_field(*latest, {"lastUpdateTime"}) +
        Duration::seconds(int_field(deployment, {"spec", "progressDeadlineSeconds"}, 600));
    if (fails > now) {
      deadline = fails;
    } else {
      set_timed_condition(status,
                          {"Progressing", "False", "ProgressDeadlineExceeded",
                           fmt::format("ReplicaSet {} has timed out progressing.", set_name)},
                          now, false);
    }
  }
  return status;
}

}  // namespace hyperwright::sim
