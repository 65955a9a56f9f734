// Eviction by taint: a pod on a node with a NoExecute taint that it does not tolerate is deleted at
// once; one that tolerates it for tolerationSeconds only, when those are over since the taint came;
// and stays when the taint goes first.
//
// Source: Kubernetes, Concepts > Scheduling > Taints and Tolerations, Taint based Evictions.
#pragma once

#include <boost/json/fwd.hpp>

#include "sim/workload_changes.h"
#include "sim/workload_due.h"

namespace hyperwright::sim {

class TaintEviction {
 public:
  explicit TaintEviction(KubernetesApi& api) : api_(api) {}

  // A pod on a node, or its node, changed.
  void look_at(const boost::json::object& pod, const boost::json::object& node, Time now);
  void forget(const ObjectName& pod) { due_.erase(pod); }
  // Deletes the pods whose time is over.
  void step(Time now);
  [[nodiscard]] Time next_wake() const { return due_.next(); }

 private:
  KubernetesApi& api_;
  DueTimes<ObjectName, ObjectNameLess> due_;
};

}  // namespace hyperwright::sim
