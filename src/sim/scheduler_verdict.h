// Why a pod fits nowhere, in kube-scheduler's form:
//
//   0/3 nodes are available: 1 node(s) had untolerated taint {gpu: true}, 2 Insufficient cpu.
//   preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No
//   preemption victims found for incoming pod.
#pragma once

#include <optional>
#include <string>

#include "sim/scheduler_nodes.h"
#include "sim/scheduler_pod_class.h"
#include "sim/scheduler_topology.h"

namespace hyperwright::sim {

// `pin`: the only node that the pod may run on. `topology` may be null. Cost: a look at every node.
std::string verdict(const PodClass& pod, const std::optional<std::string>& pin,
                    const SchedulerNodes& nodes, const Topology* topology);

}  // namespace hyperwright::sim
