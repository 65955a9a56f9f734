// The disruption controller: what a PodDisruptionBudget's status says may go.
//
//   disruptionsAllowed = max(0, currentHealthy - desiredHealthy), 0 without expected pods
//   currentHealthy     the selected pods that are Ready, not being deleted, and not noted as
//   disrupted expectedPods       with maxUnavailable, or minAvailable as a percentage: the replicas
//   of their controllers;
//                      with minAvailable as a number: how many pods there are
//
// status.disruptedPods notes evictions that the API server has let through; a note is dropped when
// the pod is seen to be going, or has gone, and after two minutes.
//
// Pods are counted as they change, so that a budget over thousands of them costs nothing when one
// changes. Source: Kubernetes, Concepts > Workloads > Disruptions; kube-controller-manager,
// pkg/controller/disruption.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <boost/json/fwd.hpp>

#include "sim/kubernetes_selectors.h"
#include "sim/workload_changes.h"
#include "sim/workload_due.h"

namespace hyperwright::sim {

class PodDisruptionBudgetController {
 public:
  explicit PodDisruptionBudgetController(KubernetesApi& api)
      : api_(api),
        budgets_(api, "poddisruptionbudgets.policy"),
        pods_(api, "pods"),
        deployments_(api, "deployments.apps"),
        replica_sets_(api, "replicasets.apps"),
        stateful_sets_(api, "statefulsets.apps") {}

  void step(Time now);
  [[nodiscard]] Time next_wake() const { return due_.next(); }

 private:
  struct Controller {
    std::string kind;
    std::string name;
    std::int64_t pods = 0;
  };
  struct Member {
    bool is_healthy = false;     // Ready and not being deleted
    bool is_going = false;       // being deleted
    std::string controller_uid;  // empty: nobody's
  };
  struct Budget {
    LabelSelector selector;
    std::int64_t generation = 0;
    std::map<std::string, Member, std::less<>> members;  // by pod name
    std::int64_t healthy = 0;
    std::map<std::string, Controller> controllers;  // by uid
  };
  struct Expected {
    std::int64_t pods = 0;
    std::int64_t desired_healthy = 0;
    std::string problem;  // not empty: it cannot be known
  };

  void follow_budgets();
  void follow_pods();
  void follow_scales();
  void take_in(Budget& budget, const boost::json::object& pod);
  void leave_out(Budget& budget, std::string_view pod);
  [[nodiscard]] std::optional<std::int64_t> replicas_of(std::string_view ns,
                                                        const Controller& controller) const;
  [[nodiscard]] Expected expected_of(const boost::json::object& object, const Budget& budget) const;
  void reconcile(const ObjectName& name, Time now);

  KubernetesApi& api_;
  ChangeFollower budgets_;
  ChangeFollower pods_;
  ChangeFollower deployments_;
  ChangeFollower replica_sets_;
  ChangeFollower stateful_sets_;
  std::map<ObjectName, Budget, ObjectNameLess> known_;
  ObjectNames dirty_;
  DueTimes<ObjectName, ObjectNameLess> due_;
};

}  // namespace hyperwright::sim
