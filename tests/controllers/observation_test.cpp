#include "tests/controllers/picture.h"

namespace hyperwright::controllers::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const Key kHyperPod{Key::Of::HyperPod, {}};

struct Watched : Picture {
  Effects look_at_hyperpod() { return look("hyperpod.observation", kHyperPod); }
  // The readings that are due, answered from the fixture.
  std::vector<std::string> read_all() {
    const Effects effects = look_at_hyperpod();
    for (const Effect& effect : effects) answer_reading(effect);
    return names(effects);
  }
  void answer_reading(const Effect& effect) {
    if (std::holds_alternative<state::DescribeCluster>(effect.action))
      answer(effect.id, Outcome::Done, cluster);
    if (std::holds_alternative<state::DescribeSubnets>(effect.action))
      answer(effect.id, Outcome::Done, subnets);
    if (std::holds_alternative<state::ListClusterNodes>(effect.action))
      answer(effect.id, Outcome::Done, hyperpod::Page<hyperpod::Node>{instances, {}});
    if (std::holds_alternative<state::ListClusterEvents>(effect.action))
      answer(effect.id, Outcome::Done, hyperpod::Page<hyperpod::ClusterEvent>{events, {}});
  }
  std::vector<hyperpod::ClusterEvent> events;
};

TEST(Observation, TheClusterIsDescribedOnceAMinute) {
  Watched p;
  p.read_all();
  EXPECT_THAT(p.look_at_hyperpod(), IsEmpty()) << "a second look emits nothing";
  p.wait(Duration::seconds(59));
  EXPECT_THAT(p.read_all(), Not(Contains("DescribeCluster")));
  p.wait(Duration::seconds(1));
  EXPECT_THAT(p.read_all(), Contains("DescribeCluster"));
}

TEST(Observation, AFailedDescriptionIsRepeatedWithAGrowingDelay) {
  Picture p;
  p.state = state::ClusterState(state::Options{.cluster = "hp1"}, hyperpod::InstanceTypes::of({}));
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 4; ++i) {
    const Effects effects = p.look("hyperpod.observation", kHyperPod);
    ASSERT_THAT(names(effects), ElementsAre("DescribeCluster"));
    p.answer(effects[0].id, Outcome::Retry, {}, "throttled");
    EXPECT_THAT(p.look("hyperpod.observation", kHyperPod), IsEmpty());
    waits.push_back((p.next_look - p.now).in_seconds());
    p.wait(p.next_look - p.now);
  }
  EXPECT_THAT(waits, ElementsAre(1, 2, 4, 8));
}

TEST(Observation, UnknownSubnetsAreAskedForOnceAMinute) {
  Watched p;
  p.cluster.groups[0].subnets.push_back("subnet-9");
  p.read(state::DescribeCluster{}, p.cluster);
  p.wait(Duration::minutes(1));
  EXPECT_THAT(p.read_all(), Contains("DescribeSubnets"));
  p.wait(Duration::seconds(30));
  EXPECT_THAT(p.read_all(), Not(Contains("DescribeSubnets"))) << "the answer did not name it";
}

TEST(Observation, NodesAreListedEveryTwelveSecondsWhileLaunchesAreOpen) {
  Watched p;
  p.read_all();
  p.put(with_id(claim("p-a", "p"), "id-a"));
  p.wait(Duration::seconds(12));
  EXPECT_THAT(p.read_all(), Contains("ListClusterNodes"));
  p.wait(Duration::seconds(11));
  EXPECT_THAT(p.read_all(), Not(Contains("ListClusterNodes")));
  p.wait(Duration::seconds(1));
  EXPECT_THAT(p.read_all(), Contains("ListClusterNodes"));
}

TEST(Observation, NodesAreNotListedWhenNothingIsOpenAndCountsAgree) {
  Watched p;
  p.put(pool("p"));
  p.put_running("p-a", "p");
  p.cluster.groups[0].current_count = 1;
  p.read_all();
  for (int minute = 0; minute < 9; ++minute) {
    p.wait(Duration::minutes(1));
    EXPECT_THAT(p.read_all(), Not(Contains("ListClusterNodes"))) << minute;
  }
  p.wait(Duration::minutes(1));
  EXPECT_THAT(p.read_all(), Contains("ListClusterNodes")) << "every ten minutes";
}

