// Continuous provisioning: each wanted node is tracked by itself, and what fails is tried again for
// ever.
//
//   Launching --no capacity--> Retrying --> Launching      status Pending, Failure, Pending
//       |                         ^
//   instance                      | lifecycle script fails (the instance is billed, then goes)
//       v                         |
//    Joining ---------------------+                         status Pending
//       | registers in Kubernetes
//       v
//    Running --instance breaks--> Launching                 the same logical id, another instance
//       | deleted, from any phase
//       v
//   ShuttingDown --> gone                                   at once where there is no instance
//
// HyperPod never says "no capacity" in an answer: BatchAddClusterNodes takes the order, and the
// node's status and an event tell later. Source: HyperPod, "Continuous provisioning for enhanced
// cluster operations on EKS".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/turn.h"

namespace hyperwright::service {

// One more node of the group; its first attempt begins at `from`. Empty lists: what the group has.
NodeRecord& add_node(Turn& turn, ClusterRecord& cluster, const GroupRecord& group, Time from,
                     std::vector<std::string> wanted_types, std::vector<std::string> wanted_zones);

// Lets go of the node: it is no longer counted, and its instance terminates. May erase the record.
// Requires: the node is there and is not shutting down.
void remove_node(Turn& turn, ClusterRecord& cluster, std::string_view logical_id);

// The instance broke and another one comes under the same logical id. Requires: an instance that is
// not shutting down.
void replace_node(Turn& turn, ClusterRecord& cluster, NodeRecord& node);

// The phase of this node has ended. May erase the record.
void advance_node(Turn& turn, ClusterRecord& cluster, NodeRecord& node);

}  // namespace hyperwright::service
