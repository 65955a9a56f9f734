// The filters and scores that look at one pod class and one node: unschedulable, taints, node
// selection, host ports, resources; the first that fails decides, in kube-scheduler's order. Those
// that look at other pods, too, are in scheduler_topology.h.
//
// Source: Kubernetes, Reference > Scheduler Configuration, Scheduling plugins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/scheduler_nodes.h"
#include "sim/scheduler_pod_class.h"

namespace hyperwright::sim {

struct Misfit {
  enum class Filter : std::uint8_t {
    NodeUnschedulable,
    TaintToleration,
    NodeAffinity,
    NodePorts,
    NodeResourcesFit,
    Topology,  // of scheduler_topology.h
  };
  Filter filter = Filter::NodeUnschedulable;
  // Room could be made by preempting other pods.
  bool is_resolvable = false;
};

// nullopt: the node fits.
std::optional<Misfit> misfit(const PodClass& pod, const SchedulerNode& node);
// kube-scheduler's words for it: "Insufficient cpu", one for each resource that is short.
std::vector<std::string> reasons(const Misfit& misfit, const PodClass& pod,
                                 const SchedulerNode& node);

// The higher the better: least allocated (cpu and memory), preferred node affinity twice,
// PreferNoSchedule taints that are tolerated three times.
std::int64_t score(const PodClass& pod, const SchedulerNode& node);

}  // namespace hyperwright::sim
