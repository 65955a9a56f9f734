// What is told of a turn: the log's lines are read as they come out on standard error.
#include "runtime/reporter.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/state/picture.h"

namespace hyperwright::runtime {
namespace {

namespace json = boost::json;
using state::kStart;
using state::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <typename Act>
std::vector<json::object> lines(Act act) {
  testing::internal::CaptureStderr();
  act();
  std::vector<json::object> list;
  std::istringstream text(testing::internal::GetCapturedStderr());
  for (std::string line; std::getline(text, line);) list.push_back(json::parse(line).as_object());
  return list;
}
std::vector<std::string> said(const std::vector<json::object>& list) {
  std::vector<std::string> texts;
  for (const json::object& line : list)
    texts.push_back(std::string(line.at("level").as_string()) + " " +
                    std::string(line.at("message").as_string()));
  return texts;
}

// A controller that emits the one effect that the test asks for.
state::Action wanted;
void emit_wanted(const controllers::Context&, const state::Key&, controllers::Decision& decision) {
  decision.emit(wanted, "test");
}
const std::vector<controllers::Controller> kEmitting = {
    {"test", {state::Key::Of::Node}, emit_wanted}};

class ReporterTest : public testing::Test {
 protected:
  static state::Picture picture() {
    state::Picture picture;
    picture.comes(state::node_pool("pool"));
    kube::Node ours = state::node("n1");
    ours.meta.annotations.set(kube::kNodeClaimUid, "uid-c1");
    picture.comes(ours);
    picture.everything_is_listed();
    picture.is_described();
    return picture;
  }
  // Emits the action in one turn, and reports it.
  std::vector<json::object> emit(state::Action action, LogLevel level = LogLevel::Info) {
    wanted = std::move(action);
    const Log log(level);
    Reporter reporter(log, metrics);
    return lines([&] {
      const auto effects = loop.turn({}, kStart);
      reporter.after_turn(loop, effects, 0, {}, kStart);
    });
  }
  // ... and then the answer to it.
  std::vector<json::object> answer(state::Action action, Outcome outcome, std::string message,
                                   LogLevel level = LogLevel::Info) {
    emit(std::move(action));
    const Log log(level);
    Reporter reporter(log, metrics);
    const std::vector<state::Event> events = {
        state::Answered{.effect = 1, .outcome = outcome, .message = std::move(message)}};
    return lines([&] { reporter.before_turn(loop, events, kStart); });
  }