TEST(Observation, CountsThatDisagreeCauseOneListADescription) {
  Watched p;
  p.cluster.groups[0].current_count = 3;
  p.wait(Duration::minutes(1));
  p.read_all();
  p.wait(Duration::seconds(1));
  EXPECT_THAT(p.read_all(), Contains("ListClusterNodes"));
  p.wait(Duration::seconds(20));
  EXPECT_THAT(p.read_all(), Not(Contains("ListClusterNodes")));
}

TEST(Observation, APartialListIsEnoughOnceAllThatIsOpenWasSeen) {
  Watched p;
  p.read_all();
  p.put(with_id(claim("p-a", "p"), "id-a"));
  p.put(with_id(claim("p-b", "p"), "id-b"));
  p.wait(Duration::seconds(12));
  const auto list_of = [](const Effects& effects) {
    return *std::ranges::find_if(effects, [](const Effect& e) {
      return std::holds_alternative<state::ListClusterNodes>(e.action);
    });
  };
  Effect list = list_of(p.look_at_hyperpod());
  p.answer(list.id, Outcome::Done,
           hyperpod::Page<hyperpod::Node>{{instance("id-a", "")}, "page-2"});
  list = list_of(p.look_at_hyperpod());
  EXPECT_EQ(std::get<state::ListClusterNodes>(list.action).next_token, "page-2")
      << "id-b was not seen yet";
  p.answer(list.id, Outcome::Done,
           hyperpod::Page<hyperpod::Node>{{instance("id-b", "")}, "page-3"});
  EXPECT_THAT(names(p.look_at_hyperpod()), Not(Contains("ListClusterNodes")));
}

TEST(Observation, AWithdrawnIdIsListedForUntilItIsGone) {
  Watched p;
  p.put(pool("p"));
  kube::NodeClaim going = p.put_running("p-a", "p");
  p.put(deleted(going, p.now));
  const auto id = p.emit({.action = state::BatchDeleteClusterNodes{{"id-p-a"}}});
  p.answer(id, Outcome::Done, hyperpod::DeleteResult{.successful = {"id-p-a"}});
  p.wait(Duration::seconds(12));
  EXPECT_THAT(p.read_all(), Contains("ListClusterNodes"));
  p.instances.clear();
  p.wait(Duration::seconds(12));
  EXPECT_THAT(p.read_all(), Contains("ListClusterNodes"));
  EXPECT_TRUE(p.state.find_deletion("id-p-a")->is_gone);
}

TEST(Observation, ANodeThatNoListHasNamedIsAskedAboutOnce) {
  Watched p;
  p.put(new_node("node-a", "i-a1"));
  const Key key{Key::Of::Node, "node-a"};
  EXPECT_EQ(only<state::DescribeClusterNode>(p.look("hyperpod.observation", key)).instance_id,
            "i-a1");
  EXPECT_THAT(p.look("hyperpod.observation", key), IsEmpty());
}

TEST(Observation, ANodeOfAnotherClusterIsNotAskedAbout) {
  Watched p;
  kube::Node node = new_node("node-a", "i-a1");
  node.provider_id = "aws:///us-west-2a/i-0123456789abcdef0";
  p.put(node);
  EXPECT_THAT(p.look("hyperpod.observation", {Key::Of::Node, "node-a"}), IsEmpty());
}

