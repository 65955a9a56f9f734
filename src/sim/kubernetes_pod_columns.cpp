// A pod's line in kubectl: how many of its containers are ready, and the one word that says what it
// does. The word is its phase unless something more telling is known: a reason of its own, the init
// container that it is at, what a container waits for or died of, Terminating.
#include <algorithm>
#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_columns.h"
#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

std::size_t size_of(const json::array* list) { return list == nullptr ? 0 : list->size(); }

// Restartable init containers (sidecars) count like containers.
std::vector<std::string> sidecar_names(const json::object& pod) {
  std::vector<std::string> names;
  if (const json::array* containers = array_field(pod, {"spec", "initContainers"})) {
    for (const json::value& item : *containers) {
      if (item.is_object() && text_field(item.get_object(), {"restartPolicy"}) == "Always") {
        names.emplace_back(text_field(item.get_object(), {"name"}));
      }
    }
  }
  return names;
}

// What a terminated container says of itself.
std::string terminated_text(const json::object& terminated) {
  const std::string_view reason = text_field(terminated, {"reason"});
  if (!reason.empty()) return std::string(reason);
  const std::int64_t signal = int_field(terminated, {"signal"});
  return signal != 0 ? fmt::format("Signal:{}", signal)
                     : fmt::format("ExitCode:{}", int_field(terminated, {"exitCode"}));
}

struct Summary {
  std::string word;
  std::int64_t ready = 0;
  std::int64_t restarts = 0;
};

// The first init container that is not done decides the word.
bool summarize_init(const json::object& pod, const std::vector<std::string>& sidecars,
                    Summary& out) {
  const json::array* statuses = array_field(pod, {"status", "initContainerStatuses"});
  if (statuses == nullptr) return false;
  std::int64_t done = 0;
  for (const json::value& item : *statuses) {
    if (!item.is_object()) continue;
    const json::object& status = item.get_object();
    out.restarts += int_field(status, {"restartCount"});
    const bool is_sidecar =
        std::ranges::find(sidecars, text_field(status, {"name"})) != sidecars.end();
    const json::object* terminated = object_field(status, {"state", "terminated"});
    if (terminated != nullptr && int_field(*terminated, {"exitCode"}) == 0) {
      ++done;
      continue;
    }
    if (is_sidecar && bool_field(status, {"started"})) {
      if (bool_field(status, {"ready"})) ++out.ready;
      ++done;
      continue;
    }
    const std::string_view waiting = text_field(status, {"state", "waiting", "reason"});
    if (terminated != nullptr) {
      out.word = "Init:" + terminated_text(*terminated);
    } else if (!waiting.empty() && waiting != "PodInitializing") {
      out.word = fmt::format("Init:{}", waiting);
    } else {
      out.word =
          fmt::format("Init:{}/{}", done, size_of(array_field(pod, {"spec", "initContainers"})));
    }
    return true;
  }
  return false;
}

void summarize_containers(const json::object& pod, Summary& out) {
  const json::array* statuses = array_field(pod, {"status", "containerStatuses"});
  if (statuses == nullptr) return;
  bool has_running = false;
  for (auto it = statuses->rbegin(); it != statuses->rend(); ++it) {
    if (!it->is_object()) continue;
    const json::object& status = it->get_object();
    out.restarts += int_field(status, {"restartCount"});
    const std::string_view waiting = text_field(status, {"state", "waiting", "reason"});
    const json::object* terminated = object_field(status, {"state", "terminated"});
    if (!waiting.empty()) {
      out.word = waiting;
    } else if (terminated != nullptr) {
      out.word = terminated_text(*terminated);
    } else if (bool_field(status, {"ready"}) &&
               object_field(status, {"state", "running"}) != nullptr) {
      has_running = true;
      ++out.ready;
    }
  }
  if (out.word == "Completed" && has_running) {
    out.word = has_condition(pod, "Ready", "True") ? "Running" : "NotReady";
  }
}

}  // namespace

json::array pod_cells(const json::object& pod, Time now) {
  const std::vector<std::string> sidecars = sidecar_names(pod);
  Summary summary;
  summary.word = text_field(pod, {"status", "phase"});
  if (const std::string_view reason = text_field(pod, {"status", "reason"}); !reason.empty())
    summary.word = reason;
  const json::object* scheduled = find_condition(pod, "PodScheduled");
  if (scheduled != nullptr && text_field(*scheduled, {"reason"}) == "SchedulingGated")
    summary.word = "SchedulingGated";
  if (!summarize_init(pod, sidecars, summary)) summarize_containers(pod, summary);
  if (is_deleting(pod)) {
    summary.word = text_field(pod, {"status", "reason"}) == "NodeLost" ? "Unknown" : "Terminating";
  }
  const std::size_t total = size_of(array_field(pod, {"spec", "containers"})) + sidecars.size();
  const std::size_t gates = size_of(array_field(pod, {"spec", "readinessGates"}));
  std::int64_t gates_open = 0;
  if (const json::array* list = array_field(pod, {"spec", "readinessGates"})) {
    gates_open = std::ranges::count_if(*list, [&](const json::value& gate) {
      return gate.is_object() &&
             has_condition(pod, text_field(gate.get_object(), {"conditionType"}), "True");
    });
  }
  return {
      json::value(std::string(name_of(pod))),
      json::value(fmt::format("{}/{}", summary.ready, total)),
      json::value(summary.word),
      json::value(std::to_string(summary.restarts)),
      json::value(age_of(pod, now)),
      json::value(text_or(text_field(pod, {"status", "podIP"}), "<none>")),
      json::value(text_or(text_field(pod, {"spec", "nodeName"}), "<none>")),
      json::value(text_or(text_field(pod, {"status", "nominatedNodeName"}), "<none>")),
      json::value(gates == 0 ? std::string("<none>") : fmt::format("{}/{}", gates_open, gates))};
}

}  // namespace hyperwright::sim
