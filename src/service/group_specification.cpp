#include "service/group_specification.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace hyperwright::service {
namespace {

constexpr TextRule kName = {.need = Need::Required, .min = 1, .max = 63, .pattern = &kNamePattern};
constexpr std::size_t kTypesMax = 20;
constexpr std::size_t kLabelsMax = 50;

// Shown as they were given; the service does nothing with them.
constexpr std::array<std::string_view, 13> kAsGiven = {
    "LifeCycleConfig",        "ExecutionRole",           "ThreadsPerCore",
    "InstanceStorageConfigs", "OnStartDeepHealthChecks", "TrainingPlanArn",
    "OverrideVpcConfig",      "ScheduledUpdateConfig",   "ImageId",
    "ImageReleaseVersion",    "AutoPatchConfig",         "CapacityRequirements",
    "NetworkInterface"};
constexpr std::array<std::string_view, 5> kFixed = {"ExecutionRole", "ThreadsPerCore",
                                                    "CapacityRequirements", "OverrideVpcConfig",
                                                    "TrainingPlanArn"};
// HyperPod keeps these label prefixes to itself. nvidia.com/ is free: MIG profiles are set by
// label.
constexpr std::array<std::string_view, 6> kReservedPrefixes = {
    "kubernetes.io/",     "k8s.io/",  "sagemaker.amazonaws.com/",
    "eks.amazonaws.com/", "k8s.aws/", "karpenter.sh/"};

bool is_reserved(std::string_view key) {
  return std::ranges::any_of(kReservedPrefixes, [key](std::string_view prefix) {
    // The prefix itself, or a domain below it.
    return key.starts_with(prefix) || key.find("." + std::string(prefix)) != std::string_view::npos;
  });
}

std::string type_list(const hyperpod::InstanceTypes& types) {
  std::vector<std::string_view> names;
  for (const hyperpod::InstanceType& type : types.all()) names.push_back(type.name);
  return fmt::format("Member must satisfy enum value set: [{}]", fmt::join(names, ", "));
}

void read_types(const RequestReader& reader, const hyperpod::InstanceTypes& types,
                GroupSpecification& specification) {
  const std::string type = reader.text("InstanceType", {});
  if (!type.empty()) {
    specification.instance_types = {type};
    if (types.find(type) == nullptr) reader.constraint("InstanceType", type, type_list(types));
  }
  if (!reader.has("InstanceRequirements")) return;
  const RequestReader requirements = reader.object("InstanceRequirements", Need::Optional);
  for (std::string& flexible :
       requirements.texts("InstanceTypes", {Need::Required, 1, kTypesMax}, {})) {
    if (types.find(flexible) == nullptr)
      requirements.constraint("InstanceTypes", flexible, type_list(types));
    specification.instance_types.push_back(std::move(flexible));
  }
  specification.is_flexible = true;
  specification.has_both_kinds = !type.empty();
}

void read_kubernetes_config(const RequestReader& config, GroupSpecification& specification) {
  specification.labels = config.map("Labels", {.max = kLabelsMax},
                                    {.min = 1, .max = 317, .pattern = &kLabelKeyPattern},
                                    {.min = 1, .max = 63, .pattern = &kLabelValuePattern});
  for (const RequestReader& taint : config.objects("Taints", {.max = kLabelsMax})) {
    const TextRule key = {Need::Required, 1, 317, &kLabelKeyPattern};
    const auto effect = taint.enumerator<kube::TaintEffect>("Effect", Need::Required);
    specification.taints.push_back(
        {.key = taint.text("Key", key),
         .value = taint.text("Value", {.min = 1, .max = 63, .pattern = &kLabelValuePattern}),
         .effect = effect.value_or(kube::TaintEffect::NoSchedule)});
  }
}

// CapacityRequirements {"Spot": {}} and its absence or {"OnDemand": {}} are the same where they say
// the same.
std::string fixed_text(const kube::StringMap& as_given, std::string_view member) {
  std::string text(as_given.get(member));
  if (member == "CapacityRequirements" && text == R"({"OnDemand":{}})") text.clear();
  return text;
}

std::optional<std::string> type_change_problem(const ClusterRecord& cluster,
                                               const GroupRecord& group,
                                               const GroupSpecification& specification) {
  if (group.is_flexible != specification.is_flexible) {
    return fmt::format(
        "InstanceGroup {}: InstanceType and InstanceRequirements cannot be exchanged for each "
        "other",
        group.name);
  }
  if (!group.is_flexible && group.instance_types != specification.instance_types) {
    return "Updating fields InstanceType on an InstanceGroup not supported";
  }
  for (const NodeRecord& node : cluster.nodes) {
    const auto& types = specification.instance_types;
    if (node.group != group.name || !node.has_instance() || !node.counts() ||
        std::ranges::find(types, node.instance_type) != types.end()) {
      continue;
    }
    return fmt::format("InstanceGroup {}: type {} cannot be removed while instances of it run",
                       group.name, node.instance_type);
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> read_vpc_subnets(const RequestReader& vpc) {
  const TextRule id = {.max = 32, .pattern = &kVpcIdPattern};
  (void)vpc.texts("SecurityGroupIds", {Need::Required, 1, 5}, id);  // checked, and shown as given
  return vpc.texts("Subnets", {Need::Required, 1, 16}, id);
}

GroupSpecification read_group(const RequestReader& reader, const hyperpod::InstanceTypes& types) {
  GroupSpecification specification;
  specification.name = reader.text("InstanceGroupName", kName);
  specification.count =
      reader.number("InstanceCount", {Need::Required, 0, kGroupInstancesMax}).value_or(0);
  specification.min_count =
      reader.number("MinInstanceCount", {.max = kGroupInstancesMax}).value_or(0);
  (void)reader.text("ExecutionRole", {Need::Required, 20, 2048, &kRoleArnPattern});
  (void)reader.number("ThreadsPerCore", {.min = 1, .max = 2});
  read_types(reader, types, specification);
  if (reader.has("OverrideVpcConfig")) {
    specification.subnets = read_vpc_subnets(reader.object("OverrideVpcConfig", Need::Optional));
  }
  const RequestReader capacity = reader.object("CapacityRequirements", Need::Optional);
  if (capacity.has("Spot")) specification.capacity_type = hyperpod::CapacityType::Spot;
  if (capacity.has("Spot") && capacity.has("OnDemand")) {
    reader.constraint("CapacityRequirements", "", "Member must have one of Spot and OnDemand");
  }
  specification.has_kubernetes_config = reader.has("KubernetesConfig");
  read_kubernetes_config(reader.object("KubernetesConfig", Need::Optional), specification);
  specification.has_deep_health_checks =
      !reader.texts("OnStartDeepHealthChecks", {.min = 1, .max = 3}, {}).empty();
  for (const std::string_view member : kAsGiven) {
    if (reader.has(member)) specification.as_given.set(member, reader.json_text(member));
  }
  return specification;
}

std::optional<std::string> problem_of(const GroupSpecification& specification) {
  const std::string& name = specification.name;
  const auto& types = specification.instance_types;
  if (types.empty()) {
    return fmt::format("InstanceGroup {} must have either InstanceType or InstanceRequirements",
                       name);
  }
  if (specification.has_both_kinds) {
    return fmt::format("InstanceGroup {} must not have both InstanceType and InstanceRequirements",
                       name);
  }
  for (auto type = types.begin(); type != types.end(); ++type) {
    if (std::find(type + 1, types.end(), *type) != types.end()) {
      return fmt::format("InstanceGroup {}: InstanceRequirements names {} twice", name, *type);
    }
  }
  if (specification.min_count > specification.count) {
    return fmt::format(
        "InstanceGroup {}: MinInstanceCount {} must not be greater than InstanceCount {}", name,
        specification.min_count, specification.count);
  }
  for (const auto& [key, value] : specification.labels) {
    if (is_reserved(key))
      return fmt::format("InstanceGroup {}: label {} has a reserved prefix", name, key);
  }
  for (const kube::Taint& taint : specification.taints) {
    if (is_reserved(taint.key))
      return fmt::format("InstanceGroup {}: taint {} has a reserved prefix", name, taint.key);
  }
  if (specification.has_deep_health_checks && !specification.taints.empty()) {
    return fmt::format(
        "InstanceGroup {}: taints are not supported together with OnStartDeepHealthChecks", name);
  }
  return std::nullopt;
}

std::optional<std::string> change_problem(const ClusterRecord& cluster, const GroupRecord& group,
                                          const GroupSpecification& specification) {
  for (const std::string_view member : kFixed) {
    if (specification.as_given.contains(member) &&
        fixed_text(group.as_given, member) != fixed_text(specification.as_given, member)) {
      return fmt::format("Updating fields {} on an InstanceGroup not supported", member);
    }
  }
  return type_change_problem(cluster, group, specification);
}

GroupRecord make_group(std::uint64_t sequence, const GroupSpecification& specification) {
  GroupRecord group;
  group.sequence = sequence;
  group.name = specification.name;
  group.is_flexible = specification.is_flexible;
  group.subnets = specification.subnets;
  group.capacity_type = specification.capacity_type;
  apply(specification, group);
  return group;
}

void apply(const GroupSpecification& specification, GroupRecord& group) {
  group.instance_types = specification.instance_types;
  group.min_count = specification.min_count;
  if (specification.has_kubernetes_config) {
    group.labels = specification.labels;
    group.taints = specification.taints;
  }
  group.has_deep_health_checks = specification.has_deep_health_checks;
  kube::StringMap as_given = specification.as_given;
  for (const std::string_view member : kFixed) {
    if (const std::string* known = group.as_given.find(member)) as_given.set(member, *known);
  }
  group.as_given = std::move(as_given);
}

}  // namespace hyperwright::service
