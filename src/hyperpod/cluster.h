// HyperPod's vocabulary: clusters, instance groups, nodes, events, and the answers that carry them.
// Enumerators are spelled as the API spells them. Source: SageMaker API reference, 2017-07-24.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "kube/string_map.h"
#include "kube/taint.h"

namespace hyperwright::hyperpod {

enum class ClusterStatus : std::uint8_t {
  Creating,
  Deleting,
  Failed,
  InService,
  RollingBack,
  SystemUpdating,
  Updating
};
enum class InstanceGroupStatus : std::uint8_t {
  InService,
  Creating,
  Updating,
  Failed,
  Degraded,
  SystemUpdating,
  Deleting
};
// Detach- and AttachInProgress: a volume or network interface goes or comes; the node itself runs.
enum class InstanceStatus : std::uint8_t {
  Running,
  Failure,
  Pending,
  ShuttingDown,
  SystemUpdating,
  DeepHealthCheckInProgress,
  NotFound,
  DetachInProgress,
  AttachInProgress
};
// Reserved is no word of the API: a group that draws on a training plan, whose instances are paid
// for already.
enum class CapacityType : std::uint8_t { OnDemand, Spot, Reserved };
enum class EventLevel : std::uint8_t { Info, Warn, Error };
enum class EventResourceType : std::uint8_t { Cluster, InstanceGroup, Instance };
enum class AutoScalingMode : std::uint8_t { Disable, Enable };
enum class AutoScalingStatus : std::uint8_t { InService, Failed, Creating, Deleting };
enum class NodeRecovery : std::uint8_t { Automatic, None };

std::string_view to_string(ClusterStatus status);
std::string_view to_string(InstanceGroupStatus status);
std::string_view to_string(InstanceStatus status);
std::string_view to_string(CapacityType type);
std::string_view to_string(EventLevel level);
std::string_view to_string(EventResourceType type);
std::string_view to_string(AutoScalingMode mode);
std::string_view to_string(AutoScalingStatus status);
std::string_view to_string(NodeRecovery recovery);
// karpenter.sh/capacity-type's word: on-demand, spot or reserved.
std::string_view karpenter_word(CapacityType type);

// A private subnet; its zone comes from ec2:DescribeSubnets or from a file. Without a zone: it was
// asked for, and EC2 has none of this id.
struct Subnet {
  std::string id{};
  std::string zone{};
  std::string zone_id{};
  auto operator<=>(const Subnet&) const = default;
};

struct InstanceGroup {
  std::string name{};
  InstanceGroupStatus status = InstanceGroupStatus::InService;
  std::vector<std::string>
      instance_types{};      // one, or several in order of preference for a flexible group
  bool is_flexible = false;  // made with InstanceRequirements: types and zones go with the call
  std::int32_t current_count = 0;
  std::int32_t target_count = 0;
  std::int32_t min_count = 0;
  std::vector<std::string> subnets{};  // of OverrideVpcConfig; empty: the cluster's
  CapacityType capacity_type = CapacityType::OnDemand;  // as the API says; see capacity_type_of()
  kube::StringMap labels{};                             // KubernetesConfig, desired
  std::vector<kube::Taint> taints{};                    // KubernetesConfig, desired
  bool has_deep_health_checks = false;
  std::string training_plan_arn{};
  std::string training_plan_status{};  // "" where the answer does not say
  bool operator==(const InstanceGroup&) const = default;
};

// Reserved where the group draws on a training plan, else what the API says.
CapacityType capacity_type_of(const InstanceGroup& group);
// The name of the group's training plan, as a label's value: at most 63 characters of it; "": none.
std::string reservation_id_of(const InstanceGroup& group);
std::string_view training_plan_name(std::string_view arn);
// Its training plan, if it has one, is in its time: instances can be had.
bool is_plan_active(const InstanceGroup& group);

// What DescribeCluster says.
struct Cluster {
  std::string name{};
  std::string arn{};
  ClusterStatus status = ClusterStatus::InService;
  std::string failure_message{};
  std::string eks_cluster_arn{};
  bool is_continuous = false;  // NodeProvisioningMode: Continuous
  NodeRecovery node_recovery = NodeRecovery::Automatic;
  std::optional<AutoScalingMode> auto_scaling_mode{};
  std::vector<std::string> subnets{};   // of VpcConfig
  std::vector<InstanceGroup> groups{};  // in the API's order
  bool operator==(const Cluster&) const = default;

