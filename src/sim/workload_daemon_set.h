// The DaemonSet controller: one pod on each node that its template may run on.
//
//   1. A pod is tied to its node by node affinity on metadata.name, and the scheduler binds it. It
//   tolerates
//      what Kubernetes adds for daemons (not-ready and unreachable NoExecute, the pressures,
//      unschedulable).
//   2. A node wants a pod when the template's selection matches and every NoSchedule and NoExecute
//   taint is tolerated;
//      a pod stays while the selection matches and every NoExecute taint is tolerated.
//   3. A failed pod is replaced. Under RollingUpdate the pods of an older template go, as long as
//   at most
//      maxUnavailable nodes are without an available one.
//
// Work goes by pairs of (DaemonSet, node) that changed: thousands of nodes cost nothing while they
// stand still.
//
// Differs from Kubernetes: minReadySeconds and maxSurge are not followed.
// Source: Kubernetes, Concepts > Workloads > DaemonSet; kube-controller-manager,
// pkg/controller/daemon.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <boost/json/fwd.hpp>

#include "kube/daemon_set.h"
#include "kube/node.h"
#include "sim/workload_changes.h"
#include "sim/workload_due.h"
#include "sim/workload_events.h"
#include "sim/workload_pods.h"

namespace hyperwright::sim {

class DaemonSetController {
 public:
  DaemonSetController(KubernetesApi& api, EventRecorder& events)
      : api_(api),
        events_(events),
        sets_(api, "daemonsets.apps"),
        nodes_(api, "nodes"),
        pods_(api, "pods") {}

  void step(Time now);
  [[nodiscard]] Time next_wake() const { return due_.next(); }

 private:
  struct Counts {
    std::int64_t desired = 0;
    std::int64_t current = 0;
    std::int64_t misscheduled = 0;
    std::int64_t ready = 0;
    std::int64_t updated = 0;
    void add(const Counts& other, std::int64_t sign);
  };
  // One DaemonSet on one node.
  struct Slot {
    bool is_wanted = false;
    std::map<std::string, OwnedPod, std::less<>> pods;
    Counts counts;  // what this slot adds to the status
  };
  struct Set {
    std::string uid;
    std::int64_t generation = 0;
    kube::DaemonSet decoded;  // its tolerations with those that daemons get
    std::string hash;         // of the template, the pods' controller-revision-hash
    std::map<std::string, Slot, std::less<>> slots;  // by node
    Counts counts;
  };

  void follow_sets();
  void follow_nodes();
  void follow_pods();
  void place_pod(const ObjectPtr& pod);
  void unplace_pod(const boost::json::object& pod);
  void reconcile_node(Set& set, const boost::json::object& object, const std::string& node,
                      Time now);
  void count(Set& set, Slot& slot);
  void create_pod(const Set& set, const boost::json::object& object, const std::string& node,
                  Time now);
  void delete_pod(const boost::json::object& object, const boost::json::object& pod, Time now);
  void roll(Set& set, const boost::json::object& object, Time now);
  void write_status(const ObjectName& name, const Set& set, Time now);

  KubernetesApi& api_;
  EventRecorder& events_;
  ChangeFollower sets_;
  ChangeFollower nodes_;
  ChangeFollower pods_;
  std::map<ObjectName, Set, ObjectNameLess> known_sets_;
  std::map<std::string, ObjectName, std::less<>> set_names_;  // by uid
  std::map<std::string, kube::Node, std::less<>> known_nodes_;
  // Pods whose DaemonSet is not known (yet), by its uid.
  std::map<std::string, std::map<std::string, ObjectPtr>, std::less<>> strays_;
  std::map<ObjectName, std::set<std::string>, ObjectNameLess> dirty_;  // nodes, by DaemonSet
  DueTimes<ObjectName, ObjectNameLess> due_;
};

}  // namespace hyperwright::sim
