// kube-scheduler, for the pods that name default-scheduler: binds each to the best node that fits,
// or says why none does (condition PodScheduled=False, reason Unschedulable, and a FailedScheduling
// event).
//
//   scheduler_pod_class.h   pods that are the same to the scheduler, as one
//   scheduler_nodes.h       the nodes, and what is used of them
//   scheduler_filters.h     does this pod fit this node, and how well
//   scheduler_topology.h    affinity, anti-affinity and spread
//   scheduler_candidates.h  the nodes that fit a class, best first
//   scheduler_verdict.h     why none does
//
// Pods wait in order of priority, then age. A pass takes the classes that have something to hope
// for: new pods, nodes that got better, or pods that came or went which their affinity or spread is
// about. A class that fails has failed for all of its pods. What a waiting pod's condition says is
// brought up to date for the first pod of a class every ten seconds, and for the others every five
// minutes: the reason is what others act on, and it is right at all times.
//
// Differs from Kubernetes: no preemption, no volumes, and of the scores only those of
// scheduler_filters.h.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <boost/json/fwd.hpp>

#include "sim/scheduler_candidates.h"
#include "sim/scheduler_nodes.h"
#include "sim/scheduler_pod_class.h"
#include "sim/scheduler_topology.h"
#include "sim/workload_changes.h"
#include "sim/workload_due.h"
#include "sim/workload_events.h"

namespace hyperwright::sim {

class Scheduler {
 public:
  Scheduler(KubernetesApi& api, EventRecorder& events)
      : api_(api), events_(events), node_changes_(api, "nodes"), pod_changes_(api, "pods") {}

  void step(Time now);
  [[nodiscard]] Time next_wake() const;
  // Pods that wait for a node.
  [[nodiscard]] std::size_t waiting() const { return waiting_; }

 private:
  using ClassId = std::uint32_t;
  using NodeId = std::uint32_t;

  struct QueuedPod {
    std::int64_t priority = 0;
    std::string created;
    std::uint64_t sequence = 0;  // of its first sight
    ObjectName name;
    bool operator<(const QueuedPod& other) const {
      return std::tie(other.priority, created, sequence) <
             std::tie(priority, other.created, other.sequence);
    }
  };
  struct Class {
    PodClass pod_class;
    Candidates candidates;
    std::set<QueuedPod> queue;   // pods without a pin
    std::set<QueuedPod> untold;  // of those: that wait without knowing why
    bool must_try = false;       // what its topology is about has changed
    std::string verdict;
    std::uint64_t verdict_number = 0;  // counts the texts
    Time verdict_time;
    std::uint64_t verdict_place = 0;  // of the nodes, when it was found
    bool is_verdict_stale = false;
  };
  struct Pod {
    std::string uid;
    std::int64_t generation = 0;
    ClassId pod_class = 0;
    std::optional<std::string> pin;
    QueuedPod queued;
    std::string node;  // empty: it waits
    std::optional<NodeId> counted_on;
    bool is_terminating = false;
    std::uint64_t told = 0;  // the number of the verdict
    std::string told_text;   // of a pod with a pin
  };

  // Following.
  void follow_nodes();
  void follow_pods(Time now);
  void take_in(const ObjectPtr& pod, Time now);
  void forget(const ObjectName& name);
  void tell_gated(const boost::json::object& pod, Time now);
  ClassId class_of(const boost::json::object& pod, std::optional<std::string>& pin);
  void leave_class(ClassId id);
  void enqueue(Pod& pod);
  void dequeue(Pod& pod);
  void count_on(Pod& pod, NodeId node);
  void uncount(Pod& pod);
  void pods_changed(const PodClass& changed);
  void topologies_changed();

  // A pass.
  void schedule_pinned(Time now);
  void schedule(Time now);
  [[nodiscard]] NamespaceLabels namespace_labels() const;
  [[nodiscard]] std::unique_ptr<Topology> topology_of(const PodClass& pod) const;
  bool bind(Pod& pod, NodeId node, Time now);

  // Telling.
  void tell(Class& known, ClassId id, Time now);
  // Moves when nodes come, go or get better.
  [[nodiscard]] std::uint64_t verdict_place() const { return nodes_.log_end() + nodes_gone_; }
  void renew_verdict(Class& known, Time now);
  void tell_pod(Pod& pod, std::string_view text, Time now);
  void tell_due(Time now);

  KubernetesApi& api_;
  EventRecorder& events_;
  ChangeFollower node_changes_;
  ChangeFollower pod_changes_;
  SchedulerNodes nodes_;
  std::vector<std::unique_ptr<Class>> classes_;  // by id; null when the last pod has gone
  std::map<std::string, ClassId, std::less<>> class_ids_;
  std::set<ClassId> waiting_classes_;    // with a queue
  std::set<ClassId> repelling_classes_;  // with anti-affinity that must hold
  std::map<ObjectName, Pod, ObjectNameLess> pods_;
  std::map<std::string, ObjectNames, std::less<>>
      pods_of_node_;  // by the name that they are bound to
  std::map<std::string, std::set<QueuedPod>, std::less<>> pinned_;  // waiting, by pin
  std::set<std::string> pins_to_try_;
  std::uint64_t pins_place_ = 0;  // in the nodes' log
  DueTimes<ClassId> renewals_;    // of a class's verdict
  DueTimes<ClassId> retellings_;  // to all of its pods
  std::uint64_t sequence_ = 0;
  std::uint64_t nodes_gone_ = 0;
  std::size_t waiting_ = 0;
};

}  // namespace hyperwright::sim
