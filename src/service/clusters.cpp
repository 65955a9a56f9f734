// DescribeCluster, DeleteCluster, ListClusters.
#include <boost/json.hpp>
#include <fmt/format.h>

#include "service/event_log.h"
#include "service/instance_groups.h"
#include "service/operations.h"
#include "service/pages.h"
#include "service/wire.h"

namespace hyperwright::service {

Answer describe_cluster(Turn& turn, const RequestReader& request, RequestProblems& problems) {
  const std::string name = read_cluster_name(request);
  if (const auto wrong = problems.answer()) return *wrong;
  const ClusterRecord* cluster = find_cluster(turn.state, name);
  if (cluster == nullptr) return cluster_not_found(name);
  return success(encode_cluster(*cluster));
}

Answer delete_cluster(Turn& turn, const RequestReader& request, RequestProblems& problems) {
  const std::string name = read_cluster_name(request);
  if (const auto wrong = problems.answer()) return *wrong;
  ClusterRecord* cluster = find_cluster(turn.state, name);
  if (cluster == nullptr) return cluster_not_found(name);
  if (cluster->status == hyperpod::ClusterStatus::Deleting) {
    return conflict(fmt::format("Cluster {} is being deleted already.", cluster->name));
  }
  cluster->status = hyperpod::ClusterStatus::Deleting;
  set_due(turn, *cluster, turn.after(turn.scenario().delays.terminate));
  record_cluster_event(turn, *cluster, hyperpod::EventLevel::Info,
                       fmt::format("Deletion of Cluster {} is started", cluster->name));
  for (GroupRecord& group : cluster->groups) {
    if (group.status != hyperpod::InstanceGroupStatus::Deleting)
      begin_deletion(turn, *cluster, group);
  }
  return success({{"ClusterArn", cluster->arn}});
}

Answer list_clusters(Turn& turn, const RequestReader& request, RequestProblems& problems) {
  const auto after = request.time("CreationTimeAfter"), before = request.time("CreationTimeBefore");
  const std::string part =
      request.text("NameContains", {.max = 63, .pattern = &kNameContainsPattern});
  const bool by_name =
      request.one_of("SortBy", Need::Optional, {"CREATION_TIME", "NAME"}) == "NAME";
  const bool of_a_plan = request.has("TrainingPlanArn");
  const PageRequest page_request = read_page_request(request, false);
  if (const auto wrong = problems.answer()) return *wrong;

  std::vector<const ClusterRecord*> clusters;
  for (const ClusterRecord& cluster : turn.state.clusters) {
    // No cluster of this service uses a training plan.
    if (of_a_plan || (after && cluster.created < *after) || (before && cluster.created > *before) ||
        cluster.name.find(part) == std::string::npos) {
      continue;
    }
    clusters.push_back(&cluster);
  }
  const auto key = [by_name](const ClusterRecord& cluster) {
    return by_name ? cluster.name : sortable(cluster.sequence);
  };
  const auto page = page_of<ClusterRecord>(std::move(clusters), page_request,
                                           by_name ? "clusters:name" : "clusters", key);
  if (!page) return invalid_next_token();
  boost::json::array summaries;
  for (const ClusterRecord* cluster : page->records)
    summaries.emplace_back(encode_cluster_summary(*cluster));
  boost::json::object answer{{"ClusterSummaries", std::move(summaries)}};
  if (!page->next_token.empty()) answer["NextToken"] = page->next_token;
  return success(std::move(answer));
}

}  // namespace hyperwright::service
