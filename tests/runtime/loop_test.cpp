// One turn: fold, look at what is due, hand out. The controllers are small ones of the test's own,
// which write down what they were asked.
#include "runtime/loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/state/picture.h"

namespace hyperwright::runtime {
namespace {

using controllers::Context;
using controllers::Controller;
using controllers::Decision;
using state::Key;
using state::kStart;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Of = Key::Of;

// A controller is a plain function: what it sees and says goes by here.
struct Script {
  std::vector<std::string> looks;
  Time look_again = Time::max();
  std::vector<state::Action> actions;
  bool says_once = true;
};
Script script;

std::string text_of(const Key& key) {
  static constexpr std::array kWords = {"pods",     "node",   "claim",  "pool",    "class",
                                        "overlays", "buffer", "launch", "hyperpod"};
  const std::string word = kWords.at(static_cast<std::size_t>(key.of));
  return key.name.empty() ? word : word + " " + key.name;
}

void follow(const Context&, const Key& key, Decision& decision) {
  script.looks.push_back(text_of(key));
  decision.look_again(script.look_again);
  for (const state::Action& action : script.actions) decision.emit(action, "test");
  if (script.says_once) script.actions.clear();
}
// With the mark of a claim of ours: the guards let it be deleted.
kube::Node our_node(std::string name) {
  kube::Node node = state::node(std::move(name));
  node.meta.annotations.set(kube::kNodeClaimUid, "uid-c1");
  return node;
}
void name_a_claim(const Context& context, const Key&, Decision& decision) {
  kube::NodeClaim claim = state::new_claim("c-" + std::to_string(context.random.next() % 100'000));
  decision.emit(state::CreateNodeClaim{claim, {}}, "provisioned");
}

class LoopTest : public testing::Test {
 protected:
  LoopTest() { script = {}; }

  // A loop over a picture that is complete, with nothing marked.
  static Loop ready(std::span<const Controller> controllers, std::uint64_t seed = 1) {
    state::Picture picture;
    picture.comes(state::node_pool("pool"));
    picture.is_ready();
    return {std::move(picture.state), seed, controllers};
  }
  static state::Event comes(kube::Node node) {
    static std::uint64_t version = 1'000;
    node.meta.resource_version = ++version;
    return state::Changed{std::move(node)};
  }
  static std::vector<state::Effect> turn(Loop& loop, std::vector<state::Event> events,
                                         Time now = kStart) {
    return loop.turn(events, now);
  }
  static std::vector<state::Event> flood(int nodes) {
    std::vector<state::Event> events;
    for (int i = 0; i < nodes; ++i) events.push_back(comes(state::node("n" + std::to_string(i))));
    return events;
  }
  static std::vector<std::string> looks() { return std::exchange(script.looks, {}); }
};

const std::vector<Controller> kNodes = {{"nodes", {Of::Node}, follow}};
const std::vector<Controller> kPools = {{"pools", {Of::NodePool}, follow}};

TEST_F(LoopTest, WhatChangedIsLookedAtInTheSameTurn) {
  Loop loop = ready(kNodes);
  turn(loop, {comes(state::node("n1")), comes(state::node("n2"))});
  EXPECT_THAT(looks(), ElementsAre("node n1", "node n2"));
  turn(loop, {});
  EXPECT_THAT(looks(), IsEmpty());
}

TEST_F(LoopTest, ManyChangesOfOneObjectAreOneLook) {
  Loop loop = ready(kNodes);
  turn(loop, {comes(state::node("n1")), comes(state::node("n1")), comes(state::node("n1"))});
  EXPECT_THAT(looks(), ElementsAre("node n1"));
}

TEST_F(LoopTest, AControllerIsAskedOnlyForTheKindsOfKeysThatItWatches) {
  Loop loop = ready(kPools);
  turn(loop, {comes(state::node("n1"))});
  EXPECT_THAT(looks(), testing::Not(testing::Contains("node n1")));
}

TEST_F(LoopTest, BeforeThePictureIsCompleteOnlyWhatCompletesItActs) {
  const std::vector<Controller> both = {{"nodes", {Of::Node, Of::HyperPod}, follow}};
  Loop loop(state::Picture().state, 1, both);
  turn(loop, {comes(state::node("n1"))});
  EXPECT_THAT(looks(), ElementsAre("hyperpod"));
}

TEST_F(LoopTest, CompletionMarksWhatCameBefore) {
  state::Picture picture;
  picture.comes(state::node("n1"));
  picture.is_described();
  Loop loop(std::move(picture.state), 1, kNodes);
  std::vector<state::Event> lists;
  for (std::size_t i = 0; i < state::kKindCount; ++i)
    lists.push_back(state::Synced{static_cast<state::Kind>(i)});
  turn(loop, lists);
  EXPECT_THAT(looks(), ElementsAre("node n1"));
}

TEST_F(LoopTest, ALookIsMadeAgainAtItsTimeAndNotBefore) {
  Loop loop = ready(kNodes);
  script.look_again = kStart + Duration::seconds(30);
  turn(loop, {comes(state::node("n1"))});
  looks();
  EXPECT_EQ(loop.next_wake(), kStart + Duration::seconds(30));
  turn(loop, {}, kStart + Duration::seconds(30) - Duration::microseconds(1));
  EXPECT_THAT(looks(), IsEmpty());
  script.look_again = Time::max();
  turn(loop, {}, kStart + Duration::seconds(30));
  EXPECT_THAT(looks(), ElementsAre("node n1"));
  EXPECT_EQ(loop.next_wake(), Time::max()) << "nothing is due any more";
}

TEST_F(LoopTest, TheEndOfABackOffIsATurn) {
  Loop loop = ready(kNodes);
  const Time end = kStart + Duration::minutes(2);
  script.actions = {state::BackOff{"gpu", end, "its quota is full"}};
  turn(loop, {comes(state::node("n1"))});
  turn(loop, {});
  EXPECT_EQ(loop.next_wake(), end);
  const std::uint64_t inputs = loop.state().solver_inputs_version();
  turn(loop, {}, end);
  EXPECT_GT(loop.state().solver_inputs_version(), inputs);
  turn(loop, {}, end);
  EXPECT_EQ(loop.next_wake(), Time::max());
}

TEST_F(LoopTest, AChangeBringsALookForwardAndALaterWishDoesNotPutItOff) {
  Loop loop = ready(kNodes);
  script.look_again = kStart + Duration::seconds(30);
  turn(loop, {comes(state::node("n1"))});
  script.look_again = kStart + Duration::seconds(50);
  turn(loop, {comes(state::node("n1"))}, kStart + Duration::seconds(10));
  EXPECT_THAT(looks(), ElementsAre("node n1", "node n1"));
  EXPECT_EQ(loop.next_wake(), kStart + Duration::seconds(50)) << "the newest look says when";
}

TEST_F(LoopTest, AWishToBeWokenNowIsGrantedAMomentLaterSoThatATurnEnds) {
  Loop loop = ready(kNodes);
  script.look_again = kStart;
  turn(loop, {comes(state::node("n1"))});
  EXPECT_THAT(looks(), ElementsAre("node n1"));
  EXPECT_GT(loop.next_wake(), kStart);
  EXPECT_LE(loop.next_wake(), kStart + Duration::milliseconds(1));
}

TEST_F(LoopTest, EffectsAreNumberedAndUnderWayWhenTheTurnReturns) {
  Loop loop = ready(kNodes);
  script.actions = {state::DeleteNode{"n1", "uid-n1"}, state::DeleteNode{"n2", "uid-n2"}};
  const auto effects = turn(loop, {comes(our_node("n1")), comes(our_node("n2"))});
  ASSERT_EQ(effects.size(), 2U);
  EXPECT_EQ(effects[0].id + 1, effects[1].id);
  EXPECT_TRUE(loop.state().pending().contains(effects[0].id));
  EXPECT_EQ(loop.state().next_try({state::Target::Of::Node, "n1"}), Time::max());
}

TEST_F(LoopTest, WhatIsUnderWayIsNotEmittedAgain) {
  Loop loop = ready(kNodes);
  script.says_once = false;
  script.actions = {state::DeleteNode{"n1", "uid-n1"}};
  const auto first = turn(loop, {comes(our_node("n1"))});
  EXPECT_EQ(first.size(), 1U);
  EXPECT_THAT(turn(loop, {comes(our_node("n1"))}), IsEmpty());
}

TEST_F(LoopTest, AnEffectThatAGuardRefusesIsToldAndNotHandedOut) {
  Loop loop = ready(kNodes);
  kube::NodeClaim stray = state::new_claim("stray");
  stray.meta.labels.set(kube::kNodePool, "no-such-pool");
  script.actions = {state::CreateNodeClaim{stray, {}}};
  EXPECT_THAT(turn(loop, {comes(state::node("n1"))}), IsEmpty());
  ASSERT_EQ(loop.refused().size(), 1U);
  EXPECT_THAT(loop.refused()[0].why, testing::HasSubstr("no-such-pool"));
  EXPECT_THAT(loop.state().pending(), IsEmpty());
  turn(loop, {});
  EXPECT_TRUE(loop.refused().empty()) << "a refusal belongs to its turn";
}

TEST_F(LoopTest, ARefusalIsToldInAnEventOnce) {
  Loop loop = ready(kNodes);
  kube::Node foreign = state::node("n1");
  script.says_once = false;
  script.actions = {state::DeleteNode{"n1", "uid-n1"}};
  const auto effects = turn(loop, {comes(foreign)});
  ASSERT_EQ(effects.size(), 1U);
  const auto& event = std::get<state::RecordEvent>(effects[0].action);
  EXPECT_EQ(event.reason, "EffectRefused");
  EXPECT_EQ(event.key.name, "n1");
  EXPECT_THAT(event.message, testing::HasSubstr("Node n1 is not ours"));
  EXPECT_EQ(loop.refused().size(), 1U);
  EXPECT_GT(effects[0].id, loop.refused()[0].effect.id);
  EXPECT_THAT(turn(loop, {comes(foreign)}), IsEmpty()) << "it waits";
}

TEST_F(LoopTest, TheSameTurnsAndSeedGiveTheSameNames) {
  const std::vector<Controller> naming = {{"naming", {Of::Node}, name_a_claim}};
  const auto run = [&](std::uint64_t seed) {
    Loop loop = ready(naming, seed);
    const auto effects = turn(loop, {comes(state::node("n1"))});
    return std::get<state::CreateNodeClaim>(effects.at(0).action).claim.meta.name;
  };
  EXPECT_EQ(run(7), run(7));
  EXPECT_NE(run(7), run(8));
}

TEST_F(LoopTest, ALookAtEverythingAsksForEachKeyThatThereIs) {
  const std::vector<Controller> all = {{"all",
                                        {Of::PendingPods, Of::Node, Of::NodeClaim, Of::NodePool,
                                         Of::NodeClass, Of::Launch, Of::HyperPod},
                                        follow}};
  state::Picture picture;
  picture.comes(state::node_pool("pool"));
  picture.comes(state::node_class("class"));
  picture.comes(state::claim("c1", {}, state::launch("batch-1")));
  picture.comes(state::node("n1"));
  picture.is_ready();
  Loop loop(std::move(picture.state), 1, all);
  turn(loop, {});
  looks();
  loop.look_at_everything(kStart);
  turn(loop, {});
  EXPECT_THAT(looks(), UnorderedElementsAre("pods", "hyperpod", "pool pool", "class class",
                                            "claim c1", "launch batch-1", "node n1"));
}

TEST_F(LoopTest, AFloodIsWorkedOffInTurns) {
  const std::vector<Controller> many(4, kNodes[0]);
  Loop loop = ready(many);
  turn(loop, flood(100));
  EXPECT_EQ(looks().size(), 300U);
  EXPECT_EQ(loop.next_wake(), kStart) << "the rest is due at once";
  turn(loop, {comes(state::node("a-newcomer"))}, kStart + Duration::seconds(1));
  std::vector<std::string> rest = looks();
  EXPECT_EQ(rest.size(), 104U);
  rest.resize(100);
  EXPECT_THAT(rest, testing::Not(testing::Contains("node a-newcomer")))
      << "what is due longest comes first";
}

TEST_F(LoopTest, AnEffectIsAsMuchWorkAsThreeLooks) {
  Loop loop = ready(kNodes);
  script.says_once = false;
  for (int i = 0; i < 10; ++i)
    script.actions.emplace_back(state::DeleteNode{"other-" + std::to_string(i), "uid"});
  turn(loop, flood(200));
  EXPECT_EQ(looks().size(), 200U) << "ten effects, and then they are under way";
  script.actions = {state::MarkUnavailable{{"gpu", "ml.g5.xlarge", "z1"}, kStart}};
  script.actions.resize(3, script.actions[0]);
  turn(loop, flood(200));
  EXPECT_EQ(looks().size(), 30U) << "a look and three effects each";
}

TEST_F(LoopTest, WhatIsDueBeyondATurnIsRemembered) {
  const std::vector<Controller> many(4, kNodes[0]);
  Loop loop = ready(many);
  turn(loop, flood(100));
  EXPECT_EQ(loop.memory().due.size(), 100U);
}

}  // namespace
}  // namespace hyperwright::runtime
