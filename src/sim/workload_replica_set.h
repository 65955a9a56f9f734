// The ReplicaSet controller: as many active pods as spec.replicas says, and a status that counts
// them.
//
//   1. A pod that is being deleted, or is over, is no replica: its successor is created at once.
//   2. At most 500 pods are created or deleted at a time, and the rest in the next turn, so that
//   the
//      others see them coming.
//   3. Of too many, those go first that are missed least: not bound before bound, Pending before
//      Running, not ready before ready, the lower controller.kubernetes.io/pod-deletion-cost, on
//      nodes with more of them, the younger.
//
// Differs from Kubernetes: pods without an owner are not adopted.
// Source: Kubernetes, Concepts > Workloads > ReplicaSet; kube-controller-manager,
// pkg/controller/replicaset.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "sim/workload_changes.h"
#include "sim/workload_due.h"
#include "sim/workload_events.h"
#include "sim/workload_pods.h"

namespace hyperwright::sim {

class ReplicaSetController {
 public:
  ReplicaSetController(KubernetesApi& api, EventRecorder& events)
      : api_(api), events_(events), sets_(api, "replicasets.apps"), pods_(api, "ReplicaSet") {}

  void step(Time now);
  // A time that has passed: at once.
  [[nodiscard]] Time next_wake() const { return dirty_.empty() ? due_.next() : Time{}; }

 private:
  struct Retry {
    Time at;
    std::string failure;
  };

  void reconcile(const ObjectName& name, Time now);
  // Each answers the sentence of the first refusal, empty when there is none.
  std::string create_pods(const boost::json::object& set, std::int64_t count, Time now);
  std::string delete_pods(const boost::json::object& set, std::int64_t count, Time now);
  void write_status(const boost::json::object& set, std::string_view failure, Time now);

  KubernetesApi& api_;
  EventRecorder& events_;
  ChangeFollower sets_;
  OwnedPods pods_;
  ObjectNames dirty_;
  DueTimes<ObjectName, ObjectNameLess> due_;
  std::map<ObjectName, Retry, ObjectNameLess> retries_;  // of ReplicaSets whose pods were refused
};

// Names of the pods that go first when `count` of a controller's pods must go.
std::vector<std::string> pods_missed_least(const PodsOfOwner& owned, std::int64_t count);
// How many of the ready pods have been so for `min_ready_seconds`; `next` becomes the time when the
// next one will have been, Time::max() when none waits.
std::int64_t available_pods(const PodsOfOwner& owned, std::int64_t min_ready_seconds, Time now,
                            Time& next);

}  // namespace hyperwright::sim
