// ListClusterNodes and DescribeClusterNode.
#include <boost/json.hpp>
#include <fmt/format.h>

#include "service/operations.h"
#include "service/pages.h"
#include "service/wire.h"

namespace hyperwright::service {

// Both ends of a time filter are inside, so that nothing of the filter's own instant is lost to who
// asks again.
Answer list_cluster_nodes(Turn& turn, const RequestReader& request, RequestProblems& problems) {
  const std::string name = read_cluster_name(request);
  const auto after = request.time("CreationTimeAfter"), before = request.time("CreationTimeBefore");
  const std::string part =
      request.text("InstanceGroupNameContains", {.min = 1, .max = 63, .pattern = &kNamePattern});
  const bool with_logical_ids = request.flag("IncludeNodeLogicalIds");
  const bool by_name =
      request.one_of("SortBy", Need::Optional, {"CREATION_TIME", "NAME"}) == "NAME";
  const PageRequest page_request = read_page_request(request, false);
  if (const auto wrong = problems.answer()) return *wrong;
  const ClusterRecord* cluster = find_cluster(turn.state, name);
  if (cluster == nullptr) return cluster_not_found(name);

  std::vector<const NodeRecord*> nodes;
  for (const NodeRecord& node : cluster->nodes) {
    // Without logical ids only nodes that have an instance are told.
    if ((!with_logical_ids && !node.has_instance()) || (after && node.created < *after) ||
        (before && node.created > *before) || node.group.find(part) == std::string::npos) {
      continue;
    }
    nodes.push_back(&node);
  }
  const auto key = [by_name](const NodeRecord& node) {
    return (by_name ? node.group + " " : std::string{}) + sortable(node.sequence);
  };
  const auto page =
      page_of<NodeRecord>(std::move(nodes), page_request, by_name ? "nodes:name" : "nodes", key);
  if (!page) return invalid_next_token();
  boost::json::array summaries;
  for (const NodeRecord* node : page->records) {
    summaries.emplace_back(
        encode_node_summary(*cluster, *node, with_logical_ids, turn.options.region));
  }
  boost::json::object answer{{"ClusterNodeSummaries", std::move(summaries)}};
  if (!page->next_token.empty()) answer["NextToken"] = page->next_token;
  return success(std::move(answer));
}

Answer describe_cluster_node(Turn& turn, const RequestReader& request, RequestProblems& problems) {
  const std::string name = read_cluster_name(request);
  const std::string id = request.text("NodeId", {.min = 1, .max = 256, .pattern = &kNodeIdPattern});
  const std::string logical_id =
      request.text("NodeLogicalId", {.min = 1, .max = 128, .pattern = &kLogicalIdPattern});
  if (const auto wrong = problems.answer()) return *wrong;
  if (id.empty() == logical_id.empty())
    return validation_error("Specify either NodeId or NodeLogicalId, and not both.");
  const ClusterRecord* cluster = find_cluster(turn.state, name);
  if (cluster == nullptr) return cluster_not_found(name);
  const NodeRecord* node =
      id.empty() ? find_node(*cluster, logical_id) : find_instance(*cluster, id);
  if (node == nullptr) {
    return resource_not_found(fmt::format("Node {} was not found in Cluster {}.",
                                          id.empty() ? logical_id : id, cluster->name));
  }
  return success(encode_node_details(*cluster, *node, turn.options.region));
}

}  // namespace hyperwright::service
