#include "tests/service/world.h"

namespace hyperwright::service {
namespace {

using hyperpod::InstanceStatus;
using testing::ElementsAre;

hyperpod::DeleteResult result(const Answer& answer) {
  return hyperpod::decode_delete_result(answer.body()).value();
}

json::array unknown_ids(std::size_t count, const char* format) {
  json::array ids;
  for (std::size_t i = 0; i < count; ++i) ids.emplace_back(fmt::format(fmt::runtime(format), i));
  return ids;
}

TEST(BatchDelete, LowersTheTargetAtOnceAndTheNodeGoesLater) {
  World world = World::with({group("gpu")});
  const auto ids = world.add_nodes("gpu", 2);
  world.pass(Duration::seconds(90));
  const std::string name = "hyperpod-" + world.node(ids[0]).instance_id;
  const Answer answer = world.remove({ids[0]});
  EXPECT_EQ(answer.http_status(), 200);
  EXPECT_THAT(result(answer).successful, ElementsAre(ids[0]));
  EXPECT_EQ(world.group_of("gpu").target_count, 1);
  EXPECT_EQ(world.group_of("gpu").current_count, 1);
  EXPECT_EQ(world.node(ids[0]).status, InstanceStatus::ShuttingDown);
  EXPECT_TRUE(world.outputs_of<NodeToRemove>().empty());
  world.pass(Duration::seconds(30));
  EXPECT_EQ(world.nodes().size(), 1U);
  EXPECT_THAT(world.outputs_of<NodeToRemove>(), ElementsAre(NodeToRemove{"hp1", name}));
}

TEST(BatchDelete, PendingNodeIsWithdrawnAtOnceAndNeverComes) {
  World world = World::with({group("gpu")});
  const auto ids = world.add_nodes("gpu", 1);
  ASSERT_TRUE(world.remove(ids).is_success());
  EXPECT_TRUE(world.nodes().empty());
  EXPECT_EQ(world.group_of("gpu").target_count, 0);
  EXPECT_EQ(world.service().next_wake(), Time::max());
  world.pass(Duration::hours(1));
  EXPECT_TRUE(world.outputs.empty());
}

TEST(BatchDelete, FailingNodeIsWithdrawn) {
  World world = World::with({group("gpu")}, {.capacity = {{.available = 0}}});
  const auto ids = world.add_nodes("gpu", 1);
  world.pass(Duration::seconds(60));
  ASSERT_EQ(world.node(ids[0]).status, InstanceStatus::Failure);
  ASSERT_TRUE(world.remove(ids).is_success());
  EXPECT_TRUE(world.nodes().empty());
}

TEST(BatchDelete, TakesInstanceIdsAndLogicalIdsTogether) {
  World world = World::with({group("gpu")});
  const auto ids = world.add_nodes("gpu", 2);
  world.pass(Duration::seconds(90));
  const std::string instance = world.node(ids[0]).instance_id;
  const Answer answer =
      world.call("BatchDeleteClusterNodes",
                 {{"ClusterName", "hp1"}, {"NodeIds", {instance}}, {"NodeLogicalIds", {ids[1]}}});
  EXPECT_EQ(answer.body().at("Successful"), json::array{json::string(instance)});
  EXPECT_EQ(answer.body().at("SuccessfulNodeLogicalIds"), json::array{json::string(ids[1])});
  EXPECT_FALSE(answer.body().as_object().contains("Failed"));
}

TEST(BatchDelete, PartialSuccessIs200AndFullFailure400) {
  World world = World::with({group("gpu")});
  const auto ids = world.add_nodes("gpu", 1);
  const Answer some = world.remove({ids[0], "no-such"});
  EXPECT_EQ(some.http_status(), 200);
  EXPECT_THAT(result(some).failed,
              ElementsAre(testing::AllOf(
                  testing::Field(&hyperpod::DeleteFailure::id, "no-such"),
                  testing::Field(&hyperpod::DeleteFailure::code, "NodeIdNotFound"))));
  const Answer none = world.remove({ids[0]});
  EXPECT_EQ(none.http_status(), 400);
  EXPECT_TRUE(is_error(none, "ValidationException", ids[0] + " (NodeIdNotFound)"));
}

TEST(BatchDelete, NodeThatIsShuttingDownHasAnInvalidStatus) {
  World world = World::with({group("gpu")});
  const auto ids = world.add_nodes("gpu", 2);
  world.pass(Duration::seconds(90));
  ASSERT_TRUE(world.remove({ids[0]}).is_success());
  EXPECT_EQ(result(world.remove(ids)).failed.at(0).code, "InvalidNodeStatus");
}

TEST(BatchDelete, IdThatIsNamedTwiceIsDeletedOnce) {
  World world = World::with({group("gpu")});
  const auto ids = world.add_nodes("gpu", 1);
  const Answer answer = world.remove({ids[0], ids[0]});
  EXPECT_THAT(result(answer).successful, ElementsAre(ids[0]));
  EXPECT_TRUE(result(answer).failed.empty());
}

TEST(BatchDelete, Takes99InstanceIdsAnd50LogicalIdsAnd50Together) {
  World world = World::with({group("gpu")});
  const auto call = [&world](std::size_t nodes, std::size_t logical_ids) {
    json::object request{{"ClusterName", "hp1"}};
    if (nodes > 0) request["NodeIds"] = unknown_ids(nodes, "i-{:017x}");
    if (logical_ids > 0) request["NodeLogicalIds"] = unknown_ids(logical_ids, "no-such-{}");
    return std::string(world.call("BatchDeleteClusterNodes", request).error_message());
  };
  EXPECT_THAT(call(99, 0), testing::HasSubstr("None of the nodes"));
  EXPECT_THAT(call(100, 0), testing::HasSubstr("99 at most"));
  EXPECT_THAT(call(0, 50), testing::HasSubstr("None of the nodes"));
  EXPECT_THAT(call(0, 51), testing::HasSubstr("50 at most"));
  EXPECT_THAT(call(25, 25), testing::HasSubstr("None of the nodes"));
  EXPECT_THAT(call(26, 25), testing::HasSubstr("51 elements together"));
  EXPECT_THAT(call(0, 100), testing::HasSubstr("less than or equal to 99"));
  EXPECT_THAT(call(0, 0), testing::HasSubstr("Specify NodeIds"));
}

TEST(ListClusterNodes, TellsNodesWithoutInstanceOnlyWithLogicalIds) {
  World world = World::with({group("gpu")});
  const auto ids = world.add_nodes("gpu", 1);
  EXPECT_TRUE(world.call("ListClusterNodes", R"({"ClusterName": "hp1"})")
                  .body()
                  .at("ClusterNodeSummaries")
                  .as_array()
                  .empty());
  EXPECT_EQ(world.nodes().size(), 1U);
  world.pass(Duration::seconds(60));
  const Answer answer = world.call("ListClusterNodes", R"({"ClusterName": "hp1"})");
  const json::object& node = answer.body().at("ClusterNodeSummaries").at(0).as_object();
  EXPECT_FALSE(node.contains("NodeLogicalId"));
  EXPECT_FALSE(node.contains("Placement"));
  EXPECT_THAT(std::string(node.at("PrivateDnsHostname").as_string()),
              testing::MatchesRegex("ip-10-[0-9-]+\\.ec2\\.internal"));
}

TEST(ListClusterNodes, PagesInBothOrdersWhateverComesInBetween) {
  World world = World::with({group("gpu")});
  for (int i = 0; i < 6; ++i) world.add_nodes("gpu", 50);
  EXPECT_EQ(world.nodes().size(), 300U);
  const auto first = world.nodes();
  EXPECT_TRUE(std::ranges::is_sorted(first, std::greater<>{}, &hyperpod::Node::launch_time));
  json::object request = hyperpod::list_nodes_request("hp1", "");
  auto page = hyperpod::decode_nodes(world.call("ListClusterNodes", request).body()).value();
  ASSERT_TRUE(world.remove({page.items.back().logical_id}).is_success());
  world.add_nodes("gpu", 1);
  page = hyperpod::decode_nodes(
             world.call("ListClusterNodes", hyperpod::list_nodes_request("hp1", page.next_token))
                 .body())
             .value();
  EXPECT_EQ(page.items[0], first[100]) << "neither a newer node nor a deleted one shifts the page";
  request["SortOrder"] = "Ascending";
  request["NextToken"] = page.next_token;
  EXPECT_TRUE(is_error(world.call("ListClusterNodes", request), "ValidationException", "NextToken"))
      << "a token of another order";
}

TEST(ListClusterNodes, FiltersByGroupAndTime) {
  World world = World::with({group("gpu"), group("cpu")});
  world.add_nodes("gpu", 1);
  world.pass(Duration::seconds(10));
  world.add_nodes("cpu", 2);
  const auto count = [&world](json::object request) {
    request["ClusterName"] = "hp1";
    request["IncludeNodeLogicalIds"] = true;
    return world.call("ListClusterNodes", request)
        .body()
        .at("ClusterNodeSummaries")
        .as_array()
        .size();
  };
  EXPECT_EQ(count({{"InstanceGroupNameContains", "cp"}}), 2U);
  EXPECT_EQ(count({{"CreationTimeAfter", world.now().unix_seconds()}}), 2U);
  EXPECT_EQ(count({{"CreationTimeBefore", world.now().unix_seconds() - 1}}), 1U);
  EXPECT_EQ(count({{"SortBy", "NAME"}, {"MaxResults", 2}}), 2U);
}

TEST(DescribeClusterNode, TakesEitherIdAndNotBoth) {
  World world = World::with({group("gpu")});
  const auto ids = world.add_nodes("gpu", 1);
  world.pass(Duration::seconds(90));
  const std::string instance = world.node(ids[0]).instance_id;
  const Answer answer =
      world.call("DescribeClusterNode", hyperpod::describe_node_request("hp1", instance));
  EXPECT_EQ(hyperpod::decode_node(answer.body()).value(), world.node(ids[0]));
  EXPECT_EQ(hyperpod::decode_node(answer.body())->logical_id, ids[0]);
  EXPECT_TRUE(is_error(
      world.call("DescribeClusterNode",
                 {{"ClusterName", "hp1"}, {"NodeId", instance}, {"NodeLogicalId", ids[0]}}),
      "ValidationException", "not both"));
  EXPECT_TRUE(is_error(world.call("DescribeClusterNode", R"({"ClusterName": "hp1"})"),
                       "ValidationException", "either"));
  EXPECT_TRUE(is_error(world.call("DescribeClusterNode",
                                  R"({"ClusterName": "hp1", "NodeId": "i-00000000000000000"})"),
                       "ResourceNotFound", "i-0"));
}

}  // namespace
}  // namespace hyperwright::service
