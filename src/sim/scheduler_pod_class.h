// Pods that are the same to the scheduler form one class: one verdict, one list of nodes that fit,
// one count a node. Real clusters have thousands of pods and a few dozen classes.
//
// A pod is classed by the text of what decides where it may run: namespace, labels, requests,
// selection, affinity, tolerations, spread, ports, priority. Only the first pod of a class is
// decoded. Two things differ between pods that are otherwise the same, and are left out of the
// class:
//   - the node that a daemon's pod is tied to (the pin)
//   - the labels that number the pods of a Job or a StatefulSet; a selector cannot tell such pods
//   apart here
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <boost/json/fwd.hpp>

#include "kube/pod.h"

namespace hyperwright::sim {

struct PodClassKey {
  std::string text;
  std::optional<std::string> pin;  // the only node that this pod may run on
};

PodClassKey pod_class_key(const boost::json::object& pod);

struct PodClass {
  struct Placed {
    std::int32_t all = 0;
    std::int32_t terminating = 0;
  };

  std::string key;
  std::string ns;
  kube::StringMap labels;
  kube::Scheduling scheduling;  // without pins
  std::string problem;          // not empty: the pod cannot be read, and runs nowhere
  std::int64_t score_cpu =
      0;  // what it counts for in the score: at least 100 milli-cores and 200 MB
  std::int64_t score_memory = 0;
  bool has_topology = false;  // pod affinity, anti-affinity or spread of its own that must hold
  std::map<std::uint32_t, Placed> placed;  // its pods on nodes, by node id
  std::int64_t pods = 0;                   // pending and placed
};

PodClass make_pod_class(const PodClassKey& key, const boost::json::object& pod);

}  // namespace hyperwright::sim