TEST(Observation, EventsAreReadOftenAndDescribedSlowlyWhileLaunchesAreOpen) {
  Watched p;
  p.put(with_id(claim("p-a", "p"), "id-a"));
  for (const char* id : {"e1", "e2"}) {
    hyperpod::ClusterEvent event;
    event.id = id;
    event.time = p.now;
    event.level = hyperpod::EventLevel::Error;
    event.resource_type = hyperpod::EventResourceType::Instance;
    p.events.push_back(event);
  }
  EXPECT_THAT(p.read_all(), Contains("ListClusterEvents"));
  const Effects effects = p.look_at_hyperpod();
  const auto first = only<state::DescribeClusterEvent>(effects);
  p.answer(effects[0].id, Outcome::Done,
           hyperpod::ClusterEvent{.id = first.event_id,
                                  .node_logical_id = "id-a",
                                  .failure_message = "insufficient capacity"});
  EXPECT_EQ(p.state.hyperpod().launch_failure("id-a"), "insufficient capacity");
  EXPECT_THAT(names(p.look_at_hyperpod()), Not(Contains("DescribeClusterEvent")))
      << "two a second at most";
  p.wait(Duration::milliseconds(500));
  EXPECT_THAT(names(p.look_at_hyperpod()), Contains("DescribeClusterEvent"));
  p.wait(Duration::seconds(12));
  EXPECT_THAT(names(p.look_at_hyperpod()), Contains("ListClusterEvents"));
}

// Clocks of the API server, of HyperPod and ours may be minutes apart.
TEST(Observation, EventsAreReadFromAWhileBeforeTheOldestOpenLaunch) {
  Watched p;
  const Time first_look = p.now;
  EXPECT_EQ(only<state::ListClusterEvents>(p.look_at_hyperpod()).after,
            first_look - Duration::minutes(5));

  Watched restarted;
  kube::NodeClaim open = with_id(claim("p-a", "p"), "id-a");
  open.meta.creation_time = restarted.now - Duration::minutes(3);
  restarted.put(open);
  hyperpod::ClusterEvent event{.id = "e1", .time = restarted.now - Duration::minutes(7)};
  event.level = hyperpod::EventLevel::Error;
  event.resource_type = hyperpod::EventResourceType::Instance;
  restarted.events.push_back(event);
  EXPECT_THAT(restarted.read_all(), Contains("ListClusterEvents"));
  EXPECT_EQ(only<state::DescribeClusterEvent>(restarted.look_at_hyperpod()).event_id, "e1");
}

TEST(Observation, TrainingPlansThatGroupsDrawOnAreReadOnceAMinuteTogether) {
  Watched p;
  EXPECT_THAT(p.read_all(), Not(Contains("DescribeTrainingPlan")));
  p.cluster.groups[0].training_plan_arn = "arn:aws:sagemaker:r:1:training-plan/winter";
  p.cluster.groups[1].training_plan_arn = "arn:aws:sagemaker:r:1:training-plan/summer";
  p.cluster.groups[2].training_plan_arn = "arn:aws:sagemaker:r:1:training-plan/summer";
  p.read(state::DescribeCluster{}, p.cluster);
  const auto calls = all<state::DescribeTrainingPlan>(p.look_at_hyperpod());
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0].name, "summer");
  EXPECT_EQ(calls[1].name, "winter");
  EXPECT_THAT(all<state::DescribeTrainingPlan>(p.look_at_hyperpod()), IsEmpty());
}

TEST(Observation, APlanThatMayNotBeReadIsAskedForAgainAndHiddenUntilThen) {
  Watched p;
  p.cluster.groups[0].training_plan_arn = "arn:aws:sagemaker:r:1:training-plan/summer";
  p.read(state::DescribeCluster{}, p.cluster);
  p.read(state::DescribeTrainingPlan{"summer"}, hyperpod::TrainingPlan{.name = "summer"});
  EXPECT_NE(p.state.hyperpod().find_training_plan("summer"), nullptr);
  EXPECT_FALSE(p.state.hyperpod().is_training_plan_hidden("winter"));
  const state::EffectId id = p.emit({.action = state::DescribeTrainingPlan{"winter"}});
  p.answer(id, Outcome::Rejected, {}, "denied");
  EXPECT_TRUE(p.state.hyperpod().is_training_plan_hidden("winter"));
  EXPECT_FALSE(p.state.hyperpod().is_training_plan_hidden("summer"));
}

}  // namespace
}  // namespace hyperwright::controllers::test
