// ListClusterNodes and DescribeClusterNode.
#include <boost/json.hpp>

#include "hyperpod/answer_reader.h"
#include "hyperpod/wire.h"

namespace hyperwright::hyperpod {
namespace json = boost::json;
namespace {

constexpr std::int32_t kPageSize = 100;  // the API's largest

Node read_node(const AnswerReader& reader) {
  Node node;
  node.group = reader.required_text("InstanceGroupName");
  node.logical_id = reader.text("NodeLogicalId");
  node.instance_id = reader.text("InstanceId");
  node.instance_type = reader.text("InstanceType");
  const AnswerReader status = reader.object("InstanceStatus");
  node.status = status.required_enumerator<InstanceStatus>("Status");
  node.status_message = status.text("Message");
  node.launch_time = reader.time("LaunchTime");
  const AnswerReader placement = reader.object("Placement");
  node.zone = placement.text("AvailabilityZone");
  node.zone_id = placement.text("AvailabilityZoneId");
  node.capacity_type = reader.optional_enumerator<CapacityType>("CapacityType");
  node.private_dns_hostname = reader.text("PrivateDnsHostname");
  return node;
}

}  // namespace

json::object list_nodes_request(std::string_view cluster, std::string_view next_token) {
  json::object request{{"ClusterName", cluster},
                       {"IncludeNodeLogicalIds", true},
                       {"SortBy", "CREATION_TIME"},
                       {"SortOrder", "Descending"},
                       {"MaxResults", kPageSize}};
  if (!next_token.empty()) request["NextToken"] = next_token;
  return request;
}

Result<Page<Node>> decode_nodes(const json::value& answer) {
  Problem problem;
  const AnswerReader reader(answer, "", problem);
  Page<Node> page;
  for (const AnswerReader& node : reader.objects("ClusterNodeSummaries"))
    page.items.push_back(read_node(node));
  page.next_token = reader.text("NextToken");
  if (Status read = problem.status(); !read) return fail(read.error());
  return page;
}

json::object describe_node_request(std::string_view cluster, std::string_view instance_id) {
  return {{"ClusterName", cluster}, {"NodeId", instance_id}};
}

Result<Node> decode_node(const json::value& answer) {
  Problem problem;
  const AnswerReader reader(answer, "", problem);
  if (!reader.has("NodeDetails")) problem.keep("NodeDetails is missing");
  Node node = read_node(reader.object("NodeDetails"));
  if (Status read = problem.status(); !read) return fail(read.error());
  return node;
}

}  // namespace hyperwright::hyperpod
