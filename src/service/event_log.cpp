#include "service/event_log.h"

#include <utility>

namespace hyperwright::service {
namespace {

void record(Turn& turn, ClusterRecord& cluster, EventRecord event) {
  event.sequence = turn.next_sequence();
  event.id = turn.random.uuid();
  event.time = turn.now;
  turn.touched.touch(cluster, cluster.events.emplace_back(std::move(event)));
  if (cluster.events.size() <= kEventsMax) return;
  turn.touched.touch(cluster, cluster.events.front());
  cluster.events.pop_front();
}

}  // namespace

void record_cluster_event(Turn& turn, ClusterRecord& cluster, hyperpod::EventLevel level,
                          std::string description) {
  record(turn, cluster, {.level = level, .description = std::move(description)});
}

void record_group_event(Turn& turn, ClusterRecord& cluster, std::string_view group,
                        hyperpod::EventLevel level, std::string description) {
  record(turn, cluster,
         {.level = level,
          .resource_type = hyperpod::EventResourceType::InstanceGroup,
          .group = std::string(group),
          .description = std::move(description)});
}

void record_scaling_event(Turn& turn, ClusterRecord& cluster, const GroupRecord& group,
                          std::string description) {
  record(turn, cluster,
         {.resource_type = hyperpod::EventResourceType::InstanceGroup,
          .group = group.name,
          .description = std::move(description),
          .scaling =
              GroupCounts{.target = target_count(cluster, group.name), .min = group.min_count}});
}

void record_node_event(Turn& turn, ClusterRecord& cluster, const NodeRecord& node,
                       NodeEvent event) {
  record(turn, cluster,
         {.level = event.level,
          .resource_type = hyperpod::EventResourceType::Instance,
          .group = node.group,
          .instance_id = node.instance_id,
          .description = std::move(event.description),
          .node_logical_id = node.logical_id,
          .failure_message = std::move(event.failure_message),
          .lifecycle_state = std::move(event.lifecycle_state)});
}

}  // namespace hyperwright::service
