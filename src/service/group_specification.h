// ClusterInstanceGroupSpecification: an instance group as CreateCluster and UpdateCluster want it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hyperpod/instance_type.h"
#include "service/control_plane.h"
#include "service/request_reader.h"

namespace hyperwright::service {

struct GroupSpecification {
  std::string name{};
  std::int32_t count = 0;
  std::int32_t min_count = 0;
  std::vector<std::string> instance_types{};
  bool is_flexible = false;
  bool has_both_kinds = false;  // InstanceType and InstanceRequirements: an error
  std::vector<std::string> subnets{};
  hyperpod::CapacityType capacity_type = hyperpod::CapacityType::OnDemand;
  // KubernetesConfig is declarative: what it does not list is taken off. Without it, all stays as
  // it is.
  bool has_kubernetes_config = false;
  kube::StringMap labels{};
  std::vector<kube::Taint> taints{};
  bool has_deep_health_checks = false;
  kube::StringMap as_given{};
};

inline constexpr std::int32_t kGroupInstancesMax = 6758;

// Problems go to the reader's problems.
GroupSpecification read_group(const RequestReader& reader, const hyperpod::InstanceTypes& types);
// VpcConfig of a cluster, OverrideVpcConfig of a group: its subnets.
std::vector<std::string> read_vpc_subnets(const RequestReader& vpc);

// What the model's constraints cannot say: one sentence, or nullopt.
std::optional<std::string> problem_of(const GroupSpecification& specification);
// Why this group cannot become that: what is fixed for a group's life. Nodes that run say which
// types are in use.
std::optional<std::string> change_problem(const ClusterRecord& cluster, const GroupRecord& group,
                                          const GroupSpecification& specification);

// A new group's record; its counts are the caller's.
GroupRecord make_group(std::uint64_t sequence, const GroupSpecification& specification);
// Takes over all that may change. What is fixed and not given stays.
void apply(const GroupSpecification& specification, GroupRecord& group);

}  // namespace hyperwright::service
