// The words of a scenario that stand for parts of manifests: requirements, taints, tolerations,
// resources, pods.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "kube/pod.h"
#include "kube/requirement.h"
#include "kube/resources.h"
#include "kube/taint.h"
#include "tests/scenarios/runner/fields.h"

namespace hyperwright::scenarios {

// zone, type, capacity, arch, os, pool, group and hostname stand for the well-known labels; others
// for themselves.
std::string label_key(std::string_view word);

// {zone: z1}                         In [z1]
// {zone: [z1, z2]}                   In [z1 z2]
// {zone: exists}, {zone: absent}     Exists, DoesNotExist
// {zone: {not in: [z1]}}             NotIn; likewise in, gt, gte, lt, lte; beside it min: n is
// minValues
// [{...}, {...}]                     all of them, where a key stands twice
std::vector<kube::NodeRequirement> requirements_of(const YAML::Node& node, std::string_view what,
                                                   Problems& problems);

// "key:NoSchedule", "key=value:NoExecute"
std::vector<kube::Taint> taints_of(Fields& fields, std::string_view key);
// cpu, memory, gpu, and `requests` with full names; anything that is read adds to `resources`.
void read_resources(Fields& fields, kube::Resources& resources);
kube::Resources resources_of(const YAML::Node& node, std::string_view what, Problems& problems);
// What the words of a pod (or of a DaemonSet's template) say.
void read_scheduling(Fields& fields, const kube::StringMap& labels, kube::Scheduling& pod);

}  // namespace hyperwright::scenarios
