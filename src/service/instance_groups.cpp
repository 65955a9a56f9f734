#include "service/instance_groups.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "service/event_log.h"
#include "service/provisioning.h"

namespace hyperwright::service {
namespace {

using hyperpod::EventLevel;
using hyperpod::InstanceGroupStatus;

// Who goes earlier is smaller.
struct Victim {
  bool has_instance = false;
  std::int64_t rank = 0;
  std::uint64_t tie = 0;
  std::string logical_id{};
  auto operator<=>(const Victim&) const = default;
};

// A type that is no longer in the list is preferred least of all.
std::int64_t preference(const GroupRecord& group, const NodeRecord& node) {
  const auto at = std::ranges::find(group.instance_types, type_of(node, group));
  return at - group.instance_types.begin();
}

std::vector<std::string> choose_victims(Turn& turn, const ClusterRecord& cluster,
                                        const GroupRecord& group, std::size_t count,
                                        Victims victims) {
  std::vector<Victim> candidates;
  for (const NodeRecord& node : cluster.nodes) {
    if (node.group != group.name || !node.counts()) continue;
    // What is only asked for goes before what is there: nothing is lost by it.
    Victim victim{.has_instance = node.has_instance(), .logical_id = node.logical_id};
    if (victims == Victims::Random) {
      victim.rank = -preference(group, node);
      victim.tie = turn.random.next();
    } else {
      victim.rank = node.phase == NodePhase::Running ? 1 : 0;
      victim.tie = UINT64_MAX - node.sequence;
    }
    candidates.push_back(std::move(victim));
  }
  std::ranges::sort(candidates);
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < std::min(count, candidates.size()); ++i)
    ids.push_back(candidates[i].logical_id);
  return ids;
}

bool waits_for_minimum(const GroupRecord& group) {
  return group.status == InstanceGroupStatus::Creating ||
         group.status == InstanceGroupStatus::Updating;
}

void put_in_service(Turn& turn, const ClusterRecord& cluster, GroupRecord& group) {
  group.status = InstanceGroupStatus::InService;
  set_min_deadline(turn, cluster, group, Time::max());
}

}  // namespace

void scale_to(Turn& turn, ClusterRecord& cluster, const GroupRecord& group, std::int32_t target,
              Victims victims, Time from) {
  const std::int32_t current = target_count(cluster, group.name);
  for (std::int32_t i = current; i < target; ++i) add_node(turn, cluster, group, from, {}, {});
  if (target < current) {
    const auto surplus = static_cast<std::size_t>(current - target);
    for (const std::string& id : choose_victims(turn, cluster, group, surplus, victims))
      remove_node(turn, cluster, id);
  }
  if (target != current) {
    record_scaling_event(turn, cluster, group,
                         fmt::format("Scaling of InstanceGroup {} from {} to {} is started",
                                     group.name, current, target));
  }
}

void begin_waiting_for_minimum(Turn& turn, const ClusterRecord& cluster, GroupRecord& group,
                               InstanceGroupStatus waiting) {
  group.status = waiting;
  set_min_deadline(turn, cluster, group,
                   group.min_count == 0 ? Time::max() : turn.now + kMinCountPatience);
}

void give_up_minimum(Turn& turn, ClusterRecord& cluster, GroupRecord& group) {
  record_group_event(
      turn, cluster, group.name, EventLevel::Warn,
      fmt::format(
          "InstanceGroup {} did not reach its minimum of {} within 3 hours and is rolled back",
          group.name, group.min_count));
  group.min_count = group.last_in_service.min;
  put_in_service(turn, cluster, group);
  scale_to(turn, cluster, group, group.last_in_service.target, Victims::Unhealthy, turn.now);
}

void begin_deletion(Turn& turn, ClusterRecord& cluster, GroupRecord& group) {
  group.status = InstanceGroupStatus::Deleting;
  set_min_deadline(turn, cluster, group, Time::max());
  record_group_event(turn, cluster, group.name, EventLevel::Info,
                     fmt::format("Deletion of InstanceGroup {} is started", group.name));
  scale_to(turn, cluster, group, 0, Victims::Unhealthy, turn.now);
}

void settle_groups(Turn& turn, ClusterRecord& cluster) {
  for (GroupRecord& group : cluster.groups) {
    if (cluster.status != hyperpod::ClusterStatus::InService || !waits_for_minimum(group) ||
        current_count(cluster, group.name) < group.min_count) {
      continue;
    }
    put_in_service(turn, cluster, group);
    record_group_event(turn, cluster, group.name, EventLevel::Info,
                       group.min_count == 0
                           ? fmt::format("InstanceGroup {} is in service", group.name)
                           : fmt::format("InstanceGroup {} reached its minimum of {}", group.name,
                                         group.min_count));
  }
  std::erase_if(cluster.groups, [&](const GroupRecord& group) {
    const bool is_gone =
        group.status == InstanceGroupStatus::Deleting &&
        std::ranges::find(cluster.nodes, group.name, &NodeRecord::group) == cluster.nodes.end();
    if (is_gone) turn.touched.touch(cluster, group);
    return is_gone;
  });
}

}  // namespace hyperwright::service
