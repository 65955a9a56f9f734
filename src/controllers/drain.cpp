#include "controllers/drain.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "controllers/record.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {
namespace {

using Pods = std::vector<const state::PodRecord*>;

const kube::Taint kDisrupted{.key = std::string(kube::kTaintDisrupted),
                             .value = {},
                             .effect = kube::TaintEffect::NoSchedule};
// A protected pod's time may end, and budgets change, without a change of the node.
constexpr Duration kPoll = Duration::seconds(10);

bool close_to_new_pods(const kube::Node& node, Decision& decision) {
  const bool is_excluded = node.meta.labels.get(kube::kExcludeFromLoadBalancers) == "karpenter";
  if (kube::contains_taint(node.taints, kDisrupted) && is_excluded) return true;
  state::PatchNode patch = patch_of(node);
  patch.set_labels.set(kube::kExcludeFromLoadBalancers, "karpenter");
  patch.taints = node.taints;
  std::erase_if(*patch.taints,
                [](const kube::Taint& taint) { return taint.key == kube::kTaintDisrupted; });
  patch.taints->push_back(kDisrupted);
  decision.emit(std::move(patch), "draining");
  return false;
}

Duration grace_of(const kube::Pod& pod) { return Duration::seconds(pod.termination_grace_seconds); }

// It would outlive the node if it were left its whole grace period.
bool is_past(const kube::Pod& pod, Time deadline, Time now) {
  if (pod.meta.deletion_time)
    return *pod.meta.deletion_time > deadline && now < *pod.meta.deletion_time;
  return now > deadline - grace_of(pod);
}

void delete_by(const kube::Pod& pod, Time deadline, Time now, Decision& decision) {
  // Never 0: the pod's end must be confirmed by its kubelet.
  const std::int64_t grace = std::max<std::int64_t>((deadline - now).in_seconds(), 1);
  const bool is_short_already =
      pod.meta.deletion_time && *pod.meta.deletion_time <= now + Duration::seconds(grace + 1);
  if (is_short_already) return;
  if (!decision.emit(state::DeletePod{{pod.meta.namespace_, pod.meta.name}, pod.meta.uid, grace},
                     "terminating"))
    return;
  decision.emit(normal(pod, "Disrupted",
                       fmt::format("Deleting the pod to accommodate the terminationTime {} of the "
                                   "node. The pod was granted {} seconds of "
                                   "grace-period of its {} terminationGracePeriodSeconds. This "
                                   "bypasses the PDB of the pod and the "
                                   "do-not-disrupt annotation.",
                                   format_time(deadline), grace, pod.termination_grace_seconds)),
                "terminating");
}

std::size_t tier_of(const kube::Pod& pod) {
  return (kube::is_critical(pod) ? 2U : 0U) + (kube::is_owned_by_daemon_set(pod) ? 1U : 0U);
}

// Returns how many of them cannot be evicted now.
std::size_t evict(const Context& context, const Pods& tier, std::string_view reason,
                  Decision& decision) {
  std::size_t held = 0;
  for (const state::PodRecord* record : tier) {
    const kube::Pod& pod = record->pod;
    if (kube::is_terminating(pod)) {
      decision.emit(
          normal(pod, "Evicted", fmt::format("Evicted pod: {}", reason), Duration::hours(1)),
          std::string(reason));
      continue;
    }
    if (!kube::is_evictable(pod, context.now)) {
      decision.look_again(context.now + kPoll);
      ++held;
      continue;
    }
    const Time free_at =
        context.state.next_try({state::Target::Of::Pod, pod.meta.namespace_ + '/' + pod.meta.name});
    if (free_at != Time::max() && free_at > context.now + Duration::seconds(2))
      ++held;  // blocked by a budget
    decision.emit(state::EvictPod{{pod.meta.namespace_, pod.meta.name}, pod.meta.uid},
                  std::string(reason));
  }
  return held;
}

}  // namespace

bool drain(const Context& context, const state::NodeRecord& node, std::optional<Time> deadline,
           std::string_view reason, Decision& decision) {
  if (!close_to_new_pods(node.node, decision)) return false;
  std::array<Pods, 4> tiers;
  std::size_t waiting = 0;
  for (const state::PodRecord* record : context.state.usage(node.node.meta.name).pods) {
    const kube::Pod& pod = record->pod;
    if (!kube::is_waiting_eviction(pod, context.now)) continue;
    ++waiting;
    if (kube::is_terminating(pod))
      decision.look_again(*pod.meta.deletion_time + Duration::minutes(1) + Duration::seconds(1));
    if (deadline && is_past(pod, *deadline, context.now)) {
      delete_by(pod, *deadline, context.now, decision);
      continue;
    }
    if (deadline) decision.look_again(*deadline - grace_of(pod) + Duration::milliseconds(1));
    tiers[tier_of(pod)].push_back(record);
  }
  const auto first = std::ranges::find_if(tiers, [](const Pods& tier) { return !tier.empty(); });
  const std::size_t held = first == tiers.end() ? 0 : evict(context, *first, reason, decision);
  if (held > 0) {
    decision.emit(
        warning(node.node, "FailedDraining",
                fmt::format("Failed to drain node, {} pods are waiting to be evicted", waiting),
                Duration::minutes(10)),
        "draining");
  }
  return waiting == 0;
}

}  // namespace hyperwright::controllers
