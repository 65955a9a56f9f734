// A pod, as far as an autoscaler reads it. Environment, commands, images and probes are never
// decoded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/condition.h"
#include "kube/object_meta.h"
#include "kube/requirement.h"
#include "kube/resources.h"
#include "kube/selector.h"
#include "kube/taint.h"

namespace hyperwright::kube {

struct HostPort {
  std::string ip;  // empty: every address
  std::int32_t port = 0;
  std::string protocol = "TCP";
  auto operator<=>(const HostPort&) const = default;
};

struct Container {
  std::string name;
  Resources requests;
  Resources limits;
  std::vector<HostPort> host_ports;  // only ports with hostPort != 0
  bool restart_always = false;       // an init container that is a sidecar
  // status.containerStatuses[].resources and allocatedResources: an in-place resize that is under
  // way.
  std::optional<Resources> actuated;
  std::optional<Resources> allocated;
  bool operator==(const Container&) const = default;
};

struct NodeSelectorTerm {
  std::vector<NodeRequirement> match_expressions;
  std::vector<NodeRequirement> match_fields;
  auto operator<=>(const NodeSelectorTerm&) const = default;
};
struct PreferredNodeTerm {
  std::int32_t weight = 1;
  NodeSelectorTerm term;
  auto operator<=>(const PreferredNodeTerm&) const = default;
};
struct PodAffinityTerm {
  std::string topology_key;
  std::optional<LabelSelector> selector;
  std::vector<std::string> namespaces;
  std::optional<LabelSelector> namespace_selector;
  std::vector<std::string> match_label_keys;
  std::vector<std::string> mismatch_label_keys;
  auto operator<=>(const PodAffinityTerm&) const = default;
};
struct PreferredPodAffinityTerm {
  std::int32_t weight = 1;
  PodAffinityTerm term;
  auto operator<=>(const PreferredPodAffinityTerm&) const = default;
};
enum class WhenUnsatisfiable : std::uint8_t { DoNotSchedule, ScheduleAnyway };
std::string_view to_string(WhenUnsatisfiable action);
enum class NodeInclusionPolicy : std::uint8_t { Honor, Ignore };
std::string_view to_string(NodeInclusionPolicy policy);
struct TopologySpreadConstraint {
  std::int32_t max_skew = 1;
  std::string topology_key;
  WhenUnsatisfiable when_unsatisfiable = WhenUnsatisfiable::DoNotSchedule;
  std::optional<LabelSelector> selector;
  std::optional<std::int32_t> min_domains;
  NodeInclusionPolicy node_affinity_policy = NodeInclusionPolicy::Honor;
  NodeInclusionPolicy node_taints_policy = NodeInclusionPolicy::Ignore;
  std::vector<std::string> match_label_keys;
  auto operator<=>(const TopologySpreadConstraint&) const = default;
};

struct VolumeClaim {
  std::string
      claim_name;  // of the PersistentVolumeClaim; "<pod>-<volume>" for a generic ephemeral volume
  // A generic ephemeral volume: its claim comes with the pod, so that it need not be there yet.
  bool is_ephemeral = false;
  // Ephemeral: of its template; absent: the default one.
  std::optional<std::string> storage_class = {};
  auto operator<=>(const VolumeClaim&) const = default;
};

// What decides where a pod may run. Pods with equal constraints are one class to the scheduler.
struct Scheduling {
  Resources requests;  // effective, see effective_requests; includes one of "pods"
  StringMap node_selector;
  std::vector<NodeSelectorTerm> required_node_terms;  // ORed; empty: no requirement
  std::vector<PreferredNodeTerm> preferred_node_terms;
  std::vector<PodAffinityTerm> required_pod_affinity;
  std::vector<PodAffinityTerm> required_pod_anti_affinity;
  std::vector<PreferredPodAffinityTerm> preferred_pod_affinity;
  std::vector<PreferredPodAffinityTerm> preferred_pod_anti_affinity;
  std::vector<TopologySpreadConstraint> topology_spread;
  std::vector<Toleration> tolerations;
  std::vector<HostPort> host_ports;
  std::vector<VolumeClaim> volume_claims;
  bool has_resource_claims = false;  // Dynamic Resource Allocation
  std::int32_t priority = 0;
  std::string priority_class;
  auto operator<=>(const Scheduling&) const = default;
};

enum class PodPhase : std::uint8_t { Pending, Running, Succeeded, Failed, Unknown };

struct Pod {
  ObjectMeta meta;
  Scheduling scheduling;
  std::string node_name;
  std::string nominated_node_name;
  std::string scheduler_name;
  PodPhase phase = PodPhase::Pending;
  std::optional<Time> start_time;
  std::int64_t termination_grace_seconds = 30;
  // The PodScheduled condition's reason and since when; "" if there is none.
  std::string scheduled_reason;
  Time scheduled_transition_time;
  bool is_ready = false;
  bool operator==(const Pod&) const = default;
};

// Containers and sidecars together, or the peak of the init sequence, per resource the larger;
// pod-level requests replace cpu, memory and hugepages; overhead is added; one of "pods" is added.
// Source: KEP-753 (sidecars), KEP-2837 (pod-level resources), KEP-1287 (in-place resize).
struct PodResources {
  std::vector<Container> containers;
  std::vector<Container> init_containers;  // in order
  std::optional<Resources> pod_level_requests;
  Resources overhead;
  bool resize_infeasible = false;
};
Resources effective_requests(const PodResources& pod);

// Predicates, named as in Karpenter's pkg/utils/pod.
bool is_terminal(const Pod& pod);     // Succeeded or Failed
bool is_terminating(const Pod& pod);  // has a deletion time
bool is_active(const Pod& pod);       // neither
bool is_owned_by_daemon_set(const Pod& pod);
bool is_owned_by_stateful_set(const Pod& pod);
bool is_owned_by_node(const Pod& pod);  // a mirror pod
// Pending, not being deleted, marked Unschedulable by a scheduler, bound and nominated nowhere, of
// no DaemonSet and no node.
bool is_provisionable(const Pod& pod);
// Would need a new place if its node went: active (or a terminating StatefulSet pod), no DaemonSet,
// no mirror.
bool is_reschedulable(const Pod& pod);
// karpenter.sh/do-not-disrupt: "true", or a positive duration since the pod's start that is not
// over.
bool is_do_not_disrupt_active(const Pod& pod, Time now);
bool tolerates_disruption(const Pod& pod);            // tolerates karpenter.sh/disrupted:NoSchedule
bool is_stuck_terminating(const Pod& pod, Time now);  // more than a minute past its deletion time
bool is_drainable(const Pod& pod, Time now);          // not tolerating, not stuck, no mirror
bool is_waiting_eviction(const Pod& pod, Time now);   // drainable and not terminal
bool is_evictable(const Pod& pod,
                  Time now);       // active, not tolerating, no mirror, not do-not-disrupt
bool is_critical(const Pod& pod);  // priority class system-cluster-critical or system-node-critical

}  // namespace hyperwright::kube
