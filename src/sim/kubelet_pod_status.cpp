#include "sim/kubelet_pod_status.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_fields.h"
#include "sim/workload_objects.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr Duration kRunsFor = Duration::seconds(60);
constexpr Duration kStopsAfter = Duration::seconds(1);

std::string_view annotation(const json::object& pod, std::string_view key) {
  return text_field(pod, {"metadata", "annotations", key});
}

// What cannot be read counts as not written.
Duration duration_of(const json::object& pod, std::string_view key, Duration otherwise) {
  const std::string_view text = annotation(pod, key);
  if (text.empty()) return otherwise;
  const auto duration = parse_duration(text);
  return duration ? std::max(*duration, Duration{}) : otherwise;
}

std::string container_id(const json::object& pod, std::string_view container) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : fmt::format("{}/{}", uid_of(pod), container)) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  }
  return fmt::format("containerd://{:016x}{:016x}{:016x}{:016x}", hash, hash * 3, hash * 5,
                     hash * 7);
}

bool is_sidecar(const json::object& container) {
  return text_field(container, {"restartPolicy"}) == "Always";
}

// One status a container; `state_of(container)` says in which state it is, `is_up` whether it
// serves.
template <typename StateOf>
json::array container_statuses(const json::object& pod, std::string_view list, bool is_up,
                               StateOf&& state_of) {
  json::array out;
  const json::array* containers = array_field(pod, {"spec", list});
  if (containers == nullptr) return out;
  for (const json::value& item : *containers) {
    const json::object& container = item.as_object();
    const std::string_view name = text_field(container, {"name"});
    const bool has_run = is_up || (list == "initContainers" && !is_sidecar(container));
    out.push_back(json::object{{"name", text_value(name)},
                               {"state", state_of(container)},
                               {"lastState", json::object{}},
                               {"ready", has_run},
                               {"restartCount", 0},
                               {"image", text_value(text_field(container, {"image"}))},
                               {"imageID", ""},
                               {"started", is_up}});
    if (is_up) out.back().get_object()["containerID"] = container_id(pod, name);
  }
  return out;
}

void put_statuses(json::object& status, const char* field, json::array statuses) {
  if (!statuses.empty()) status[field] = std::move(statuses);
}

json::object terminated(const json::object& container_status, int exit_code, Time now) {
  json::object state{{"exitCode", exit_code},
                     {"reason", exit_code == 0 ? "Completed" : "Error"},
                     {"finishedAt", time_value(now)}};
  if (const json::value* started =
          find_field(container_status, {"state", "running", "startedAt"})) {
    state["startedAt"] = *started;
  } else {
    state["startedAt"] = time_value(now);
  }
  if (const json::value* id = container_status.if_contains("containerID"))
    state["containerID"] = *id;
  return {{"terminated", std::move(state)}};
}

}  // namespace

bool ends_by_itself(const json::object& pod) {
  if (text_field(pod, {"spec", "restartPolicy"}) == "Always") return false;
  const json::object* owner = controller_of(pod);
  return (owner != nullptr && text_field(*owner, {"kind"}) == "Job") ||
         !annotation(pod, "hyperwright.dev/run-for").empty() || is_to_fail(pod);
}

Duration run_time(const json::object& pod) {
  return duration_of(pod, "hyperwright.dev/run-for", kRunsFor);
}

bool is_to_fail(const json::object& pod) {
  return annotation(pod, "hyperwright.dev/fails") == "true";
}

Duration stop_time(const json::object& pod) {
  const Duration grace =
      Duration::seconds(int_field(pod, {"metadata", "deletionGracePeriodSeconds"}, 30));
  return std::min(grace, duration_of(pod, "hyperwright.dev/stops-after", kStopsAfter));
}

json::object creating_pod(const json::object& pod, const std::string& host_ip, Time now) {
  json::object out = pod;
  json::object& status = object_at(out, {"status"});
  status["phase"] = "Pending";
  status["hostIP"] = host_ip;
  status["hostIPs"] = json::array{json::object{{"ip", host_ip}}};
  status["startTime"] = time_value(now);
  const auto waits = [](const json::object&) {
    return json::object{{"waiting", json::object{{"reason", "ContainerCreating"}}}};
  };
  put_statuses(status, "initContainerStatuses",
               container_statuses(pod, "initContainers", false, waits));
  put_statuses(status, "containerStatuses", container_statuses(pod, "containers", false, waits));
  set_condition(status, {"PodReadyToStartContainers", "False", {}, {}}, now);
  set_condition(status, {"Initialized", "True", {}, {}}, now);
  set_condition(status, {"Ready", "False", "ContainersNotReady", "containers with unready status"},
                now);
  set_condition(
      status, {"ContainersReady", "False", "ContainersNotReady", "containers with unready status"},
      now);
  return out;
}

json::object running_pod(const json::object& pod, const std::string& pod_ip, Time now) {
  json::object out = pod;
  json::object& status = object_at(out, {"status"});
  status["phase"] = "Running";
  status["podIP"] = pod_ip;
  status["podIPs"] = json::array{json::object{{"ip", pod_ip}}};
  const auto runs = [&](const json::object&) {
    return json::object{{"running", json::object{{"startedAt", time_value(now)}}}};
  };
  const auto is_done_or_runs = [&](const json::object& container) {
    if (is_sidecar(container)) return runs(container);
    return json::object{{"terminated", json::object{{"exitCode", 0},
                                                    {"reason", "Completed"},
                                                    {"startedAt", time_value(now)},
                                                    {"finishedAt", time_value(now)}}}};
  };
  put_statuses(status, "initContainerStatuses",
               container_statuses(pod, "initContainers", true, is_done_or_runs));
  put_statuses(status, "containerStatuses", container_statuses(pod, "containers", true, runs));
  set_condition(status, {"PodReadyToStartContainers", "True", {}, {}}, now);
  set_condition(status, {"Initialized", "True", {}, {}}, now);
  set_condition(status, {"Ready", "True", {}, {}}, now);
  set_condition(status, {"ContainersReady", "True", {}, {}}, now);
  return out;
}

json::object ended_pod(const json::object& pod, int exit_code, Time now) {
  json::object out = pod;
  json::object& status = object_at(out, {"status"});
  status["phase"] = exit_code == 0 ? "Succeeded" : "Failed";
  for (const std::string_view list : {"initContainerStatuses", "containerStatuses"}) {
    json::array* statuses = array_field(status, {list});
    if (statuses == nullptr) continue;
    for (json::value& item : *statuses) {
      json::object& container = item.get_object();
      if (object_field(container, {"state", "terminated"}) != nullptr) continue;
      container["state"] = terminated(container, list == "containerStatuses" ? exit_code : 0, now);
      container["ready"] = false;
      container["started"] = false;
    }
  }
  const std::string_view reason = exit_code == 0 ? "PodCompleted" : "PodFailed";
  set_condition(status, {"PodReadyToStartContainers", "False", {}, {}}, now);
  set_condition(status, {"Ready", "False", reason, {}}, now);
  set_condition(status, {"ContainersReady", "False", reason, {}}, now);
  return out;
}

json::object restarted_pod(const json::object& pod, Time now) {
  json::object out = pod;
  json::array* statuses = array_field(out, {"status", "containerStatuses"});
  if (statuses == nullptr) return out;
  for (json::value& item : *statuses) {
    json::object& container = item.get_object();
    container["lastState"] = terminated(container, 1, now);
    container["state"] = json::object{{"running", json::object{{"startedAt", time_value(now)}}}};
    container["restartCount"] = int_field(container, {"restartCount"}) + 1;
  }
  return out;
}

}  // namespace hyperwright::sim
