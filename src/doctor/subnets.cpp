#include "doctor/subnets.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "doctor/instance_groups.h"

namespace hyperwright::doctor {
namespace {

using hyperpod::Cluster;
using hyperpod::InstanceGroup;

// What was asked for and is not answered is not there: EC2 is asked by a filter.
std::string fault_of(const std::vector<std::string>& unknown) {
  if (unknown.empty()) return "it has no subnets";
  return fmt::format("{} {} not exist", fmt::join(unknown, ", "),
                     unknown.size() == 1 ? "does" : "do");
}

}  // namespace

std::vector<std::string> subnets_to_ask(const Cluster& cluster,
                                        const state::ClusterState& objects) {
  std::set<std::string> ids;
  for (const InstanceGroup* group : groups_to_buy_of(cluster, objects)) {
    const auto& own = subnets_of(*group, cluster);
    ids.insert(own.begin(), own.end());
  }
  return {ids.begin(), ids.end()};
}

Findings check_subnets(const Cluster& cluster, const state::ClusterState& objects,
                       const Result<std::vector<hyperpod::Subnet>>& subnets) {
  if (!subnets) {
    return {problem(kSubnets, subnets.error().text(),
                    "allow ec2:DescribeSubnets, or name the zones in a file: --subnet-zones")};
  }
  std::map<std::string, std::string> zone_of;
  for (const hyperpod::Subnet& subnet : *subnets) zone_of[subnet.id] = subnet.zone;
  Findings findings;
  std::set<std::string> all;
  for (const InstanceGroup* group : groups_to_buy_of(cluster, objects)) {
    std::set<std::string> zones;
    std::vector<std::string> unknown;
    for (const std::string& id : subnets_of(*group, cluster)) {
      if (const std::string& zone = zone_of[id]; zone.empty()) {
        unknown.push_back(id);
      } else {
        zones.insert(zone);
      }
    }
    all.insert(zones.begin(), zones.end());
    if (!unknown.empty() || zones.empty()) {
      findings.push_back(
          problem(kSubnets, fmt::format("instance group {}: {}", group->name, fault_of(unknown)),
                  "give the group subnets that exist (OverrideVpcConfig, or VpcConfig where it has "
                  "none of its own), or name the zone in a file, with --subnet-zones"));
    } else if (zones.size() > 1 && !group->is_flexible) {
      findings.push_back(warning(
          kSubnets,
          fmt::format("instance group {} is in {}: HyperPod picks the zone of each node, and pods "
                      "that ask for a zone get none of it",
                      group->name, fmt::join(zones, " and ")),
          "make one group a zone (OverrideVpcConfig), or a flexible group (InstanceRequirements)"));
    }
  }
  if (findings.empty()) findings.push_back(ok(kSubnets, fmt::format("{}", fmt::join(all, ", "))));
  return findings;
}

}  // namespace hyperwright::doctor