  Metrics metrics;
  Loop loop{picture().state, 1, kEmitting};
};

kube::NodeClaim a_claim() {
  kube::NodeClaim claim = state::new_claim("gpu-7xk2p");
  claim.meta.labels.set(kube::kInstanceType, "ml.p5.48xlarge");
  claim.meta.labels.set(kube::kZone, "us-east-1a");
  claim.meta.labels.set(kube::kCapacityType, "on-demand");
  return claim;
}

TEST_F(ReporterTest, ACreatedClaimIsToldWithKarpentersKeys) {
  const auto told =
      answer(state::CreateNodeClaim{a_claim(), {"uid-1", "uid-2"}}, Outcome::Done, "");
  ASSERT_THAT(said(told), ElementsAre("INFO created nodeclaim"));
  EXPECT_EQ(told[0].at("NodeClaim").at("name"), "gpu-7xk2p");
  EXPECT_EQ(told[0].at("NodePool").at("name"), "pool");
  EXPECT_EQ(told[0].at("instance-type"), "ml.p5.48xlarge");
  EXPECT_EQ(told[0].at("zone"), "us-east-1a");
  EXPECT_EQ(told[0].at("capacity-type"), "on-demand");
  EXPECT_EQ(told[0].at("pod-count"), "2");
  EXPECT_EQ(told[0].at("reason"), "test");
}

TEST_F(ReporterTest, ANodeIsRegisteredOnceHoweverOftenItsPatchConflicts) {
  const state::PatchNode patch{
      .name = "n1", .uid = "uid-n1", .set_labels = {{std::string(kube::kRegistered), "true"}}};
  EXPECT_THAT(emit(patch), IsEmpty());
  Loop again(picture().state, 1, kEmitting);
  std::swap(loop, again);
  EXPECT_THAT(answer(patch, Outcome::Conflict, "newer"), IsEmpty());
  Loop third(picture().state, 1, kEmitting);
  std::swap(loop, third);
  EXPECT_THAT(said(answer(patch, Outcome::Done, "")), ElementsAre("INFO registered node"));
}

TEST_F(ReporterTest, APodIsToldWithItsNamespace) {
  const auto told = emit(state::RecordEvent{
      .kind = "Pod", .key = {"shop", "web-0"}, .is_warning = true, .reason = "FailedScheduling"});
  ASSERT_THAT(said(told), ElementsAre("WARN recorded event"));
  EXPECT_EQ(told[0].at("Pod").at("namespace"), "shop");
  EXPECT_EQ(told[0].at("Pod").at("name"), "web-0");
}

TEST_F(ReporterTest, ReadingsAndPlainPatchesAreToldOnlyWhenAskedFor) {
  EXPECT_THAT(emit(state::DescribeCluster{}), IsEmpty());
  Loop again(picture().state, 1, kEmitting);
  std::swap(loop, again);
  EXPECT_THAT(said(emit(state::DescribeCluster{}, LogLevel::Debug)), ElementsAre("DEBUG effect"));
}

TEST_F(ReporterTest, AFailureIsToldOnceWithWhatTheApiSaid) {
  const auto told = answer(state::DeleteNode{"n1", "uid-n1"}, Outcome::Rejected, "forbidden");
  ASSERT_THAT(said(told), ElementsAre("ERROR effect failed"));
  EXPECT_EQ(told[0].at("Node").at("name"), "n1");
  EXPECT_EQ(told[0].at("effect"), "DeleteNode");
  EXPECT_EQ(told[0].at("error"), "forbidden");
}

TEST_F(ReporterTest, ConflictsAndBudgetsThatMakeWaitAreEverydayLife) {
  EXPECT_THAT(answer(state::EvictPod{{"default", "web"}, "u"}, Outcome::Blocked, "budget"),
              IsEmpty());
}

TEST_F(ReporterTest, ADoneEffectIsCountedAndNotToldAgain) {
  EXPECT_THAT(answer(state::DeleteNode{"n1", "uid-n1"}, Outcome::Done, ""), IsEmpty());
  EXPECT_THAT(metrics.text(),
              HasSubstr(R"(hyperwright_effects_total{effect="DeleteNode",outcome="Done"} 1)"));
}

TEST_F(ReporterTest, AnAnswerToNothingIsPassedOver) {
  const Log log(LogLevel::Debug);
  Reporter reporter(log, metrics);
  const std::vector<state::Event> events = {state::Answered{.effect = 99}};
  EXPECT_THAT(lines([&] { reporter.before_turn(loop, events, kStart); }), IsEmpty());
}

TEST_F(ReporterTest, ARefusalIsAnErrorThatSaysWhyAndIsCounted) {
  kube::NodeClaim stray = a_claim();
  stray.meta.labels.set(kube::kNodePool, "no-such-pool");
  const auto told = emit(state::CreateNodeClaim{stray, {}});
  ASSERT_THAT(said(told), ElementsAre("ERROR refused an effect that would break a promise"));
  EXPECT_THAT(std::string(told[0].at("why").as_string()), HasSubstr("no-such-pool"));
  EXPECT_THAT(metrics.text(),
              HasSubstr(R"(hyperwright_refused_effects_total{effect="CreateNodeClaim"} 1)"));
}

TEST_F(ReporterTest, GaugesAreReadEveryFiveSecondsNotEveryTurn) {
  wanted = state::DescribeCluster{};
  const Log log(LogLevel::Error);
  Reporter reporter(log, metrics);
  const auto nodes_told_at = [&](Duration after, std::string node) {
    std::vector<state::Event> events = {state::Changed{state::node(std::move(node))}};
    std::get<kube::Node>(std::get<state::Changed>(events[0]).object).meta.resource_version = 500;
    const auto effects = loop.turn(events, kStart + after);
    reporter.after_turn(loop, effects, 1, {}, kStart + after);
    const std::string text = metrics.text();
    const std::string name = "\nkarpenter_cluster_state_node_count ";
    return text.substr(text.find(name) + name.size(), 1);
  };
  EXPECT_EQ(nodes_told_at({}, "n2"), "2");
  EXPECT_EQ(nodes_told_at(Duration::seconds(4), "n3"), "2");
  EXPECT_EQ(nodes_told_at(Duration::seconds(5), "n4"), "4");
}

TEST_F(ReporterTest, GaugesAreDueFiveSecondsAfterTheLastReadingOnceATurnLeftThemBehind) {
  const Log log(LogLevel::Error);
  Reporter reporter(log, metrics);
  EXPECT_EQ(reporter.gauges_due(), Time::max());
  reporter.after_turn(loop, {}, 0, {}, kStart);  // reads them
  EXPECT_EQ(reporter.gauges_due(), Time::max());
  reporter.after_turn(loop, {}, 0, {}, kStart + Duration::seconds(1));
  EXPECT_EQ(reporter.gauges_due(), kStart + Duration::seconds(5));
  reporter.read_gauges(loop, kStart + Duration::seconds(5));
  EXPECT_EQ(reporter.gauges_due(), Time::max());
}

TEST_F(ReporterTest, AClockThatIsSetBackIsToldOnceEachTimeAndThatItHasCaughtUp) {
  const Log log(LogLevel::Info);
  Reporter reporter(log, metrics);
  const auto told_at = [&](Duration ahead) { return lines([&] { reporter.note_clock(ahead); }); };
  EXPECT_THAT(told_at({}), IsEmpty());
  EXPECT_THAT(told_at(Duration::milliseconds(999)), IsEmpty()) << "a time service's own step";
  EXPECT_THAT(told_at({}), IsEmpty());
  const auto first = told_at(Duration::hours(1));
  ASSERT_THAT(said(first),
              ElementsAre("WARN the clock was set back, time goes at half its pace until it has "
                          "caught up"));
  EXPECT_EQ(first[0].at("by"), "1h0m0s");
  EXPECT_THAT(told_at(Duration::minutes(59)), IsEmpty());
  const auto again = told_at(Duration::minutes(61));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].at("by"), "2m0s");
  EXPECT_EQ(again[0].at("ahead"), "1h1m0s");
  EXPECT_THAT(told_at(Duration::seconds(1)), IsEmpty());
  EXPECT_THAT(said(told_at({})), ElementsAre("INFO the clock has caught up"));
  EXPECT_THAT(told_at({}), IsEmpty());
}

