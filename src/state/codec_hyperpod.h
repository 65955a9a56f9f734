// The fields of HyperPod's values. The names are the API's, shortened; the API's own bodies are in
// hyperpod/wire.h, which reads answers and not the values that are made of them.
#pragma once

#include "hyperpod/cluster.h"
#include "hyperpod/offering.h"
#include "hyperpod/wire.h"
#include "state/codec_fields.h"

namespace hyperwright::state {

template <>
struct Fields<kube::Taint> {
  static void walk(auto& io, auto& taint) {
    io("key", taint.key);
    io("value", taint.value);
    io("effect", taint.effect);
  }
};

template <>
struct Fields<hyperpod::Subnet> {
  static void walk(auto& io, auto& subnet) {
    io("id", subnet.id);
    io("zone", subnet.zone);
    io("zoneId", subnet.zone_id);
  }
};

template <>
struct Fields<hyperpod::InstanceGroup> {
  static void walk(auto& io, auto& group) {
    io("name", group.name);
    io("status", group.status);
    io("types", group.instance_types);
    io("flexible", group.is_flexible);
    io("currentCount", group.current_count);
    io("targetCount", group.target_count);
    io("minCount", group.min_count);
    io("subnets", group.subnets);
    io("capacityType", group.capacity_type);
    io("labels", group.labels);
    io("taints", group.taints);
    io("deepHealthChecks", group.has_deep_health_checks);
    io("trainingPlan", group.training_plan_arn);
    io("trainingPlanStatus", group.training_plan_status);
  }
};

template <>
struct Fields<hyperpod::Cluster> {
  static void walk(auto& io, auto& cluster) {
    io("name", cluster.name);
    io("arn", cluster.arn);
    io("status", cluster.status);
    io("failure", cluster.failure_message);
    io("eksCluster", cluster.eks_cluster_arn);
    io("continuous", cluster.is_continuous);
    io("nodeRecovery", cluster.node_recovery);
    io("autoScaling", cluster.auto_scaling_mode);
    io("subnets", cluster.subnets);
    io("groups", cluster.groups);
  }
};

template <>
struct Fields<hyperpod::Node> {
  static void walk(auto& io, auto& node) {
    io("group", node.group);
    io("logicalId", node.logical_id);
    io("instanceId", node.instance_id);
    io("type", node.instance_type);
    io("status", node.status);
    io("statusMessage", node.status_message);
    io("launchTime", node.launch_time);
    io("zone", node.zone);
    io("zoneId", node.zone_id);
    io("capacityType", node.capacity_type);
    io("hostname", node.private_dns_hostname);
  }
};

template <>
struct Fields<hyperpod::TrainingPlan> {
  static void walk(auto& io, auto& plan) {
    io("name", plan.name);
    io("arn", plan.arn);
    io("status", plan.status);
    io("total", plan.total_instances);
    io("unhealthy", plan.unhealthy_instances);
    io("inUse", plan.instances_in_use);
  }
};

template <>
struct Fields<hyperpod::ClusterEvent> {
  static void walk(auto& io, auto& event) {
    io("id", event.id);
    io("time", event.time);
    io("level", event.level);
    io("of", event.resource_type);
    io("group", event.group);
    io("instanceId", event.instance_id);
    io("description", event.description);
    io("logicalId", event.node_logical_id);
    io("failure", event.failure_message);
  }
};

template <typename T>
struct Fields<hyperpod::Page<T>> {
  static void walk(auto& io, auto& page) {
    io("items", page.items);
    io("next", page.next_token);
  }
};

template <>
struct Fields<hyperpod::AddSpecification> {
  static void walk(auto& io, auto& specification) {
    io("group", specification.group);
    io("count", specification.count);
    io("zones", specification.zones);
    io("types", specification.types);
  }
};

template <>
struct Fields<hyperpod::NodeAddition> {
  static void walk(auto& io, auto& addition) {
    io("logicalId", addition.logical_id);
    io("group", addition.group);
    io("status", addition.status);
    io("zones", addition.zones);
    io("types", addition.types);
  }
};

template <>
struct Fields<hyperpod::AddFailure> {
  static void walk(auto& io, auto& failure) {
    io("group", failure.group);
    io("code", failure.code);
    io("count", failure.count);
    io("zones", failure.zones);
    io("types", failure.types);
    io("message", failure.message);
  }
};

template <>
struct Fields<hyperpod::AddResult> {
  static void walk(auto& io, auto& result) {
    io("successful", result.successful);
    io("failed", result.failed);
  }
};

template <>
struct Fields<hyperpod::DeleteFailure> {
  static void walk(auto& io, auto& failure) {
    io("id", failure.id);
    io("code", failure.code);
    io("message", failure.message);
  }
};

template <>
struct Fields<hyperpod::DeleteResult> {
  static void walk(auto& io, auto& result) {
    io("successful", result.successful);
    io("failed", result.failed);
  }
};

template <>
struct Fields<hyperpod::OfferingKey> {
  static void walk(auto& io, auto& offering) {
    io("group", offering.group);
    io("type", offering.type);
    io("zone", offering.zone);
  }
};

}  // namespace hyperwright::state
