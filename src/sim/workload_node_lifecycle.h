// The node lifecycle controller: what a Node's conditions mean for its taints and pods.
//
//   NoSchedule   node.kubernetes.io/not-ready while Ready is False, unreachable while it is
//   Unknown, the pressures
//                and network-unavailable while those are True, unschedulable while
//                spec.unschedulable is set
//   NoExecute    not-ready or unreachable when a node that was Ready is no more; its pods are
//   marked not Ready,
//                and those that do not tolerate it are deleted after their tolerationSeconds
//                (taint_eviction)
//
// A node without a Ready condition keeps the not-ready taint that the API server gave it at
// creation.
//
// Differs from Kubernetes: it acts at once, and not every five seconds; a node that boots gets no
// NoExecute taint; evictions are not slowed down when many nodes are lost at once. Source:
// Kubernetes, Concepts > Architecture > Nodes; Scheduling > Taints and Tolerations.
#pragma once

#include <map>
#include <set>
#include <string>

#include <boost/json/fwd.hpp>

#include "sim/workload_changes.h"
#include "sim/workload_taint_eviction.h"

namespace hyperwright::sim {

class NodeLifecycleController {
 public:
  explicit NodeLifecycleController(KubernetesApi& api)
      : api_(api), nodes_(api, "nodes"), pods_(api, "pods"), eviction_(api) {}

  void step(Time now);
  [[nodiscard]] Time next_wake() const { return eviction_.next_wake(); }

 private:
  void follow_pods(Time now);
  void reconcile(const std::string& name, Time now);
  void mark_pods_not_ready(const std::string& node, Time now);

  KubernetesApi& api_;
  ChangeFollower nodes_;
  ChangeFollower pods_;
  TaintEviction eviction_;
  std::set<std::string> were_ready_;  // uids of nodes
  std::map<std::string, ObjectNames, std::less<>> pods_of_node_;
};

}  // namespace hyperwright::sim
