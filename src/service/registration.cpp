#include "service/registration.h"

#include <algorithm>

#include <fmt/format.h>

#include "hyperpod/mig.h"
#include "kube/well_known.h"

namespace hyperwright::service {
namespace {

kube::StringMap labels_of(const Turn& turn, const ClusterRecord& cluster, const GroupRecord& group,
                          const NodeRecord& node, const hyperpod::InstanceType& type) {
  kube::StringMap labels = group.labels;
  labels.set(kube::kComputeType, "hyperpod");
  labels.set(kube::kInstanceGroup, group.name);
  labels.set(kube::kClusterName, cluster.name);
  labels.set(kube::kNodeHealthStatus, "Schedulable");
  labels.set(kube::kInstanceType, node.instance_type);
  labels.set(kube::kRegion, turn.options.region);
  labels.set(kube::kZone, node.place.zone);
  labels.set(kube::kZoneId, node.place.zone_id);
  labels.set(kube::kArch, type.arch);
  labels.set(kube::kOs, "linux");
  labels.set(kube::kHostname, node_name(node));
  return labels;
}

}  // namespace

std::string node_name(const NodeRecord& node) { return "hyperpod-" + node.instance_id; }

kube::Node node_object(const Turn& turn, const ClusterRecord& cluster, const GroupRecord& group,
                       const NodeRecord& node) {
  const hyperpod::InstanceType* type = turn.types.find(node.instance_type);
  check(type != nullptr, "a group has known instance types only");
  kube::Node object;
  object.meta.name = node_name(node);
  object.meta.labels = labels_of(turn, cluster, group, node, *type);
  object.provider_id = hyperpod::provider_id(node.place.zone_id, hyperpod::cluster_id(cluster.arn),
                                             node.instance_id);
  object.taints = group.taints;
  object.capacity = hyperpod::capacity_of(*type, group.labels);
  object.allocatable = hyperpod::allocatable_of(*type, group.labels);
  kube::Condition ready;
  ready.type = "Ready";
  ready.status = kube::ConditionStatus::False;
  ready.reason = "KubeletNotReady";
  ready.message = "container runtime network not ready: the network plugin is not initialized";
  ready.last_transition_time = turn.now;
  object.conditions = {std::move(ready)};
  return object;
}

NodeToChange change_of(const ClusterRecord& cluster, const GroupRecord& before,
                       const GroupRecord& after, const NodeRecord& node) {
  NodeToChange change{.cluster = cluster.name, .name = node_name(node)};
  for (const auto& [key, value] : after.labels) {
    const std::string* known = before.labels.find(key);
    if (known == nullptr || *known != value) change.set_labels.set(key, value);
  }
  for (const auto& [key, value] : before.labels) {
    if (!after.labels.contains(key)) change.removed_labels.push_back(key);
  }
  for (const kube::Taint& taint : after.taints) {
    if (std::ranges::find(before.taints, taint) == before.taints.end())
      change.set_taints.push_back(taint);
  }
  for (const kube::Taint& taint : before.taints) {
    if (!kube::contains_taint(after.taints, taint)) change.removed_taints.push_back(taint);
  }
  return change;
}

}  // namespace hyperwright::service
