#include "sim/workload_replica_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/cluster_fixture.h"

namespace hyperwright::sim {
namespace {

using testing::ElementsAre;
using testing::SizeIs;
using testing::StartsWith;

ObjectPtr add_set(TestCluster& world, int replicas, json::object more = {}) {
  json::object spec{
      {"replicas", replicas},
      {"selector", {{"matchLabels", {{"app", "web"}}}}},
      {"template", {{"metadata", {{"labels", {{"app", "web"}}}}}, {"spec", pod_spec({})}}}};
  for (const auto& [key, value] : more) spec[key] = value;
  return world.create("replicasets.apps", {{"metadata", {{"name", "web"}}}, {"spec", spec}});
}

TEST(ReplicaSet, HasAsManyPodsAsItSaysAndOwnsThem) {
  TestCluster world;
  const ObjectPtr set = add_set(world, 3);
  world.step();
  const auto pods = world.pods();
  ASSERT_THAT(pods, SizeIs(3));
  EXPECT_THAT(std::string(name_of(*pods[0])), StartsWith("web-"));
  EXPECT_EQ(text_field(*controller_of(*pods[0]), {"uid"}), uid_of(*set));
}

TEST(ReplicaSet, AMoreThanAFullBurstComesToo) {
  TestCluster world;
  add_set(world, 1201);
  world.step();
  EXPECT_THAT(world.pods(), SizeIs(1201));
}

TEST(ReplicaSet, APodThatIsBeingDeletedHasItsSuccessorAtOnce) {
  TestCluster world;
  world.add_node("a");
  add_set(world, 1);
  world.run_for(Duration::seconds(10));
  world.remove("pods", world.pod_names()[0]);
  world.step();
  EXPECT_THAT(world.pods(), SizeIs(2));
  world.run_for(Duration::seconds(10));
  EXPECT_THAT(world.pods(), SizeIs(1));
}

TEST(ReplicaSet, StatusCountsReplicasReadyAndAvailable) {
  TestCluster world;
  world.add_node("a", {.cpu = "2"});
  add_set(world, 3);
  world.run_for(Duration::seconds(10));
  EXPECT_EQ(world.status("replicasets.apps", "web", "replicas"), 3);
  EXPECT_EQ(world.status("replicasets.apps", "web", "readyReplicas"), 2);
  EXPECT_EQ(world.status("replicasets.apps", "web", "availableReplicas"), 2);
  EXPECT_EQ(world.status("replicasets.apps", "web", "observedGeneration"), 1);
}

TEST(ReplicaSet, IsAvailableOnlyAfterMinReadySeconds) {
  TestCluster world;
  world.add_node("a");
  add_set(world, 1, {{"minReadySeconds", 30}});
  world.run_for(Duration::seconds(31));
  EXPECT_EQ(world.status("replicasets.apps", "web", "availableReplicas"), -1);
  world.run_for(Duration::seconds(2));
  EXPECT_EQ(world.status("replicasets.apps", "web", "availableReplicas"), 1);
}

TEST(ReplicaSet, ARefusedPodIsToldAndTriedAgain) {
  TestCluster world;
  json::object bad = pod_spec({});
  bad["priorityClassName"] = "gold";
  add_set(world, 1, {{"template", {{"metadata", {{"labels", {{"app", "web"}}}}}, {"spec", bad}}}});
  world.step();
  EXPECT_EQ(world.condition("replicasets.apps", "web", "ReplicaFailure"), "True FailedCreate");
  world.create("priorityclasses.scheduling.k8s.io",
               R"({"metadata": {"name": "gold"}, "value": 7})");
  world.run_for(Duration::seconds(20));
  EXPECT_THAT(world.pods(), SizeIs(1));
  EXPECT_EQ(world.condition("replicasets.apps", "web", "ReplicaFailure"), "");
}

OwnedPod owned(std::string_view text) {
  auto pod = std::make_shared<const json::object>(parsed(text));
  return {.object = pod, .is_active = true, .is_ready = is_ready_pod(*pod)};
}

TEST(ReplicaSet, OfTooManyPodsThoseGoFirstThatAreMissedLeast) {
  PodsOfOwner pods;
  pods.pods["crowded"] = owned(
      R"({"spec": {"nodeName": "b"}, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}})");
  pods.pods["crowded2"] = pods.pods["crowded"];
  pods.pods["lonely"] = owned(
      R"({"spec": {"nodeName": "a"}, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}})");
  pods.pods["cheap"] = owned(
      R"({"metadata": {"annotations": {"controller.kubernetes.io/pod-deletion-cost": "-1"}}, "spec": {"nodeName": "a2"}, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}})");
  pods.pods["starting"] = owned(R"({"spec": {"nodeName": "c"}, "status": {"phase": "Pending"}})");
  pods.pods["waiting"] = owned(R"({"spec": {}, "status": {"phase": "Pending"}})");
  pods.pods["not-ready"] = owned(R"({"spec": {"nodeName": "d"}, "status": {"phase": "Running"}})");
  EXPECT_THAT(pods_missed_least(pods, 6),
              ElementsAre("waiting", "starting", "not-ready", "cheap", "crowded", "crowded2"));
}

}  // namespace
}  // namespace hyperwright::sim
