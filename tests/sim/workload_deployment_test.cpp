#include "sim/workload_deployment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/cluster_fixture.h"

namespace hyperwright::sim {
namespace {

using testing::Contains;
using testing::SizeIs;
using testing::StartsWith;

constexpr const char* kNewImage =
    R"({"spec": {"template": {"spec": {"containers": [{"name": "main", "image": "registry.example/app:2"}]}}}})";

TEST(Deployment, MakesAReplicaSetNamedAfterItsTemplatesHash) {
  TestCluster world;
  world.add_deployment("web", 2);
  world.step();
  const auto sets = world.api().list("replicasets.apps");
  ASSERT_THAT(sets, SizeIs(1));
  const std::string hash(text_field(*sets[0], {"metadata", "labels", "pod-template-hash"}));
  EXPECT_EQ(name_of(*sets[0]), "web-" + hash);
  EXPECT_EQ(text_field(*sets[0], {"spec", "selector", "matchLabels", "pod-template-hash"}), hash);
  EXPECT_THAT(world.pods("pod-template-hash=" + hash), SizeIs(2));
  EXPECT_EQ(text_field(*world.get("deployments.apps", "web"),
                       {"metadata", "annotations", "deployment.kubernetes.io/revision"}),
            "1");
}

TEST(Deployment, StatusAndConditionsFollowItsPods) {
  TestCluster world;
  world.add_deployment("web", 2);
  world.step();
  EXPECT_EQ(world.condition("deployments.apps", "web", "Available"),
            "False MinimumReplicasUnavailable");
  EXPECT_EQ(world.condition("deployments.apps", "web", "Progressing"), "True ReplicaSetUpdated");
  EXPECT_EQ(world.status("deployments.apps", "web", "unavailableReplicas"), 2);
  world.add_node("a");
  world.run_for(Duration::seconds(10));
  EXPECT_EQ(world.condition("deployments.apps", "web", "Available"),
            "True MinimumReplicasAvailable");
  EXPECT_EQ(world.condition("deployments.apps", "web", "Progressing"),
            "True NewReplicaSetAvailable");
  EXPECT_EQ(world.status("deployments.apps", "web", "readyReplicas"), 2);
  EXPECT_EQ(world.status("deployments.apps", "web", "updatedReplicas"), 2);
  EXPECT_EQ(world.status("deployments.apps", "web", "unavailableReplicas"), -1);
}

TEST(Deployment, WithoutProgressItsDeadlineIsTold) {
  TestCluster world;
  world.add_deployment("web", 2);
  world.run_for(Duration::seconds(599));
  EXPECT_EQ(world.condition("deployments.apps", "web", "Progressing"), "True ReplicaSetUpdated");
  world.run_for(Duration::seconds(2));
  EXPECT_EQ(world.condition("deployments.apps", "web", "Progressing"),
            "False ProgressDeadlineExceeded");
}

TEST(Deployment, IsScaledThroughItsReplicaSet) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_deployment("web", 5);
  world.run_for(Duration::seconds(10));
  world.patch("deployments.apps", "web", R"({"spec": {"replicas": 1}})");
  world.run_for(Duration::seconds(10));
  EXPECT_THAT(world.pods("app=web"), SizeIs(1));
  EXPECT_THAT(world.event_messages("ScalingReplicaSet"),
              Contains(StartsWith("Scaled down replica set web-")));
  world.patch("deployments.apps", "web", R"({"spec": {"replicas": 0}})");
  world.run_for(Duration::seconds(10));
  EXPECT_THAT(world.pods("app=web"), SizeIs(0));
  EXPECT_EQ(world.condition("deployments.apps", "web", "Available"),
            "True MinimumReplicasAvailable");
}

TEST(Deployment, ANewTemplateRollsWithoutLosingService) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_deployment(
      "web", 4, {}, {{"strategy", {{"rollingUpdate", {{"maxSurge", 1}, {"maxUnavailable", 0}}}}}});
  world.run_for(Duration::seconds(10));
  world.patch("deployments.apps", "web", kNewImage);
  for (int second = 0; second < 60; ++second) {
    world.run_for(Duration::seconds(1));
    EXPECT_GE(world.status("deployments.apps", "web", "availableReplicas"), 4);
    EXPECT_LE(world.status("deployments.apps", "web", "replicas"), 5);
  }
  EXPECT_EQ(world.status("deployments.apps", "web", "updatedReplicas"), 4);
  EXPECT_EQ(world.status("deployments.apps", "web", "replicas"), 4);
  for (const ObjectPtr& pod : world.pods("app=web")) {
    EXPECT_EQ(text_field(array_field(*pod, {"spec", "containers"})->at(0).as_object(), {"image"}),
              "registry.example/app:2");
  }
  EXPECT_EQ(text_field(*world.get("deployments.apps", "web"),
                       {"metadata", "annotations", "deployment.kubernetes.io/revision"}),
            "2");
}

