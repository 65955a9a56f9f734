// The filters that look at the pods on all nodes: required pod affinity and anti-affinity, of the
// pod itself and of the pods that are there, and topology spread that must hold (DoNotSchedule).
//
// A topology is the picture for one class of pods: how many pods that its terms select are in each
// domain (the value of the topology key's label). It is built once from the classes' counts by
// node, and then follows the pods that are placed; when a pod or a node goes it is built anew.
//
//   affinity        every term's domain holds a pod that all terms select; or no domain does, and
//   the pod selects itself anti-affinity   no term's domain holds a pod that the term selects, nor
//   one that has such a term for this pod spread          pods in the domain + 1 - the smallest
//   domain's <= maxSkew, counting domains of nodes that
//                   the pod may use (nodeAffinityPolicy, nodeTaintsPolicy); with fewer domains than
//                   minDomains the smallest counts as empty
//
// Source: Kubernetes, Concepts > Scheduling > Assigning Pods to Nodes; Pod Topology Spread
// Constraints.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/scheduler_nodes.h"
#include "sim/scheduler_pod_class.h"

namespace hyperwright::sim {

// The labels of a namespace; nullopt: there is none of that name.
using NamespaceLabels = std::function<std::optional<kube::StringMap>(std::string_view ns)>;

// The term of `owner` selects pods of `other`.
bool selects(const kube::PodAffinityTerm& term, const PodClass& owner, const PodClass& other,
             const NamespaceLabels& namespaces);
bool selects(const kube::TopologySpreadConstraint& constraint, const PodClass& owner,
             const PodClass& other);
// Placing or removing a pod of `other` may change where one of `pod` fits.
bool is_related(const PodClass& pod, const PodClass& other, const NamespaceLabels& namespaces);

class Topology {
 public:
  enum class Refusal : std::uint8_t {
    Affinity,
    AntiAffinity,
    ExistingAntiAffinity,
    Spread,
    SpreadMissingLabel
  };

  // `pod`, `nodes` and the classes outlive the topology.
  Topology(const PodClass& pod, const SchedulerNodes& nodes,
           const std::vector<const PodClass*>& classes, NamespaceLabels namespaces);

  // A pod of this class was placed. True: a node that was refused may be allowed now.
  bool add(const PodClass& placed, std::uint32_t node);

  // nullopt: allowed. `by_hostname` becomes whether the domain that refuses is one node only.
  [[nodiscard]] std::optional<Refusal> refusal(const SchedulerNode& node, bool& by_hostname) const;

 private:
  using Counts = std::map<std::string, std::int64_t, std::less<>>;  // by domain
  struct Spread {
    const kube::TopologySpreadConstraint* constraint = nullptr;
    Counts counts;
    std::map<std::int64_t, std::int64_t> domains_by_count;  // the first is the smallest
    std::int64_t smallest = 0;
    void add(const std::string& domain, std::int64_t pods);
    std::int64_t self = 0;  // 1: the pod counts itself
  };

  // Adds `all` pods of the class on a node, of which `living` are not being deleted.
  bool count(const PodClass& other, const SchedulerNode& node, std::int64_t all,
             std::int64_t living);
  [[nodiscard]] bool is_eligible(const kube::TopologySpreadConstraint& constraint,
                                 const SchedulerNode& node) const;
  static bool settle(Spread& spread);

  const PodClass& pod_;
  const SchedulerNodes& nodes_;
  NamespaceLabels namespaces_;
  std::vector<Counts> affinity_;  // by term
  std::vector<Counts> anti_;      // by term
  std::set<std::pair<std::string, std::string>>
      repelled_;  // key and domain, by pods that are there
  std::vector<Spread> spreads_;
  bool selects_itself_ = false;
  bool any_affine_ = false;
};

// kube-scheduler's words for it.
std::string_view reason(Topology::Refusal refusal);

}  // namespace hyperwright::sim
