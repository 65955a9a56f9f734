// The pod garbage collector: pods of Nodes that are gone.
//
// Nobody else would ever remove them: their kubelet is gone with the Node. A Node is given 40
// seconds to come back; then its pods fail with the condition DisruptionTarget, reason
// DeletionByPodGC, and are removed.
//
// Source: Kubernetes, Concepts > Workloads > Pod Lifecycle; kube-controller-manager,
// pkg/controller/podgc.
#pragma once

#include <map>
#include <string>

#include "sim/workload_changes.h"
#include "sim/workload_due.h"

namespace hyperwright::sim {

class PodGarbageCollector {
 public:
  explicit PodGarbageCollector(KubernetesApi& api)
      : api_(api), nodes_(api, "nodes"), pods_(api, "pods") {}

  void step(Time now);
  [[nodiscard]] Time next_wake() const { return due_.next(); }

 private:
  void collect(const std::string& node, Time now);

  KubernetesApi& api_;
  ChangeFollower nodes_;
  ChangeFollower pods_;
  std::map<std::string, ObjectNames, std::less<>> pods_of_node_;
  DueTimes<std::string> due_;  // Nodes that are gone
};

}  // namespace hyperwright::sim
