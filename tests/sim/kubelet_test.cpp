#include "sim/kubelet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/cluster_fixture.h"

namespace hyperwright::sim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ClusterOptions exact() {
  ClusterOptions options;
  options.kubelets.boot_jitter = Duration{};
  return options;
}

std::string waiting_reason(TestCluster& world, std::string_view pod) {
  const json::array* statuses =
      array_field(*world.get("pods", pod), {"status", "containerStatuses"});
  return statuses == nullptr
             ? ""
             : std::string(text_field(statuses->at(0).as_object(), {"state", "waiting", "reason"}));
}

TEST(Kubelet, ANodeIsReadyAfterItsBootAndKeepsItsCapacity) {
  TestCluster world(1, exact());
  world.add_node("a", {.cpu = "7", .is_ready = false});
  world.run_for(Duration::milliseconds(4999));
  EXPECT_EQ(world.condition("nodes", "a", "Ready"), "");
  world.run_for(Duration::milliseconds(1));
  EXPECT_EQ(world.condition("nodes", "a", "Ready"), "True KubeletReady");
  const ObjectPtr node = world.get("nodes", "a");
  EXPECT_EQ(text_field(*node, {"status", "allocatable", "cpu"}), "7");
  EXPECT_EQ(text_field(*node, {"status", "nodeInfo", "kubeletVersion"}), "v1.36.3");
  EXPECT_FALSE(array_field(*node, {"status", "addresses"})->empty());
}

TEST(Kubelet, ANodeOfNobodysNeverBoots) {
  TestCluster world;
  world.add_node("a", {.is_ready = false, .is_simulated = false});
  world.run_for(Duration::minutes(10));
  EXPECT_EQ(world.condition("nodes", "a", "Ready"), "");
}

TEST(Kubelet, StartupTaintsGoFiveSecondsAfterReady) {
  TestCluster world(1, exact());
  world.add_node("a", {.is_ready = false,
                       .taints = {json::object{{"key", "startup.hyperwright.dev/agent"},
                                               {"effect", "NoSchedule"}}}});
  world.run_for(Duration::milliseconds(9999));
  EXPECT_THAT(world.taints_of("a"), ElementsAre("startup.hyperwright.dev/agent:NoSchedule"));
  world.run_for(Duration::milliseconds(1));
  EXPECT_THAT(world.taints_of("a"), IsEmpty());
}

TEST(Kubelet, APodIsCreatedThenRunningAndReady) {
  TestCluster world;
  world.add_node("a");
  world.add_pod("p");
  world.step();
  EXPECT_EQ(world.phase_of("p"), "Pending");
  EXPECT_EQ(waiting_reason(world, "p"), "ContainerCreating");
  world.run_for(Duration::seconds(2));
  EXPECT_EQ(world.phase_of("p"), "Running");
  EXPECT_EQ(world.condition("pods", "p", "Ready"), "True");
  const ObjectPtr pod = world.get("pods", "p");
  EXPECT_FALSE(text_field(*pod, {"status", "podIP"}).empty());
  EXPECT_TRUE(
      bool_field(array_field(*pod, {"status", "containerStatuses"})->at(0).as_object(), {"ready"}));
}

TEST(Kubelet, ADeletionIsCarriedOutAfterTheStopTimeAtMostTheGracePeriod) {
  TestCluster world;
  world.add_node("a");
  world.add_pod("slow", {.annotations = {{"hyperwright.dev/stops-after", "20s"}}});
  world.add_pod("short", {.annotations = {{"hyperwright.dev/stops-after", "20s"}},
                          .spec = {{"terminationGracePeriodSeconds", 5}}});
  world.run_for(Duration::seconds(10));
  world.remove("pods", "slow");
  world.remove("pods", "short");
  world.run_for(Duration::milliseconds(4999));
  EXPECT_NE(world.get("pods", "short"), nullptr);
  world.run_for(Duration::milliseconds(1));
  EXPECT_EQ(world.get("pods", "short"), nullptr);
  world.run_for(Duration::milliseconds(14'999));
  EXPECT_NE(world.get("pods", "slow"), nullptr);
  world.run_for(Duration::milliseconds(1));
  EXPECT_EQ(world.get("pods", "slow"), nullptr);
}

TEST(Kubelet, ABarePodEndsWhenItsAnnotationSaysSo) {
  TestCluster world;
  world.add_node("a");
  world.add_pod("once", {.annotations = {{"hyperwright.dev/run-for", "10s"}},
                         .spec = {{"restartPolicy", "Never"}}});
  world.add_pod("broken", {.annotations = {{"hyperwright.dev/run-for", "10s"},
                                           {"hyperwright.dev/fails", "true"}},
                           .spec = {{"restartPolicy", "Never"}}});
  world.add_pod("for-ever", {.spec = {{"restartPolicy", "Never"}}});
  world.run_for(Duration::minutes(5));
  EXPECT_EQ(world.phase_of("once"), "Succeeded");
  EXPECT_EQ(world.phase_of("broken"), "Failed");
  EXPECT_EQ(world.phase_of("for-ever"), "Running");
}

TEST(Kubelet, ADeadNodeDoesNothingAndIsUnknownAfterFortySeconds) {
  TestCluster world;
  world.add_node("a");
  world.add_pod("p");
  world.run_for(Duration::seconds(10));
  EXPECT_TRUE(world.cluster().kubelets().kill("a", world.now()));
  EXPECT_FALSE(world.cluster().kubelets().kill("nowhere", world.now()));
  world.remove("pods", "p");
  world.run_for(Duration::milliseconds(39'999));
  EXPECT_EQ(world.condition("nodes", "a", "Ready"), "True");
  world.run_for(Duration::milliseconds(1));
  EXPECT_EQ(world.condition("nodes", "a", "Ready"), "Unknown NodeStatusUnknown");
  EXPECT_TRUE(is_deleting(*world.get("pods", "p")));
}

TEST(Kubelet, AMachineOfTheSameNameBootsAnew) {
  TestCluster world;
  world.add_node("a");
  world.run_for(Duration::seconds(1));
  world.remove("nodes", "a");
  world.add_node("a", {.is_ready = false});
  world.step();
  EXPECT_EQ(world.condition("nodes", "a", "Ready"), "");
  world.run_for(Duration::seconds(10));
  EXPECT_EQ(world.condition("nodes", "a", "Ready"), "True KubeletReady");
}

}  // namespace
}  // namespace hyperwright::sim
