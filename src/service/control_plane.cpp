#include "service/control_plane.h"

#include <algorithm>
#include <tuple>

namespace hyperwright::service {
namespace {

template <typename Range, typename Projection>
auto* find_in(Range& range, std::string_view key, Projection projection) {
  const auto at = std::ranges::find(range, key, projection);
  return at == range.end() ? nullptr : &*at;
}

template <typename State>
auto* cluster_in(State& state, std::string_view name_or_arn) {
  return name_or_arn.starts_with("arn:")
             ? find_in(state.clusters, name_or_arn, &ClusterRecord::arn)
             : find_in(state.clusters, name_or_arn, &ClusterRecord::name);
}

}  // namespace

const ClusterRecord* find_cluster(const ControlPlane& state, std::string_view name_or_arn) {
  return cluster_in(state, name_or_arn);
}
ClusterRecord* find_cluster(ControlPlane& state, std::string_view name_or_arn) {
  return cluster_in(state, name_or_arn);
}

const GroupRecord* find_group(const ClusterRecord& cluster, std::string_view name) {
  return find_in(cluster.groups, name, &GroupRecord::name);
}
GroupRecord* find_group(ClusterRecord& cluster, std::string_view name) {
  return find_in(cluster.groups, name, &GroupRecord::name);
}

const NodeRecord* find_node(const ClusterRecord& cluster, std::string_view logical_id) {
  return find_in(cluster.nodes, logical_id, &NodeRecord::logical_id);
}
NodeRecord* find_node(ClusterRecord& cluster, std::string_view logical_id) {
  return find_in(cluster.nodes, logical_id, &NodeRecord::logical_id);
}
const NodeRecord* find_instance(const ClusterRecord& cluster, std::string_view instance_id) {
  return find_in(cluster.nodes, instance_id, &NodeRecord::instance_id);
}

hyperpod::InstanceStatus status_of(const NodeRecord& node) {
  switch (node.phase) {
    case NodePhase::Launching:
    case NodePhase::Joining:
      return hyperpod::InstanceStatus::Pending;
    case NodePhase::Retrying:
      return hyperpod::InstanceStatus::Failure;
    case NodePhase::Running:
      return hyperpod::InstanceStatus::Running;
    case NodePhase::ShuttingDown:
      return hyperpod::InstanceStatus::ShuttingDown;
  }
  return hyperpod::InstanceStatus::Pending;
}

const std::string& type_of(const NodeRecord& node, const GroupRecord& group) {
  if (!node.instance_type.empty()) return node.instance_type;
  return node.wanted_types.empty() ? group.instance_types.front() : node.wanted_types.front();
}

std::int32_t target_count(const ClusterRecord& cluster, std::string_view group) {
  return static_cast<std::int32_t>(std::ranges::count_if(
      cluster.nodes,
      [group](const NodeRecord& node) { return node.group == group && node.counts(); }));
}

std::int32_t target_count(const ClusterRecord& cluster) {
  return static_cast<std::int32_t>(std::ranges::count_if(cluster.nodes, &NodeRecord::counts));
}

std::int32_t current_count(const ClusterRecord& cluster, std::string_view group) {
  return static_cast<std::int32_t>(
      std::ranges::count_if(cluster.nodes, [group](const NodeRecord& node) {
        return node.group == group && node.phase == NodePhase::Running;
      }));
}

void add_instance_time(std::vector<InstanceTime>& times, std::string_view type,
                       hyperpod::CapacityType capacity_type, Duration time) {
  const auto key = std::tuple(type, capacity_type);
  const auto at = std::ranges::lower_bound(times, key, {}, [](const InstanceTime& known) {
    return std::tuple(std::string_view(known.type), known.capacity_type);
  });
  if (at != times.end() && at->type == type && at->capacity_type == capacity_type) {
    at->total += time;
  } else {
    times.insert(at, {.type = std::string(type), .capacity_type = capacity_type, .total = time});
  }
}

std::vector<InstanceTime> instance_time(const ControlPlane& state, Time now) {
  std::vector<InstanceTime> times = state.ended_instances;
  for (const ClusterRecord& cluster : state.clusters) {
    for (const NodeRecord& node : cluster.nodes) {
      // A node that is shutting down was billed when it began to.
      if (!node.has_instance() || !node.counts()) continue;
      add_instance_time(times, node.instance_type, find_group(cluster, node.group)->capacity_type,
                        now - *node.launched);
    }
  }
  return times;
}

}  // namespace hyperwright::service
