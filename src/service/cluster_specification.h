// What CreateCluster and UpdateCluster say about a cluster as a whole.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "service/group_specification.h"

namespace hyperwright::service {

struct ClusterSpecification {
  std::vector<GroupSpecification> groups{};
  bool has_restricted_groups = false;
  std::string eks_cluster_arn{};
  std::optional<hyperpod::NodeRecovery> node_recovery{};
  std::optional<hyperpod::AutoScalingMode> auto_scaling{};
  std::string cluster_role{};
  kube::StringMap as_given{};  // Orchestrator, TieredStorageConfig
};

// The members that both operations have.
ClusterSpecification read_cluster(const RequestReader& request,
                                  const hyperpod::InstanceTypes& types);
// One sentence, or nullopt.
std::optional<std::string> problem_of(const ClusterSpecification& specification);
// Autoscaling that is on, or about to be, needs a role.
std::optional<std::string> auto_scaling_problem(std::optional<hyperpod::AutoScalingMode> mode,
                                                std::string_view cluster_role);

}  // namespace hyperwright::service
