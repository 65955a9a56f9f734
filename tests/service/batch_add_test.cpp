#include <set>

#include "tests/service/world.h"

namespace hyperwright::service {
namespace {

using hyperpod::InstanceStatus;

json::object add_request(json::array nodes, std::string_view token = "") {
  json::object request{{"ClusterName", "hp1"}, {"NodesToAdd", std::move(nodes)}};
  if (!token.empty()) request["ClientToken"] = token;
  return request;
}

json::object nodes(std::string_view group, std::int32_t count) {
  return {{"InstanceGroupName", group}, {"IncrementTargetCountBy", count}};
}

hyperpod::AddResult result(const Answer& answer) {
  return hyperpod::decode_add_result(answer.body()).value();
}

std::vector<std::string> ids(const Answer& answer) {
  std::vector<std::string> list;
  const hyperpod::AddResult added = result(answer);
  for (const auto& node : added.successful) list.push_back(node.logical_id);
  return list;
}

TEST(BatchAdd, GivesALogicalIdForEachNodeAndRaisesTheTarget) {
  World world = World::with({group("gpu"), group("cpu")});
  const Answer answer =
      world.call("BatchAddClusterNodes", add_request({nodes("gpu", 3), nodes("cpu", 2)}));
  ASSERT_TRUE(answer.is_success());
  const auto list = ids(answer);
  EXPECT_EQ(std::set<std::string>(list.begin(), list.end()).size(), 5U);
  for (const auto& node : result(answer).successful)
    EXPECT_EQ(node.status, InstanceStatus::Pending);
  EXPECT_EQ(world.group_of("gpu").target_count, 3);
  EXPECT_EQ(world.group_of("gpu").current_count, 0);
  EXPECT_EQ(world.group_of("gpu").status, hyperpod::InstanceGroupStatus::InService)
      << "scaling leaves the group in service";
  EXPECT_EQ(world.group_of("cpu").target_count, 2);
}

TEST(BatchAdd, ActiveScalingIsShownUntilTheTargetIsReached) {
  World world = World::with({group("gpu")});
  const auto shown = [&world] {
    return world.call("DescribeCluster", R"({"ClusterName": "hp1"})")
        .body()
        .at("InstanceGroups")
        .at(0)
        .as_object();
  };
  EXPECT_FALSE(shown().contains("ActiveOperations"));
  world.add_nodes("gpu", 1);
  EXPECT_EQ(shown().at("ActiveOperations").at("Scaling"), 1);
  world.pass(Duration::seconds(90));
  EXPECT_FALSE(shown().contains("ActiveOperations"));
}

TEST(BatchAdd, FiveSpecificationsAndFiftyNodesAtMost) {
  World world = World::with({group("gpu")});
  EXPECT_TRUE(world.call("BatchAddClusterNodes", add_request({nodes("gpu", 25), nodes("gpu", 25)}))
                  .is_success());
  EXPECT_TRUE(is_error(
      world.call("BatchAddClusterNodes", add_request({nodes("gpu", 25), nodes("gpu", 26)})),
      "ValidationException", "51 nodes"));
  EXPECT_TRUE(
      is_error(world.call("BatchAddClusterNodes", add_request(json::array(6, nodes("gpu", 1)))),
               "ValidationException",
               "'nodesToAdd' failed to satisfy constraint: Member must have length less than or "
               "equal to 5"));
  EXPECT_TRUE(is_error(world.add("gpu", 0), "ValidationException", "greater than or equal to 1"));
  EXPECT_TRUE(is_error(world.add("gpu", 51), "ValidationException", "less than or equal to 50"));
  EXPECT_EQ(world.group_of("gpu").target_count, 50) << "what was refused changed nothing";
}

TEST(BatchAdd, OneSpecificationFailsAndTheOtherSucceeds) {
  World world = World::with({group("gpu")});
  const Answer answer =
      world.call("BatchAddClusterNodes", add_request({nodes("gpu", 1), nodes("tpu", 4)}));
  EXPECT_EQ(answer.http_status(), 200);
  EXPECT_EQ(result(answer).successful.size(), 1U);
  ASSERT_EQ(result(answer).failed.size(), 1U);
  EXPECT_EQ(result(answer).failed[0].code, "InstanceGroupNotFound");
  EXPECT_EQ(result(answer).failed[0].group, "tpu");
  EXPECT_EQ(result(answer).failed[0].count, 4);
}

TEST(BatchAdd, UnknownClusterIsNotFound) {
  World world;
  EXPECT_TRUE(is_error(world.add("gpu", 1), "ResourceNotFound", "hp1"));
}

class FlexibleGroup : public testing::Test {
 protected:
  static Scenario scenario() {
    return {.subnets = {{"subnet-a", "us-east-1a"}, {"subnet-b", "us-east-1b"}}};
  }
  World world = World::with({group("mix", {.flexible_types = {"ml.g6.xlarge", "ml.g5.xlarge"},
                                           .subnets = {"subnet-a", "subnet-b"}}),
                             group("gpu", {.subnets = {"subnet-a"}})},
                            scenario());
  hyperpod::AddResult add(std::string_view to, std::vector<std::string> types,
                          std::vector<std::string> zones) {
    const std::vector<hyperpod::AddSpecification> list = {
        {.group = std::string(to), .zones = std::move(zones), .types = std::move(types)}};
    return result(
        world.call("BatchAddClusterNodes",
                   hyperpod::batch_add_request("hp1", "t" + std::to_string(++calls), list)));
  }
  int calls = 0;
};

TEST_F(FlexibleGroup, TypeAndZoneOfTheCallAreTaken) {
  const auto added = add("mix", {"ml.g5.xlarge"}, {"us-east-1b"});
  ASSERT_EQ(added.successful.size(), 1U);
  EXPECT_EQ(added.successful[0].types, std::vector<std::string>{"ml.g5.xlarge"});
  EXPECT_EQ(added.successful[0].zones, std::vector<std::string>{"us-east-1b"});
  world.pass(Duration::seconds(60));
  const hyperpod::Node node = world.node(added.successful[0].logical_id);
  EXPECT_EQ(node.instance_type, "ml.g5.xlarge");
  EXPECT_EQ(node.zone, "us-east-1b");
}

TEST_F(FlexibleGroup, TypeOrZoneThatItDoesNotHaveIsIncompatible) {
  EXPECT_EQ(add("mix", {"ml.p5.48xlarge"}, {}).failed.at(0).code, "IncompatibleInstanceTypes");
  EXPECT_EQ(add("mix", {}, {"us-east-1c"}).failed.at(0).code, "IncompatibleAvailabilityZones");
}

TEST_F(FlexibleGroup, GroupOfOneTypeTakesNeither) {
  EXPECT_EQ(add("gpu", {"ml.g5.xlarge"}, {}).failed.at(0).code, "IncompatibleInstanceTypes");
  EXPECT_EQ(add("gpu", {}, {"us-east-1a"}).failed.at(0).code, "IncompatibleAvailabilityZones");
}

TEST_F(FlexibleGroup, ShowsItsTypesAndHowManyRunOfEach) {
  add("mix", {"ml.g5.xlarge"}, {});
  world.pass(Duration::seconds(90));
  EXPECT_EQ(world.group_of("mix").instance_types,
            (std::vector<std::string>{"ml.g6.xlarge", "ml.g5.xlarge"}));
  EXPECT_TRUE(world.group_of("mix").is_flexible);
  const Answer answer = world.call("DescribeCluster", R"({"ClusterName": "hp1"})");
  EXPECT_EQ(
      answer.body().at("InstanceGroups").at(0).at("InstanceTypeDetails"),
      json::parse(
          R"([{"InstanceType": "ml.g6.xlarge", "CurrentCount": 0}, {"InstanceType": "ml.g5.xlarge", "CurrentCount": 1}])"));
}

TEST(ClientToken, SameRequestGivesTheSameNodesWithTheirStatusOfNow) {
  World world = World::with({group("gpu")});
  const auto first = ids(world.add("gpu", 2, "token-1"));
  world.pass(Duration::seconds(90));
  ASSERT_TRUE(world.remove({first[0]}).is_success());
  const Answer again = world.add("gpu", 2, "token-1");
  EXPECT_EQ(ids(again), first);
  EXPECT_EQ(result(again).successful[0].status, InstanceStatus::ShuttingDown);
  EXPECT_EQ(result(again).successful[1].status, InstanceStatus::Running);
  EXPECT_EQ(world.group_of("gpu").target_count, 1);
  world.pass(Duration::seconds(30));
  EXPECT_EQ(result(world.add("gpu", 2, "token-1")).successful[0].status, InstanceStatus::NotFound);
}

TEST(ClientToken, OtherParametersAreAnError) {
  World world = World::with({group("gpu")});
  world.add("gpu", 2, "token-1");
  EXPECT_TRUE(is_error(world.add("gpu", 3, "token-1"), "ValidationException", "token-1"));
  EXPECT_EQ(world.group_of("gpu").target_count, 2);
}

TEST(ClientToken, LivesForEightHours) {
  World world = World::with({group("gpu")});
  const auto first = ids(world.add("gpu", 1, "token-1"));
  world.pass(Duration::hours(8) - Duration::microseconds(1));
  EXPECT_EQ(ids(world.add("gpu", 1, "token-1")), first);
  world.pass(Duration::microseconds(1));
  EXPECT_NE(ids(world.add("gpu", 1, "token-1")), first);
}

TEST(ClientToken, FailuresAreReplayedToo) {
  World world = World::with({group("gpu")});
  world.add("tpu", 1, "token-1");
  ASSERT_TRUE(world.update({group("tpu")}).is_success());
  EXPECT_EQ(result(world.add("tpu", 1, "token-1")).failed.at(0).code, "InstanceGroupNotFound");
  EXPECT_EQ(world.group_of("tpu").target_count, 0);
}

TEST(ClientToken, RefusedCallDoesNotUseItUp) {
  World world = World::with({group("gpu")}, {.instances_per_cluster = 1});
  EXPECT_TRUE(is_error(world.add("gpu", 2, "token-1"), "ResourceLimitExceeded", ""));
  EXPECT_TRUE(world.add("gpu", 1, "token-1").is_success());
}

TEST(Quota, LimitsTheInstancesOfACluster) {
  World world =
      World::with({group("gpu", {.count = 2}), group("cpu")}, {.instances_per_cluster = 4});
  EXPECT_TRUE(is_error(world.add("cpu", 3), "ResourceLimitExceeded",
                       "is 4 Instances, with current utilization of 2 Instances and a request "
                       "delta of 3 Instances"));
  EXPECT_TRUE(world.add("cpu", 2).is_success());
  EXPECT_TRUE(
      is_error(world.update({group("gpu", {.count = 3})}), "ResourceLimitExceeded", "delta of 1"));
  EXPECT_TRUE(world.update({group("gpu", {.count = 1})}).is_success());
  EXPECT_TRUE(is_error(World({.instances_per_cluster = 4})
                           .call("CreateCluster", cluster_request({group("gpu", {.count = 5})})),
                       "ResourceLimitExceeded", "delta of 5"));
}

TEST(Quota, AnotherScenarioCountsFromNowOn) {
  World world = World::with({group("gpu")}, {.instances_per_cluster = 1});
  EXPECT_TRUE(is_error(world.add("gpu", 2), "ResourceLimitExceeded", ""));
  world.service().set_scenario({});
  EXPECT_TRUE(world.add("gpu", 2).is_success());
}

TEST(Throttle, EachOperationHasABucketOfItsOwn) {
  World world = World::with({group("gpu")},
                            {.throttle = ThrottleLimits{.requests_per_second = 2, .burst = 3}});
  const auto describe = [&world] {
    return world.call("DescribeCluster", R"({"ClusterName": "hp1"})");
  };
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(describe().is_success());
  EXPECT_EQ(describe().http_status(), 400);
  EXPECT_TRUE(is_error(describe(), "ThrottlingException", "Rate exceeded"));
  EXPECT_TRUE(world.call("ListClusters", "{}").is_success());
  world.pass(Duration::milliseconds(499));
  EXPECT_FALSE(describe().is_success());
  world.pass(Duration::milliseconds(1));
  EXPECT_TRUE(describe().is_success());
  EXPECT_FALSE(describe().is_success());
  world.pass(Duration::hours(10));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(describe().is_success());
  EXPECT_FALSE(describe().is_success()) << "a bucket holds no more than the burst";
}

}  // namespace
}  // namespace hyperwright::service
