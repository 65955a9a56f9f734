#include "sim/workload_stateful_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/cluster_fixture.h"

namespace hyperwright::sim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(StatefulSet, CreatesItsPodsInOrderEachWhenTheOneBeforeIsReady) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_stateful_set("db", 3);
  world.step();
  EXPECT_THAT(world.pod_names(), ElementsAre("db-0"));
  world.run_for(Duration::seconds(2));
  EXPECT_THAT(world.pod_names(), ElementsAre("db-0", "db-1"));
  world.run_for(Duration::seconds(10));
  EXPECT_THAT(world.pod_names(), ElementsAre("db-0", "db-1", "db-2"));
  EXPECT_EQ(world.status("statefulsets.apps", "db", "readyReplicas"), 3);
  EXPECT_EQ(world.status("statefulsets.apps", "db", "currentReplicas"), 3);
}

TEST(StatefulSet, InParallelCreatesAllAtOnce) {
  TestCluster world;
  world.add_stateful_set("db", 3, {}, {{"podManagementPolicy", "Parallel"}});
  world.step();
  EXPECT_THAT(world.pod_names(), ElementsAre("db-0", "db-1", "db-2"));
}

TEST(StatefulSet, PodsKnowTheirNameAndNumber) {
  TestCluster world;
  world.add_stateful_set("db", 1);
  world.step();
  const ObjectPtr pod = world.get("pods", "db-0");
  EXPECT_EQ(text_field(*pod, {"metadata", "labels", "statefulset.kubernetes.io/pod-name"}), "db-0");
  EXPECT_EQ(text_field(*pod, {"metadata", "labels", "apps.kubernetes.io/pod-index"}), "0");
  EXPECT_EQ(text_field(*pod, {"spec", "hostname"}), "db-0");
  EXPECT_EQ(text_field(*pod, {"spec", "subdomain"}), "db");
}

TEST(StatefulSet, ShrinksFromTheHighestOneAtATime) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_stateful_set("db", 3, {.annotations = {{"hyperwright.dev/stops-after", "5s"}}});
  world.run_for(Duration::seconds(20));
  world.patch("statefulsets.apps", "db", R"({"spec": {"replicas": 1}})");
  world.run_for(Duration::seconds(2));
  EXPECT_TRUE(is_deleting(*world.get("pods", "db-2")));
  EXPECT_FALSE(is_deleting(*world.get("pods", "db-1")));
  world.run_for(Duration::seconds(20));
  EXPECT_THAT(world.pod_names(), ElementsAre("db-0"));
}

TEST(StatefulSet, APodComesAgainUnderItsNameWhenItHasGone) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_stateful_set("db", 2, {.annotations = {{"hyperwright.dev/stops-after", "5s"}}});
  world.run_for(Duration::seconds(20));
  const std::string uid(uid_of(*world.get("pods", "db-0")));
  world.remove("pods", "db-0");
  world.run_for(Duration::seconds(2));
  EXPECT_EQ(uid_of(*world.get("pods", "db-0")), uid);
  world.run_for(Duration::seconds(10));
  EXPECT_NE(uid_of(*world.get("pods", "db-0")), uid);
  EXPECT_EQ(world.status("statefulsets.apps", "db", "readyReplicas"), 2);
}

TEST(StatefulSet, ANewTemplateRollsFromTheHighestDownToThePartition) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_stateful_set("db", 3, {},
                         {{"updateStrategy", {{"rollingUpdate", {{"partition", 1}}}}}});
  world.run_for(Duration::seconds(20));
  world.patch("statefulsets.apps", "db",
              R"({"spec": {"template": {"metadata": {"labels": {"version": "2"}}}}})");
  world.run_for(Duration::seconds(30));
  EXPECT_THAT(world.pod_names("version=2"), ElementsAre("db-1", "db-2"));
  EXPECT_EQ(world.status("statefulsets.apps", "db", "updatedReplicas"), 2);
  EXPECT_EQ(world.status("statefulsets.apps", "db", "currentReplicas"), 1);
}

TEST(StatefulSet, ItsVolumeClaimsAreCreatedAndStay) {
  TestCluster world;
  world.add_stateful_set(
      "db", 1, {}, parsed(R"({"volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {
      "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}]})"));
  world.step();
  EXPECT_NE(world.get("persistentvolumeclaims", "data-db-0"), nullptr);
  const json::object& volume =
      array_field(*world.get("pods", "db-0"), {"spec", "volumes"})->at(0).as_object();
  EXPECT_EQ(text_field(volume, {"persistentVolumeClaim", "claimName"}), "data-db-0");
  world.remove("statefulsets.apps", "db");
  world.run_for(Duration::seconds(5));
  EXPECT_THAT(world.pod_names(), IsEmpty());
  EXPECT_NE(world.get("persistentvolumeclaims", "data-db-0"), nullptr);
}

}  // namespace
}  // namespace hyperwright::sim
