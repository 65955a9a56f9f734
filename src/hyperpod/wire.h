// AWS JSON 1.1 bodies of the calls that the autoscaler makes: requests encoded, answers decoded.
// Decoding ignores unknown members, and unknown enumerators become a clear error that names member
// and value. The service's side of the same bodies is in service/wire.h. Source: SageMaker API
// reference.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "hyperpod/cluster.h"

namespace hyperwright::hyperpod {

boost::json::object describe_cluster_request(std::string_view cluster);
Result<Cluster> decode_cluster(const boost::json::value& answer);

// EC2's DescribeSubnets, as EC2's JSON clients write it. It filters instead of naming the ids: of
// ids EC2 refuses all where one of them does not exist, and through a filter it answers for those
// that do.
boost::json::object describe_subnets_request(std::span<const std::string> ids);
inline constexpr std::size_t kFilterValuesMax = 200;  // EC2's limit of a filter

boost::json::object batch_add_request(std::string_view cluster, std::string_view client_token,
                                      std::span<const AddSpecification> specifications);
Result<AddResult> decode_add_result(const boost::json::value& answer);

boost::json::object batch_delete_request(std::string_view cluster,
                                         std::span<const std::string> logical_ids);
Result<DeleteResult> decode_delete_result(const boost::json::value& answer);

template <typename T>
struct Page {
  std::vector<T> items{};
  std::string next_token{};  // empty: this was the last page
  bool operator==(const Page&) const = default;
};

// Newest first, with logical ids.
boost::json::object list_nodes_request(std::string_view cluster, std::string_view next_token);
Result<Page<Node>> decode_nodes(const boost::json::value& answer);

boost::json::object describe_node_request(std::string_view cluster, std::string_view instance_id);
Result<Node> decode_node(const boost::json::value& answer);

boost::json::object describe_training_plan_request(std::string_view name);
Result<TrainingPlan> decode_training_plan(const boost::json::value& answer);

// Events after `after`, newest first.
boost::json::object list_events_request(std::string_view cluster, Time after,
                                        std::string_view next_token);
Result<Page<ClusterEvent>> decode_events(const boost::json::value& answer);
boost::json::object describe_event_request(std::string_view cluster, std::string_view event_id);
Result<ClusterEvent> decode_event(const boost::json::value& answer);

}  // namespace hyperwright::hyperpod
