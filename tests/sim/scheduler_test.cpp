#include "sim/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/cluster_fixture.h"

namespace hyperwright::sim {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

std::string why(TestCluster& world, std::string_view pod) {
  return world.condition_message("pods", pod, "PodScheduled");
}

TEST(Scheduler, BindsToTheEmptiestNodeAndOfEqualOnesToTheFirstByName) {
  TestCluster world;
  world.add_node("b");
  world.add_node("a");
  world.add_node("big", {.cpu = "64", .memory = "256Gi"});
  for (const char* pod : {"p1", "p2"}) world.add_pod(pod);
  world.add_pod("p3", {.spec = {{"nodeSelector", {{"topology.kubernetes.io/zone", "z1"}}}}});
  world.step();
  EXPECT_EQ(world.node_of("p1"), "big");
  EXPECT_EQ(world.node_of("p2"), "big");
  EXPECT_EQ(world.node_of("p3"), "big");
  TestCluster equal;
  equal.add_node("b");
  equal.add_node("a");
  for (const char* pod : {"p1", "p2"}) equal.add_pod(pod);
  equal.step();
  EXPECT_EQ(equal.node_of("p1"), "a");
  EXPECT_EQ(equal.node_of("p2"), "b");
  EXPECT_THAT(equal.event_messages("Scheduled"), Contains("Successfully assigned default/p1 to a"));
}

TEST(Scheduler, SaysWhyAPodFitsNowhereInKubeSchedulersWords) {
  TestCluster world;
  world.add_pod("p", {.cpu = "8"});
  world.step();
  EXPECT_EQ(world.condition("pods", "p", "PodScheduled"), "False Unschedulable");
  EXPECT_EQ(why(world, "p"), "no nodes available to schedule pods");
  world.add_node("small");
  world.add_node("small2");
  world.add_node(
      "tainted",
      {.cpu = "64",
       .taints = {json::object{{"key", "gpu"}, {"value", "true"}, {"effect", "NoSchedule"}}}});
  world.run_for(Duration::seconds(10));
  EXPECT_EQ(why(world, "p"),
            "0/3 nodes are available: 1 node(s) had untolerated taint {gpu: true}, 2 Insufficient "
            "cpu. preemption: 0/3 "
            "nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption "
            "victims found for "
            "incoming pod.");
  EXPECT_THAT(world.event_messages("FailedScheduling"),
              Contains("no nodes available to schedule pods"));
}

TEST(Scheduler, CountsExtendedResourcesAndPods) {
  TestCluster world;
  world.add_node("a", {.gpus = 8});
  world.add_pod("one", {.gpus = 8});
  world.add_pod("two", {.gpus = 1});
  world.step();
  EXPECT_EQ(world.node_of("one"), "a");
  EXPECT_THAT(why(world, "two"), testing::HasSubstr("1 Insufficient nvidia.com/gpu"));
  TestCluster full;
  ObjectPtr node = full.add_node("a");
  json::object changed = *node;
  object_at(changed, {"status", "allocatable"})["pods"] = "1";
  ASSERT_TRUE(full.api().update_status("nodes", changed, full.now()).has_value());
  full.add_pod("one");
  full.add_pod("two");
  full.step();
  EXPECT_THAT(why(full, "two"), testing::HasSubstr("1 Too many pods"));
}

TEST(Scheduler, ARequestOfAnInitContainerCountsWhereItIsLarger) {
  TestCluster world;
  world.add_node("a");
  world.add_pod(
      "p",
      {.spec = parsed(
           R"({"initContainers": [{"name": "i", "image": "i", "resources": {"requests": {"cpu": "5"}}}]})")});
  world.step();
  EXPECT_THAT(why(world, "p"), testing::HasSubstr("Insufficient cpu"));
}

TEST(Scheduler, HonoursSelectorsAffinityTaintsAndCordons) {
  TestCluster world;
  world.add_node("a", {.zone = "z1"});
  world.add_node("b", {.zone = "z2"});
  world.add_node(
      "c", {.zone = "z3",
            .taints = {json::object{{"key", "team"}, {"value", "x"}, {"effect", "NoSchedule"}}}});
  world.add_pod("selected", {.spec = {{"nodeSelector", {{"topology.kubernetes.io/zone", "z2"}}}}});
  world.add_pod(
      "required",
      {.spec = parsed(
           R"({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
      {"nodeSelectorTerms": [{"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "NotIn", "values": ["z1"]}]}]}}}})")});
  world.add_pod("tolerant",
                {.spec = parsed(R"({"nodeSelector": {"topology.kubernetes.io/zone": "z3"},
      "tolerations": [{"key": "team", "value": "x"}]})")});
  world.add_pod("nowhere", {.spec = {{"nodeSelector", {{"disk", "fast"}}}}});
  world.step();
  EXPECT_EQ(world.node_of("selected"), "b");
  EXPECT_EQ(world.node_of("required"), "b");
  EXPECT_EQ(world.node_of("tolerant"), "c");
  EXPECT_THAT(why(world, "nowhere"),
              testing::HasSubstr("2 node(s) didn't match Pod's node affinity/selector"));
  world.patch("nodes", "b", R"({"spec": {"unschedulable": true}})");
  world.add_pod("late", {.spec = {{"nodeSelector", {{"topology.kubernetes.io/zone", "z2"}}}}});
  world.step();
  EXPECT_THAT(why(world, "late"), testing::HasSubstr("1 node(s) were unschedulable"));
}

TEST(Scheduler, PrefersWhatAPodPrefers) {
  TestCluster world;
  world.add_node("a", {.zone = "z1"});
  world.add_node("b", {.zone = "z2"});
  world.add_pod(
      "p", {.spec = parsed(
                R"({"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution":
      [{"weight": 10, "preference": {"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["z2"]}]}}]}}})")});
  world.step();
  EXPECT_EQ(world.node_of("p"), "b");
}

TEST(Scheduler, AHostPortIsTakenOnce) {
  TestCluster world;
  world.add_node("a");
  const json::object spec = parsed(
      R"({"containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 80, "hostPort": 80}]}]})");
  world.add_pod("one", {.spec = spec});
  world.add_pod("two", {.spec = spec});
  world.step();
  EXPECT_EQ(world.node_of("one"), "a");
  EXPECT_THAT(why(world, "two"),
              testing::HasSubstr("1 node(s) didn't have free ports for the requested pod ports"));
}

TEST(Scheduler, ThePodOfHigherPriorityIsServedFirstThenTheOlder) {
  TestCluster world;
  world.create("priorityclasses.scheduling.k8s.io",
               R"({"metadata": {"name": "high"}, "value": 1000})");
  world.add_pod("a-old", {.cpu = "3"});
  world.add_pod("b-young", {.cpu = "3"});
  world.add_pod("c-high", {.cpu = "3", .spec = {{"priorityClassName", "high"}}});
  world.step();
  world.add_node("a");
  world.step();
  EXPECT_EQ(world.node_of("c-high"), "a");
  world.add_node("b");
  world.step();
  EXPECT_EQ(world.node_of("a-old"), "b");
  EXPECT_EQ(world.node_of("b-young"), "");
}

TEST(Scheduler, TriesAgainWhenAPodLeavesANodeComesOrATaintGoes) {
  TestCluster world;
  world.add_node("a", {.cpu = "1"});
  world.add_pod("first");
  world.run_for(Duration::seconds(5));
  world.add_pod("second");
  world.step();
  EXPECT_EQ(world.node_of("second"), "");
  world.remove("pods", "first");
  world.run_for(Duration::seconds(2));
  EXPECT_EQ(world.node_of("second"), "a");
  world.add_pod("third");
  world.add_node("b",
                 {.cpu = "1", .taints = {json::object{{"key", "k"}, {"effect", "NoSchedule"}}}});
  world.step();
  EXPECT_EQ(world.node_of("third"), "");
  world.patch("nodes", "b", R"({"spec": {"taints": null}})");
  world.step();
  EXPECT_EQ(world.node_of("third"), "b");
}

TEST(Scheduler, APodThatIsOverGivesItsRoomBack) {
  TestCluster world;
  world.add_node("a", {.cpu = "1"});
  world.add_pod("once", {.annotations = {{"hyperwright.dev/run-for", "10s"}},
                         .spec = {{"restartPolicy", "Never"}}});
  world.step();
  world.add_pod("next");
  world.run_for(Duration::seconds(15));
  EXPECT_EQ(world.phase_of("once"), "Succeeded");
  EXPECT_EQ(world.node_of("next"), "a");
}

TEST(Scheduler, GatedPodsWaitUntilTheirGatesAreGone) {
  TestCluster world;
  world.add_node("a");
  world.add_pod("p", {.spec = parsed(R"({"schedulingGates": [{"name": "example.dev/wait"}]})")});
  world.step();
  EXPECT_EQ(world.node_of("p"), "");
  EXPECT_EQ(world.condition("pods", "p", "PodScheduled"), "False SchedulingGated");
  world.patch("pods", "p", R"({"spec": {"schedulingGates": null}})");
  world.step();
  EXPECT_EQ(world.node_of("p"), "a");
}

TEST(Scheduler, LeavesPodsOfOtherSchedulersAlone) {
  TestCluster world;
  world.add_node("a");
  world.add_pod("p", {.spec = {{"schedulerName", "mine"}}});
  world.step();
  EXPECT_EQ(world.node_of("p"), "");
  EXPECT_EQ(world.condition("pods", "p", "PodScheduled"), "");
}

TEST(Scheduler, TheOthersOfAClassAreToldTheNewVerdictAfterFiveMinutes) {
  TestCluster world;
  for (const char* pod : {"p1", "p2"}) world.add_pod(pod, {.cpu = "8"});
  world.step();
  world.add_node("a");
  world.run_for(Duration::seconds(20));
  EXPECT_THAT(why(world, "p1"), testing::HasSubstr("1 Insufficient cpu"));
  EXPECT_EQ(why(world, "p2"), "no nodes available to schedule pods");
  world.run_for(Duration::minutes(5));
  EXPECT_THAT(why(world, "p2"), testing::HasSubstr("1 Insufficient cpu"));
}

TEST(Scheduler, APodThatCannotBeReadIsToldSo) {
  TestCluster world;
  world.add_node("a");
  world.add_pod("bad", {.cpu = "lots"});
  world.add_pod("good");
  world.step();
  EXPECT_THAT(why(world, "bad"), testing::HasSubstr("lots"));
  EXPECT_EQ(world.node_of("good"), "a");
}

TEST(Scheduler, AfterTheChangeLogRanOverItKnowsEverythingAgain) {
  TestCluster world;
  world.add_node("a", {.cpu = "4"});
  for (int i = 0; i < 4; ++i) world.add_pod(fmt::format("p{}", i));
  world.run_for(Duration::seconds(5));
  // More changes than the log holds, while the scheduler does not look.
  for (std::size_t i = 0; i < KubernetesStore::kLogLength + 10; ++i) {
    world.patch("pods", "p0", fmt::format(R"({{"metadata": {{"labels": {{"n": "{}"}}}}}})", i));
  }
  world.remove("pods", "p1", "default", {.grace_period_seconds = 0});
  world.add_pod("late");
  world.add_pod("later");
  world.step();
  EXPECT_EQ(world.node_of("late"), "a");
  EXPECT_EQ(world.node_of("later"), "");
}

}  // namespace
}  // namespace hyperwright::sim
