#include "service/operations.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace hyperwright::service {
namespace {

constexpr std::array<std::pair<std::string_view, Operation>, 13> kOperations = {{
    {"CreateCluster", create_cluster},
    {"UpdateCluster", update_cluster},
    {"DescribeCluster", describe_cluster},
    {"DeleteCluster", delete_cluster},
    {"ListClusters", list_clusters},
    {"BatchAddClusterNodes", batch_add_cluster_nodes},
    {"BatchDeleteClusterNodes", batch_delete_cluster_nodes},
    {"BatchReplaceClusterNodes", batch_replace_cluster_nodes},
    {"ListClusterNodes", list_cluster_nodes},
    {"DescribeClusterNode", describe_cluster_node},
    {"ListClusterEvents", list_cluster_events},
    {"DescribeClusterEvent", describe_cluster_event},
    {kDescribeSubnets, describe_subnets},
}};

}  // namespace

Operation find_operation(std::string_view name) {
  const auto* const at =
      std::ranges::find(kOperations, name, &std::pair<std::string_view, Operation>::first);
  return at == kOperations.end() ? nullptr : at->second;
}

std::string read_cluster_name(const RequestReader& request) {
  return request.text("ClusterName",
                      {.need = Need::Required, .max = 256, .pattern = &kClusterNameOrArnPattern});
}

Answer cluster_not_found(std::string_view name) {
  return resource_not_found(
      fmt::format("Cluster {} was not found in this account and region.", name));
}

Answer invalid_next_token() {
  return validation_error(
      "NextToken is not valid: give the token of the page before, with the same filters and "
      "order.");
}

std::optional<Answer> quota_refusal(const Turn& turn, std::int32_t current, std::int32_t delta) {
  const auto quota = turn.scenario().instances_per_cluster;
  if (!quota || delta <= 0 || std::int64_t{current} + delta <= *quota) return std::nullopt;
  return resource_limit_exceeded(
      fmt::format("The account-level service limit 'Maximum number of instances allowed per "
                  "SageMaker HyperPod cluster' is "
                  "{} Instances, with current utilization of {} Instances and a request delta of "
                  "{} Instances. Please use "
                  "AWS Service Quotas to request an increase for this quota.",
                  *quota, current, delta));
}

}  // namespace hyperwright::service
