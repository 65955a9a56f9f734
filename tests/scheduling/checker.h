// What Kubernetes says about a placement, slowly and in plain words: every rule is a loop over all
// pods and all nodes, written from its documentation. Nothing of src/scheduling is used.
//
// It looks at the end, when every planned node is there and every planned pod is bound:
//
//   resources, node selector and node affinity, taints, host ports
//   required pod affinity: some pod that matches every term is in the same domain; the first of a
//     group may go anywhere if it matches itself and no match is anywhere; and not all wait for
//     each other
//   required pod anti-affinity, of the pod against others and of others against it
//   topology spread (DoNotSchedule): pods in its domain - least of all domains <= maxSkew
//   volumes (checker_volumes.h)
//   what may be bought: limits, reservations, minValues (checker_bought.h)
//
// Domains are those of the nodes and, as Karpenter has it, those that a NodePool could add. For
// kubernetes.io/hostname the least is 0, because one more node is always possible.
//
// Source: Kubernetes, "Assigning Pods to Nodes", "Taints and Tolerations", "Pod Topology Spread
// Constraints"; Karpenter v1, Concepts > Scheduling.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kube/node_pool.h"
#include "kube/pod.h"
#include "kube/resources.h"
#include "kube/string_map.h"
#include "kube/taint.h"
#include "tests/scheduling/checker_volumes.h"

namespace hyperwright::checker {

struct Node {
  std::string name;
  kube::StringMap labels;           // kubernetes.io/hostname among them
  std::vector<kube::Taint> taints;  // that count: without those that go by themselves
  kube::Resources room;             // allocatable, less the DaemonSets' pods that are still to come
  std::vector<kube::HostPort> taken_ports;  // of those DaemonSets
  std::string node_pool;                    // "": nobody's
  kube::Resources capacity;                 // counts towards the pool's limits
  std::string reservation;                  // whose instance it is; "": nobody's
  bool is_new = false;                      // planned now
  bool is_for_sale = true;  // of a fresh kind: it can be bought now; a domain it is in any case
  VolumeLimits volume_limits;
  bool is_going = false;  // takes no pods and is no domain; its pods still count
};

struct PlacedPod {
  kube::Pod pod;
  std::string node;
  bool is_new = false;  // placed now: the rules are checked for these
};

struct Placement {
  std::vector<Node> nodes;
  std::vector<PlacedPod> pods;
  std::vector<kube::NodePool> pools;
  std::map<std::string, kube::StringMap> namespaces;  // labels of those that have some
  Storage storage;
  std::map<std::string, std::int64_t>
      reservations;  // instances; those that are not known are not in
  // One node of each kind that a NodePool could add: pool, type, zone, capacity type, and each
  // combination of values that its requirements leave open.
  std::vector<Node> fresh;
  bool is_min_values_strict = false;
};

// When the skew of a new pod must be within bounds: when all are bound, so that any order of
// binding keeps it; or when it is bound itself, in some order (the pods of a spread first; pods
// that match it and are not spread themselves may come later and exceed it, as Kubernetes lets
// them).
enum class SpreadHolds : std::uint8_t { AtTheEnd, InSomeOrder };

// What is wrong, one sentence each; empty: nothing.
std::vector<std::string> check(const Placement& placement,
                               SpreadHolds spread = SpreadHolds::AtTheEnd);

// The label's value, nullptr if there is none, is one that the expression allows.
bool meets(const kube::NodeRequirement& expression, const std::string* value);

// Node selector, node affinity and taints let the pod run there.
bool may_run(const kube::Scheduling& pod, const Node& node);

bool share_a_port(const std::vector<kube::HostPort>& a, const std::vector<kube::HostPort>& b);

// A kind of fresh node that would serve this pod, alone, added to the placement; nullptr: there is
// none. Limits, reservations and minValues count. The placement is as before in the end.
const Node* fresh_node_for(Placement& placement, const kube::Pod& pod);

}  // namespace hyperwright::checker
