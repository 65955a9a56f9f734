// The service's side of the API's bodies: answers encoded from the records. hyperpod/wire.h is the
// client's side of the same bodies.
#pragma once

#include <boost/json/fwd.hpp>

#include "service/control_plane.h"

namespace hyperwright::service {

boost::json::object encode_cluster(const ClusterRecord& cluster);          // DescribeCluster
boost::json::object encode_cluster_summary(const ClusterRecord& cluster);  // of ListClusters

boost::json::object encode_node_summary(const ClusterRecord& cluster, const NodeRecord& node,
                                        bool with_logical_id, std::string_view region);
boost::json::object encode_node_details(const ClusterRecord& cluster, const NodeRecord& node,
                                        std::string_view region);

boost::json::object encode_event_summary(const ClusterRecord& cluster, const EventRecord& event);
boost::json::object encode_event_details(const ClusterRecord& cluster, const EventRecord& event);

boost::json::object encode_add_result(const hyperpod::AddResult& result);
// A list that has no elements is left out, as the service does.
boost::json::object encode_delete_result(const hyperpod::DeleteResult& nodes,
                                         const hyperpod::DeleteResult& logical_ids,
                                         std::string_view code_member);

}  // namespace hyperwright::service
