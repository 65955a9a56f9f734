// Short builders of what a small cluster is made of: groups, pools, claims, Nodes, pods, instances.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hyperpod/cluster.h"
#include "hyperpod/instance_type.h"
#include "kube/hyperpod_node_class.h"
#include "kube/node.h"
#include "kube/node_claim.h"
#include "kube/node_pool.h"
#include "kube/pod.h"
#include "kube/well_known.h"
#include "state/launch.h"

namespace hyperwright::controllers::test {

namespace claim_condition = kube::node_claim_condition;

inline const Time kStart = Time::from_unix_seconds(1'795'521'600);  // 2026-11-24T12:00:00Z
inline constexpr std::string_view kArn =
    "arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghijkl";

inline std::int64_t amount(std::string_view name, std::string_view text) {
  return kube::parse_amount(name, text).value();
}

inline kube::Resources resources(
    std::initializer_list<std::pair<std::string_view, std::string_view>> list) {
  kube::Resources sum;
  for (const auto& [name, text] : list) sum.set(name, amount(name, text));
  return sum;
}

inline hyperpod::InstanceType instance_type(std::string name, std::int64_t vcpus, std::int64_t gpus,
                                            std::int64_t micro_dollars) {
  hyperpod::InstanceType type;
  type.name = std::move(name);
  type.arch = "amd64";
  type.vcpus = vcpus;
  type.memory_mib = vcpus * 4096;
  type.gpus = gpus;
  type.max_pods = 14;
  type.on_demand = hyperpod::Price{hyperpod::MicroDollars(micro_dollars), false};
  return type;
}

inline hyperpod::InstanceGroup group(std::string name, std::string type,
                                     std::string subnet = "subnet-1") {
  hyperpod::InstanceGroup group;
  group.name = std::move(name);
  group.instance_types = {std::move(type)};
  group.subnets = {std::move(subnet)};
  return group;
}

inline kube::NodeClassReference reference(std::string name = "main") {
  return {.group = std::string(kube::kNodeClassGroup),
          .kind = std::string(kube::kNodeClassKind),
          .name = std::move(name)};
}

inline kube::HyperpodNodeClass node_class(std::string name, std::vector<std::string> groups) {
  kube::HyperpodNodeClass result;
  result.meta = {.name = name, .uid = "uid-" + name, .generation = 1, .creation_time = kStart};
  result.instance_groups = std::move(groups);
  return result;
}

inline kube::NodePool pool(std::string name) {
  kube::NodePool result;
  result.meta = {.name = name, .uid = "uid-" + name, .generation = 1, .creation_time = kStart};
  result.template_spec.node_class_ref = reference();
  return result;
}

inline kube::Pod pending_pod(std::string name, std::string_view cpu = "1") {
  kube::Pod pod;
  pod.meta = {.name = name, .namespace_ = "default", .uid = "uid-" + name, .creation_time = kStart};
  pod.scheduling.requests = resources({{"cpu", cpu}, {"pods", "1"}});
  pod.scheduled_reason = "Unschedulable";
  pod.scheduler_name = "default-scheduler";
  return pod;
}

inline kube::Pod bound_pod(std::string name, std::string node, std::string_view cpu = "1") {
  kube::Pod pod = pending_pod(std::move(name), cpu);
  pod.scheduled_reason.clear();
  pod.node_name = std::move(node);
  pod.phase = kube::PodPhase::Running;
  pod.start_time = kStart;
  return pod;
}

inline kube::Pod of_daemon_set(kube::Pod pod) {
  pod.meta.owner_references = {{.api_version = "apps/v1",
                                .kind = "DaemonSet",
                                .name = "agent",
                                .uid = "uid-agent",
                                .controller = true}};
  return pod;
}

inline state::LaunchCall launch_call(std::string batch, std::int32_t count,
                                     std::string group = "cpu", std::string type = "ml.c5.xlarge") {
  return {.batch = std::move(batch),
          .specifications = {
              {.offering = {std::move(group), std::move(type), "us-west-2a"}, .count = count}}};
}

// A claim of a call; of the first specification unless told otherwise.
inline kube::NodeClaim claim(std::string name, std::string pool, const state::LaunchCall& call,
                             std::size_t specification = 0) {
  const hyperpod::OfferingKey& offering = call.specifications.at(specification).offering;
  kube::NodeClaim result;
  result.meta = {.name = name, .uid = "uid-" + name, .generation = 1, .creation_time = kStart};
  result.meta.labels = {{std::string(kube::kNodePool), pool},
                        {std::string(kube::kNodeClassLabel), "main"},
                        {std::string(kube::kInstanceGroup), offering.group},
                        {std::string(kube::kInstanceType), offering.type},
                        {std::string(kube::kZone), offering.zone},
                        {std::string(kube::kZoneId), "usw2-az1"},
                        {std::string(kube::kCapacityType), "on-demand"}};
  result.meta.annotations = {
      {std::string(kube::kLaunch), state::encode_launch({call, specification})},
      {std::string(kube::kNodePoolHashVersion), std::string(kube::kTemplateHashVersion)}};
  result.meta.finalizers = {std::string(kube::kTerminationFinalizer)};
  result.spec.node_class_ref = reference();
  result.spec.requests = resources({{"cpu", "1"}, {"pods", "1"}});
  return result;
}
inline kube::NodeClaim claim(std::string name, std::string pool) {
  return claim(name, std::move(pool), launch_call("batch-of-" + name, 1));
}

inline kube::NodeClaim with_id(kube::NodeClaim claim, std::string_view logical_id) {
  claim.meta.annotations.set(kube::kNodeLogicalId, logical_id);
  return claim;
}

inline kube::NodeClaim deleted(kube::NodeClaim claim, Time at) {
  claim.meta.deletion_time = at;
  return claim;
}

inline hyperpod::Node instance(std::string logical_id, std::string instance_id,
                               std::string group = "cpu", std::string type = "ml.c5.xlarge") {
  hyperpod::Node node;
  node.group = std::move(group);
  node.logical_id = std::move(logical_id);
  node.instance_id = std::move(instance_id);
  node.instance_type = std::move(type);
  node.status = node.instance_id.empty() ? hyperpod::InstanceStatus::Pending
                                         : hyperpod::InstanceStatus::Running;
  return node;
}

inline kube::Condition condition(std::string type, kube::ConditionStatus status,
                                 Time since = kStart) {
  return {.type = std::move(type),
          .status = status,
          .reason = {},
          .message = {},
          .last_transition_time = since};
}

// A Node as HyperPod brings it up: not ready, with the taints of a start, and nothing of
// Karpenter's.
inline kube::Node new_node(std::string name, std::string_view instance_id) {
  kube::Node node;
  node.meta = {.name = name, .uid = "uid-" + name, .creation_time = kStart};
  node.meta.labels = {{std::string(kube::kComputeType), "hyperpod"},
                      {std::string(kube::kZone), "us-west-2a"}};
  node.provider_id = hyperpod::provider_id("usw2-az1", "abcdefghijkl", instance_id);
  node.taints = {{.key = std::string(kube::kTaintNotReady),
                  .value = {},
                  .effect = kube::TaintEffect::NoSchedule}};
  node.conditions = {condition("Ready", kube::ConditionStatus::False)};
  node.capacity = resources({{"cpu", "4"}, {"memory", "16Gi"}, {"pods", "14"}});
  node.allocatable = node.capacity;
  return node;
}

inline kube::Node ready(kube::Node node) {
  node.taints.clear();
  node.conditions = {condition("Ready", kube::ConditionStatus::True)};
  return node;
}

inline kube::Node registered(kube::Node node, const kube::NodeClaim& claim) {
  node.meta.labels.merge(claim.meta.labels);
  node.meta.labels.set(kube::kRegistered, "true");
  node.meta.annotations.set(kube::kNodeClaimUid, claim.meta.uid);
  node.meta.finalizers = {std::string(kube::kTerminationFinalizer)};
  return node;
}

inline kube::Node initialized(kube::Node node) {
  node.meta.labels.set(kube::kInitialized, "true");
  return node;
}

}  // namespace hyperwright::controllers::test
