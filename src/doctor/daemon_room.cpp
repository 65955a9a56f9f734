#include "doctor/daemon_room.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "doctor/instance_groups.h"
#include "hyperpod/mig.h"
#include "scheduling/daemon_overhead.h"
#include "scheduling/offering_catalogue.h"
#include "scheduling/templates.h"
#include "state/seen_capacity.h"

namespace hyperwright::doctor {
namespace {

using hyperpod::InstanceGroup;
using kube::Resource;

constexpr std::int64_t kFewPods = 5;
constexpr std::int64_t kMostOfIt = 50;  // percent

// The templates that nodes of this group are bought by: one a NodePool, or, while there is none,
// the group's own labels and taints.
std::vector<scheduling::Template> templates_of(const InstanceGroup& group,
                                               const hyperpod::Cluster& cluster,
                                               const state::ClusterState& objects) {
  std::vector<scheduling::Template> templates;
  for (const auto& [name, pool] : objects.node_pools()) {
    const kube::HyperpodNodeClass* node_class =
        objects.find_node_class(pool.template_spec.node_class_ref.name);
    if (node_class == nullptr || std::ranges::find(node_class->instance_groups, group.name) ==
                                     node_class->instance_groups.end())
      continue;
    templates.push_back(scheduling::make_template(pool, cluster, group));
  }
  if (templates.empty()) {
    static const kube::NodePool kAnyPool{};
    templates.push_back(scheduling::make_template(kAnyPool, cluster, group));
  }
  return templates;
}

kube::Resources seen_or_expected(const hyperpod::InstanceType& type, const InstanceGroup& group,
                                 const state::ClusterState& objects) {
  kube::Resources allocatable = hyperpod::allocatable_of(type, group.labels);
  for (const auto& [name, node_class] : objects.node_classes())
    allocatable = state::SeenCapacity::of(node_class).over(allocatable, group.name, type.name);
  return allocatable;
}

std::string zone_of(const InstanceGroup& group, const hyperpod::Cluster& cluster,
                    std::span<const hyperpod::Subnet> subnets) {
  const auto& own = hyperpod::subnets_of(group, cluster);
  for (const hyperpod::Subnet& subnet : subnets) {
    if (std::ranges::find(own, subnet.id) != own.end()) return subnet.zone;
  }
  return {};
}

kube::Resources requests_on(const scheduling::Template& made, const kube::StringMap& labels,
                            std::span<const scheduling::Daemon> daemons) {
  kube::Resources requests;
  for (const scheduling::Daemon& daemon : daemons) {
    if (tolerates(daemon, made.taints) && allows(daemon, labels, made.open))
      requests += daemon.requests;
  }
  return requests;
}

std::int64_t percent(std::int64_t part, std::int64_t all) {
  return all <= 0 ? 0 : part * 100 / all;
}

std::int64_t cpu_percent(const NodeRoom& room) {
  return percent(room.daemon_requests.get(Resource::Cpu), room.allocatable.get(Resource::Cpu));
}

std::int64_t memory_percent(const NodeRoom& room) {
  return percent(room.daemon_requests.get(Resource::Memory),
                 room.allocatable.get(Resource::Memory));
}

std::int64_t daemons_of(const NodeRoom& room) { return room.daemon_requests.get(Resource::Pods); }

std::int64_t pods_left(const NodeRoom& room) {
  return room.allocatable.get(Resource::Pods) - daemons_of(room);
}

bool is_full(const NodeRoom& room) {
  return room.daemon_requests.first_misfit(room.allocatable).has_value();
}

Finding full(const NodeRoom& room, bool is_whole_group) {
  const std::string resource = *room.daemon_requests.first_misfit(room.allocatable);
  std::string found =
      fmt::format("{} of instance group {}: its {} for {} {}, a node has {}", room.type, room.group,
                  counted(daemons_of(room), "DaemonSet asks", "DaemonSets ask"), resource,
                  kube::format_amount(resource, room.daemon_requests.get(resource)),
                  kube::format_amount(resource, room.allocatable.get(resource)));
  std::string remedy =
      "take a larger type, or keep DaemonSets away from it by their nodeAffinity or by a taint";
  return is_whole_group ? problem(kDaemonOverhead, std::move(found), std::move(remedy))
                        : warning(kDaemonOverhead, std::move(found), std::move(remedy));
}

}  // namespace

std::vector<NodeRoom> node_rooms(const hyperpod::Cluster& cluster,
                                 std::span<const hyperpod::Subnet> subnets,
                                 const state::ClusterState& objects) {
  const std::vector<scheduling::Daemon> daemons = scheduling::daemons_of(objects);
  std::vector<NodeRoom> rooms;
  for (const InstanceGroup* group : groups_to_buy_of(cluster, objects)) {
    const auto templates = templates_of(*group, cluster, objects);
    for (const std::string& name : group->instance_types) {
      const hyperpod::InstanceType* type = objects.instance_types().find(name);
      if (type == nullptr) continue;
      const hyperpod::Offering offering{
          .key = {group->name, name, zone_of(*group, cluster, subnets)}};
      NodeRoom room{.group = group->name,
                    .type = name,
                    .allocatable = seen_or_expected(*type, *group, objects),
                    .daemon_requests = {}};
      for (const scheduling::Template& made : templates) {
        const kube::Resources requests =
            requests_on(made, scheduling::labels_of(made, offering, *type), daemons);
        if (requests.get(Resource::Pods) >= daemons_of(room)) room.daemon_requests = requests;
      }
      rooms.push_back(std::move(room));
    }
  }
  return rooms;
}

Findings check_daemon_overhead(std::span<const NodeRoom> rooms) {
  std::set<std::string> groups_with_room;
  for (const NodeRoom& room : rooms) {
    if (!is_full(room)) groups_with_room.insert(room.group);
  }
  Findings findings;
  const NodeRoom* worst = nullptr;
  const auto share = [](const NodeRoom& room) {
    return std::max(cpu_percent(room), memory_percent(room));
  };
  for (const NodeRoom& room : rooms) {
    if (is_full(room)) {
      findings.push_back(full(room, !groups_with_room.contains(room.group)));
    } else if (share(room) > kMostOfIt) {
      findings.push_back(warning(
          kDaemonOverhead,
          fmt::format("{} of instance group {}: DaemonSets take {} % of its cpu and {} % of its "
                      "memory",
                      room.type, room.group, cpu_percent(room), memory_percent(room)),
          "a larger type has more left for pods, dollar by dollar"));
    } else if (worst == nullptr || share(room) > share(*worst)) {
      worst = &room;
    }
  }
  if (findings.empty() && worst != nullptr) {
    findings.push_back(
        ok(kDaemonOverhead,
           fmt::format("at most {} % of cpu and {} % of memory ({} of instance "
                       "group {})",
                       cpu_percent(*worst), memory_percent(*worst), worst->type, worst->group)));
  }
  return findings;
}

Findings check_pod_density(std::span<const NodeRoom> rooms) {
  Findings findings;
  const NodeRoom* tightest = nullptr;
  for (const NodeRoom& room : rooms) {
    if (tightest == nullptr || pods_left(room) < pods_left(*tightest)) tightest = &room;
    if (pods_left(room) >= kFewPods) continue;
    findings.push_back(
        warning(kPodDensity,
                fmt::format("{} of instance group {} has room for {} pods, and {} DaemonSets run "
                            "there: {} are left",
                            room.type, room.group, room.allocatable.get(Resource::Pods),
                            daemons_of(room), std::max<std::int64_t>(0, pods_left(room))),
                "take a larger type, or keep DaemonSets away from it"));
  }
  if (findings.empty() && tightest != nullptr) {
    findings.push_back(
        ok(kPodDensity, fmt::format("{} pods or more beside the DaemonSets ({} of instance group "
                                    "{})",
                                    pods_left(*tightest), tightest->type, tightest->group)));
  }
  return findings;
}

}  // namespace hyperwright::doctor
