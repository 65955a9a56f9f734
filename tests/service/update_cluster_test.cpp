#include "tests/service/world.h"

namespace hyperwright::service {
namespace {

using hyperpod::InstanceGroupStatus;
using hyperpod::InstanceStatus;
using testing::ElementsAre;

TEST(UpdateCluster, CountUpAddsNodesAndCountDownTakesSome) {
  World world = World::with({group("gpu")});
  ASSERT_TRUE(world.update({group("gpu", {.count = 4})}).is_success());
  EXPECT_EQ(world.group_of("gpu").target_count, 4);
  world.pass(Duration::seconds(90));
  ASSERT_TRUE(world.update({group("gpu", {.count = 1})}).is_success());
  EXPECT_EQ(world.group_of("gpu").target_count, 1);
  world.pass(Duration::seconds(30));
  EXPECT_EQ(world.nodes().size(), 1U);
  EXPECT_EQ(world.outputs_of<NodeToRemove>().size(), 3U);
}

TEST(UpdateCluster, CountDownTakesTheLeastPreferredTypesFirst) {
  World world = World::with({group("mix", {.flexible_types = {"ml.g6.xlarge", "ml.g5.xlarge"}})},
                            {.capacity = {{.type = "ml.g6.xlarge", .available = 2}}});
  world.add_nodes("mix", 4);
  world.pass(Duration::seconds(90));
  ASSERT_TRUE(
      world.update({group("mix", {.count = 2, .flexible_types = {"ml.g6.xlarge", "ml.g5.xlarge"}})})
          .is_success());
  world.pass(Duration::seconds(30));
  for (const auto& node : world.nodes()) EXPECT_EQ(node.instance_type, "ml.g6.xlarge");
}

TEST(UpdateCluster, GroupsThatItDoesNotNameStay) {
  World world = World::with({group("gpu", {.count = 1}), group("cpu")});
  ASSERT_TRUE(world.update({group("cpu", {.count = 1})}).is_success());
  EXPECT_EQ(world.group_of("gpu").target_count, 1);
  EXPECT_EQ(world.group_of("cpu").target_count, 1);
}

TEST(UpdateCluster, NewGroupIsMade) {
  World world = World::with({group("gpu")});
  ASSERT_TRUE(world.update({group("cpu", {.type = "ml.m5.large", .count = 1})}).is_success());
  EXPECT_EQ(world.group_of("cpu").status, InstanceGroupStatus::InService);
  EXPECT_EQ(world.group_of("cpu").target_count, 1);
}

TEST(UpdateCluster, NeedsSomethingToUpdateAndACluster) {
  World world = World::with({group("gpu")});
  EXPECT_TRUE(is_error(world.update({}), "ValidationException", "nothing to update"));
  EXPECT_TRUE(
      is_error(world.call("UpdateCluster", R"({"ClusterName": "hp2", "NodeRecovery": "None"})"),
               "ResourceNotFound", "hp2"));
}

TEST(UpdateCluster, SettingsOfTheClusterChange) {
  World world = World::with({group("gpu")});
  ASSERT_TRUE(world.call("UpdateCluster", R"({"ClusterName": "hp1", "NodeRecovery": "None"})")
                  .is_success());
  EXPECT_EQ(world.cluster().node_recovery, hyperpod::NodeRecovery::None);
  EXPECT_TRUE(is_error(
      world.call(
          "UpdateCluster",
          R"({"ClusterName": "hp1", "Orchestrator": {"Eks": {"ClusterArn": "arn:aws:eks:us-east-1:111122223333:cluster/other"}}})"),
      "ValidationException", "cannot be changed"));
}

TEST(UpdateCluster, RoleIsFixedWhileAutoscalingIsOn) {
  World world = World::with({group("gpu")});
  const auto update = [&world](std::string_view mode, std::string_view role) {
    return world.call("UpdateCluster", {{"ClusterName", "hp1"},
                                        {"AutoScaling", {{"Mode", mode}}},
                                        {"ClusterRole", fmt::format("{}-{}", kRole, role)}});
  };
  EXPECT_TRUE(is_error(
      world.call("UpdateCluster", R"({"ClusterName": "hp1", "AutoScaling": {"Mode": "Enable"}})"),
      "ValidationException", "ClusterRole is required"));
  EXPECT_TRUE(update("Enable", "a").is_success());
  EXPECT_TRUE(
      is_error(update("Enable", "b"), "ValidationException", "while autoscaling is enabled"));
  EXPECT_TRUE(update("Disable", "b").is_success());
  EXPECT_EQ(world.cluster().auto_scaling_mode, hyperpod::AutoScalingMode::Disable);
}

TEST(UpdateCluster, WhatIsFixedCannotBeChanged) {
  World world =
      World::with({group("gpu", {.subnets = {"subnet-a"}, .more = R"("ThreadsPerCore": 1)"}),
                   group("mix", {.flexible_types = {"ml.g5.xlarge"}})});
  const auto refused = [&world](const GroupOptions& options, std::string_view text) {
    return is_error(world.update({group("gpu", options)}), "ValidationException", text);
  };
  EXPECT_TRUE(refused({.subnets = {"subnet-b"}},
                      "Updating fields OverrideVpcConfig on an InstanceGroup not supported"));
  EXPECT_TRUE(refused({.type = "ml.g6.xlarge"}, "Updating fields InstanceType"));
  EXPECT_TRUE(refused({.more = R"("ThreadsPerCore": 2)"}, "Updating fields ThreadsPerCore"));
  EXPECT_TRUE(refused({.more = R"("CapacityRequirements": {"Spot": {}})"},
                      "Updating fields CapacityRequirements"));
  EXPECT_TRUE(refused({.more = R"("ExecutionRole": "arn:aws:iam::111122223333:role/other")"},
                      "Updating fields ExecutionRole"));
  EXPECT_TRUE(refused({.flexible_types = {"ml.g5.xlarge"}}, "cannot be exchanged"));
  EXPECT_TRUE(is_error(world.update({group("mix")}), "ValidationException", "cannot be exchanged"));
  EXPECT_TRUE(world
                  .update({group(
                      "gpu", {.count = 1, .more = R"("CapacityRequirements": {"OnDemand": {}})"})})
                  .is_success())
      << "on-demand is what it was, and what is left out stays";
  EXPECT_EQ(world.group_of("gpu").subnets, std::vector<std::string>{"subnet-a"});
}

TEST(UpdateCluster, TypesOfAFlexibleGroupComeAndGoUnlessTheyRun) {
  World world = World::with({group("mix", {.flexible_types = {"ml.g5.xlarge"}})});
  ASSERT_TRUE(
      world.update({group("mix", {.count = 1, .flexible_types = {"ml.g6.xlarge", "ml.g5.xlarge"}})})
          .is_success());
  world.pass(Duration::seconds(90));
  ASSERT_EQ(world.nodes().at(0).instance_type, "ml.g6.xlarge");
  EXPECT_TRUE(
      is_error(world.update({group("mix", {.count = 1, .flexible_types = {"ml.g5.xlarge"}})}),
               "ValidationException", "ml.g6.xlarge cannot be removed"));
  EXPECT_TRUE(
      world.update({group("mix", {.count = 1, .flexible_types = {"ml.g6.xlarge"}})}).is_success());
  EXPECT_THAT(world.group_of("mix").instance_types, ElementsAre("ml.g6.xlarge"));
}

TEST(UpdateCluster, GroupToDeleteGoesWithItsLastNode) {
  World world = World::with({group("gpu", {.count = 1}), group("cpu")});
  world.pass(Duration::seconds(90));
  ASSERT_TRUE(world.update({}, {"gpu"}).is_success());
  EXPECT_EQ(world.group_of("gpu").status, InstanceGroupStatus::Deleting);
  EXPECT_TRUE(is_error(world.update({group("gpu")}), "ConflictException", "gpu is being deleted"));
  const Answer add = world.add("gpu", 1);
  EXPECT_EQ(hyperpod::decode_add_result(add.body())->failed.at(0).code,
            "InvalidInstanceGroupStatus");
  world.pass(Duration::seconds(30));
  EXPECT_EQ(world.cluster().find_group("gpu"), nullptr);
  EXPECT_TRUE(world.nodes().empty());
}

TEST(UpdateCluster, GroupToDeleteMustExistAndNotBeNamedTwiceAndNotBeTheLast) {
  World world = World::with({group("gpu"), group("cpu")});
  EXPECT_TRUE(is_error(world.update({}, {"tpu"}), "ValidationException", "no such InstanceGroup"));
  EXPECT_TRUE(is_error(world.update({group("gpu")}, {"gpu"}), "ValidationException",
                       "stands in InstanceGroups and in InstanceGroupsToDelete"));
  EXPECT_TRUE(is_error(world.update({}, {"gpu", "cpu"}), "ValidationException", "at least one"));
  EXPECT_TRUE(world.update({group("new")}, {"gpu", "cpu"}).is_success());
}

TEST(UpdateCluster, KubernetesConfigIsDeclarativeAndReachesTheNodes) {
  World world = World::with(
      {group("gpu", {.count = 1, .more = R"("KubernetesConfig": {"Labels": {"a": "1", "b": "1"},
      "Taints": [{"Key": "t", "Value": "1", "Effect": "NoSchedule"}, {"Key": "u", "Effect": "NoExecute"}]})"})});
  world.pass(Duration::seconds(90));
  ASSERT_TRUE(world.update({group("gpu", {.count = 1})}).is_success());
  EXPECT_TRUE(world.outputs_of<NodeToChange>().empty()) << "without a KubernetesConfig all stays";
  EXPECT_EQ(world.group_of("gpu").labels, (kube::StringMap{{"a", "1"}, {"b", "1"}}));
  ASSERT_TRUE(
      world
          .update({group(
              "gpu", {.count = 1, .more = R"("KubernetesConfig": {"Labels": {"a": "2", "c": "3"},
      "Taints": [{"Key": "t", "Value": "2", "Effect": "NoSchedule"}]})"})})
          .is_success());
  world.pass(Duration{});
  const NodeToChange expected{.cluster = "hp1",
                              .name = "hyperpod-" + world.nodes().at(0).instance_id,
                              .set_labels = {{"a", "2"}, {"c", "3"}},
                              .removed_labels = {"b"},
                              .set_taints = {{"t", "2", kube::TaintEffect::NoSchedule}},
                              .removed_taints = {{"u", "", kube::TaintEffect::NoExecute}}};
  const auto changes = world.outputs_of<NodeToChange>();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0], expected);
  EXPECT_EQ(world.group_of("gpu").taints,
            (std::vector<kube::Taint>{{"t", "2", kube::TaintEffect::NoSchedule}}));
}

class MinInstanceCount : public testing::Test {
 protected:
  static Scenario capacity(std::int32_t available, Duration until = Duration::max()) {
    return {
        .capacity = {{.type = "ml.g5.xlarge", .available = available, .when = {.until = until}}}};
  }
  static std::string add_code(World& world) {
    const Answer answer = world.add("gpu", 1);
    const auto result = hyperpod::decode_add_result(answer.body());
    return result->failed.empty() ? "added" : result->failed[0].code;
  }
};

TEST_F(MinInstanceCount, NewGroupIsCreatingUntilTheMinimumRuns) {
  World world = World::with({group("gpu", {.count = 3, .min = 2})}, capacity(2));
  EXPECT_EQ(world.cluster().status, hyperpod::ClusterStatus::InService);
  EXPECT_EQ(world.group_of("gpu").status, InstanceGroupStatus::Creating);
  EXPECT_EQ(world.group_of("gpu").min_count, 2);
  world.pass(Duration::seconds(89));
  EXPECT_EQ(world.group_of("gpu").status, InstanceGroupStatus::Creating);
  world.pass(Duration::seconds(1));
  EXPECT_EQ(world.group_of("gpu").status, InstanceGroupStatus::InService);
  EXPECT_THAT(world.events().at(0).description, testing::HasSubstr("reached its minimum of 2"));
}

TEST_F(MinInstanceCount, BlocksAddAndDeleteOfNodes) {
  World world = World::with({group("gpu", {.count = 2, .min = 2})}, capacity(1));
  world.pass(Duration::seconds(90));
  EXPECT_EQ(add_code(world), "InvalidInstanceGroupStatus");
  EXPECT_TRUE(is_error(world.remove({world.nodes().at(0).logical_id}), "ValidationException",
                       "InvalidNodeStatus"));
  EXPECT_TRUE(world.update({group("gpu", {.count = 1, .min = 1})}).is_success())
      << "counts may be corrected";
  EXPECT_EQ(add_code(world), "added");
}

TEST_F(MinInstanceCount, NewGroupIsGivenUpAfterThreeHours) {
  World world = World::with(
      {group("gpu", {.count = 2, .min = 2}), group("cpu", {.type = "ml.m5.large"})}, capacity(1));
  world.pass(Duration::hours(3) - Duration::seconds(2));
  EXPECT_EQ(world.group_of("gpu").status, InstanceGroupStatus::Creating);
  world.pass(Duration::seconds(1));
  EXPECT_EQ(world.group_of("gpu").status, InstanceGroupStatus::InService);
  EXPECT_EQ(world.group_of("gpu").target_count, 0);
  EXPECT_EQ(world.group_of("gpu").min_count, 0);
  world.pass(Duration::seconds(30));
  EXPECT_TRUE(world.nodes().empty());
}

TEST_F(MinInstanceCount, ChangedGroupGoesBackToWhatItWasAndKeepsItsOldNodes) {
  World world = World::with({group("gpu", {.count = 2})}, capacity(3));
  world.pass(Duration::seconds(90));
  const auto old = world.nodes();
  ASSERT_TRUE(world.update({group("gpu", {.count = 5, .min = 4})}).is_success());
  EXPECT_EQ(world.group_of("gpu").status, InstanceGroupStatus::Updating);
  world.pass(Duration::hours(3));
  EXPECT_EQ(world.group_of("gpu").status, InstanceGroupStatus::InService);
  EXPECT_EQ(world.group_of("gpu").target_count, 2);
  world.pass(Duration::seconds(30));
  EXPECT_EQ(world.nodes(), old) << "pending ones go first, then the newest";
}

TEST_F(MinInstanceCount, ThreeHoursBeginAgainWhenTheMinimumChanges) {
  World world = World::with({group("gpu", {.count = 3, .min = 3})}, capacity(1));
  world.pass(Duration::hours(2));
  ASSERT_TRUE(world.update({group("gpu", {.count = 3, .min = 2})}).is_success());
  world.pass(Duration::hours(2));
  EXPECT_EQ(world.group_of("gpu").status, InstanceGroupStatus::Creating);
  world.pass(Duration::hours(1));
  EXPECT_EQ(world.group_of("gpu").status, InstanceGroupStatus::InService);
}

TEST_F(MinInstanceCount, IsNoFloorAfterwards) {
  World world = World::with({group("gpu", {.count = 2, .min = 2})});
  world.pass(Duration::seconds(90));
  EXPECT_TRUE(world.remove({world.nodes().at(0).logical_id}).is_success());
  EXPECT_EQ(world.group_of("gpu").status, InstanceGroupStatus::InService);
}

TEST_F(MinInstanceCount, WaitingGroupCanBeDeleted) {
  World world = World::with({group("gpu", {.count = 2, .min = 2}), group("cpu")}, capacity(1));
  world.pass(Duration::seconds(90));
  ASSERT_TRUE(world.update({}, {"gpu"}).is_success());
  world.pass(Duration::seconds(30));
  EXPECT_EQ(world.cluster().find_group("gpu"), nullptr);
  EXPECT_EQ(world.service().next_wake(), Time::max());
}

}  // namespace
}  // namespace hyperwright::service
