#include <array>

#include <boost/json.hpp>

#include "kube/json.h"
#include "kube/json_parts.h"
#include "kube/json_pod_spec.h"

namespace hyperwright::kube {
namespace {

constexpr std::array<std::pair<std::string_view, PodPhase>, 5> kPhases = {
    {{"Pending", PodPhase::Pending},
     {"Running", PodPhase::Running},
     {"Succeeded", PodPhase::Succeeded},
     {"Failed", PodPhase::Failed},
     {"Unknown", PodPhase::Unknown}}};

// A phase that is not written yet is Pending; one that we do not know is Unknown.
PodPhase decode_phase(const JsonField& field) {
  const std::string_view text = field.text();
  if (text.empty()) return PodPhase::Pending;
  for (const auto& [name, phase] : kPhases) {
    if (name == text) return phase;
  }
  return PodPhase::Unknown;
}

std::string_view phase_text(PodPhase phase) {
  return kPhases[static_cast<std::size_t>(phase)].first;
}

void decode_pod_conditions(const JsonField& conditions, Pod& pod) {
  conditions.each_item([&](const JsonField& condition) {
    const std::string_view type = condition.at("type").text();
    if (type == "PodScheduled") {
      pod.scheduled_reason = condition.at("reason").text();
      pod.scheduled_transition_time = condition.at("lastTransitionTime").time();
    } else if (type == "Ready") {
      pod.is_ready = condition.at("status").text() == "True";
    }
  });
}

boost::json::array encode_pod_conditions(const Pod& pod) {
  boost::json::array conditions;
  if (!pod.scheduled_reason.empty() || !pod.scheduled_transition_time.is_zero()) {
    boost::json::object scheduled = {
        {"type", "PodScheduled"},
        {"status", pod.scheduled_reason.empty() ? "True" : "False"},
        {"lastTransitionTime", encode_time(pod.scheduled_transition_time)}};
    put_text(scheduled, "reason", pod.scheduled_reason);
    conditions.push_back(std::move(scheduled));
  }
  if (pod.is_ready) conditions.push_back({{"type", "Ready"}, {"status", "True"}});
  return conditions;
}

}  // namespace

Result<Pod> decode_pod(const boost::json::value& json) {
  JsonProblems problems;
  const JsonField root(json, problems);
  const JsonField spec = root.at("spec");
  const JsonField status = root.at("status");
  Pod pod;
  pod.meta = decode_meta(root.at("metadata"));
  if (Status named = check_has_name("Pod", pod.meta, problems); !named) return fail(named.error());
  pod.scheduling = decode_scheduling(spec, status, PodSpecOf::Pod, pod.meta.name);
  pod.node_name = spec.at("nodeName").text();
  pod.scheduler_name = spec.at("schedulerName").text();
  pod.termination_grace_seconds =
      spec.at("terminationGracePeriodSeconds").integer({.otherwise = 30});
  pod.nominated_node_name = status.at("nominatedNodeName").text();
  pod.phase = decode_phase(status.at("phase"));
  pod.start_time = status.at("startTime").optional_time();
  decode_pod_conditions(status.at("conditions"), pod);
  if (!problems.empty()) return decode_failure("Pod", pod.meta, problems);
  return pod;
}

boost::json::value encode(const Pod& pod) {
  boost::json::object spec = encode_pod_spec(pod.scheduling, pod.meta.name);
  put_text(spec, "nodeName", pod.node_name);
  put_text(spec, "schedulerName", pod.scheduler_name);
  spec["terminationGracePeriodSeconds"] = pod.termination_grace_seconds;
  boost::json::object status = {{"phase", phase_text(pod.phase)}};
  put_text(status, "nominatedNodeName", pod.nominated_node_name);
  if (pod.start_time) status["startTime"] = encode_time(*pod.start_time);
  put_array(status, "conditions", encode_pod_conditions(pod));
  boost::json::object json = encode_kind("v1", "Pod", pod.meta);
  json["spec"] = std::move(spec);
  json["status"] = std::move(status);
  return json;
}

}  // namespace hyperwright::kube
