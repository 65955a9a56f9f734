// The StatefulSet controller: pods with names that stay, web-0, web-1, …
//
//   OrderedReady   a pod is created when all before it are Ready, and the highest goes first, one
//   at a time,
//                  each when all that stay are Ready
//   Parallel       all at once
//
// A pod that is over is replaced under its name once it has gone. Under RollingUpdate the pods of
// an older template go from the highest ordinal down to `partition`, each when those above are
// Ready. Volume claims of volumeClaimTemplates are created and stay.
//
// Source: Kubernetes, Concepts > Workloads > StatefulSets; kube-controller-manager,
// pkg/controller/statefulset.
#pragma once

#include <cstdint>
#include <string>

#include <boost/json/fwd.hpp>

#include "sim/workload_changes.h"
#include "sim/workload_due.h"
#include "sim/workload_events.h"
#include "sim/workload_pods.h"

namespace hyperwright::sim {

class StatefulSetController {
 public:
  StatefulSetController(KubernetesApi& api, EventRecorder& events)
      : api_(api), events_(events), sets_(api, "statefulsets.apps"), pods_(api, "StatefulSet") {}

  void step(Time now);
  [[nodiscard]] Time next_wake() const { return dirty_.empty() ? due_.next() : Time{}; }

 private:
  void reconcile(const ObjectName& name, Time now);
  void manage_pods(const boost::json::object& set, Time now);
  bool create_pod(const boost::json::object& set, std::int64_t ordinal, Time now);
  void create_volume_claims(const boost::json::object& set, const std::string& pod, Time now);
  void delete_pod(const boost::json::object& set, const std::string& pod, Time now);
  void roll(const boost::json::object& set, Time now);
  void write_status(const boost::json::object& set, Time now);

  KubernetesApi& api_;
  EventRecorder& events_;
  ChangeFollower sets_;
  OwnedPods pods_;
  ObjectNames dirty_;
  DueTimes<ObjectName, ObjectNameLess> due_;
};

}  // namespace hyperwright::sim
