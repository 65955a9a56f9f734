#include "service/cluster_specification.h"

#include <algorithm>

#include <fmt/format.h>

namespace hyperwright::service {
namespace {

constexpr std::size_t kGroupsMax = 100;

}  // namespace

ClusterSpecification read_cluster(const RequestReader& request,
                                  const hyperpod::InstanceTypes& types) {
  ClusterSpecification specification;
  for (const RequestReader& group :
       request.objects("InstanceGroups", {.min = 1, .max = kGroupsMax})) {
    specification.groups.push_back(read_group(group, types));
  }
  specification.has_restricted_groups =
      request.has("RestrictedInstanceGroups") || request.has("RestrictedInstanceGroupsConfig");
  const RequestReader eks =
      request.object("Orchestrator", Need::Optional).object("Eks", Need::Optional);
  specification.eks_cluster_arn =
      eks.text("ClusterArn", {Need::Required, 20, 2048, &kEksClusterArnPattern});
  specification.node_recovery =
      request.enumerator<hyperpod::NodeRecovery>("NodeRecovery", Need::Optional);
  (void)request.one_of("NodeProvisioningMode", Need::Optional, {"Continuous"});
  const RequestReader auto_scaling = request.object("AutoScaling", Need::Optional);
  specification.auto_scaling =
      auto_scaling.enumerator<hyperpod::AutoScalingMode>("Mode", Need::Required);
  (void)auto_scaling.one_of("AutoScalerType", Need::Optional, {"Karpenter"});
  specification.cluster_role =
      request.text("ClusterRole", {.min = 20, .max = 2048, .pattern = &kRoleArnPattern});
  for (const std::string_view member : {"Orchestrator", "TieredStorageConfig"}) {
    if (request.has(member)) specification.as_given.set(member, request.json_text(member));
  }
  return specification;
}

std::optional<std::string> problem_of(const ClusterSpecification& specification) {
  if (specification.has_restricted_groups)
    return "This service does not support RestrictedInstanceGroups.";
  for (auto group = specification.groups.begin(); group != specification.groups.end(); ++group) {
    if (auto problem = problem_of(*group)) return problem;
    if (std::ranges::find(group + 1, specification.groups.end(), group->name,
                          &GroupSpecification::name) != specification.groups.end()) {
      return fmt::format("InstanceGroup {} is specified twice", group->name);
    }
  }
  return std::nullopt;
}

std::optional<std::string> auto_scaling_problem(std::optional<hyperpod::AutoScalingMode> mode,
                                                std::string_view cluster_role) {
  if (mode == hyperpod::AutoScalingMode::Enable && cluster_role.empty()) {
    return "ClusterRole is required when AutoScaling Mode is Enable";
  }
  return std::nullopt;
}

}  // namespace hyperwright::service
