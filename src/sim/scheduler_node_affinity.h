// Which nodes a pod asks for by name and label: nodeSelector and required node affinity; and which
// it prefers.
//
// Terms are alternatives, the expressions of a term all hold. A term without any matches nothing.
// The only field is metadata.name, by which a DaemonSet ties each pod to its node.
//
// Source: Kubernetes, Concepts > Scheduling > Assigning Pods to Nodes.
#pragma once

#include <cstdint>
#include <string>

#include "kube/node.h"
#include "kube/pod.h"

namespace hyperwright::sim {

bool matches(const kube::NodeRequirement& requirement, const std::string* value);
bool matches(const kube::NodeSelectorTerm& term, const kube::Node& node);
bool matches_node_selection(const kube::Scheduling& pod, const kube::Node& node);
// 0 to 100: the weights of the preferred terms that the node meets, as a share of all of them.
std::int64_t preference(const kube::Scheduling& pod, const kube::Node& node);

}  // namespace hyperwright::sim
