// The Deployment controller: one ReplicaSet per pod template, and the way from the old ones to the
// new one.
//
//   RollingUpdate   the new ReplicaSet grows while all together stay at or below replicas +
//   maxSurge; the
//                   old ones shrink while at least replicas - maxUnavailable pods are available,
//                   those that are not available first (workload_rollout.h has the arithmetic)
//   Recreate        the old ones go to zero, their pods go, then the new one comes
//
// A ReplicaSet is named after its template's hash, which is also the pods' pod-template-hash label.
// The conditions Available and Progressing say how far it is; a rollout that makes no progress for
// progressDeadlineSeconds is told, and goes on.
//
// Differs from Kubernetes: ReplicaSets are not adopted, and a rollout that is scaled while it is
// under way is not scaled in proportion: the new ReplicaSet takes the difference. Source:
// Kubernetes, Concepts > Workloads > Deployments; kube-controller-manager,
// pkg/controller/deployment.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "sim/workload_changes.h"
#include "sim/workload_due.h"
#include "sim/workload_events.h"

namespace hyperwright::sim {

class DeploymentController {
 public:
  DeploymentController(KubernetesApi& api, EventRecorder& events)
      : api_(api),
        events_(events),
        deployments_(api, "deployments.apps"),
        sets_(api, "replicasets.apps"),
        pods_(api, "pods") {}

  void step(Time now);
  [[nodiscard]] Time next_wake() const { return dirty_.empty() ? due_.next() : Time{}; }

 private:
  // The ReplicaSets of one Deployment: the one of its template (may be null) and the others, oldest
  // first.
  struct Sets {
    ObjectPtr current;
    std::vector<ObjectPtr> old;
  };
  using SetsByName = std::map<std::string, ObjectPtr, std::less<>>;

  void follow();
  void reconcile(const ObjectName& name, Time now);
  [[nodiscard]] Sets sets_of(const boost::json::object& deployment) const;
  void roll(const boost::json::object& deployment, Sets& sets, Time now);
  void recreate(const boost::json::object& deployment, Sets& sets, Time now);
  ObjectPtr create_set(const boost::json::object& deployment, const Sets& sets,
                       std::int64_t replicas, Time now);
  void scale(const boost::json::object& deployment, ObjectPtr& set, std::int64_t replicas,
             Time now);
  void forget_history(const boost::json::object& deployment, const Sets& sets, Time now);
  void write_revision(const boost::json::object& deployment, const Sets& sets, Time now);
  void write_status(const ObjectName& name, const Sets& sets, bool created_set, Time now);

  KubernetesApi& api_;
  EventRecorder& events_;
  ChangeFollower deployments_;
  ChangeFollower sets_;
  ChangeFollower pods_;  // for Recreate, which waits for pods to go
  std::map<std::string, SetsByName, std::less<>> sets_by_owner_;  // by the Deployment's uid
  ObjectNames recreating_;
  ObjectNames dirty_;
  DueTimes<ObjectName, ObjectNameLess> due_;
};

}  // namespace hyperwright::sim
