// Arbitrary values of HyperPod for RapidCheck.
#pragma once

#include <string>
#include <vector>

#include "hyperpod/cluster.h"
#include "hyperpod/offering.h"
#include "hyperpod/wire.h"
#include "tests/state/generators_kube.h"

namespace hyperwright::generators {

inline std::int32_t count() {
  return *rc::gen::element(0, 1, 50, std::numeric_limits<std::int32_t>::max(),
                           std::numeric_limits<std::int32_t>::min());
}
inline hyperpod::Subnet subnet() { return {text(), text(), text()}; }
inline hyperpod::CapacityType capacity_type() { return one_of<hyperpod::CapacityType>(3); }
inline hyperpod::InstanceStatus instance_status() { return one_of<hyperpod::InstanceStatus>(9); }

inline hyperpod::InstanceGroup instance_group() {
  hyperpod::InstanceGroup group;
  group.name = text();
  group.status = one_of<hyperpod::InstanceGroupStatus>(7);
  group.instance_types = several(word);
  group.is_flexible = chance();
  group.current_count = count();
  group.target_count = count();
  group.min_count = count();
  group.subnets = several(text);
  group.capacity_type = capacity_type();
  group.labels = string_map();
  group.taints = several(taint);
  group.has_deep_health_checks = chance();
  group.training_plan_arn = text();
  group.training_plan_status = text();
  return group;
}
inline hyperpod::Cluster hyperpod_cluster() {
  hyperpod::Cluster cluster;
  cluster.name = text();
  cluster.arn = text();
  cluster.status = one_of<hyperpod::ClusterStatus>(7);
  cluster.failure_message = text();
  cluster.eks_cluster_arn = text();
  cluster.is_continuous = chance();
  cluster.node_recovery = one_of<hyperpod::NodeRecovery>(2);
  cluster.auto_scaling_mode = maybe([] { return one_of<hyperpod::AutoScalingMode>(2); });
  cluster.subnets = several(text);
  cluster.groups = several(instance_group);
  return cluster;
}
inline hyperpod::Node hyperpod_node() {
  hyperpod::Node node;
  node.group = text();
  node.logical_id = text();
  node.instance_id = text();
  node.instance_type = text();
  node.status = instance_status();
  node.status_message = text();
  node.launch_time = maybe(time);
  node.zone = text();
  node.zone_id = text();
  node.capacity_type = maybe(capacity_type);
  node.private_dns_hostname = text();
  return node;
}
inline hyperpod::TrainingPlan training_plan() {
  return {text(), text(), text(), count(), count(), count()};
}
inline hyperpod::ClusterEvent cluster_event() {
  hyperpod::ClusterEvent event;
  event.id = text();
  event.time = time();
  event.level = one_of<hyperpod::EventLevel>(3);
  event.resource_type = one_of<hyperpod::EventResourceType>(3);
  event.group = text();
  event.instance_id = text();
  event.description = text();
  event.node_logical_id = text();
  event.failure_message = text();
  return event;
}
template <typename Make>
auto page_of(const Make& make) -> hyperpod::Page<decltype(make())> {
  return {several(make), text()};
}
inline hyperpod::AddSpecification add_specification() {
  return {text(), count(), several(text), several(text)};
}
inline hyperpod::AddResult add_result() {
  return {several([] {
            return hyperpod::NodeAddition{text(), text(), instance_status(), several(text),
                                          several(text)};
          }),
          several([] {
            return hyperpod::AddFailure{text(),        text(),        count(),
                                        several(text), several(text), text()};
          })};
}
inline hyperpod::DeleteResult delete_result() {
  return {several(text), several([] { return hyperpod::DeleteFailure{text(), text(), text()}; })};
}
inline hyperpod::OfferingKey offering_key() { return {text(), text(), text()}; }

}  // namespace hyperwright::generators
