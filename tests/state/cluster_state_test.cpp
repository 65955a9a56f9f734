#include "state/cluster_state.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/state/picture.h"

namespace hyperwright::state {
namespace {

TEST(ClusterState, IsSyncedWhenEveryKindIsListedAndTheClusterIsDescribed) {
  Picture picture;
  for (std::size_t i = 0; i < kKindCount; ++i) {
    const auto kind = static_cast<Kind>(i);
    EXPECT_FALSE(picture.state.is_synced());
    if (picture.state.options().watches(kind)) picture.state.fold(Synced{kind}, picture.now);
  }
  EXPECT_FALSE(picture.state.is_synced());
  picture.is_described();
  EXPECT_TRUE(picture.state.is_synced());
}

TEST(ClusterState, KindsThatNoGateOpensAreNotWaitedFor) {
  const Options usual;
  for (const Kind kind :
       {Kind::Service, Kind::ReplicaSet, Kind::StatefulSet, Kind::ReplicationController,
        Kind::Deployment, Kind::PodTemplate, Kind::NodeOverlay, Kind::CapacityBuffer})
    EXPECT_FALSE(usual.watches(kind)) << to_string(kind);
  for (const Kind kind : {Kind::PersistentVolume, Kind::PersistentVolumeClaim, Kind::StorageClass,
                          Kind::CsiNode, Kind::Namespace})
    EXPECT_TRUE(usual.watches(kind)) << to_string(kind);
  Options with_buffers;
  with_buffers.gates.capacity_buffer = true;
  for (const Kind kind : {Kind::ReplicaSet, Kind::StatefulSet, Kind::Deployment, Kind::PodTemplate,
                          Kind::CapacityBuffer})
    EXPECT_TRUE(with_buffers.watches(kind)) << to_string(kind);
  EXPECT_FALSE(with_buffers.watches(Kind::Service));
  Options with_spread;
  with_spread.default_spread.emplace_back();
  for (const Kind kind :
       {Kind::Service, Kind::ReplicaSet, Kind::StatefulSet, Kind::ReplicationController})
    EXPECT_TRUE(with_spread.watches(kind)) << to_string(kind);
  EXPECT_FALSE(with_spread.watches(Kind::Deployment));
}

TEST(ClusterState, IsSyncedWhenTheDescriptionCameFirst) {
  Picture picture;
  picture.is_described();
  EXPECT_FALSE(picture.state.is_synced());
  picture.everything_is_listed();
  EXPECT_TRUE(picture.state.is_synced());
}

TEST(ClusterState, MarksEverythingWhenItBecomesSynced) {
  Picture picture;
  picture.comes(node("n1"));
  picture.comes(claim("c1"));
  picture.comes(node_pool("pool"));
  picture.comes(node_class("class"));
  picture.keys();
  picture.everything_is_listed();
  EXPECT_EQ(picture.keys(), Keys{});
  picture.is_described();
  EXPECT_EQ(picture.keys(), (Keys{{Of::PendingPods, ""},
                                  {Of::Node, "n1"},
                                  {Of::NodeClaim, "c1"},
                                  {Of::NodePool, "pool"},
                                  {Of::NodeClass, "class"},
                                  {Of::NodeOverlays, ""},
                                  {Of::Launch, "batch"},
                                  {Of::HyperPod, ""}}));
}

TEST(ClusterState, GivesEachChangedKeyOnceAndSorted) {
  Picture picture;
  picture.comes(node("b"));
  picture.comes(node("a"));
  picture.comes(node("b"));
  const std::vector<Key> keys = picture.state.take_changed();
  EXPECT_TRUE(std::ranges::is_sorted(keys));
  EXPECT_EQ(keys, (std::vector<Key>{{Of::PendingPods, ""}, {Of::Node, "a"}, {Of::Node, "b"}}));
  EXPECT_TRUE(picture.state.take_changed().empty());
}

TEST(ClusterState, AnUnknownNameIsNothing) {
  const Picture picture;
  EXPECT_EQ(picture.state.find_pod("uid"), nullptr);
  EXPECT_EQ(picture.state.find_node("n"), nullptr);
  EXPECT_EQ(picture.state.find_claim("c"), nullptr);
  EXPECT_EQ(picture.state.find_claim_by_logical_id("i"), nullptr);
  EXPECT_EQ(picture.state.find_deletion("i"), nullptr);
  EXPECT_EQ(picture.state.launch_answer("batch"), nullptr);
  EXPECT_TRUE(picture.state.usage("n").pods.empty());
  EXPECT_TRUE(picture.state.claims_of_launch("batch").empty());
  EXPECT_TRUE(picture.state.nominated_to_claim("c").empty());
  EXPECT_EQ(picture.state.next_try({Target::Of::Node, "n"}), Time{});
}

TEST(ClusterState, NothingRunsOutInAnEmptyPicture) {
  const Picture picture;
  EXPECT_EQ(picture.state.next_time(), Time::max());
}

TEST(ClusterState, NextTimeIsTheEarliestThatRunsOut) {
  Picture picture;
  picture.emits(
      MarkUnavailable{{"gpu", "ml.g5.xlarge", "us-west-2a"}, kStart + Duration::minutes(3)});
  EXPECT_EQ(picture.state.next_time(), kStart + Duration::minutes(3));
  picture.emits(BackOff{"gpu", kStart + Duration::minutes(2), "quota"});
  EXPECT_EQ(picture.state.next_time(), kStart + Duration::minutes(2));
  picture.comes(waiting_pod("a"));
  picture.comes(node("n1"));
  picture.emits(NominatePods{.node = "n1", .pods = {"uid-a"}});
  EXPECT_EQ(picture.state.next_time(), kStart + Duration::seconds(20));
}

TEST(ClusterState, NextTimeIsAlwaysAheadAfterTimeWasFolded) {
  Picture picture;
  picture.comes(waiting_pod("a"));
  picture.comes(node("n1"));
  picture.emits(NominatePods{.node = "n1", .pods = {"uid-a"}});
  picture.emits(MarkUnavailable{{"gpu", "t", "z"}, kStart + Duration::seconds(30)});
  picture.emits(BackOff{"gpu", kStart + Duration::seconds(40), "quota"});
  picture.emits(BackOff{"", kStart + Duration::seconds(50), "quota"});
  picture.answers(picture.emits(CreateNodeClaim{new_claim("c1"), {}}), Outcome::Unknown);
  std::vector<std::int64_t> steps;
  while (picture.state.next_time() != Time::max()) {
    const Duration step = picture.state.next_time() - picture.now;
    ASSERT_GT(step, Duration{});
    picture.passes(step);
    steps.push_back((picture.now - kStart).in_seconds());
  }
  EXPECT_EQ(steps, (std::vector<std::int64_t>{20, 30, 40, 50, 28'800}));
}

TEST(ClusterState, RemembersWhatWasRecordedForItsQuietTime) {
  Picture picture;
  const RecordEvent said{
      .kind = "Pod", .key = {"default", "a"}, .reason = "FailedScheduling", .message = "no room"};
  RecordEvent other = said;
  other.message = "no zone";
  EXPECT_FALSE(picture.state.was_recorded(said, picture.now));
  picture.emits(said);
  EXPECT_TRUE(picture.state.was_recorded(said, picture.now + Duration::seconds(119)));
  EXPECT_FALSE(picture.state.was_recorded(said, picture.now + Duration::seconds(120)));
  EXPECT_FALSE(picture.state.was_recorded(other, picture.now));
}

}  // namespace
}  // namespace hyperwright::state
