// The whole state of the service, in plain structs.
//
//   1. A group's target count is the number of its logical ids that are not shutting down; it is
//   never stored.
//   2. A logical id, an instance id and a sequence number are given once and never again.
//   3. A node has an instance in the phases Joining, Running and, if it had one, ShuttingDown.
//   4. `wakes` holds each due time of a cluster, group or node exactly once; it can be rebuilt from
//   the records.
//   5. Clusters, groups, nodes, events, add calls and outputs stand in the order of their sequence
//   numbers.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "hyperpod/cluster.h"
#include "kube/string_map.h"
#include "kube/taint.h"
#include "service/output.h"

namespace hyperwright::service {

enum class NodePhase : std::uint8_t {
  Launching,     // no instance yet
  Retrying,      // the last attempt failed, the next one has not begun: status Failure
  Joining,       // an instance is there, its lifecycle script runs: status Pending
  Running,       // registered
  ShuttingDown,  // terminating; then the record goes
};

struct NodeRecord {
  std::uint64_t sequence = 0;
  std::string logical_id{};
  std::string group{};
  NodePhase phase = NodePhase::Launching;
  Time created{};
  Time due = Time::max();  // when the phase ends by itself
  // What the call wanted; empty: what the group has.
  std::vector<std::string> wanted_types{};
  std::vector<std::string> wanted_zones{};
  // Of the instance; empty while none is there.
  std::string instance_id{};
  std::string instance_type{};
  hyperpod::Subnet place{};
  std::string private_ip{};
  std::optional<Time> launched{};
  bool is_registered = false;  // its Node was handed out
  bool is_replacing = false;   // its instance broke; the next one ends the replacement
  std::string message{};       // why the last attempt failed

  [[nodiscard]] bool has_instance() const { return !instance_id.empty(); }
  [[nodiscard]] bool counts() const { return phase != NodePhase::ShuttingDown; }
};

// Target and minimum of a group when it was last InService: where a failed MinInstanceCount goes
// back to.
struct GroupCounts {
  std::int32_t target = 0;
  std::int32_t min = 0;
};

struct GroupRecord {
  std::uint64_t sequence = 0;
  std::string name{};
  hyperpod::InstanceGroupStatus status = hyperpod::InstanceGroupStatus::Creating;
  std::vector<std::string> instance_types{};  // in order of preference
  bool is_flexible = false;
  std::int32_t min_count = 0;
  Time min_deadline = Time::max();  // when the minimum is given up
  GroupCounts last_in_service{};
  std::vector<std::string> subnets{};  // of OverrideVpcConfig
  hyperpod::CapacityType capacity_type = hyperpod::CapacityType::OnDemand;
  kube::StringMap labels{};
  std::vector<kube::Taint> taints{};
  bool has_deep_health_checks = false;
  // Members that are shown as they were given, each as JSON text.
  kube::StringMap as_given{};
};

struct EventRecord {
  std::uint64_t sequence = 0;
  std::string id{};
  Time time{};
  hyperpod::EventLevel level = hyperpod::EventLevel::Info;
  hyperpod::EventResourceType resource_type = hyperpod::EventResourceType::Cluster;
  std::string group{};
  std::string instance_id{};
  std::string description{};
  // Details.
  std::string node_logical_id{};
  std::string failure_message{};
  std::string lifecycle_state{};
  std::optional<GroupCounts> scaling{};
};
inline constexpr std::size_t kEventsMax = 10'000;  // of a cluster; the oldest go first

// What a ClientToken stands for, for 8 hours.
struct AddCall {
  std::uint64_t sequence = 0;
  std::string token{};
  std::string parameters{};  // canonical JSON of NodesToAdd
  Time time{};
  hyperpod::AddResult result{};
};

struct ClusterRecord {
  std::uint64_t sequence = 0;
  std::string name{};
  std::string arn{};
  hyperpod::ClusterStatus status = hyperpod::ClusterStatus::Creating;
  Time created{};
  Time due = Time::max();  // Creating: when it is in service
  std::string eks_cluster_arn{};
  std::vector<std::string> subnets{};  // of VpcConfig
  hyperpod::NodeRecovery node_recovery = hyperpod::NodeRecovery::Automatic;
  std::optional<hyperpod::AutoScalingMode> auto_scaling{};
  std::string cluster_role{};
  kube::StringMap as_given{};  // VpcConfig, Orchestrator, TieredStorageConfig as JSON text
  std::vector<GroupRecord> groups{};
  std::vector<NodeRecord> nodes{};
  std::deque<EventRecord> events{};
  std::vector<AddCall> add_calls{};
};

// `item` is the sequence number of a group or node of the cluster; 0: the cluster itself.
struct Wake {
  Time at{};
  std::uint64_t cluster = 0;
  std::uint64_t item = 0;
  auto operator<=>(const Wake&) const = default;
};

// Of one operation, in millionths of a request.
struct Bucket {
  std::string operation{};
  std::int64_t micro_tokens = 0;
  Time filled{};
};

// How long instances of one kind existed and were billed for, in all.
struct InstanceTime {
  std::string type{};
  hyperpod::CapacityType capacity_type = hyperpod::CapacityType::OnDemand;
  Duration total{};
};

// What is to be done to Kubernetes, until it is known to be done.
struct OutputRecord {
  std::uint64_t sequence = 0;
  Output output{};
};

struct ControlPlane {
  std::string region{};
  std::string account{};
  Time start{};   // the scenario's spans count from here
  Time latest{};  // of the last call or step of time
  Random random{0};
  std::uint64_t next_sequence = 1;
  std::vector<ClusterRecord> clusters{};
  std::vector<hyperpod::Subnet> subnets{};  // in the order in which they became known
  std::set<Wake> wakes{};
  std::vector<Bucket> buckets{};
  std::vector<InstanceTime> ended_instances{};  // sorted by type, capacity type
  std::deque<OutputRecord> outputs{};
};

// nullptr: there is none. `name_or_arn`: as every operation but CreateCluster takes it.
const ClusterRecord* find_cluster(const ControlPlane& state, std::string_view name_or_arn);
ClusterRecord* find_cluster(ControlPlane& state, std::string_view name_or_arn);
const GroupRecord* find_group(const ClusterRecord& cluster, std::string_view name);
GroupRecord* find_group(ClusterRecord& cluster, std::string_view name);
const NodeRecord* find_node(const ClusterRecord& cluster, std::string_view logical_id);
NodeRecord* find_node(ClusterRecord& cluster, std::string_view logical_id);
const NodeRecord* find_instance(const ClusterRecord& cluster, std::string_view instance_id);

hyperpod::InstanceStatus status_of(const NodeRecord& node);
// The type of the instance, or the one that would be tried first.
const std::string& type_of(const NodeRecord& node, const GroupRecord& group);
std::int32_t target_count(const ClusterRecord& cluster, std::string_view group);
std::int32_t target_count(const ClusterRecord& cluster);
std::int32_t current_count(const ClusterRecord& cluster, std::string_view group);  // those that run
// With those that exist at `now`: what the demonstration's bill is made of.
std::vector<InstanceTime> instance_time(const ControlPlane& state, Time now);
void add_instance_time(std::vector<InstanceTime>& times, std::string_view type,
                       hyperpod::CapacityType capacity_type, Duration time);

}  // namespace hyperwright::service
