#include "doctor/instance_groups.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hyperwright::doctor {
namespace {

using hyperpod::Cluster;
using hyperpod::InstanceGroup;

Findings check_named_groups(const Cluster& cluster, const state::ClusterState& objects) {
  Findings findings;
  for (const auto& [name, node_class] : objects.node_classes()) {
    for (const std::string& group : node_class.instance_groups) {
      if (cluster.find_group(group) != nullptr) continue;
      findings.push_back(problem(
          kInstanceGroups,
          fmt::format("HyperpodNodeClass {} names {}, which the cluster does not have", name,
                      group),
          fmt::format("correct spec.instanceGroups of {}: until then none of its groups is used",
                      name)));
    }
  }
  return findings;
}

// How many of the group's nodes no NodeClaim owns; where the nodes are not known, how many there
// are.
std::int64_t foreign_nodes(const InstanceGroup& group, const state::ClusterState& objects,
                           const std::optional<std::vector<hyperpod::Node>>& nodes) {
  if (!nodes) return group.target_count;
  return std::ranges::count_if(*nodes, [&](const hyperpod::Node& node) {
    return node.group == group.name && objects.find_claim_by_logical_id(node.logical_id) == nullptr;
  });
}

Findings check_group(const InstanceGroup& group, const Cluster& cluster,
                     const state::ClusterState& objects,
                     const std::optional<std::vector<hyperpod::Node>>& nodes) {
  Findings findings;
  if (group.status != hyperpod::InstanceGroupStatus::InService) {
    findings.push_back(warning(
        kInstanceGroups,
        fmt::format("{} is {}: it takes no launches now", group.name, to_string(group.status)),
        fmt::format("aws sagemaker list-cluster-events --cluster-name {} --instance-group-name {}",
                    cluster.name, group.name)));
  }
  if (group.min_count > 0) {
    findings.push_back(warning(
        kInstanceGroups,
        fmt::format("{} has a MinInstanceCount of {}: below it HyperPod refuses launches and "
                    "deletions",
                    group.name, group.min_count),
        "set it to 0 with update-cluster; limits of NodePools, and static NodePools, keep counts"));
  }
  const std::int64_t foreign = foreign_nodes(group, objects, nodes);
  if (foreign > 0) {
    const std::string count = counted(foreign, "node", "nodes");
    findings.push_back(
        warning(kInstanceGroups,
                nodes ? fmt::format("{} has {} without a NodeClaim: left alone, and paid for",
                                    group.name, count)
                      : fmt::format("{} has {}; whether NodeClaims own them could not be read",
                                    group.name, count),
                fmt::format("let groups for autoscaling begin at 0: aws sagemaker "
                            "batch-delete-cluster-nodes --cluster-name {} --node-ids …",
                            cluster.name)));
  }
  return findings;
}

}  // namespace

std::vector<const InstanceGroup*> groups_to_buy_of(const Cluster& cluster,
                                                   const state::ClusterState& objects) {
  std::set<std::string_view> named;
  for (const auto& [name, node_class] : objects.node_classes())
    named.insert(node_class.instance_groups.begin(), node_class.instance_groups.end());
  std::vector<const InstanceGroup*> groups;
  for (const InstanceGroup& group : cluster.groups) {
    if (named.empty() || named.contains(group.name)) groups.push_back(&group);
  }
  return groups;
}

Findings check_instance_groups(const Cluster& cluster, const state::ClusterState& objects,
                               const std::optional<std::vector<hyperpod::Node>>& nodes) {
  Findings findings = check_named_groups(cluster, objects);
  const auto groups = groups_to_buy_of(cluster, objects);
  if (groups.empty() && findings.empty()) {
    return {problem(kInstanceGroups, "there is none to buy of",
                    "add instance groups with a count of 0: aws sagemaker update-cluster")};
  }
  std::vector<std::string> good;
  for (const InstanceGroup* group : groups) {
    const Findings found = check_group(*group, cluster, objects, nodes);
    if (found.empty()) good.push_back(group->name);
    findings.insert(findings.end(), found.begin(), found.end());
  }
  if (!good.empty()) {
    const bool has_class = !objects.node_classes().empty();
    findings.insert(
        findings.begin(),
        ok(kInstanceGroups, fmt::format("{} may be bought of{}", fmt::join(good, ", "),
                                        has_class ? "" : "; no HyperpodNodeClass names any yet")));
  }
  return findings;
}

Findings check_prices(const Cluster& cluster, const state::ClusterState& objects) {
  std::set<std::string> unpriced;
  for (const InstanceGroup* group : groups_to_buy_of(cluster, objects)) {
    for (const std::string& name : group->instance_types) {
      const hyperpod::InstanceType* type = objects.instance_types().find(name);
      if (type == nullptr || !type->on_demand) unpriced.insert(name);
    }
  }
  if (unpriced.empty()) return {ok(kPrices, "each instance type has one")};
  return {warning(kPrices,
                  fmt::format("none is known of {}: they are left out", fmt::join(unpriced, ", ")),
                  "give them with --prices FILE")};
}

}  // namespace hyperwright::doctor
