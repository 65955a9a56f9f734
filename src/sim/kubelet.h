// The simulated kubelets: what happens on Nodes of the simulation, and to the pods that are bound
// to them.
//
//   a Node       appears -> boots -> Ready (conditions, addresses, nodeInfo) -> the taints of its
//   start-up agents
//                (startup.hyperwright.dev/…) go
//   a pod        bound to a Ready Node -> ContainerCreating -> Running and Ready -> (Jobs)
//   Succeeded or Failed a deletion   is carried out after the pod's stop time, at most its grace
//   period a dead Node  does nothing any more; its Ready condition is Unknown after 40 seconds
//
// A Node that is deleted takes its kubelet along; its pods are left to the pod garbage collector. A
// Node of the same name with another uid is another machine and boots anew. A Node that is created
// Ready needs no boot.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "base/random.h"
#include "sim/workload_changes.h"
#include "sim/workload_due.h"
#include "sim/workload_events.h"

namespace hyperwright::sim {

struct KubeletOptions {
  Duration boot = Duration::seconds(5);             // from the Node's creation to Ready
  Duration boot_jitter = Duration::seconds(2);      // and up to this much more, drawn
  Duration container_start = Duration::seconds(2);  // from ContainerCreating to Running
  Duration startup_taints = Duration::seconds(5);  // from Ready until start-up taints are taken off
  Duration silence = Duration::seconds(40);        // from a node's death to Ready: Unknown
  std::string version = "v1.36.3";
};

class Kubelets {
 public:
  Kubelets(KubernetesApi& api, EventRecorder& events, Random random, KubeletOptions options)
      : api_(api),
        events_(events),
        random_(random),
        options_(std::move(options)),
        nodes_(api, "nodes"),
        pods_(api, "pods") {}

  void step(Time now);
  [[nodiscard]] Time next_wake() const;

  // The machine stops, as if its power were cut. False: there is no such running node.
  bool kill(std::string_view node, Time now);
  // A dead machine boots again.
  bool revive(std::string_view node, Time now);

 private:
  struct Machine {
    std::string uid;
    std::string address;
    bool is_ready = false;
    bool is_dead = false;
  };
  using PodTimes = DueTimes<ObjectName, ObjectNameLess>;

  void follow_nodes(Time now);
  void follow_pods(Time now);
  void take_in_node(const boost::json::object& node, Time now);
  void forget_node(const std::string& name);
  void forget_pod(const ObjectName& pod);
  void look_at_pods_of(const std::string& node, Time now);
  // Level-triggered: sees to it that what is next for the pod is due.
  void look_at(const boost::json::object& pod, Time now);

  void boot(const std::string& name, Time now);
  void fall_silent(const std::string& name, Time now);
  void remove_startup_taints(const std::string& name, Time now);
  void start(const ObjectName& name, Time now);
  void end(const ObjectName& name, Time now);
  void stop(const ObjectName& name, Time now);
  void write_pod(boost::json::object pod, Time now);
  std::string next_address(int network, std::uint32_t& count);

  KubernetesApi& api_;
  EventRecorder& events_;
  Random random_;
  KubeletOptions options_;
  ChangeFollower nodes_;
  ChangeFollower pods_;
  std::map<std::string, Machine, std::less<>> machines_;          // by Node
  std::map<std::string, ObjectNames, std::less<>> pods_of_node_;  // of every Node
  DueTimes<std::string> boots_;
  DueTimes<std::string> silences_;
  DueTimes<std::string> startup_taints_;
  PodTimes starts_;
  PodTimes ends_;
  PodTimes stops_;
  std::uint32_t machine_count_ = 0;
  std::uint32_t pod_count_ = 0;
};

}  // namespace hyperwright::sim
