// The cluster's events: what ListClusterEvents shows. Insufficient capacity is told here and in the
// node's status message, and nowhere else.
#pragma once

#include <string>
#include <string_view>

#include "service/turn.h"

namespace hyperwright::service {

void record_cluster_event(Turn& turn, ClusterRecord& cluster, hyperpod::EventLevel level,
                          std::string description);
void record_group_event(Turn& turn, ClusterRecord& cluster, std::string_view group,
                        hyperpod::EventLevel level, std::string description);
// With the counts that the group has now.
void record_scaling_event(Turn& turn, ClusterRecord& cluster, const GroupRecord& group,
                          std::string description);

struct NodeEvent {
  hyperpod::EventLevel level = hyperpod::EventLevel::Info;
  std::string description{};
  std::string failure_message{};
  std::string lifecycle_state{};
};
void record_node_event(Turn& turn, ClusterRecord& cluster, const NodeRecord& node, NodeEvent event);

}  // namespace hyperwright::service
