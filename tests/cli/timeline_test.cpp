// The timeline's lines, as they come out on standard output.
#include "cli/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/state/picture.h"

namespace hyperwright::cli {
namespace {

using state::kStart;
using testing::HasSubstr;
using testing::Not;

template <typename Act>
std::string printed(Act act) {
  testing::internal::CaptureStdout();
  act();
  return testing::internal::GetCapturedStdout();
}

class TimelineTest : public testing::Test {
 protected:
  Timeline timeline{kStart, /*is_terminal=*/false};
  state::Picture picture;

  void note(state::Action action, std::string reason = "test") {
    timeline.note({.id = 1, .reason = std::move(reason), .action = std::move(action)},
                  picture.state);
  }
  std::string told(Duration after = Duration::seconds(90)) {
    return printed([&] { timeline.flush(kStart + after); });
  }
  static state::CreateNodeClaim creation(std::string name, std::string_view type,
                                         std::size_t pods) {
    kube::NodeClaim claim = state::new_claim(std::move(name));
    claim.meta.labels.set(kube::kInstanceType, type);
    claim.meta.labels.set(kube::kZone, "us-east-1a");
    return {claim, std::vector<std::string>(pods, "uid")};
  }
};

TEST_F(TimelineTest, ALineBeginsWithTheStorysTime) {
  EXPECT_EQ(printed([&] { timeline.say(kStart + Duration::seconds(3'723), "hello"); }),
            "01:02:03  # hello\n");
}

TEST_F(TimelineTest, ClaimsThatAreAlikeAreOneLine) {
  note(creation("a", "ml.g5.xlarge", 2));
  note(creation("b", "ml.g5.xlarge", 3));
  note(creation("c", "ml.p5.48xlarge", 1));
  EXPECT_EQ(told(),
            "00:01:30  + 2 x ml.g5.xlarge in us-east-1a for 5 pods (NodePool pool)\n"
            "00:01:30  + 1 x ml.p5.48xlarge in us-east-1a for 1 pod (NodePool pool)\n");
}

TEST_F(TimelineTest, WhatWasToldIsNotToldAgain) {
  note(creation("a", "ml.g5.xlarge", 1));
  EXPECT_NE(told(), "");
  EXPECT_EQ(told(), "");
}

TEST_F(TimelineTest, ARegistrationIsANodeThatJoinedAndOtherPatchesAreNothing) {
  kube::Node node = state::node("n1");
  node.meta.labels.set(kube::kInstanceType, "ml.g5.xlarge");
  picture.comes(node);
  note(state::PatchNode{.name = "n1", .set_labels = {{"a", "b"}}});
  EXPECT_EQ(told(), "");
  note(state::PatchNode{.name = "n1", .set_labels = {{std::string(kube::kRegistered), "true"}}});
  EXPECT_EQ(told(), "00:01:30  + 1 x ml.g5.xlarge joined\n");
}

TEST_F(TimelineTest, ADeletionSaysWhyInWords) {
  kube::NodeClaim claim = state::claim("c1");
  claim.meta.labels.set(kube::kInstanceType, "ml.g5.xlarge");
  picture.comes(claim);
  note(state::DeleteNodeClaim{"c1", "uid-c1"}, "empty");
  EXPECT_EQ(told(), "00:01:30  - 1 x ml.g5.xlarge: nothing runs there\n");
  note(state::DeleteNodeClaim{"c1", "uid-c1"}, "insufficient_capacity");
  EXPECT_THAT(told(), HasSubstr("HyperPod has no capacity for it"));
  note(state::DeleteNodeClaim{"c1", "uid-c1"}, "expired");
  EXPECT_THAT(told(), HasSubstr(": expired\n"));
  note(state::DeleteNodeClaim{"unknown", "uid"}, "empty");
  EXPECT_THAT(told(), HasSubstr("1 x a node"));
}

TEST_F(TimelineTest, AnOfferingWithoutCapacityIsToldWithItsEnd) {
  note(state::MarkUnavailable{{"gpu", "ml.g5.xlarge", "us-east-1a"},
                              kStart + Duration::minutes(10)});
  EXPECT_EQ(told(),
            "00:01:30  ! ml.g5.xlarge in us-east-1a is out of capacity, left out until 00:10:00\n");
}

TEST_F(TimelineTest, AtOneInstantTheCauseIsToldBeforeItsEffects) {
  note(creation("b", "ml.p5.48xlarge", 1));
  note(state::DeleteNodeClaim{"a", "uid-a"}, "insufficient_capacity");
  note(state::MarkUnavailable{{"gpu", "ml.g5.xlarge", "us-east-1a"}, kStart});
  EXPECT_THAT(told(), testing::MatchesRegex("[^\n]*  ! [^\n]*\n[^\n]*  - [^\n]*\n"
                                            "[^\n]*  [+] [^\n]*\n"));
}

TEST_F(TimelineTest, WhatTwoClaimsFoundOutAtOnceIsToldOnce) {
  const state::MarkUnavailable found{{"gpu", "ml.g5.xlarge", "us-east-1a"},
                                     kStart + Duration::minutes(10)};
  note(found);
  note(found);
  EXPECT_EQ(std::ranges::count(told(), '\n'), 1);
}

TEST_F(TimelineTest, APodThatNobodyCanPlaceIsToldAndOtherEventsAreNot) {
  note(state::RecordEvent{
      .kind = "Pod", .key = {"default", "web"}, .reason = "Nominated", .message = "there"});
  EXPECT_EQ(told(), "");
  note(state::RecordEvent{.kind = "Pod",
                          .key = {"default", "web"},
                          .reason = "FailedScheduling",
                          .message = "too big"});
  EXPECT_EQ(told(), "00:01:30  ! pod web: too big\n");
}

// --- how things stand ---

constexpr sim::Standing kStanding{.nodes_ready = 2,
                                  .nodes_coming = 1,
                                  .pods_running = 5,
                                  .pods_pending = 3,
                                  .per_hour = hyperpod::MicroDollars(1'500'000)};

std::string shown(Timeline& timeline, Duration after, const sim::Standing& standing = kStanding) {
  return printed([&] { timeline.show(kStart + after, standing, hyperpod::MicroDollars(250'000)); });
}

TEST_F(TimelineTest, TheStandingLineCountsNodesPodsAndMoney) {
  EXPECT_THAT(shown(timeline, Duration::minutes(1)),
              testing::MatchesRegex("00:01:00    nodes   2 ready   1 coming   pods   5 running   3 "
                                    "pending .*1\\.50/h .*0\\.25 in all\n"));
}

TEST_F(TimelineTest, WithoutATerminalItIsToldOnceAMinuteAndOnlyWhenItChanged) {
  EXPECT_NE(shown(timeline, Duration::minutes(1)), "");
  EXPECT_EQ(shown(timeline, Duration::minutes(5)), "") << "nothing changed";
  EXPECT_NE(shown(timeline, Duration::minutes(5), {.nodes_ready = 3}), "");
  EXPECT_EQ(shown(timeline, Duration::seconds(359), {.nodes_ready = 4}), "") << "within the minute";
  EXPECT_NE(shown(timeline, Duration::minutes(6), {.nodes_ready = 4}), "");
}

TEST_F(TimelineTest, WithoutATerminalThereAreNoColoursAndNothingIsRewritten) {
  note(creation("a", "ml.g5.xlarge", 1));
  EXPECT_THAT(told() + shown(timeline, Duration::minutes(1)), Not(HasSubstr("\033")));
}

TEST_F(TimelineTest, OnATerminalTheStandingLineIsRewrittenInPlaceBeforeEachNewLine) {
  Timeline terminal(kStart, /*is_terminal=*/true);
  const std::string standing = shown(terminal, Duration::seconds(1));
  EXPECT_THAT(standing, Not(HasSubstr("\n")));
  EXPECT_NE(shown(terminal, Duration::seconds(2)), "") << "each time, not each minute";
  EXPECT_THAT(printed([&] { terminal.say(kStart, "hello"); }), testing::StartsWith("\r\033[K"));
}

// --- the end ---

TEST_F(TimelineTest, TheSummaryHasTheFiguresThatAPersonWants) {
  const sim::BillSummary summary{.pods_run = 17,
                                 .median_wait = Duration::seconds(100),
                                 .worst_wait = Duration::seconds(250),
                                 .node_time = Duration::minutes(90),
                                 .cost = hyperpod::MicroDollars(12'340'000),
                                 .idle_percent = 21};
  const std::string text =
      printed([&] { timeline.summary(summary, Duration::minutes(61), /*is_at_zero=*/true); });
  for (const char* part : {"pods run                    17", "1m40s median, 4m10s worst",
                           "node hours                 1.5", "12.34",
                           "idle share of cost         21%", "cluster                at zero"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_THAT(text, Not(HasSubstr("never run")));
}

TEST_F(TimelineTest, TheSummarySaysWhatDidNotEndWell) {
  const std::string text = printed([&] {
    timeline.summary({.pods_never_run = 2}, Duration::minutes(61), /*is_at_zero=*/false);
  });
  EXPECT_THAT(text, HasSubstr("pods never run               2"));
  EXPECT_THAT(text, HasSubstr("not at zero"));
}

}  // namespace
}  // namespace hyperwright::cli
