// What a pod asks of its node's labels and taints, from the strictest reading to the loosest.
//
// A preference counts as required until nothing can be found that way; then one is dropped, and so
// on. What a pod requires is never dropped. Each step is a level; what goes first, in this order:
//
//   preferred pod affinity        heaviest first
//   preferred pod anti-affinity   heaviest first
//   preferred node affinity       heaviest first; only the heaviest that is left counts
//   ScheduleAnyway spreads        first to last
//   the last step                 taints of effect PreferNoSchedule are tolerated (if there are
//   any)
//
// PreferencePolicy Ignore: nothing of that but the last step, for the taints are no wish of the
// pod's.
//
// The terms of required node affinity are ORed, so each level has one alternative per term.
// Differs from Karpenter: it tries one term after the other and never goes back; here each term is
// as good as another, as it is to kube-scheduler, and the cheapest place that any of them allows is
// taken.
//
// Source: Karpenter, Concepts > Scheduling, Preferences;
// pkg/controllers/provisioning/scheduling/preferences.go.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kube/pod.h"
#include "kube/requirement.h"
#include "kube/taint.h"
#include "state/options.h"

namespace hyperwright::scheduling {

struct Level {
  std::vector<kube::Requirements> alternatives;  // any one of them is enough
  bool tolerates_prefer_no_schedule = false;
  // Preferences between pods that are still kept.
  std::vector<kube::PodAffinityTerm> preferred_pod_affinity;
  std::vector<kube::PodAffinityTerm> preferred_pod_anti_affinity;
  std::vector<kube::TopologySpreadConstraint> preferred_spread;
};

struct PodRequirements {
  std::vector<Level> levels;  // strictest first; at least one unless `rejection` is set
  // Why no node will be looked for at all; "" if one will.
  std::string rejection;
};

struct VolumeDemand;

// `has_prefer_no_schedule`: some NodePool or node carries such a taint. `volumes`: what the pod's
// volumes ask, which is required and never dropped; nullptr: it has none.
PodRequirements requirements_of(const kube::Scheduling& pod, bool has_prefer_no_schedule,
                                state::PreferencePolicy policy,
                                const VolumeDemand* volumes = nullptr);

// The alternatives of node selector and required node affinity alone.
std::vector<kube::Requirements> required_alternatives(const kube::Scheduling& pod);

// The first taint that is not tolerated; nullptr: all are.
const kube::Taint* first_untolerated(const std::vector<kube::Taint>& taints,
                                     const std::vector<kube::Toleration>& tolerations,
                                     bool tolerates_prefer_no_schedule);

}  // namespace hyperwright::scheduling
