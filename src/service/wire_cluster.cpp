// DescribeCluster and the summaries of ListClusters.
#include <algorithm>

#include <boost/json.hpp>

#include "hyperpod/epoch_seconds.h"
#include "service/autoscaling.h"
#include "service/wire.h"

namespace hyperwright::service {
namespace json = boost::json;
namespace {

json::array texts(const std::vector<std::string>& list) {
  return json::array(list.begin(), list.end());
}

json::object labels(const kube::StringMap& map) {
  json::object object;
  for (const auto& [key, value] : map) object[key] = value;
  return object;
}

json::array taints(const std::vector<kube::Taint>& list) {
  json::array array;
  for (const kube::Taint& taint : list) {
    json::object object{{"Key", taint.key}, {"Effect", kube::to_string(taint.effect)}};
    if (!taint.value.empty()) object["Value"] = taint.value;
    array.emplace_back(std::move(object));
  }
  return array;
}

// Labels and taints are on the nodes as soon as they are asked for, so that current and desired are
// the same.
json::object kubernetes_config(const GroupRecord& group) {
  json::object config;
  if (!group.labels.empty()) {
    config["CurrentLabels"] = labels(group.labels);
    config["DesiredLabels"] = labels(group.labels);
  }
  if (!group.taints.empty()) {
    config["CurrentTaints"] = taints(group.taints);
    config["DesiredTaints"] = taints(group.taints);
  }
  return config;
}

json::array type_details(const ClusterRecord& cluster, const GroupRecord& group) {
  json::array details;
  for (const std::string& type : group.instance_types) {
    const auto count = std::ranges::count_if(cluster.nodes, [&](const NodeRecord& node) {
      return node.group == group.name && node.phase == NodePhase::Running &&
             node.instance_type == type;
    });
    details.emplace_back(json::object{{"InstanceType", type}, {"CurrentCount", count}});
  }
  return details;
}

void put_as_given(json::object& object, const kube::StringMap& as_given) {
  for (const auto& [member, text] : as_given) object[member] = json::parse(text);
}

json::object encode_group(const ClusterRecord& cluster, const GroupRecord& group) {
  const std::int32_t current = current_count(cluster, group.name);
  const std::int32_t target = target_count(cluster, group.name);
  json::object object{{"InstanceGroupName", group.name},
                      {"Status", to_string(group.status)},
                      {"CurrentCount", current},
                      {"TargetCount", target},
                      {"MinCount", group.min_count}};
  if (group.is_flexible) {
    object["InstanceRequirements"] = {{"CurrentInstanceTypes", texts(group.instance_types)},
                                      {"DesiredInstanceTypes", texts(group.instance_types)}};
    object["InstanceTypeDetails"] = type_details(cluster, group);
  } else {
    object["InstanceType"] = group.instance_types.front();
  }
  put_as_given(object, group.as_given);
  if (json::object config = kubernetes_config(group); !config.empty())
    object["KubernetesConfig"] = std::move(config);
  if (current != target) object["ActiveOperations"] = {{"Scaling", 1}};
  return object;
}

}  // namespace

json::object encode_cluster(const ClusterRecord& cluster) {
  json::object object{{"ClusterArn", cluster.arn},
                      {"ClusterName", cluster.name},
                      {"ClusterStatus", to_string(cluster.status)},
                      {"CreationTime", hyperpod::to_epoch_seconds(cluster.created)},
                      {"NodeRecovery", to_string(cluster.node_recovery)},
                      {"NodeProvisioningMode", "Continuous"}};
  json::array groups;
  for (const GroupRecord& group : cluster.groups) groups.emplace_back(encode_group(cluster, group));
  object["InstanceGroups"] = std::move(groups);
  put_as_given(object, cluster.as_given);
  if (!cluster.cluster_role.empty()) object["ClusterRole"] = cluster.cluster_role;
  if (cluster.auto_scaling) object["AutoScaling"] = encode_auto_scaling(*cluster.auto_scaling);
  return object;
}

json::object encode_cluster_summary(const ClusterRecord& cluster) {
  return {{"ClusterArn", cluster.arn},
          {"ClusterName", cluster.name},
          {"CreationTime", hyperpod::to_epoch_seconds(cluster.created)},
          {"ClusterStatus", to_string(cluster.status)}};
}

}  // namespace hyperwright::service
