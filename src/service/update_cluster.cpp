// UpdateCluster: counts, minimum, labels, taints and types of groups; new groups, and groups that
// go; settings of the cluster. Groups that it does not name stay as they are.
#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "service/cluster_specification.h"
#include "service/event_log.h"
#include "service/instance_groups.h"
#include "service/operations.h"
#include "service/registration.h"
#include "service/zones.h"

namespace hyperwright::service {
namespace {

using hyperpod::InstanceGroupStatus;

struct Request {
  std::string name{};
  ClusterSpecification cluster{};
  std::vector<std::string> to_delete{};
  bool is_empty = false;
};

Request read(const RequestReader& reader, const hyperpod::InstanceTypes& types) {
  Request request;
  request.name = read_cluster_name(reader);
  request.cluster = read_cluster(reader, types);
  request.to_delete = reader.texts("InstanceGroupsToDelete", {.max = 100},
                                   {.min = 1, .max = 63, .pattern = &kNamePattern});
  request.is_empty = true;
  for (const std::string_view member :
       {"InstanceGroups", "InstanceGroupsToDelete", "NodeRecovery", "NodeProvisioningMode",
        "ClusterRole", "AutoScaling", "Orchestrator", "TieredStorageConfig"}) {
    if (reader.has(member)) request.is_empty = false;
  }
  return request;
}

bool is_deleted(const Request& request, std::string_view group) {
  return std::ranges::find(request.to_delete, group) != request.to_delete.end();
}

std::optional<std::string> deletion_problem(const ClusterRecord& cluster, const Request& request) {
  for (const std::string& name : request.to_delete) {
    if (find_group(cluster, name) == nullptr) {
      return fmt::format(
          "InstanceGroupsToDelete names {}, but Cluster {} has no such InstanceGroup", name,
          cluster.name);
    }
    if (std::ranges::find(request.cluster.groups, name, &GroupSpecification::name) !=
        request.cluster.groups.end()) {
      return fmt::format(
          "InstanceGroup {} stands in InstanceGroups and in InstanceGroupsToDelete; remove one",
          name);
    }
  }
  auto left = std::ranges::count_if(cluster.groups, [&request](const GroupRecord& group) {
    return group.status != InstanceGroupStatus::Deleting && !is_deleted(request, group.name);
  });
  left +=
      std::ranges::count_if(request.cluster.groups, [&cluster](const GroupSpecification& group) {
        return find_group(cluster, group.name) == nullptr;
      });
  if (left == 0)
    return fmt::format("Cluster {} must keep at least one InstanceGroup", cluster.name);
  return std::nullopt;
}

std::optional<std::string> settings_problem(const ClusterRecord& cluster,
                                            const ClusterSpecification& wanted) {
  if (!wanted.eks_cluster_arn.empty() && wanted.eks_cluster_arn != cluster.eks_cluster_arn) {
    return "Orchestrator.Eks.ClusterArn cannot be changed after the cluster was created";
  }
  const bool changes_role =
      !wanted.cluster_role.empty() && wanted.cluster_role != cluster.cluster_role;
  const auto mode = wanted.auto_scaling ? wanted.auto_scaling : cluster.auto_scaling;
  if (changes_role && cluster.auto_scaling == hyperpod::AutoScalingMode::Enable &&
      mode == hyperpod::AutoScalingMode::Enable) {
    return "ClusterRole cannot be updated while autoscaling is enabled";
  }
  return auto_scaling_problem(
      mode, wanted.cluster_role.empty() ? cluster.cluster_role : wanted.cluster_role);
}

std::optional<std::string> problem_of_request(const ClusterRecord& cluster,
                                              const Request& request) {
  if (request.is_empty)
    return "UpdateCluster has nothing to update: name at least one parameter beside ClusterName";
  if (auto problem = problem_of(request.cluster)) return problem;
  for (const GroupSpecification& group : request.cluster.groups) {
    const GroupRecord* known = find_group(cluster, group.name);
    if (known == nullptr) continue;
    if (auto problem = change_problem(cluster, *known, group)) return problem;
  }
  if (auto problem = deletion_problem(cluster, request)) return problem;
  return settings_problem(cluster, request.cluster);
}

// How many instances more the cluster would want.
std::int32_t growth(const ClusterRecord& cluster, const Request& request) {
  std::int32_t delta = 0;
  for (const GroupSpecification& group : request.cluster.groups) {
    delta += group.count - target_count(cluster, group.name);
  }
  for (const std::string& name : request.to_delete) delta -= target_count(cluster, name);
  return delta;
}

void change_kubernetes_config(Turn& turn, const ClusterRecord& cluster, const GroupRecord& before,
                              const GroupRecord& after) {
  if (before.labels == after.labels && before.taints == after.taints) return;
  for (const NodeRecord& node : cluster.nodes) {
    if (node.group == after.name && node.is_registered && node.counts()) {
      put_out(turn, change_of(cluster, before, after, node));
    }
  }
}

void change_group(Turn& turn, ClusterRecord& cluster, GroupRecord& group,
                  const GroupSpecification& wanted) {
  const GroupRecord before = group;
  const GroupCounts counts{.target = target_count(cluster, group.name), .min = group.min_count};
  apply(wanted, group);
  turn.touched.touch(cluster, group);
  change_kubernetes_config(turn, cluster, before, group);
  if (wanted.count == counts.target && wanted.min_count == counts.min) return;
  if (group.status == InstanceGroupStatus::InService) {
    group.last_in_service = counts;
    begin_waiting_for_minimum(turn, cluster, group, InstanceGroupStatus::Updating);
  } else if (wanted.min_count != counts.min) {
    begin_waiting_for_minimum(turn, cluster, group, group.status);  // the three hours begin again
  }
  scale_to(turn, cluster, group, wanted.count, Victims::Random, turn.now);
}

void add_group(Turn& turn, ClusterRecord& cluster, const GroupSpecification& wanted) {
  GroupRecord& group = cluster.groups.emplace_back(make_group(turn.next_sequence(), wanted));
  begin_waiting_for_minimum(turn, cluster, group, InstanceGroupStatus::Creating);
  record_group_event(turn, cluster, group.name, hyperpod::EventLevel::Info,
                     fmt::format("Creation of InstanceGroup {} is started", group.name));
  scale_to(turn, cluster, group, wanted.count, Victims::Random, turn.now);
}

void change_settings(Turn& turn, ClusterRecord& cluster, const ClusterSpecification& wanted) {
  turn.touched.touch(cluster);
  if (wanted.node_recovery) cluster.node_recovery = *wanted.node_recovery;
  if (wanted.auto_scaling) cluster.auto_scaling = wanted.auto_scaling;
  if (!wanted.cluster_role.empty()) cluster.cluster_role = wanted.cluster_role;
  cluster.as_given.merge(wanted.as_given);
}

}  // namespace

Answer update_cluster(Turn& turn, const RequestReader& reader, RequestProblems& problems) {
  const Request request = read(reader, turn.types);
  if (const auto wrong = problems.answer()) return *wrong;
  ClusterRecord* cluster = find_cluster(turn.state, request.name);
  if (cluster == nullptr) return cluster_not_found(request.name);
  if (cluster->status != hyperpod::ClusterStatus::InService) {
    return conflict(fmt::format("Cluster {} is {}; it can be updated when it is InService.",
                                cluster->name, to_string(cluster->status)));
  }
  for (const GroupRecord& group : cluster->groups) {
    if (group.status == InstanceGroupStatus::Deleting &&
        (is_deleted(request, group.name) ||
         std::ranges::find(request.cluster.groups, group.name, &GroupSpecification::name) !=
             request.cluster.groups.end())) {
      return conflict(fmt::format("InstanceGroup {} is being deleted.", group.name));
    }
  }
  if (const auto problem = problem_of_request(*cluster, request)) return validation_error(*problem);
  if (const auto refusal = quota_refusal(turn, target_count(*cluster), growth(*cluster, request)))
    return *refusal;

  record_cluster_event(turn, *cluster, hyperpod::EventLevel::Info,
                       fmt::format("Update of Cluster {} is started", cluster->name));
  change_settings(turn, *cluster, request.cluster);
  for (const std::string& name : request.to_delete)
    begin_deletion(turn, *cluster, *find_group(*cluster, name));
  for (const GroupSpecification& wanted : request.cluster.groups) {
    place_subnets(turn, wanted.subnets);
    if (GroupRecord* group = find_group(*cluster, wanted.name)) {
      change_group(turn, *cluster, *group, wanted);
    } else {
      add_group(turn, *cluster, wanted);
    }
  }
  return success({{"ClusterArn", cluster->arn}});
}

}  // namespace hyperwright::service
