// What is left for pods on a node of each instance type, once the DaemonSets have their part.
//
// HyperPod nodes have one network interface for pods, so that the limit of pods is the number of
// its IPv4 addresses, less one: 14 on ml.g5.xlarge, where EC2's own limit would be 58. A dozen
// DaemonSets leaves nothing there.
//
// DaemonSets are counted as plans count them (scheduling/daemon_overhead.h), but by their templates
// alone: what admission added to their live pods (a LimitRange) is not seen from here.
//
// Source: Amazon SageMaker HyperPod, "Prerequisites for EKS" (maximum pods).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "doctor/finding.h"
#include "hyperpod/cluster.h"
#include "kube/resources.h"
#include "state/cluster_state.h"

namespace hyperwright::doctor {

inline constexpr std::string_view kDaemonOverhead = "DaemonSet overhead";
inline constexpr std::string_view kPodDensity = "pod density";

// A node as plans expect it, of one instance group and type; of several NodePools that buy it, the
// one that has most DaemonSets.
struct NodeRoom {
  std::string group;
  std::string type;
  kube::Resources allocatable;
  kube::Resources daemon_requests;  // with one of "pods" for each DaemonSet
};

// `objects` needs DaemonSets, NodePools and HyperpodNodeClasses.
std::vector<NodeRoom> node_rooms(const hyperpod::Cluster& cluster,
                                 std::span<const hyperpod::Subnet> subnets,
                                 const state::ClusterState& objects);

// Types on which the DaemonSets do not fit, or take more than half of the cpu or the memory.
Findings check_daemon_overhead(std::span<const NodeRoom> rooms);
// Types with room for fewer than five pods beside the DaemonSets, whatever these ask for.
Findings check_pod_density(std::span<const NodeRoom> rooms);

}  // namespace hyperwright::doctor
