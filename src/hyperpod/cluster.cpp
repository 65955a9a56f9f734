#include "hyperpod/cluster.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "hyperpod/enum_text.h"
#include "kube/well_known.h"

namespace hyperwright::hyperpod {
namespace {

constexpr std::array<EnumText<ClusterStatus>, 7> kClusterStatus = {{
    {ClusterStatus::Creating, "Creating"},
    {ClusterStatus::Deleting, "Deleting"},
    {ClusterStatus::Failed, "Failed"},
    {ClusterStatus::InService, "InService"},
    {ClusterStatus::RollingBack, "RollingBack"},
    {ClusterStatus::SystemUpdating, "SystemUpdating"},
    {ClusterStatus::Updating, "Updating"},
}};
constexpr std::array<EnumText<InstanceGroupStatus>, 7> kGroupStatus = {{
    {InstanceGroupStatus::InService, "InService"},
    {InstanceGroupStatus::Creating, "Creating"},
    {InstanceGroupStatus::Updating, "Updating"},
    {InstanceGroupStatus::Failed, "Failed"},
    {InstanceGroupStatus::Degraded, "Degraded"},
    {InstanceGroupStatus::SystemUpdating, "SystemUpdating"},
    {InstanceGroupStatus::Deleting, "Deleting"},
}};
constexpr std::array<EnumText<InstanceStatus>, 9> kInstanceStatus = {{
    {InstanceStatus::Running, "Running"},
    {InstanceStatus::Failure, "Failure"},
    {InstanceStatus::Pending, "Pending"},
    {InstanceStatus::ShuttingDown, "ShuttingDown"},
    {InstanceStatus::SystemUpdating, "SystemUpdating"},
    {InstanceStatus::DeepHealthCheckInProgress, "DeepHealthCheckInProgress"},
    {InstanceStatus::NotFound, "NotFound"},
    {InstanceStatus::DetachInProgress, "DetachInProgress"},
    {InstanceStatus::AttachInProgress, "AttachInProgress"},
}};
constexpr std::array<EnumText<CapacityType>, 3> kCapacityTypes = {
    {{CapacityType::Spot, "Spot"},
     {CapacityType::OnDemand, "OnDemand"},
     {CapacityType::Reserved, "Reserved"}}};
constexpr std::array<EnumText<EventLevel>, 3> kEventLevels = {
    {{EventLevel::Info, "Info"}, {EventLevel::Warn, "Warn"}, {EventLevel::Error, "Error"}}};
constexpr std::array<EnumText<EventResourceType>, 3> kResourceTypes = {{
    {EventResourceType::Cluster, "Cluster"},
    {EventResourceType::InstanceGroup, "InstanceGroup"},
    {EventResourceType::Instance, "Instance"},
}};
constexpr std::array<EnumText<AutoScalingMode>, 2> kAutoScalingModes = {
    {{AutoScalingMode::Enable, "Enable"}, {AutoScalingMode::Disable, "Disable"}}};
constexpr std::array<EnumText<AutoScalingStatus>, 4> kAutoScalingStatus = {{
    {AutoScalingStatus::InService, "InService"},
    {AutoScalingStatus::Failed, "Failed"},
    {AutoScalingStatus::Creating, "Creating"},
    {AutoScalingStatus::Deleting, "Deleting"},
}};
constexpr std::array<EnumText<NodeRecovery>, 2> kNodeRecovery = {
    {{NodeRecovery::Automatic, "Automatic"}, {NodeRecovery::None, "None"}}};
constexpr std::array<EnumText<kube::TaintEffect>, 3> kTaintEffects = {{
    {kube::TaintEffect::NoSchedule, "NoSchedule"},
    {kube::TaintEffect::PreferNoSchedule, "PreferNoSchedule"},
    {kube::TaintEffect::NoExecute, "NoExecute"},
}};

template <typename Enum>
std::string_view text_of(Enum value) {
  const auto texts = enum_texts<Enum>();
  const auto at = std::ranges::find(texts, value, &EnumText<Enum>::first);
  check(at != texts.end(), "every enumerator has a text");
  return at->second;
}

constexpr std::string_view kProviderPrefix = "aws:///";
constexpr std::string_view kProviderMiddle = "/sagemaker/cluster/hyperpod-";

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

}  // namespace

template <>
std::span<const EnumText<ClusterStatus>> enum_texts() {
  return kClusterStatus;
}
template <>
std::span<const EnumText<InstanceGroupStatus>> enum_texts() {
  return kGroupStatus;
}
template <>
std::span<const EnumText<InstanceStatus>> enum_texts() {
  return kInstanceStatus;
}
template <>
std::span<const EnumText<CapacityType>> enum_texts() {
  return kCapacityTypes;
}
template <>
std::span<const EnumText<EventLevel>> enum_texts() {
  return kEventLevels;
}
template <>
std::span<const EnumText<EventResourceType>> enum_texts() {
  return kResourceTypes;
}
template <>
std::span<const EnumText<AutoScalingMode>> enum_texts() {
  return kAutoScalingModes;
}
template <>
std::span<const EnumText<AutoScalingStatus>> enum_texts() {
  return kAutoScalingStatus;
}
template <>
std::span<const EnumText<NodeRecovery>> enum_texts() {
  return kNodeRecovery;
}
template <>
std::span<const EnumText<kube::TaintEffect>> enum_texts() {
  return kTaintEffects;
}

std::string_view to_string(ClusterStatus status) { return text_of(status); }
std::string_view to_string(InstanceGroupStatus status) { return text_of(status); }
std::string_view to_string(InstanceStatus status) { return text_of(status); }
std::string_view to_string(CapacityType type) { return text_of(type); }
std::string_view to_string(EventLevel level) { return text_of(level); }
std::string_view to_string(EventResourceType type) { return text_of(type); }
std::string_view to_string(AutoScalingMode mode) { return text_of(mode); }
std::string_view to_string(AutoScalingStatus status) { return text_of(status); }
std::string_view to_string(NodeRecovery recovery) { return text_of(recovery); }

std::string_view karpenter_word(CapacityType type) {
  if (type == CapacityType::Reserved) return kube::kReserved;
  return type == CapacityType::Spot ? kube::kSpot : kube::kOnDemand;
}

CapacityType capacity_type_of(const InstanceGroup& group) {
  return group.training_plan_arn.empty() ? group.capacity_type : CapacityType::Reserved;
}

std::string_view training_plan_name(std::string_view arn) { return arn.substr(arn.rfind('/') + 1); }

std::string reservation_id_of(const InstanceGroup& group) {
  constexpr std::size_t kLabelValueMax = 63;  // a plan's name may have one more
  std::string_view id = training_plan_name(group.training_plan_arn).substr(0, kLabelValueMax);
  while (id.ends_with('-')) id.remove_suffix(1);
  return std::string(id);
}

bool is_plan_active(const InstanceGroup& group) {
  return group.training_plan_status.empty() || group.training_plan_status == "Active";
}

const InstanceGroup* Cluster::find_group(std::string_view group) const {
  const auto at = std::ranges::find(groups, group, &InstanceGroup::name);
  return at == groups.end() ? nullptr : &*at;
}

const std::vector<std::string>& subnets_of(const InstanceGroup& group, const Cluster& cluster) {
  return group.subnets.empty() ? cluster.subnets : group.subnets;
}

std::string_view cluster_id(std::string_view arn) {
  const std::size_t slash = arn.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : arn.substr(slash + 1);
}

std::string provider_id(std::string_view zone_id, std::string_view cluster_id,
                        std::string_view instance_id) {
  return fmt::format("{}{}{}{}-{}", kProviderPrefix, zone_id, kProviderMiddle, cluster_id,
                     instance_id);
}

std::optional<std::string_view> instance_id_of(std::string_view provider_id,
                                               std::string_view cluster_id) {
  if (cluster_id.empty() || !provider_id.starts_with(kProviderPrefix)) return std::nullopt;
  const std::size_t middle = provider_id.find(kProviderMiddle, kProviderPrefix.size());
  if (middle == std::string_view::npos) return std::nullopt;
  std::string_view rest = provider_id.substr(middle + kProviderMiddle.size());
  if (!rest.starts_with(cluster_id)) return std::nullopt;
  rest.remove_prefix(cluster_id.size());
  if (!rest.starts_with("-i-") || rest.size() == 3) return std::nullopt;
  rest.remove_prefix(1);
  if (!std::ranges::all_of(rest.substr(2), is_hex)) return std::nullopt;
  return rest;
}

}  // namespace hyperwright::hyperpod
