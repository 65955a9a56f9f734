// Effects that are under way: what they block, what their answers clear, and how long a failure
// waits.
#include <gtest/gtest.h>

#include "state/cluster_state.h"
#include "tests/state/picture.h"

namespace hyperwright::state {
namespace {

const Target kNodeN1{Target::Of::Node, "n1"};
const Target kClaimC1{Target::Of::NodeClaim, "c1"};

PatchNode patch(std::uint64_t version = 0) {
  return {.name = "n1", .uid = "uid-n1", .resource_version = version};
}

// The waits, in seconds, after so many failures in a row.
std::vector<std::int64_t> waits_after(Outcome outcome, std::size_t failures) {
  Picture picture;
  std::vector<std::int64_t> seconds;
  for (std::size_t i = 0; i < failures; ++i) {
    picture.answers(picture.emits(patch()), outcome);
    seconds.push_back(picture.wait_of(kNodeN1).in_seconds());
  }
  return seconds;
}
using Seconds = std::vector<std::int64_t>;

TEST(EffectsUnderWay, BlockTheirTargetUntilTheirAnswer) {
  Picture picture;
  const EffectId id = picture.emits(patch());
  EXPECT_EQ(picture.wait_of(kNodeN1), Duration::max());
  EXPECT_EQ(picture.wait_of({Target::Of::Node, "n2"}), Duration{});
  ASSERT_EQ(picture.state.pending().size(), 1U);
  EXPECT_EQ(picture.state.pending().at(id).since, kStart);
  picture.answers(id, Outcome::Done);
  EXPECT_EQ(picture.wait_of(kNodeN1), Duration{});
  EXPECT_TRUE(picture.state.pending().empty());
}

TEST(EffectsUnderWay, ThoseOfThePictureNeedNoAnswer) {
  Picture picture;
  picture.emits(NominatePods{});
  picture.emits(MarkUnschedulable{});
  picture.emits(MarkUnavailable{});
  picture.emits(BackOff{});
  EXPECT_TRUE(picture.state.pending().empty());
}

TEST(EffectsUnderWay, ADeletionBlocksEachOfItsInstances) {
  Picture picture;
  const EffectId id = picture.emits(BatchDeleteClusterNodes{{"l1", "l2"}});
  EXPECT_EQ(picture.wait_of({Target::Of::Instance, "l1"}), Duration::max());
  EXPECT_EQ(picture.wait_of({Target::Of::Instance, "l2"}), Duration::max());
  picture.answers(id, Outcome::Done, hyperpod::DeleteResult{.successful = {"l1", "l2"}});
  EXPECT_EQ(picture.wait_of({Target::Of::Instance, "l1"}), Duration{});
  EXPECT_EQ(picture.wait_of({Target::Of::Instance, "l2"}), Duration{});
}

TEST(EffectsUnderWay, AnAnswerMarksTheTarget) {
  Picture picture;
  picture.is_ready();
  picture.comes(claim("c1", "l1"));
  picture.lists({instance("l1", "i-1")});
  picture.comes(node("n1", "i-1"));
  picture.comes(pod("a", {.node = "n1"}));
  const auto marked_by = [&](Action action) {
    picture.keys();
    picture.answers(picture.emits(std::move(action)), Outcome::Retry);
    return picture.keys();
  };
  EXPECT_EQ(marked_by(patch()), (Keys{{Of::Node, "n1"}, {Of::NodeClaim, "c1"}}));
  EXPECT_EQ(marked_by(PatchNodeClaim{.name = "c1"}),
            (Keys{{Of::Node, "n1"}, {Of::NodeClaim, "c1"}, {Of::Launch, "batch"}}));
  EXPECT_EQ(marked_by(EvictPod{{"default", "a"}, "uid-a"}), (Keys{{Of::Node, "n1"}}));
  EXPECT_EQ(marked_by(PatchNodePool{"pool", {}}), (Keys{{Of::NodePool, "pool"}}));
  EXPECT_EQ(marked_by(PatchNodeClass{"class", {}}), (Keys{{Of::NodeClass, "class"}}));
  EXPECT_EQ(marked_by(BatchDeleteClusterNodes{{"l1"}}),
            (Keys{{Of::NodeClaim, "c1"}, {Of::HyperPod, ""}}));
  EXPECT_EQ(marked_by(ListClusterNodes{}), (Keys{{Of::HyperPod, ""}}));
  EXPECT_EQ(marked_by(BatchAddClusterNodes{"batch", {}}),
            (Keys{{Of::NodeClaim, "c1"}, {Of::Launch, "batch"}, {Of::HyperPod, ""}}));
}

TEST(EffectsUnderWay, AnAnswerToAnEarlierLifeIsDropped) {
  Picture picture;
  picture.comes(node("n1"));
  picture.keys();
  picture.answers(77, Outcome::Rejected);
  EXPECT_EQ(picture.keys(), Keys{});
  EXPECT_EQ(picture.wait_of(kNodeN1), Duration{});
}

TEST(EffectsUnderWay, AFailureWaitsLongerEachTimeUpToALongestWait) {
  for (const Outcome outcome : {Outcome::Retry, Outcome::Unknown, Outcome::NotFound}) {
    EXPECT_EQ(waits_after(outcome, 7), (Seconds{1, 2, 4, 8, 16, 30, 30})) << to_string(outcome);
  }
  EXPECT_EQ(waits_after(Outcome::Blocked, 6), (Seconds{1, 2, 4, 8, 10, 10}));
  for (const Outcome outcome : {Outcome::Rejected, Outcome::LimitExceeded}) {
    EXPECT_EQ(waits_after(outcome, 8), (Seconds{10, 20, 40, 80, 160, 320, 600, 600}))
        << to_string(outcome);
  }
  EXPECT_EQ(waits_after(Outcome::Retry, 100).back(), 30);
}

TEST(EffectsUnderWay, ASuccessEndsTheRowOfFailures) {
  Picture picture;
  for (const Outcome outcome : {Outcome::Retry, Outcome::Retry, Outcome::Done, Outcome::Retry}) {
    picture.answers(picture.emits(patch()), outcome);
  }
  EXPECT_EQ(picture.wait_of(kNodeN1), Duration::seconds(1));
}

TEST(EffectsUnderWay, ARefusalOfAGuardWaitsLikeARejection) {
  Picture picture;
  picture.state.fold_refused({.id = 1, .reason = "test", .action = patch()}, picture.now);
  EXPECT_EQ(picture.wait_of(kNodeN1), Duration::seconds(10));
  picture.state.fold_refused({.id = 2, .reason = "test", .action = patch()}, picture.now);
  EXPECT_EQ(picture.wait_of(kNodeN1), Duration::seconds(20));
  EXPECT_TRUE(picture.state.pending().empty());
}

TEST(EffectsUnderWay, AConflictWaitsUntilANewerVersionIsInThePicture) {
  Picture picture;
  picture.comes(node("n1"));
  const std::uint64_t known = picture.version();
  picture.answers(picture.emits(patch(known)), Outcome::Conflict);
  EXPECT_EQ(picture.wait_of(kNodeN1), Duration::seconds(1));
  kube::Node echo = node("n1");
  echo.meta.resource_version = known;
  picture.comes(echo);
  EXPECT_EQ(picture.wait_of(kNodeN1), Duration::seconds(1));
  picture.comes(node("n1"));
  EXPECT_EQ(picture.wait_of(kNodeN1), Duration{});
}

TEST(EffectsUnderWay, AConflictWithAVersionThatIsKnownByNowWaitsForNothing) {
  Picture picture;
  picture.comes(claim("c1"));
  const EffectId id = picture.emits(
      PatchNodeClaim{.name = "c1", .uid = "uid-c1", .resource_version = picture.version()});
  picture.comes(claim("c1"));
  picture.answers(id, Outcome::Conflict);
  EXPECT_EQ(picture.wait_of(kClaimC1), Duration{});
}

TEST(EffectsUnderWay, OnlyAConflictIsReleasedByANewerVersion) {
  Picture picture;
  picture.comes(node("n1"));
  picture.answers(picture.emits(patch(picture.version())), Outcome::Rejected);
  picture.comes(node("n1"));
  EXPECT_EQ(picture.wait_of(kNodeN1), Duration::seconds(10));
}

TEST(EffectsUnderWay, AConflictOfAnyVersionedKindIsReleased) {
  Picture picture;
  picture.comes(node_pool("pool"));
  picture.comes(node_class("class"));
  kube::NodePool pool = node_pool("pool");
  kube::HyperpodNodeClass of_class = node_class("class");
  pool.meta.resource_version = of_class.meta.resource_version = picture.version();
  picture.answers(picture.emits(UpdateNodePoolStatus{pool}), Outcome::Conflict);
  picture.answers(picture.emits(UpdateNodeClassStatus{of_class}), Outcome::Conflict);
  EXPECT_EQ(picture.wait_of({Target::Of::NodePool, "pool"}), Duration::seconds(1));
  picture.comes(node_pool("pool"));
  picture.comes(node_class("class"));
  EXPECT_EQ(picture.wait_of({Target::Of::NodePool, "pool"}), Duration{});
  EXPECT_EQ(picture.wait_of({Target::Of::NodeClass, "class"}), Duration{});
}

TEST(EffectsUnderWay, AWaitEndsWithItsObject) {
  Picture picture;
  picture.comes(node("n1"));
  picture.comes(claim("c1"));
  picture.answers(picture.emits(patch()), Outcome::NotFound);
  picture.answers(picture.emits(PatchNodeClaim{.name = "c1"}), Outcome::NotFound);
  picture.goes(node("n1"));
  picture.goes(claim("c1"));
  EXPECT_EQ(picture.wait_of(kNodeN1), Duration{});
  EXPECT_EQ(picture.wait_of(kClaimC1), Duration{});
}

TEST(EffectsUnderWay, AnEvictedPodIsLeftAloneUntilTheWatchShowsThatItGoes) {
  Picture picture;
  picture.comes(pod("a", {.node = "n1"}));
  picture.answers(picture.emits(EvictPod{{"default", "a"}, "uid-a"}), Outcome::Done);
  EXPECT_EQ(picture.wait_of({Target::Of::Pod, "default/a"}), Duration::seconds(2));
  picture.goes(pod("a"));
  EXPECT_EQ(picture.wait_of({Target::Of::Pod, "default/a"}), Duration{});
}

TEST(EffectsUnderWay, WhenSomethingWasLastEmittedIsKeptForPoolsAndReadings) {
  Picture picture;
  picture.passes(Duration::seconds(3));
  picture.emits(DescribeClusterEvent{"e1"});
  picture.emits(PatchNodePool{"pool", {}});
  EXPECT_EQ(picture.state.last_emitted({Target::Of::Reading, "DescribeClusterEvent"}), picture.now);
  EXPECT_EQ(picture.state.last_emitted({Target::Of::NodePool, "pool"}), picture.now);
  EXPECT_TRUE(picture.state.last_emitted({Target::Of::NodePool, "other"}).is_zero());
}

// --- read your own writes ---

TEST(EffectsUnderWay, WhatCameBackIsTheNewestVersion) {
  Picture picture;
  picture.comes(node("n1"));
  kube::Node written = node("n1");
  written.unschedulable = true;
  written.meta.resource_version = picture.next_version();
  kube::Node late = node("n1");
  late.meta.resource_version = written.meta.resource_version - 1;
  picture.asks(patch(), Object(written));
  EXPECT_TRUE(picture.state.find_node("n1")->node.unschedulable);
  picture.comes(late);
  EXPECT_TRUE(picture.state.find_node("n1")->node.unschedulable);
}

TEST(EffectsUnderWay, AnAnswerDoesNotBringBackWhatIsGone) {
  Picture picture;
  picture.comes(claim("c1", "l1"));
  picture.comes(node("n1"));
  picture.comes(node_pool("pool"));
  picture.comes(node_class("class"));
  // The watch and the answers come on different connections: that it went may be known first.
  const EffectId of_claim = picture.emits(PatchNodeClaim{.name = "c1", .finalizers = {{}}});
  const EffectId of_node = picture.emits(patch());
  const EffectId of_pool = picture.emits(PatchNodePool{"pool", {}});
  const EffectId of_class = picture.emits(PatchNodeClass{"class", {}});
  picture.goes(claim("c1"));
  picture.goes(node("n1"));
  picture.goes(Kind::NodePool, {"", "pool"}, "uid-pool");
  picture.goes(Kind::NodeClass, {"", "class"}, "uid-class");
  picture.answers(of_claim, Outcome::Done, Object(deleting(claim("c1", "l1"))));
  picture.answers(of_node, Outcome::Done, Object(node("n1")));
  picture.answers(of_pool, Outcome::Done, Object(node_pool("pool")));
  picture.answers(of_class, Outcome::Done, Object(node_class("class")));
  EXPECT_EQ(picture.state.find_claim("c1"), nullptr);
  EXPECT_EQ(picture.state.find_node("n1"), nullptr);
  EXPECT_EQ(picture.state.find_node_pool("pool"), nullptr);
  EXPECT_EQ(picture.state.find_node_class("class"), nullptr);
}

TEST(EffectsUnderWay, AnAnswerAboutAPredecessorDoesNotReplaceItsSuccessor) {
  Picture picture;
  picture.comes(node("n1", {}, "first"));
  const EffectId id = picture.emits(patch());
  picture.comes(node("n1", {}, "second"));
  picture.answers(id, Outcome::Done, Object(node("n1", {}, "first")));
  EXPECT_EQ(picture.state.find_node("n1")->node.meta.uid, "second");
}

}  // namespace
}  // namespace hyperwright::state
