// DescribeCluster: the cluster, its instance groups, their Kubernetes labels and taints.
#include <boost/json.hpp>

#include "hyperpod/answer_reader.h"
#include "hyperpod/wire.h"

namespace hyperwright::hyperpod {
namespace json = boost::json;
namespace {

kube::Taint read_taint(const AnswerReader& taint) {
  return {.key = taint.required_text("Key"),
          .value = taint.text("Value"),
          .effect = taint.required_enumerator<kube::TaintEffect>("Effect")};
}

// Desired is what new nodes get; only a group that never had any shows Current alone.
void read_kubernetes_config(const AnswerReader& config, InstanceGroup& group) {
  group.labels = config.map(config.has("DesiredLabels") ? "DesiredLabels" : "CurrentLabels");
  for (const AnswerReader& taint :
       config.objects(config.has("DesiredTaints") ? "DesiredTaints" : "CurrentTaints")) {
    group.taints.push_back(read_taint(taint));
  }
}

InstanceGroup read_group(const AnswerReader& reader) {
  InstanceGroup group;
  group.name = reader.required_text("InstanceGroupName");
  group.status = reader.enumerator("Status", InstanceGroupStatus::InService);
  if (reader.has("InstanceRequirements")) {
    const AnswerReader requirements = reader.object("InstanceRequirements");
    group.is_flexible = true;
    group.instance_types = requirements.texts(
        requirements.has("DesiredInstanceTypes") ? "DesiredInstanceTypes" : "CurrentInstanceTypes");
  } else {
    group.instance_types = {reader.required_text("InstanceType")};
  }
  group.current_count = reader.count("CurrentCount");
  group.target_count = reader.count("TargetCount");
  group.min_count = reader.count("MinCount");
  group.subnets = reader.object("OverrideVpcConfig").texts("Subnets");
  if (reader.object("CapacityRequirements").has("Spot")) group.capacity_type = CapacityType::Spot;
  read_kubernetes_config(reader.object("KubernetesConfig"), group);
  group.has_deep_health_checks = !reader.texts("OnStartDeepHealthChecks").empty();
  group.training_plan_arn = reader.text("TrainingPlanArn");
  group.training_plan_status = reader.text("TrainingPlanStatus");
  return group;
}

}  // namespace

json::object describe_cluster_request(std::string_view cluster) {
  return {{"ClusterName", cluster}};
}

json::object describe_subnets_request(std::span<const std::string> ids) {
  json::array values(ids.begin(), ids.end());
  return {{"Filters", {{{"Name", "subnet-id"}, {"Values", std::move(values)}}}}};
}

Result<Cluster> decode_cluster(const json::value& answer) {
  Problem problem;
  const AnswerReader reader(answer, "", problem);
  Cluster cluster;
  cluster.name = reader.required_text("ClusterName");
  cluster.arn = reader.required_text("ClusterArn");
  cluster.status = reader.required_enumerator<ClusterStatus>("ClusterStatus");
  cluster.failure_message = reader.text("FailureMessage");
  cluster.eks_cluster_arn = reader.object("Orchestrator").object("Eks").text("ClusterArn");
  cluster.is_continuous = reader.text("NodeProvisioningMode") == "Continuous";
  cluster.node_recovery = reader.enumerator("NodeRecovery", NodeRecovery::Automatic);
  cluster.auto_scaling_mode =
      reader.object("AutoScaling").optional_enumerator<AutoScalingMode>("Mode");
  cluster.subnets = reader.object("VpcConfig").texts("Subnets");
  for (const AnswerReader& group : reader.objects("InstanceGroups"))
    cluster.groups.push_back(read_group(group));
  if (Status read = problem.status(); !read) return fail(read.error());
  return cluster;
}

}  // namespace hyperwright::hyperpod
