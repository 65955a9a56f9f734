#include "kube/pod.h"

#include "base/time.h"
#include "kube/well_known.h"

namespace hyperwright::kube {

std::string_view to_string(WhenUnsatisfiable action) {
  return action == WhenUnsatisfiable::DoNotSchedule ? "DoNotSchedule" : "ScheduleAnyway";
}

std::string_view to_string(NodeInclusionPolicy policy) {
  return policy == NodeInclusionPolicy::Honor ? "Honor" : "Ignore";
}

bool is_terminal(const Pod& pod) {
  return pod.phase == PodPhase::Succeeded || pod.phase == PodPhase::Failed;
}

bool is_terminating(const Pod& pod) { return pod.meta.is_deleting(); }

bool is_active(const Pod& pod) { return !is_terminal(pod) && !is_terminating(pod); }

bool is_owned_by_daemon_set(const Pod& pod) { return pod.meta.is_owned_by("apps/v1", "DaemonSet"); }

bool is_owned_by_stateful_set(const Pod& pod) {
  return pod.meta.is_owned_by("apps/v1", "StatefulSet");
}

bool is_owned_by_node(const Pod& pod) { return pod.meta.is_owned_by("v1", "Node"); }

bool is_provisionable(const Pod& pod) {
  // The reason alone tells: a gated pod, or one of a scheduler with other reasons, is not ours to
  // serve. Differs from Karpenter, which buys for pods that are being deleted too.
  return pod.scheduled_reason == "Unschedulable" && pod.phase == PodPhase::Pending &&
         !is_terminating(pod) && pod.node_name.empty() && pod.nominated_node_name.empty() &&
         !is_owned_by_daemon_set(pod) && !is_owned_by_node(pod);
}

bool is_reschedulable(const Pod& pod) {
  // A StatefulSet makes its pod again only when the old one is gone, under the same name: it is
  // still demand.
  const bool comes_back = is_active(pod) || (is_owned_by_stateful_set(pod) && is_terminating(pod));
  return comes_back && !is_owned_by_daemon_set(pod) && !is_owned_by_node(pod);
}

bool is_do_not_disrupt_active(const Pod& pod, Time now) {
  const std::string_view value = pod.meta.annotations.get(kDoNotDisrupt);
  if (value.empty()) return false;
  if (value == "true") return true;
  const auto grace = parse_duration(value);
  if (!grace || *grace <= Duration{}) return false;
  return !pod.start_time || now - *pod.start_time < *grace;
}

bool tolerates_disruption(const Pod& pod) {
  static const Taint kDisrupted{
      .key = std::string(kTaintDisrupted), .value = {}, .effect = TaintEffect::NoSchedule};
  return is_tolerated(kDisrupted, pod.scheduling.tolerations);
}

bool is_stuck_terminating(const Pod& pod, Time now) {
  return pod.meta.deletion_time && now - *pod.meta.deletion_time > Duration::minutes(1);
}

bool is_drainable(const Pod& pod, Time now) {
  return !tolerates_disruption(pod) && !is_stuck_terminating(pod, now) && !is_owned_by_node(pod);
}

bool is_waiting_eviction(const Pod& pod, Time now) {
  return is_drainable(pod, now) && !is_terminal(pod);
}

bool is_evictable(const Pod& pod, Time now) {
  return is_active(pod) && !tolerates_disruption(pod) && !is_owned_by_node(pod) &&
         !is_do_not_disrupt_active(pod, now);
}

bool is_critical(const Pod& pod) {
  return pod.scheduling.priority_class == "system-cluster-critical" ||
         pod.scheduling.priority_class == "system-node-critical";
}

}  // namespace hyperwright::kube