TEST(LogFields, ALaunchNamesItsGroupsTokenAndCount) {
  state::BatchAddClusterNodes add;
  add.client_token = "token";
  add.specifications = {{.group = "gpu", .count = 2}, {.group = "cpu", .count = 3}};
  EXPECT_THAT(log_fields({1, "provisioned", add}),
              ElementsAre(LogField("reason", "provisioned"), LogField("instance-group", "gpu"),
                          LogField("instance-group", "cpu"), LogField("client-token", "token"),
                          LogField("node-count", "5")));
}

TEST(Log, LevelsAreReadAndAnUnknownOneNamesTheChoices) {
  EXPECT_EQ(parse_log_level("warn").value(), LogLevel::Warn);
  EXPECT_EQ(parse_log_level("").value(), LogLevel::Info);
  const auto wrong = parse_log_level("loud");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().text(), HasSubstr("\"loud\""));
  EXPECT_THAT(std::string(wrong.error().remedy()), HasSubstr("debug, info, warn"));
}

TEST(Log, TextIsEscapedSoThatALineIsOneObject) {
  const Log log(LogLevel::Info);
  const auto told =
      lines([&] { log.write(LogLevel::Info, "hello", {{"text", "two\nlines and a \"quote\""}}); });
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].at("text"), "two\nlines and a \"quote\"");
}

TEST(Log, WhatIsBelowTheLevelIsNotWritten) {
  const Log log(LogLevel::Warn);
  EXPECT_THAT(lines([&] { log.write(LogLevel::Info, "quiet"); }), IsEmpty());
}

}  // namespace
}  // namespace hyperwright::runtime
