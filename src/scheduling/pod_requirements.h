// What a pod asks of its node's labels and taints, from the strictest reading to the loosest.
//
// A preference counts as required until nothing can be found that way; then the heaviest one is
// dropped, and so on. What a pod requires is never dropped. The steps are levels:
//
//   level 0        required + heaviest preferred node affinity
//   level 1        required + the next preferred one
//   ...            required
//   last level     required, and taints of effect PreferNoSchedule are tolerated (if there are any)
//
// The terms of required node affinity are ORed, so each level has one alternative per term.
// Differs from Karpenter: it tries one term after the other and never goes back; here each term is
// as good as another, as it is to kube-scheduler, and the cheapest place that any of them allows is
// taken. Preferred pod affinity and ScheduleAnyway spreads are left to kube-scheduler.
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

namespace hyperwright::scheduling {

struct Level {
  std::vector<kube::Requirements> alternatives;  // any one of them is enough
  bool tolerates_prefer_no_schedule = false;
};

struct PodRequirements {
  std::vector<Level> levels;  // strictest first; at least one unless `rejection` is set
  // Why no node will be looked for at all; "" if one will.
  std::string rejection;
};

// `has_prefer_no_schedule`: some NodePool or node carries such a taint.
PodRequirements requirements_of(const kube::Scheduling& pod, bool has_prefer_no_schedule);

// The alternatives of node selector and required node affinity alone.
std::vector<kube::Requirements> required_alternatives(const kube::Scheduling& pod);

// The first taint that this level does not tolerate; nullptr: all are.
const kube::Taint* first_untolerated(const std::vector<kube::Taint>& taints,
                                     const kube::Scheduling& pod,
                                     bool tolerates_prefer_no_schedule);

}  // namespace hyperwright::scheduling
