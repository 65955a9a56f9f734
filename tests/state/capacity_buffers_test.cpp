#include "state/capacity_buffers.h"

#include <gtest/gtest.h>

#include "tests/state/picture.h"

namespace hyperwright::state {
namespace {

kube::Scheduling of_size(std::int64_t cpu_millis) {
  kube::Scheduling scheduling;
  scheduling.requests = cpu(cpu_millis);
  return scheduling;
}

// A buffer beside a PodTemplate "headroom" of 1 cpu and a Deployment "web" of 500m.
struct Buffers : Picture {
  Buffers() {
    Options options;
    options.gates.capacity_buffer = true;
    state = ClusterState(options, hyperpod::InstanceTypes::of({}));
    kube::PodTemplate headroom;
    headroom.meta = {.name = "headroom", .namespace_ = "default", .uid = "t", .generation = 7};
    headroom.labels = {{"app", "headroom"}};
    headroom.scheduling = of_size(1000);
    headroom.scheduling.volume_claims = {{.claim_name = "data"}};
    headroom.scheduling.priority = 1000;
    comes(headroom);
    deploy(10);
    buffer.meta = {.name = "spare", .namespace_ = "default", .uid = "u", .generation = 1};
  }
  void deploy(std::int64_t replicas) {
    kube::Deployment web;
    web.meta = {.name = "web", .namespace_ = "default", .uid = "d"};
    web.replicas = replicas;
    web.template_labels = {{"app", "web"}};
    web.scheduling = of_size(500);
    comes(web);
  }
  void of_template() { buffer.pod_template = "headroom"; }
  void of_workload() {
    buffer.scalable = kube::CapacityBuffer::ScalableReference{"apps", "Deployment", "web"};
  }
  void limit(std::string name, std::int64_t amount) {
    buffer.limits = kube::Limits{{{std::move(name), amount}}};
  }
  std::int64_t count() const { return resolve(buffer, state).count; }
  std::string reason() const { return resolve(buffer, state).reason; }
  kube::CapacityBuffer buffer;
};

TEST(CapacityBuffers, OfATemplateTheReplicasCount) {
  Buffers p;
  p.of_template();
  p.buffer.replicas = 3;
  EXPECT_EQ(p.reason(), "");
  EXPECT_EQ(p.count(), 3);
  EXPECT_EQ(resolve(p.buffer, p.state).template_generation, 7);
}

TEST(CapacityBuffers, AShareOfAWorkloadIsRoundedUp) {
  Buffers p;
  p.of_workload();
  p.buffer.percentage = 20;
  EXPECT_EQ(p.count(), 2);
  p.buffer.percentage = 21;
  EXPECT_EQ(p.count(), 3);
  p.buffer.percentage = 250;
  EXPECT_EQ(p.count(), 25);
  p.buffer.percentage = 1;
  p.deploy(1);
  EXPECT_EQ(p.count(), 1) << "one percent of one replica is one";
  p.deploy(0);
  EXPECT_EQ(p.count(), 0);
}

TEST(CapacityBuffers, OfReplicasAndShareTheLargerCounts) {
  Buffers p;
  p.of_workload();
  p.buffer.percentage = 20;
  p.buffer.replicas = 3;
  EXPECT_EQ(p.count(), 3);
  p.buffer.replicas = 1;
  EXPECT_EQ(p.count(), 2);
}

TEST(CapacityBuffers, AWorkloadAloneIsAnEmptyBuffer) {
  Buffers p;
  p.of_workload();
  EXPECT_EQ(p.reason(), "");
  EXPECT_EQ(p.count(), 0);
}

TEST(CapacityBuffers, LimitsHoldAndStandAlone) {
  Buffers p;
  p.of_workload();
  p.buffer.replicas = 10;
  p.limit("cpu", 2200);
  EXPECT_EQ(p.count(), 4) << "of 500m each";
  p.buffer.replicas.reset();
  EXPECT_EQ(p.count(), 4) << "as many as they allow";
  p.limit("cpu", 499);
  EXPECT_EQ(p.count(), 0) << "below one pod";
}

TEST(CapacityBuffers, ALimitOfWhatThePodsDoNotAskForLimitsNothing) {
  Buffers p;
  p.of_workload();
  p.buffer.replicas = 10;
  p.limit("nvidia.com/gpu", 0);
  EXPECT_EQ(p.count(), 10);
}

TEST(CapacityBuffers, ATypoOfANumberIsKeptWithinBounds) {
  Buffers p;
  p.of_template();
  p.buffer.replicas = INT32_MAX;
  EXPECT_EQ(p.count(), kBufferPodsMax);
  EXPECT_NE(resolve(p.buffer, p.state).message, "");
  p.buffer = {};
  p.buffer.meta.namespace_ = "default";
  p.of_workload();
  p.buffer.percentage = INT32_MAX;
  p.deploy(INT64_MAX);
  EXPECT_EQ(p.count(), kBufferPodsMax);
}

TEST(CapacityBuffers, WhatIsNotThereIsNamed) {
  Buffers p;
  p.buffer.pod_template = "lost";
  EXPECT_EQ(p.reason(), "PodTemplateNotFound");
  p.buffer.pod_template.reset();
  EXPECT_EQ(p.reason(), "ResolutionFailed") << "it refers to nothing";
  p.of_workload();
  p.buffer.scalable->name = "lost";
  EXPECT_EQ(p.reason(), "ScalableRefNotFound");
  p.buffer.scalable->name = "web";
  p.buffer.scalable->kind = "StatefulSet";
  EXPECT_EQ(p.reason(), "ScalableRefNotFound");
  p.buffer.scalable->kind = "CronJob";
  EXPECT_EQ(p.reason(), "ResolutionFailed");
  p.of_workload();
  p.buffer.scalable->api_group = "";
  EXPECT_EQ(p.reason(), "");
  p.buffer.decode_problems = {"spec.replicas must be a whole number"};
  EXPECT_EQ(p.reason(), "ResolutionFailed");
}

TEST(CapacityBuffers, OfAnotherStrategyItKeepsNoRoom) {
  Buffers p;
  p.of_template();
  p.buffer.replicas = 3;
  p.buffer.provisioning_strategy = "buffer.x-k8s.io/active-capacity";
  EXPECT_EQ(p.count(), 3);
  p.buffer.provisioning_strategy = "buffer.example.com/standby-capacity";
  EXPECT_EQ(p.reason(), "ResolutionFailed");
  EXPECT_EQ(p.count(), 0);
  p.comes(p.buffer);
  EXPECT_TRUE(p.state.buffer_pods().empty());
}

TEST(CapacityBuffers, VirtualPodsAreTheLeastImportantAndHaveNoVolumes) {
  Buffers p;
  p.of_template();
  p.buffer.replicas = 2;
  p.comes(p.buffer);
  const auto& pods = p.state.buffer_pods().at({"default", "spare"});
  ASSERT_EQ(pods.size(), 2U);
  const kube::Pod& pod = pods[1].pod;
  EXPECT_EQ(pod.meta.name, "capacity-buffer-spare-2");
  EXPECT_EQ(pod.meta.uid, "u-2");
  EXPECT_EQ(pod.meta.labels, (kube::StringMap{{"app", "headroom"}}));
  EXPECT_EQ(pod.scheduling.priority, INT32_MIN);
  EXPECT_TRUE(pod.scheduling.volume_claims.empty());
  EXPECT_EQ(pod.scheduling.requests, cpu(1000));
  EXPECT_EQ(pods[0].pod_class, pods[1].pod_class);
  EXPECT_EQ(p.state.find_pod("u-2"), nullptr) << "they are no pods of the cluster";
}

TEST(CapacityBuffers, FollowTheirTemplateAndTheirWorkload) {
  Buffers p;
  p.of_workload();
  p.buffer.percentage = 20;
  p.comes(p.buffer);
  const kube::ObjectKey key{"default", "spare"};
  EXPECT_EQ(p.state.buffer_pods().at(key).size(), 2U);
  p.deploy(20);
  EXPECT_EQ(p.state.buffer_pods().at(key).size(), 4U);
  p.goes(Kind::Deployment, {"default", "web"}, "d");
  EXPECT_FALSE(p.state.buffer_pods().contains(key));
  p.deploy(5);
  EXPECT_EQ(p.state.buffer_pods().at(key).size(), 1U);
  p.goes(Kind::CapacityBuffer, key, "u");
  EXPECT_FALSE(p.state.buffer_pods().contains(key));
}

TEST(CapacityBuffers, ABufferThatIsBeingDeletedKeepsNoRoom) {
  Buffers p;
  p.of_template();
  p.buffer.replicas = 2;
  p.comes(p.buffer);
  p.buffer.meta.deletion_time = p.now;
  p.comes(p.buffer);
  EXPECT_TRUE(p.state.buffer_pods().empty());
}

TEST(CapacityBuffers, BuffersOfOneNameInTwoNamespacesAreTwo) {
  Buffers p;
  p.of_template();
  p.buffer.replicas = 2;
  p.comes(p.buffer);
  p.buffer.meta.namespace_ = "other";
  p.buffer.meta.uid = "u2";
  p.comes(p.buffer);
  EXPECT_EQ(p.state.objects<kube::CapacityBuffer>().size(), 2U);
  EXPECT_EQ(p.state.buffer_pods().size(), 1U) << "there is no template in the other one";
}

TEST(CapacityBuffers, RoomIsKeptEverywhereUntilTheFirstPlanSaysWhere) {
  Buffers p;
  EXPECT_FALSE(p.state.is_room_kept("c1"));
  p.of_template();
  p.buffer.replicas = 1;
  p.comes(p.buffer);
  EXPECT_TRUE(p.state.is_room_kept("c1"));
  p.comes(claim("c1"));
  p.comes(claim("c2"));
  p.keys();
  p.emits(KeepRoom{.inputs_version = 5, .rooms = {{{"default", "spare"}, true}}, .claims = {"c1"}});
  EXPECT_TRUE(p.state.is_room_kept("c1"));
  EXPECT_FALSE(p.state.is_room_kept("c2"));
  auto keys = p.keys();
  EXPECT_TRUE(keys.contains({Of::NodeClaim, "c2"})) << "it may be empty now";
  EXPECT_FALSE(keys.contains({Of::NodeClaim, "c1"}));
  EXPECT_TRUE(keys.contains({Of::CapacityBuffer, "default/spare"}));
  p.emits(KeepRoom{.inputs_version = 6, .rooms = {{{"default", "spare"}, true}}, .claims = {"c2"}});
  keys = p.keys();
  EXPECT_TRUE(keys.contains({Of::NodeClaim, "c1"}));
  EXPECT_FALSE(keys.contains({Of::CapacityBuffer, "default/spare"})) << "it fits as before";
  EXPECT_FALSE(p.changes_inputs([&] { p.emits(KeepRoom{.inputs_version = 7}); }))
      << "a plan is no reason for a plan";
}

}  // namespace
}  // namespace hyperwright::state