  [[nodiscard]] const InstanceGroup* find_group(std::string_view group) const;
};
// Where nodes of the group may be: its own subnets, else the cluster's.
const std::vector<std::string>& subnets_of(const InstanceGroup& group, const Cluster& cluster);
// The last part of the ARN: 12 characters, part of each node's provider id.
std::string_view cluster_id(std::string_view arn);

struct Node {
  std::string group{};
  std::string logical_id{};   // empty where the list was asked without logical ids
  std::string instance_id{};  // empty while no instance is there
  std::string instance_type{};
  InstanceStatus status = InstanceStatus::Pending;
  std::string status_message{};
  std::optional<Time> launch_time{};
  // DescribeClusterNode only; a list leaves them empty.
  std::string zone{};
  std::string zone_id{};
  std::optional<CapacityType> capacity_type{};
  std::string private_dns_hostname{};  // this one is in lists, too
  bool operator==(const Node&) const = default;
};

// aws:///<zone id>/sagemaker/cluster/hyperpod-<cluster id>-<instance id>
std::string provider_id(std::string_view zone_id, std::string_view cluster_id,
                        std::string_view instance_id);
// The instance id in a provider id of this cluster; nullopt: it is of another cluster, or no
// HyperPod node.
std::optional<std::string_view> instance_id_of(std::string_view provider_id,
                                               std::string_view cluster_id);

struct ClusterEvent {
  std::string id{};
  Time time{};
  EventLevel level = EventLevel::Info;
  EventResourceType resource_type = EventResourceType::Cluster;
  std::string group{};
  std::string instance_id{};
  std::string description{};
  // Details (DescribeClusterEvent) only.
  std::string node_logical_id{};
  std::string failure_message{};
  bool operator==(const ClusterEvent&) const = default;
};

// What DescribeTrainingPlan says. DescribeCluster names a group's plan and the plan's status, and
// not how many instances it has.
struct TrainingPlan {
  std::string name{};
  std::string arn{};
  std::string status{};  // Pending, Active, Scheduled, Expired or Failed
  std::int32_t total_instances = 0;
  std::int32_t unhealthy_instances = 0;
  std::int32_t instances_in_use = 0;  // by any cluster
  bool operator==(const TrainingPlan&) const = default;
};

struct AddSpecification {
  std::string group{};
  std::int32_t count = 1;
  std::vector<std::string> zones{};  // flexible groups only
  std::vector<std::string> types{};  // flexible groups only
  bool operator==(const AddSpecification&) const = default;
};
inline constexpr std::size_t kAddSpecificationsMax = 5;
inline constexpr std::int32_t kAddNodesMax = 50;
inline constexpr std::size_t kDeleteNodesMax = 50;

struct NodeAddition {
  std::string logical_id{};
  std::string group{};
  InstanceStatus status = InstanceStatus::Pending;
  std::vector<std::string> zones{};
  std::vector<std::string> types{};
  bool operator==(const NodeAddition&) const = default;
};
struct AddFailure {
  std::string group{};
  std::string code{};  // InstanceGroupNotFound, InvalidInstanceGroupStatus,
                       // Incompatible{AvailabilityZones,InstanceTypes}
  std::int32_t count = 1;
  std::vector<std::string> zones{};
  std::vector<std::string> types{};
  std::string message{};
  bool operator==(const AddFailure&) const = default;
};
struct AddResult {
  std::vector<NodeAddition> successful{};
  std::vector<AddFailure> failed{};
  bool operator==(const AddResult&) const = default;
};

struct DeleteFailure {
  std::string id{};    // of the kind that was asked: node id or logical id
  std::string code{};  // NodeIdNotFound, InvalidNodeStatus, NodeIdInUse
  std::string message{};
  bool operator==(const DeleteFailure&) const = default;
};
struct DeleteResult {
  std::vector<std::string> successful{};
  std::vector<DeleteFailure> failed{};
  bool operator==(const DeleteResult&) const = default;
};

}  // namespace hyperwright::hyperpod
