// The load of the state benchmarks: a cluster of 5,000 nodes and 50,000 pods, as large as HyperPod
// on EKS gets. Objects carry what they carry in life: a Node about twenty labels, as HyperPod and
// the cloud put them; a pod those of its workload, one of forty, so that there are some forty pod
// classes; a claim its launch call.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "hyperpod/cluster.h"
#include "kube/node.h"
#include "kube/node_claim.h"
#include "kube/pod.h"
#include "kube/well_known.h"
#include "state/launch.h"

namespace hyperwright::bench {

inline constexpr std::size_t kNodes = 5'000;
inline constexpr std::size_t kPods = 50'000;
inline constexpr std::size_t kWorkloads = 40;
inline constexpr std::string_view kClusterArn =
    "arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghijkl";
inline constexpr Time kStart = Time::from_unix_seconds(1'800'000'000);

inline std::string instance_id(std::size_t i) { return fmt::format("i-{:017x}", i + 0xabc'0000); }
inline std::string node_name(std::size_t i) { return "hyperpod-" + instance_id(i); }
inline std::string logical_id(std::size_t i) { return fmt::format("node-logical-{:08}", i); }
inline std::string claim_name(std::size_t i) { return fmt::format("training-{:05}", i); }
inline std::string uid(std::string_view of, std::size_t i) {
  return fmt::format("{}-{:08x}-4f6e-9c1d-0123456789ab", of, i);
}

inline kube::ObjectMeta meta(std::string name, std::string uid, std::uint64_t version) {
  kube::ObjectMeta meta;
  meta.name = std::move(name);
  meta.uid = std::move(uid);
  meta.resource_version = version;
  meta.creation_time = kStart;
  return meta;
}

inline kube::Node node(std::size_t i, std::uint64_t version) {
  kube::Node node;
  node.meta = meta(node_name(i), uid("node", i), version);
  node.meta.labels = {{"beta.kubernetes.io/arch", "amd64"},
                      {"beta.kubernetes.io/os", "linux"},
                      {"kubernetes.io/arch", "amd64"},
                      {"kubernetes.io/os", "linux"},
                      {"kubernetes.io/hostname", node.meta.name},
                      {"node.kubernetes.io/instance-type", "ml.p5.48xlarge"},
                      {"beta.kubernetes.io/instance-type", "ml.p5.48xlarge"},
                      {"topology.kubernetes.io/region", "us-west-2"},
                      {"topology.kubernetes.io/zone", "us-west-2a"},
                      {"topology.k8s.aws/zone-id", "usw2-az1"},
                      {"sagemaker.amazonaws.com/cluster-name", "ml"},
                      {"sagemaker.amazonaws.com/compute-type", "hyperpod"},
                      {"sagemaker.amazonaws.com/instance-group-name", "gpu"},
                      {"sagemaker.amazonaws.com/node-health-status", "Schedulable"},
                      {"sagemaker.amazonaws.com/deep-health-check-status", "Passed"},
                      {"karpenter.sh/nodepool", "training"},
                      {"karpenter.sh/capacity-type", "on-demand"},
                      {"karpenter.sh/registered", "true"},
                      {"karpenter.sh/initialized", "true"}};
  node.meta.annotations.set(kube::kNodeClaimUid, uid("claim", i));
  node.meta.finalizers = {std::string(kube::kTerminationFinalizer)};
  node.provider_id =
      hyperpod::provider_id("usw2-az1", hyperpod::cluster_id(kClusterArn), instance_id(i));
  node.allocatable.set(kube::Resource::Cpu, 190'000);
  node.allocatable.set(kube::Resource::Memory, std::int64_t{2'000} << 30);
  node.allocatable.set(kube::Resource::NvidiaGpu, 8);
  node.allocatable.set(kube::Resource::Pods, 110);
  node.capacity = node.allocatable;
  node.conditions = {{.type = "Ready",
                      .status = kube::ConditionStatus::True,
                      .reason = "KubeletReady",
                      .message = {},
                      .last_transition_time = kStart}};
  return node;
}

inline kube::NodeClaim claim(std::size_t i, std::uint64_t version) {
  kube::NodeClaim claim;
  claim.meta = meta(claim_name(i), uid("claim", i), version);
  claim.meta.labels = {{"karpenter.sh/nodepool", "training"},
                       {"karpenter.sh/capacity-type", "on-demand"},
                       {"node.kubernetes.io/instance-type", "ml.p5.48xlarge"},
                       {"topology.kubernetes.io/zone", "us-west-2a"},
                       {"sagemaker.amazonaws.com/instance-group-name", "gpu"}};
  claim.meta.finalizers = {std::string(kube::kTerminationFinalizer)};
  const state::Launch launch{
      .call = {
          .batch = uid("batch", i / 50),
          .specifications = {{.offering = {"gpu", "ml.p5.48xlarge", "us-west-2a"}, .count = 50}}}};
  claim.meta.annotations.set(kube::kLaunch, state::encode_launch(launch));
  claim.meta.annotations.set(kube::kNodeLogicalId, logical_id(i));
  claim.spec.node_class_ref = {std::string(kube::kNodeClassGroup),
                               std::string(kube::kNodeClassKind), "training"};
  claim.spec.requirements = {{.key = "node.kubernetes.io/instance-type",
                              .op = kube::NodeOperator::In,
                              .values = {"ml.p5.48xlarge", "ml.p5e.48xlarge"}}};
  claim.node_name = node_name(i);
  claim.provider_id =
      hyperpod::provider_id("usw2-az1", hyperpod::cluster_id(kClusterArn), instance_id(i));
  for (const char* type : {"Launched", "Registered", "Initialized", "Ready"}) {
    claim.conditions.push_back({.type = type,
                                .status = kube::ConditionStatus::True,
                                .reason = type,
                                .message = {},
                                .last_transition_time = kStart});
  }
  return claim;
}

inline hyperpod::Node instance(std::size_t i) {
  hyperpod::Node node;
  node.group = "gpu";
  node.logical_id = logical_id(i);
  node.instance_id = instance_id(i);
  node.instance_type = "ml.p5.48xlarge";
  node.status = hyperpod::InstanceStatus::Running;
  return node;
}

// Bound round robin; of workload i % 40.
inline kube::Pod pod(std::size_t i, std::uint64_t version) {
  const std::size_t workload = i % kWorkloads;
  kube::Pod pod;
  pod.meta = meta(fmt::format("worker-{:02}-{:05}", workload, i), uid("pod", i), version);
  pod.meta.namespace_ = fmt::format("team-{}", workload % 8);
  pod.meta.labels = {{"app.kubernetes.io/name", fmt::format("worker-{:02}", workload)},
                     {"app.kubernetes.io/managed-by", "Helm"},
                     {"pod-template-hash", "7d9c5f6b8d"}};
  pod.meta.owner_references = {{.api_version = "apps/v1",
                                .kind = "ReplicaSet",
                                .name = fmt::format("worker-{:02}-7d9c5f6b8d", workload),
                                .uid = uid("rs", workload),
                                .controller = true}};
  pod.scheduling.requests.set(kube::Resource::Cpu,
                              1'000 + static_cast<std::int64_t>(workload) * 100);
  pod.scheduling.requests.set(kube::Resource::Memory, std::int64_t{4} << 30);
  pod.scheduling.requests.set(kube::Resource::Pods, 1);
  pod.scheduling.tolerations = {{.key = "node.kubernetes.io/not-ready",
                                 .op = kube::TolerationOperator::Exists,
                                 .value = {},
                                 .effect = kube::TaintEffect::NoExecute,
                                 .toleration_seconds = 300},
                                {.key = "node.kubernetes.io/unreachable",
                                 .op = kube::TolerationOperator::Exists,
                                 .value = {},
                                 .effect = kube::TaintEffect::NoExecute,
                                 .toleration_seconds = 300}};
  pod.node_name = node_name(i % kNodes);
  pod.scheduler_name = "default-scheduler";
  pod.phase = kube::PodPhase::Running;
  pod.start_time = kStart;
  pod.is_ready = true;
  return pod;
}

}  // namespace hyperwright::bench
