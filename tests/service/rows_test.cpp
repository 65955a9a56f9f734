// A service that is kept: what is written for each call, and that a service restored from it is the
// same one.
#include "service/rows.h"

#include "service/records.h"
#include "tests/service/random_calls.h"

namespace hyperwright::service {
namespace {

using testing::HasSubstr;

std::vector<std::string> texts_of(const std::vector<Output>& outputs) {
  std::vector<std::string> texts;
  texts.reserve(outputs.size());
  for (const Output& output : outputs) texts.push_back(encode_record(OutputRecord{0, output}));
  return texts;
}

// Everything that a client can see, and what the Kubernetes cluster was given.
std::string view_of(World& world) {
  std::string text = json::serialize(
      world.call("DescribeCluster", hyperpod::describe_cluster_request("hp1")).body());
  for (const char* list : {"ListClusterNodes", "ListClusterEvents"}) {
    // With its token.
    text += json::serialize(world.call(list, R"({"ClusterName": "hp1", "MaxResults": 7})").body());
  }
  for (const hyperpod::Node& node : world.nodes())
    text += fmt::format("{} {} {}\n", node.logical_id, node.instance_id, to_string(node.status));
  for (const auto& event : world.events())
    text += fmt::format("{} {} {}\n", event.id, event.time.unix_microseconds(), event.description);
  for (const std::string& output : texts_of(world.outputs)) text += output;
  return text;
}

RC_GTEST_PROP(Rows, ServiceThatIsRestartedAnywhereIsTheOneThatNeverStopped, ()) {
  const Scenario scenario = draw_scenario();
  World whole = World::with(groups(), scenario), restarted = World::with(groups(), scenario);
  for (int step = *rc::gen::inRange(1, 20); step > 0; --step) {
    const Act act = draw_act(whole);
    RC_ASSERT(act(whole) == act(restarted));
    if (*rc::gen::arbitrary<bool>()) restarted.restart();
    RC_ASSERT(whole.service().next_wake() == restarted.service().next_wake());
  }
  whole.pass(Duration::minutes(7));
  restarted.pass(Duration::minutes(7));
  RC_ASSERT(view_of(whole) == view_of(restarted));
}

RC_GTEST_PROP(Rows, NothingThatChangesIsForgotten, ()) {
  World world = World::with(groups(), draw_scenario());
  for (int step = *rc::gen::inRange(1, 20); step > 0; --step) {
    draw_act(world)(world);
    std::vector<Row> kept;
    for (const auto& [number, row] : world.keep()) kept.push_back(row);
    std::vector<Row> all = rows_of(world.service().state());
    RC_ASSERT(kept.size() == all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      // The time of a step that changed nothing is not worth a write.
      if (all[i].kind != RecordKind::Service) RC_ASSERT(kept[i] == all[i]);
    }
  }
}

TEST(Rows, CallThatChangesNothingWritesNothing) {
  World world = World::with({group("gpu")});
  world.keep();
  world.call("DescribeCluster", hyperpod::describe_cluster_request("hp1"));
  world.call("ListClusterNodes", hyperpod::list_nodes_request("hp1", ""));
  EXPECT_TRUE(world.service().take_changes().is_empty());
}

TEST(Rows, CallWritesWhatItTouchedHoweverManyNodesThereAre) {
  World world = World::with({group("gpu")});
  for (int i = 0; i < 10; ++i) world.add("gpu", 50);
  world.pass(Duration::minutes(10));
  world.keep();
  world.add("gpu", 2, "token");
  std::map<RecordKind, int> written;
  const Changes changes = world.service().take_changes();
  for (const Row& row : changes.written) ++written[row.kind];
  EXPECT_EQ(written, (std::map<RecordKind, int>{{RecordKind::Service, 1},
                                                {RecordKind::Node, 2},
                                                {RecordKind::Event, 1},
                                                {RecordKind::AddCall, 1}}));
}

TEST(Rows, ClusterGoesWithAllThatIsOfIt) {
  World world = World::with({group("gpu", {.count = 2})});
  world.pass(Duration::minutes(10));
  world.call("DeleteCluster", R"({"ClusterName": "hp1"})");
  world.pass(Duration::minutes(10));
  ASSERT_EQ(world.keep().size(), 1U);
  EXPECT_EQ(world.keep().begin()->second.kind, RecordKind::Service);
}

TEST(Rows, ClientTokenIsGoodForEightHoursOverARestart) {
  World world = World::with({group("gpu")});
  const auto first = hyperpod::decode_add_result(world.add("gpu", 2, "token").body()).value();
  world.restart();
  world.pass(Duration::hours(8) - Duration::seconds(1));
  world.restart();
  const auto again = hyperpod::decode_add_result(world.add("gpu", 2, "token").body()).value();
  ASSERT_EQ(again.successful.size(), 2U);
  EXPECT_EQ(again.successful[0].logical_id, first.successful[0].logical_id);
  world.pass(Duration::seconds(1));
  world.restart();
  const auto other = hyperpod::decode_add_result(world.add("gpu", 2, "token").body()).value();
  EXPECT_NE(other.successful[0].logical_id, first.successful[0].logical_id);
}

TEST(Rows, PageTokenIsGoodOverARestart) {
  World world = World::with({group("gpu", {.count = 3})});
  const json::object two{
      {"ClusterName", "hp1"}, {"MaxResults", 2}, {"IncludeNodeLogicalIds", true}};
  const Answer first = world.call("ListClusterNodes", two);
  world.restart();
  json::object rest = two;
  rest["NextToken"] = first.body().at("NextToken");
  EXPECT_EQ(
      world.call("ListClusterNodes", rest).body().at("ClusterNodeSummaries").as_array().size(), 1U);
}

TEST(Rows, OutputIsHandedOutUntilItIsConfirmedAndOverRestarts) {
  World world = World::with({group("gpu")});
  world.add("gpu", 2);
  world.service().advance(world.now() + Duration::minutes(10));
  const auto first = world.service().hand_out();
  ASSERT_EQ(first.size(), 2U);
  EXPECT_TRUE(world.service().hand_out().empty()) << "each is handed out once";
  world.service().confirm(first[0].number);
  world.restart();
  const auto again = world.service().hand_out();
  ASSERT_EQ(again.size(), 1U) << "what is not known to be done is done again";
  EXPECT_EQ(again[0].number, first[1].number);
  world.service().confirm(again[0].number);
  world.restart();
  EXPECT_TRUE(world.service().hand_out().empty());
}

class RestoreTest : public testing::Test {
 protected:
  RestoreTest() {
    world.pass(Duration::minutes(10));
    for (const auto& [number, row] : world.keep()) rows.push_back(row);
  }
  Row& first_of(RecordKind kind) { return *std::ranges::find(rows, kind, &Row::kind); }
  std::string refusal(ServiceOptions options = {}) {
    const auto restored =
        HyperPodService::restore(std::move(options), hyperpod::InstanceTypes::shipped(), rows);
    return restored ? "" : restored.error().text();
  }
  World world = World::with({group("gpu", {.count = 2})});
  std::vector<Row> rows;
};

TEST_F(RestoreTest, RowsThatNoServiceWroteAreRefused) {
  ASSERT_EQ(refusal(), "");
  const auto replaced = [this](RecordKind kind, std::string_view part, std::string_view by) {
    Row& row = first_of(kind);
    const std::string before = row.record;
    const std::size_t at = row.record.find(part);
    check(at != std::string::npos, "the record has that part");
    row.record.replace(at, part.size(), by);
    const std::string text = refusal();
    row.record = before;
    return text;
  };
  EXPECT_THAT(replaced(RecordKind::Node, "{", "["),
              HasSubstr("node: the record is no JSON object"));
  EXPECT_THAT(replaced(RecordKind::Node, "\"phase\":\"Running\"", "\"phase\":\"Walking\""),
              HasSubstr("the field \"phase\" cannot be read"));
  EXPECT_THAT(replaced(RecordKind::Node, "\"phase\":\"Running\"", "\"phase\":\"Retrying\""),
              HasSubstr("its phase and its instance contradict each other"));
  EXPECT_THAT(replaced(RecordKind::Node, "ml.g5.xlarge", "ml.none.none"),
              HasSubstr("there is no instance type \"ml.none.none\""));
  EXPECT_THAT(replaced(RecordKind::Node, "\"group\":\"gpu\"", "\"group\":\"cpu\""),
              HasSubstr("there is no group \"cpu\""));
  EXPECT_THAT(replaced(RecordKind::Cluster, "subnet-a", "subnet-z"),
              HasSubstr("the zone of subnet \"subnet-z\" is not known"));
  EXPECT_THAT(replaced(RecordKind::Service, "\"next_sequence\":", "\"next_sequence\":1,\"x\":"),
              HasSubstr("its number was never given out"));
  EXPECT_THAT(replaced(RecordKind::Service, "\"random\":[", "\"random\":[1,"),
              HasSubstr("the field \"random\" cannot be read"));
}

TEST_F(RestoreTest, RowsThatDoNotBelongTogetherAreRefused) {
  const std::vector<Row> whole = rows;
  rows.erase(rows.begin());
  EXPECT_THAT(refusal(), HasSubstr("the row of the service comes first"));
  rows = whole;
  std::erase_if(rows, [](const Row& row) { return row.kind == RecordKind::Cluster; });
  EXPECT_THAT(refusal(), HasSubstr("there is no cluster"));
  rows = whole;
  ++first_of(RecordKind::Event).number;
  EXPECT_THAT(refusal(), HasSubstr("its record has another number"));
  rows.clear();
  EXPECT_THAT(refusal(), HasSubstr("it has no rows"));
}

TEST_F(RestoreTest, AnotherRegionIsRefused) {
  EXPECT_THAT(refusal({.region = "eu-west-1"}), HasSubstr("are of region us-east-1"));
}

TEST_F(RestoreTest, ScenarioMayChangeAndItsSpansCountFromTheFirstStart) {
  const ServiceOptions changed{
      .scenario = {.subnets = {{"subnet-a", "us-east-1c"}, {"subnet-n", "us-east-1b"}},
                   .delays = {.launch = Duration::seconds(5)},
                   .capacity = {{.available = 2, .when = {.from = Duration::minutes(20)}}}}};
  auto service =
      HyperPodService::restore(changed, hyperpod::InstanceTypes::shipped(), rows).value();
  const auto subnets =
      service.call(kDescribeSubnets, json::object{{"SubnetIds", json::array{}}}, world.now());
  const std::string text = json::serialize(subnets.body());
  EXPECT_THAT(text, HasSubstr(R"("SubnetId":"subnet-a","AvailabilityZone":"us-east-1a")"))
      << "nodes are there, so it stays";
  EXPECT_THAT(text, HasSubstr(R"("SubnetId":"subnet-n","AvailabilityZone":"us-east-1b")"));
  EXPECT_EQ(service.state().start, kStart);
}

}  // namespace
}  // namespace hyperwright::service