TEST(Deployment, RecreateWaitsUntilTheOldPodsHaveGone) {
  TestCluster world;
  world.add_node("a", {.cpu = "2"});
  world.add_deployment("web", 2, {.annotations = {{"hyperwright.dev/stops-after", "20s"}}},
                       {{"strategy", {{"type", "Recreate"}}}});
  world.run_for(Duration::seconds(10));
  world.patch("deployments.apps", "web", kNewImage);
  world.run_for(Duration::seconds(10));
  EXPECT_THAT(world.api().list("replicasets.apps"), SizeIs(1));
  EXPECT_THAT(world.pods("app=web"), SizeIs(2));
  world.run_for(Duration::seconds(20));
  EXPECT_THAT(world.api().list("replicasets.apps"), SizeIs(2));
  EXPECT_EQ(world.status("deployments.apps", "web", "updatedReplicas"), 2);
}

TEST(Deployment, PausedItRollsNothing) {
  TestCluster world;
  world.add_deployment("web", 1, {}, {{"paused", true}});
  world.step();
  EXPECT_THAT(world.api().list("replicasets.apps"), SizeIs(0));
  world.patch("deployments.apps", "web", R"({"spec": {"paused": false}})");
  world.step();
  EXPECT_THAT(world.pods("app=web"), SizeIs(1));
}

TEST(Deployment, KeepsAsManyOldReplicaSetsAsItSays) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_deployment("web", 1, {}, {{"revisionHistoryLimit", 1}});
  for (int image = 0; image < 4; ++image) {
    world.patch(
        "deployments.apps", "web",
        fmt::format(
            R"({{"spec": {{"template": {{"spec": {{"containers": [{{"name": "main", "image": "app:{}"}}]}}}}}}}})",
            image));
    world.run_for(Duration::seconds(30));
  }
  EXPECT_THAT(world.api().list("replicasets.apps"), SizeIs(2));
}

TEST(Deployment, RolledBackItTakesItsOldReplicaSetAgain) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_deployment("web", 1);
  world.run_for(Duration::seconds(30));
  const std::string first(name_of(*world.api().list("replicasets.apps")[0]));
  const json::value old_template =
      *find_field(*world.get("deployments.apps", "web"), {"spec", "template"});
  world.patch("deployments.apps", "web", kNewImage);
  world.run_for(Duration::seconds(30));
  world.patch("deployments.apps", "web",
              json::serialize(json::object{{"spec", {{"template", old_template}}}}));
  world.run_for(Duration::seconds(30));
  EXPECT_THAT(world.api().list("replicasets.apps"), SizeIs(2));
  EXPECT_EQ(world.status("replicasets.apps", first, "readyReplicas"), 1);
  EXPECT_EQ(text_field(*world.get("replicasets.apps", first),
                       {"metadata", "annotations", "deployment.kubernetes.io/revision"}),
            "3");
}

TEST(Deployment, DeletedItTakesReplicaSetAndPodsAlong) {
  TestCluster world;
  world.add_node("a");
  world.add_deployment("web", 2);
  world.run_for(Duration::seconds(10));
  world.remove("deployments.apps", "web");
  world.run_for(Duration::seconds(10));
  EXPECT_THAT(world.api().list("replicasets.apps"), SizeIs(0));
  EXPECT_THAT(world.pods(), SizeIs(0));
}

}  // namespace
}  // namespace hyperwright::sim
