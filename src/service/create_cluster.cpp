// CreateCluster.
#include <boost/json.hpp>
#include <fmt/format.h>

#include "service/cluster_specification.h"
#include "service/event_log.h"
#include "service/instance_groups.h"
#include "service/operations.h"
#include "service/zones.h"

namespace hyperwright::service {
namespace {

struct Request {
  std::string name{};
  std::vector<std::string> subnets{};
  std::string vpc_config{};
  bool has_vpc = false;
  ClusterSpecification cluster{};
};

Request read(const RequestReader& reader, const hyperpod::InstanceTypes& types) {
  Request request;
  request.name = reader.text(
      "ClusterName", {.need = Need::Required, .min = 1, .max = 63, .pattern = &kNamePattern});
  request.has_vpc = reader.has("VpcConfig");
  request.subnets = read_vpc_subnets(reader.object("VpcConfig", Need::Optional));
  request.vpc_config = reader.json_text("VpcConfig");
  request.cluster = read_cluster(reader, types);
  (void)reader.objects("Tags", {.max = 50});
  return request;
}

std::optional<std::string> problem_of_request(const Request& request) {
  if (request.cluster.eks_cluster_arn.empty()) {
    return "Orchestrator.Eks.ClusterArn is required: this service has clusters that are "
           "orchestrated by Amazon EKS only.";
  }
  if (!request.has_vpc)
    return "VpcConfig is required for clusters that are orchestrated by Amazon EKS.";
  if (request.cluster.groups.empty()) return "A cluster must have at least one InstanceGroup.";
  if (auto problem = problem_of(request.cluster)) return problem;
  return auto_scaling_problem(request.cluster.auto_scaling, request.cluster.cluster_role);
}

std::int32_t instances(const ClusterSpecification& specification) {
  std::int32_t count = 0;
  for (const GroupSpecification& group : specification.groups) count += group.count;
  return count;
}

ClusterRecord make_cluster(Turn& turn, const Request& request) {
  ClusterRecord cluster;
  cluster.sequence = turn.next_sequence();
  cluster.name = request.name;
  cluster.arn = fmt::format("arn:aws:sagemaker:{}:{}:cluster/{}", turn.options.region,
                            turn.options.account, draw_cluster_id(turn.random));
  cluster.created = turn.now;
  cluster.eks_cluster_arn = request.cluster.eks_cluster_arn;
  cluster.subnets = request.subnets;
  cluster.node_recovery = request.cluster.node_recovery.value_or(hyperpod::NodeRecovery::Automatic);
  cluster.auto_scaling = request.cluster.auto_scaling;
  cluster.cluster_role = request.cluster.cluster_role;
  cluster.as_given = request.cluster.as_given;
  cluster.as_given.set("VpcConfig", request.vpc_config);
  return cluster;
}

}  // namespace

Answer create_cluster(Turn& turn, const RequestReader& reader, RequestProblems& problems) {
  const Request request = read(reader, turn.types);
  if (const auto wrong = problems.answer()) return *wrong;
  if (const auto problem = problem_of_request(request)) return validation_error(*problem);
  if (find_cluster(turn.state, request.name) != nullptr) {
    return resource_in_use(fmt::format("Cluster with name {} already exists.", request.name));
  }
  if (const auto refusal = quota_refusal(turn, 0, instances(request.cluster))) return *refusal;

  place_subnets(turn, request.subnets);
  for (const GroupSpecification& group : request.cluster.groups) place_subnets(turn, group.subnets);
  ClusterRecord& cluster = turn.state.clusters.emplace_back(make_cluster(turn, request));
  const Time in_service = turn.now + turn.scenario().delays.cluster;
  set_due(turn, cluster, in_service);
  record_cluster_event(turn, cluster, hyperpod::EventLevel::Info,
                       fmt::format("Creation of Cluster {} is started", cluster.name));
  for (const GroupSpecification& specification : request.cluster.groups) {
    cluster.groups.push_back(make_group(turn.next_sequence(), specification));
  }
  for (std::size_t i = 0; i < cluster.groups.size(); ++i) {
    GroupRecord& group = cluster.groups[i];
    begin_waiting_for_minimum(turn, cluster, group, hyperpod::InstanceGroupStatus::Creating);
    scale_to(turn, cluster, group, request.cluster.groups[i].count, Victims::Random, in_service);
  }
  return success({{"ClusterArn", cluster.arn}});
}

}  // namespace hyperwright::service
