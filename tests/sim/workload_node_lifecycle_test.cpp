#include "sim/workload_node_lifecycle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/cluster_fixture.h"

namespace hyperwright::sim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST(NodeLifecycle, ANewNodeIsNotReadyForPodsUntilItIsReady) {
  TestCluster world;
  world.add_node("a", {.is_ready = false});
  world.step();
  EXPECT_THAT(world.taints_of("a"), ElementsAre("node.kubernetes.io/not-ready:NoSchedule"));
  world.run_for(Duration::seconds(10));
  EXPECT_EQ(world.condition("nodes", "a", "Ready"), "True KubeletReady");
  EXPECT_THAT(world.taints_of("a"), IsEmpty());
}

TEST(NodeLifecycle, ANodeThatWasReadyAndIsLostRepelsAndEvicts) {
  TestCluster world;
  world.add_node("a");
  world.run_for(Duration::seconds(1));
  world.cluster().kubelets().kill("a", world.now());
  world.run_for(Duration::seconds(41));
  EXPECT_THAT(world.taints_of("a"),
              UnorderedElementsAre("node.kubernetes.io/unreachable:NoSchedule",
                                   "node.kubernetes.io/unreachable:NoExecute"));
}

TEST(NodeLifecycle, ACordonIsATaint) {
  TestCluster world;
  world.add_node("a");
  world.patch("nodes", "a", R"({"spec": {"unschedulable": true}})");
  world.step();
  EXPECT_THAT(world.taints_of("a"), ElementsAre("node.kubernetes.io/unschedulable:NoSchedule"));
  world.patch("nodes", "a", R"({"spec": {"unschedulable": null}})");
  world.step();
  EXPECT_THAT(world.taints_of("a"), IsEmpty());
}

TEST(NodeLifecycle, TaintsOfOthersAreLeftAlone) {
  TestCluster world;
  world.add_node("a", {.is_ready = false,
                       .taints = {json::object{{"key", "team"}, {"effect", "NoSchedule"}}}});
  world.run_for(Duration::seconds(10));
  EXPECT_THAT(world.taints_of("a"), ElementsAre("team:NoSchedule"));
}

TEST(NodeLifecycle, PodsOfALostNodeAreMarkedThenEvictedAfterTheirTolerationSeconds) {
  TestCluster world;
  world.add_node("a");
  world.add_pod("default");
  world.add_pod("patient",
                {.spec = parsed(R"({"tolerations": [{"key": "node.kubernetes.io/unreachable",
      "operator": "Exists", "effect": "NoExecute"}]})")});
  world.run_for(Duration::seconds(10));
  world.cluster().kubelets().kill("a", world.now());
  world.run_for(Duration::seconds(41));
  EXPECT_EQ(world.condition("pods", "default", "Ready"), "False");
  world.run_for(Duration::seconds(290));
  EXPECT_FALSE(is_deleting(*world.get("pods", "default")));
  world.run_for(Duration::seconds(20));
  EXPECT_TRUE(is_deleting(*world.get("pods", "default")));
  EXPECT_EQ(world.condition("pods", "default", "DisruptionTarget"), "True DeletionByTaintManager");
  EXPECT_FALSE(is_deleting(*world.get("pods", "patient")));
}

TEST(NodeLifecycle, ANodeThatComesBackBeforeKeepsItsPods) {
  TestCluster world;
  world.add_node("a");
  world.add_pod("p");
  world.run_for(Duration::seconds(10));
  world.cluster().kubelets().kill("a", world.now());
  world.run_for(Duration::seconds(100));
  world.cluster().kubelets().revive("a", world.now());
  world.run_for(Duration::minutes(10));
  EXPECT_THAT(world.taints_of("a"), IsEmpty());
  EXPECT_EQ(world.condition("pods", "p", "Ready"), "True");
}

TEST(NodeLifecycle, ANoExecuteTaintOfAUsersEvictsAtOnceWhatDoesNotTolerateIt) {
  TestCluster world;
  world.add_node("a");
  world.add_pod("p");
  world.add_pod("tolerant", {.spec = parsed(R"({"tolerations": [{"operator": "Exists"}]})")});
  world.run_for(Duration::seconds(10));
  world.patch("nodes", "a", R"({"spec": {"taints": [{"key": "out", "effect": "NoExecute"}]}})");
  world.run_for(Duration::seconds(5));
  EXPECT_EQ(world.get("pods", "p"), nullptr);
  EXPECT_EQ(world.phase_of("tolerant"), "Running");
}

}  // namespace
}  // namespace hyperwright::sim
