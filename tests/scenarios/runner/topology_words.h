// The words of a pod that are about other pods.
//
//   spread: {zone: 1}                            maxSkew 1, DoNotSchedule, of pods with its labels
//   spread: {zone: {skew: 1, anyway: yes}}       ScheduleAnyway; also min domains: n,
//     select: {...}, match keys: [k], affinity policy: ignore, taints policy: honor
//   affinity: {zone: {app: db}}                  required, in its own namespace
//   anti-affinity: {hostname: {select: {app: db}, namespaces: [a], namespace select: all}}
//   prefer affinity: [{weight: 10, zone: {app: db}}]   likewise prefer anti-affinity
//
// A selector is a map of labels; a list stands for In, and not in, exists and absent for the other
// operators. `none` is no selector at all, which matches nothing, and `all` the one that matches
// everything. Where a key stands twice, write a list of maps.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "kube/pod.h"
#include "kube/selector.h"
#include "tests/scenarios/runner/fields.h"

namespace hyperwright::scenarios {

std::optional<kube::LabelSelector> selector_of(const YAML::Node& node, const std::string& what,
                                               Problems& problems);
// What stands behind `key` as `spread` does: `labels` are what a spread selects that says nothing.
std::vector<kube::TopologySpreadConstraint> spreads_of(Fields& fields, std::string_view key,
                                                       const kube::StringMap& labels);
// `labels` are the pod's own.
void read_topology(Fields& fields, const kube::StringMap& labels, kube::Scheduling& pod);

}  // namespace hyperwright::scenarios
