// The inhabitants of a simulated Kubernetes cluster, all together: workload controllers, scheduler,
// kubelets, node lifecycle, disruption budgets and garbage collectors, on one API model and one
// virtual clock.
//
// A step runs them in a fixed order, again and again, until nothing changes at the present instant:
// what one writes another reacts to, and reacting costs no virtual time. Time passes only between
// steps; `next_wake` says when there is something to do next, if nobody else writes to the API
// before. The same calls give the same changes, to the byte.
#pragma once

#include "base/random.h"
#include "base/time.h"
#include "sim/kubelet.h"
#include "sim/kubernetes_garbage.h"
#include "sim/scheduler.h"
#include "sim/workload_daemon_set.h"
#include "sim/workload_deployment.h"
#include "sim/workload_events.h"
#include "sim/workload_job.h"
#include "sim/workload_node_lifecycle.h"
#include "sim/workload_pod_disruption_budget.h"
#include "sim/workload_pod_garbage_collector.h"
#include "sim/workload_replica_set.h"
#include "sim/workload_stateful_set.h"

namespace hyperwright::sim {

struct ClusterOptions {
  KubeletOptions kubelets;
};

class Cluster {
 public:
  // `api` outlives the cluster.
  Cluster(KubernetesApi& api, Random random, const ClusterOptions& options = {});
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  void step(Time now);
  // Time::max(): never. A time that has passed: at once.
  [[nodiscard]] Time next_wake() const;

  [[nodiscard]] Kubelets& kubelets() { return kubelets_; }
  [[nodiscard]] const Scheduler& scheduler() const { return scheduler_; }

 private:
  KubernetesApi& api_;
  EventRecorder events_;
  NodeLifecycleController node_lifecycle_;
  DeploymentController deployments_;
  ReplicaSetController replica_sets_;
  StatefulSetController stateful_sets_;
  DaemonSetController daemon_sets_;
  JobController jobs_;
  Scheduler scheduler_;
  Kubelets kubelets_;
  PodDisruptionBudgetController budgets_;
  PodGarbageCollector pod_garbage_;
  GarbageCollector garbage_;
};

}  // namespace hyperwright::sim
