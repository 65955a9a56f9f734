#include "service/provisioning.h"

#include "tests/service/world.h"

namespace hyperwright::service {
namespace {

using hyperpod::InstanceStatus;
using testing::HasSubstr;

Scenario none_of(std::string type, std::string zone = "", Duration until = Duration::max()) {
  return {.capacity = {{.type = std::move(type),
                        .zone = std::move(zone),
                        .available = 0,
                        .when = {.until = until}}}};
}

TEST(Provisioning, NodeIsPendingThenRunningAndRegistered) {
  World world = World::with({group("gpu")});
  const std::string id = world.add_nodes("gpu", 1).at(0);
  EXPECT_EQ(world.node(id).status, InstanceStatus::Pending);
  EXPECT_EQ(world.node(id).instance_id, "");
  EXPECT_EQ(world.node(id).instance_type, "ml.g5.xlarge");
  world.pass(Duration::seconds(60));
  const hyperpod::Node joining = world.node(id);
  EXPECT_EQ(joining.status, InstanceStatus::Pending);
  EXPECT_THAT(joining.instance_id, testing::MatchesRegex("i-[0-9a-f]{17}"));
  EXPECT_EQ(joining.launch_time, world.now());
  EXPECT_EQ(joining.zone, "us-east-1a");
  EXPECT_EQ(joining.zone_id, "use1-az1");
  EXPECT_EQ(joining.capacity_type, hyperpod::CapacityType::OnDemand);
  EXPECT_TRUE(world.outputs.empty());
  world.pass(Duration::seconds(30));
  EXPECT_EQ(world.node(id).status, InstanceStatus::Running);
  EXPECT_EQ(world.node(id).instance_id, joining.instance_id);
  EXPECT_EQ(world.outputs_of<NodeToRegister>().size(), 1U);
  EXPECT_EQ(world.service().next_wake(), Time::max()) << "a running node is quiet";
}

TEST(Provisioning, NextWakeIsWhenSomethingHappens) {
  World world = World::with({group("gpu")});
  EXPECT_EQ(world.service().next_wake(), Time::max());
  world.add_nodes("gpu", 1);
  EXPECT_EQ(world.service().next_wake(), world.now() + Duration::seconds(60));
}

TEST(Provisioning, ShortageIsToldByStatusAndEventAndTriedAgainForEver) {
  World world = World::with({group("gpu")}, none_of("ml.g5.xlarge", "", Duration::minutes(20)));
  const std::string id = world.add_nodes("gpu", 1).at(0);
  world.pass(Duration::seconds(60));
  EXPECT_EQ(world.node(id).status, InstanceStatus::Failure);
  EXPECT_THAT(world.node(id).status_message, HasSubstr("ml.g5.xlarge capacity in us-east-1a"));
  ASSERT_EQ(world.errors().size(), 1U);
  const hyperpod::ClusterEvent event = world.errors()[0];
  EXPECT_EQ(event.description, "Instance creation in Cluster hp1 and InstanceGroup gpu failed");
  EXPECT_EQ(event.node_logical_id, id);
  EXPECT_EQ(event.group, "gpu");
  EXPECT_THAT(event.failure_message, HasSubstr("Insufficient capacity"));
  EXPECT_EQ(world.group_of("gpu").target_count, 1) << "the order stands";
  world.pass(Duration::seconds(60));
  EXPECT_EQ(world.node(id).status, InstanceStatus::Pending) << "the next attempt";
  world.pass(Duration::minutes(10));
  EXPECT_GT(world.errors().size(), 4U);
  world.pass(Duration::minutes(12));
  EXPECT_EQ(world.node(id).status, InstanceStatus::Running) << "capacity is there after 20 minutes";
  EXPECT_EQ(world.node(id).status_message, "");
}

TEST(Provisioning, PartOfTheCapacityIsGivenAndTheRestTriedAgain) {
  World world =
      World::with({group("gpu")}, {.capacity = {{.type = "ml.g5.xlarge", .available = 2}}});
  world.add_nodes("gpu", 3);
  world.pass(Duration::seconds(90));
  EXPECT_EQ(world.group_of("gpu").current_count, 2);
  EXPECT_EQ(world.group_of("gpu").target_count, 3);
  EXPECT_EQ(world.errors().size(), 1U);
}

TEST(Provisioning, CapacityComesBackWhenAnInstanceIsGone) {
  World world =
      World::with({group("gpu")}, {.capacity = {{.type = "ml.g5.xlarge", .available = 1}}});
  const std::string first = world.add_nodes("gpu", 1).at(0);
  world.pass(Duration::seconds(90));
  const std::string second = world.add_nodes("gpu", 1).at(0);
  ASSERT_TRUE(world.remove({first}).is_success());
  world.pass(Duration::seconds(60));
  EXPECT_EQ(world.node(second).status, InstanceStatus::Pending);
  EXPECT_NE(world.node(second).instance_id, "") << "the first one took 30 s to terminate";
}

TEST(Provisioning, FlexibleGroupFallsBackInItsOrder) {
  World world = World::with({group("mix", {.flexible_types = {"ml.g6.xlarge", "ml.g5.xlarge"}})},
                            none_of("ml.g6.xlarge"));
  const std::string id = world.add_nodes("mix", 1).at(0);
  EXPECT_EQ(world.node(id).instance_type, "ml.g6.xlarge");
  world.pass(Duration::seconds(60));
  EXPECT_EQ(world.node(id).instance_type, "ml.g5.xlarge");
  EXPECT_TRUE(world.errors().empty());
}

TEST(Provisioning, FirstSubnetIsPreferredAndTheNextOneTaken) {
  Scenario scenario = none_of("ml.g5.xlarge", "us-east-1a");
  scenario.subnets = {{"subnet-a", "us-east-1a"}, {"subnet-b", "us-east-1b"}};
  World world = World::with({group("gpu", {.subnets = {"subnet-a", "subnet-b"}})}, scenario);
  const std::string id = world.add_nodes("gpu", 1).at(0);
  world.pass(Duration::seconds(60));
  EXPECT_EQ(world.node(id).zone, "us-east-1b");
}

TEST(Provisioning, NodeThatNeverJoinsStaysPendingAndCanBeDeleted) {
  World world = World::with({group("gpu")}, {.never_joins = {{.group = "gpu"}}});
  const std::string id = world.add_nodes("gpu", 1).at(0);
  world.pass(Duration::hours(5));
  EXPECT_EQ(world.node(id).status, InstanceStatus::Pending);
  EXPECT_NE(world.node(id).instance_id, "");
  EXPECT_TRUE(world.outputs.empty());
  ASSERT_TRUE(world.remove({id}).is_success());
  world.pass(Duration::seconds(30));
  EXPECT_TRUE(world.nodes().empty());
  EXPECT_TRUE(world.outputs.empty()) << "no Node was there, none is removed";
}

TEST(Provisioning, FailingLifecycleScriptIsBilledAndTriedWithAnotherInstance) {
  World world = World::with(
      {group("gpu")},
      {.failing_lifecycle_script = {{.group = "gpu", .when = {.until = Duration::minutes(3)}}}});
  const std::string id = world.add_nodes("gpu", 1).at(0);
  world.pass(Duration::seconds(60));
  const std::string first = world.node(id).instance_id;
  world.pass(Duration::seconds(30));
  EXPECT_EQ(world.node(id).status, InstanceStatus::Failure);
  EXPECT_EQ(world.node(id).instance_id, "");
  EXPECT_THAT(world.errors().at(0).failure_message, HasSubstr("Lifecycle scripts"));
  EXPECT_EQ(world.errors()[0].instance_id, first);
  ASSERT_EQ(instance_time(world.service().state(), world.now()).size(), 1U);
  EXPECT_EQ(instance_time(world.service().state(), world.now())[0].total, Duration::seconds(30));
  world.pass(Duration::seconds(150));
  EXPECT_EQ(world.node(id).status, InstanceStatus::Running);
  EXPECT_NE(world.node(id).instance_id, first);
}

TEST(Provisioning, FailedLaunchIsFree) {
  World world = World::with({group("gpu")}, none_of("ml.g5.xlarge"));
  world.add_nodes("gpu", 1);
  world.pass(Duration::hours(1));
  EXPECT_TRUE(instance_time(world.service().state(), world.now()).empty());
}

TEST(Provisioning, BillingRunsFromTheInstanceToItsTermination) {
  World world = World::with({group("gpu")});
  const auto ids = world.add_nodes("gpu", 2);
  world.pass(Duration::seconds(160));  // 100 s with instances
  ASSERT_TRUE(world.remove({ids[0]}).is_success());
  world.pass(Duration::seconds(50));
  const auto times = instance_time(world.service().state(), world.now());
  ASSERT_EQ(times.size(), 1U);
  EXPECT_EQ(times[0].type, "ml.g5.xlarge");
  EXPECT_EQ(times[0].total, Duration::seconds(100 + 150));
}

TEST(Replacement, LogicalIdStaysAndInstanceNodeAndProviderIdChange) {
  World world = World::with({group("gpu")});
  const std::string id = world.add_nodes("gpu", 1).at(0);
  world.pass(Duration::seconds(90));
  const std::string old = world.node(id).instance_id;
  ASSERT_TRUE(world.service().replace_instance("hp1", id, world.now()));
  EXPECT_EQ(world.node(id).status, InstanceStatus::Pending);
  EXPECT_EQ(world.node(id).instance_id, "");
  world.pass(Duration::seconds(90));
  EXPECT_EQ(world.node(id).status, InstanceStatus::Running);
  EXPECT_NE(world.node(id).instance_id, old);
  const auto registered = world.outputs_of<NodeToRegister>();
  ASSERT_EQ(registered.size(), 2U);
  EXPECT_NE(registered[0].node.provider_id, registered[1].node.provider_id);
  ASSERT_EQ(world.outputs_of<NodeToRemove>().size(), 1U);
  EXPECT_EQ(world.outputs_of<NodeToRemove>()[0].name, "hyperpod-" + old);
  EXPECT_EQ(world.group_of("gpu").target_count, 1);
}

TEST(Replacement, NeedsALivingInstance) {
  World world = World::with({group("gpu")});
  const std::string id = world.add_nodes("gpu", 1).at(0);
  EXPECT_FALSE(world.service().replace_instance("hp1", id, world.now()));
  EXPECT_FALSE(world.service().replace_instance("hp1", "no-such", world.now()));
  EXPECT_FALSE(world.service().replace_instance("hp2", id, world.now()));
}

TEST(Replacement, BatchReplaceTellsOfEachNode) {
  World world = World::with({group("gpu")});
  const auto ids = world.add_nodes("gpu", 1);
  world.pass(Duration::seconds(90));
  const std::string instance = world.node(ids[0]).instance_id;
  const Answer answer = world.call(
      "BatchReplaceClusterNodes",
      {{"ClusterName", "hp1"}, {"NodeIds", {instance}}, {"NodeLogicalIds", {"no-such"}}});
  EXPECT_EQ(answer.body().at("Successful"), json::array{json::string(instance)});
  EXPECT_EQ(answer.body().at("FailedNodeLogicalIds").at(0).at("ErrorCode"), "InstanceIdNotFound");
  EXPECT_EQ(world.node(ids[0]).status, InstanceStatus::Pending);
}

TEST(Events, OldestGoWhenThereAreTooMany) {
  World world = World::with({group("gpu")}, none_of("ml.g5.xlarge"));
  world.add_nodes("gpu", 50);
  world.pass(Duration::minutes(2 * 202));
  const ControlPlane& state = world.service().state();
  EXPECT_EQ(state.clusters[0].events.size(), kEventsMax);
}

TEST(Events, AreFilteredByGroupTypeAndTime) {
  World world = World::with({group("gpu"), group("cpu")});
  world.add_nodes("gpu", 1);
  world.pass(Duration::seconds(90));
  const auto count = [&world](json::object request) {
    request["ClusterName"] = "hp1";
    return world.call("ListClusterEvents", request).body().at("Events").as_array().size();
  };
  EXPECT_EQ(count({{"ResourceType", "Instance"}}), 2U);
  EXPECT_EQ(count({{"ResourceType", "Instance"}, {"EventTimeAfter", world.now().unix_seconds()}}),
            1U)
      << "its own instant is inside";
  EXPECT_EQ(
      count({{"ResourceType", "Instance"}, {"EventTimeBefore", world.now().unix_seconds() - 1}}),
      1U);
  EXPECT_EQ(count({{"InstanceGroupName", "cpu"}}), 1U);
  EXPECT_EQ(count({{"NodeId", world.nodes().at(0).instance_id}}), 2U);
  EXPECT_TRUE(is_error(
      world.call("DescribeClusterEvent",
                 R"({"ClusterName": "hp1", "EventId": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"})"),
      "ResourceNotFound", "Event"));
}

}  // namespace
}  // namespace hyperwright::service
