#include "sim/workload_daemon_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/cluster_fixture.h"

namespace hyperwright::sim {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

json::array taint(const char* key, const char* effect) {
  return {json::object{{"key", key}, {"value", "true"}, {"effect", effect}}};
}

TEST(DaemonSet, RunsOnePodOnEachNodeAndOnThoseThatCome) {
  TestCluster world;
  world.add_node("a");
  world.add_daemon_set("agent");
  world.run_for(Duration::seconds(10));
  world.add_node("b");
  world.run_for(Duration::seconds(10));
  const auto pods = world.pods("app=agent");
  ASSERT_THAT(pods, SizeIs(2));
  EXPECT_NE(text_field(*pods[0], {"spec", "nodeName"}), text_field(*pods[1], {"spec", "nodeName"}));
  for (const char* field : {"desiredNumberScheduled", "currentNumberScheduled", "numberReady",
                            "numberAvailable", "updatedNumberScheduled"}) {
    EXPECT_EQ(world.status("daemonsets.apps", "agent", field), 2) << field;
  }
}

TEST(DaemonSet, ItsPodsAreTiedToTheirNodeAndTolerateItsTroubles) {
  TestCluster world;
  world.add_node("a");
  world.add_daemon_set("agent");
  world.step();
  const json::object& pod = *world.pods()[0];
  const json::array& terms =
      *array_field(pod, {"spec", "affinity", "nodeAffinity",
                         "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"});
  EXPECT_EQ(json::serialize(terms),
            R"([{"matchFields":[{"key":"metadata.name","operator":"In","values":["a"]}]}])");
  EXPECT_THAT(
      json::serialize(*array_field(pod, {"spec", "tolerations"})),
      testing::HasSubstr(
          R"({"key":"node.kubernetes.io/unschedulable","operator":"Exists","effect":"NoSchedule"})"));
}

TEST(DaemonSet, LeavesOutNodesThatItsTemplateDoesNotSelectOrTolerate) {
  TestCluster world;
  world.add_node("gpu", {.labels = {{"gpu", "true"}}});
  world.add_node("cpu");
  world.add_node("tainted", {.taints = taint("team", "NoSchedule"), .labels = {{"gpu", "true"}}});
  world.add_daemon_set("agent", {.spec = {{"nodeSelector", {{"gpu", "true"}}}}});
  world.run_for(Duration::seconds(10));
  ASSERT_THAT(world.pods(), SizeIs(1));
  EXPECT_EQ(text_field(*world.pods()[0], {"spec", "nodeName"}), "gpu");
}

TEST(DaemonSet, StaysThroughANoScheduleTaintAndLeavesForANoExecuteOne) {
  TestCluster world;
  world.add_node("a");
  world.add_daemon_set("agent");
  world.run_for(Duration::seconds(10));
  world.patch("nodes", "a",
              R"({"spec": {"taints": [{"key": "team", "value": "x", "effect": "NoSchedule"}]}})");
  world.run_for(Duration::seconds(10));
  EXPECT_THAT(world.pods(), SizeIs(1));
  EXPECT_EQ(world.status("daemonsets.apps", "agent", "numberMisscheduled"), 1);
  world.patch("nodes", "a",
              R"({"spec": {"taints": [{"key": "team", "value": "x", "effect": "NoExecute"}]}})");
  world.run_for(Duration::seconds(10));
  EXPECT_THAT(world.pods(), IsEmpty());
}

TEST(DaemonSet, RunsOnACordonedNode) {
  TestCluster world;
  world.add_node("a");
  world.patch("nodes", "a", R"({"spec": {"unschedulable": true}})");
  world.step();
  world.add_daemon_set("agent");
  world.run_for(Duration::seconds(10));
  EXPECT_EQ(world.status("daemonsets.apps", "agent", "numberReady"), 1);
}

TEST(DaemonSet, APodThatIsDeletedComesAgain) {
  TestCluster world;
  world.add_node("a");
  world.add_daemon_set("agent");
  world.run_for(Duration::seconds(10));
  const std::string first = world.pod_names()[0];
  world.remove("pods", first);
  world.run_for(Duration::seconds(10));
  ASSERT_THAT(world.pods(), SizeIs(1));
  EXPECT_NE(world.pod_names()[0], first);
}

TEST(DaemonSet, ANewTemplateRollsNodeByNode) {
  TestCluster world;
  for (const char* name : {"a", "b", "c"}) world.add_node(name);
  world.add_daemon_set("agent");
  world.run_for(Duration::seconds(10));
  world.patch("daemonsets.apps", "agent",
              R"({"spec": {"template": {"metadata": {"labels": {"version": "2"}}}}})");
  for (int second = 0; second < 30; ++second) {
    world.run_for(Duration::seconds(1));
    EXPECT_GE(world.status("daemonsets.apps", "agent", "numberReady"), 2);
  }
  EXPECT_THAT(world.pods("version=2"), SizeIs(3));
  EXPECT_EQ(world.status("daemonsets.apps", "agent", "updatedNumberScheduled"), 3);
}

}  // namespace
}  // namespace hyperwright::sim
