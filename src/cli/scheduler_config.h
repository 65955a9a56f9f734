// The file of --scheduler-config: what kube-scheduler is configured to do and an autoscaler cannot
// see, as YAML or JSON.
//
//   podTopologySpread:
//     defaultConstraints:          # of pods that have no spread constraints of their own
//     - maxSkew: 1
//       topologyKey: topology.kubernetes.io/zone
//       whenUnsatisfiable: ScheduleAnyway     # also minDomains, nodeAffinityPolicy,
//       nodeTaintsPolicy
//
// It is read strictly: a field that is not known is an error, for a misspelled constraint would be
// none. labelSelector and matchLabelKeys are refused, as kube-scheduler refuses them: what is
// counted is said by the pods' Services and controllers.
//
// Source: Kubernetes, Pod Topology Spread Constraints, Cluster-level default constraints; Karpenter
// v1, Settings, scheduler-config.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "state/options.h"

namespace hyperwright::cli {

// `file` is its name in errors. Fails with Invalid: line, field, value. An empty file sets nothing.
Result<std::vector<state::DefaultSpreadConstraint>> parse_scheduler_config(std::string_view text,
                                                                           std::string_view file);

}  // namespace hyperwright::cli
