#include "state/hyperpod_view.h"

#include <gtest/gtest.h>

#include "tests/state/picture.h"

namespace hyperwright::state {
namespace {

using Ids = std::vector<std::string>;
using Nodes = hyperpod::Page<hyperpod::Node>;
using Events = hyperpod::Page<hyperpod::ClusterEvent>;

Time at(std::int64_t seconds) { return kStart + Duration::seconds(seconds); }

// Launches that have been open all the time.
const HyperPodView::OpenSince kOpen{{"gpu", Time{}}};

Ids known(const HyperPodView& view) {
  Ids ids;
  for (const auto& [id, record] : view.nodes()) ids.push_back(id);
  return ids;
}
hyperpod::ClusterEvent error(std::string id, Time time) {
  hyperpod::ClusterEvent event;
  event.id = std::move(id);
  event.time = time;
  event.level = hyperpod::EventLevel::Error;
  event.resource_type = hyperpod::EventResourceType::Instance;
  return event;
}
hyperpod::ClusterEvent details(std::string id, std::string logical_id, std::string failure) {
  hyperpod::ClusterEvent event = error(std::move(id), kStart);
  event.node_logical_id = std::move(logical_id);
  event.failure_message = std::move(failure);
  return event;
}

// --- lists ---

TEST(HyperPodView, ACompleteListRemovesWhatItDoesNotName) {
  HyperPodView view;
  view.begin_list(at(0));
  EXPECT_EQ(view.fold_nodes({{instance("l1", "i-1"), instance("l2", "i-2")}, ""}, at(1)),
            (Ids{"l1", "l2"}));
  view.begin_list(at(10));
  EXPECT_EQ(view.fold_nodes({{instance("l2", "i-2")}, ""}, at(11)), (Ids{"l1"}));
  EXPECT_EQ(known(view), (Ids{"l2"}));
  EXPECT_EQ(view.logical_id_of("i-1"), "");
  EXPECT_EQ(view.nodes_listed_at(), at(10)) << "what came after its begin, it may not show";
  EXPECT_EQ(view.nodes_read_at(), at(11));
}

TEST(HyperPodView, AListOfSeveralPagesIsCompleteWithItsLastPage) {
  HyperPodView view;
  view.begin_list(at(0));
  EXPECT_EQ(view.next_page(), "");
  view.fold_nodes({{instance("l1", "i-1"), instance("l2", "i-2"), instance("l3", "i-3")}, ""},
                  at(0));
  view.begin_list(at(10));
  view.fold_nodes({{instance("l1", "i-1")}, "two"}, at(10));
  EXPECT_EQ(view.next_page(), "two");
  EXPECT_EQ(known(view), (Ids{"l1", "l2", "l3"}));
  EXPECT_EQ(view.fold_nodes({{instance("l2", "i-2")}, ""}, at(12)), (Ids{"l3"}));
  EXPECT_EQ(known(view), (Ids{"l1", "l2"}));
  EXPECT_EQ(view.next_page(), std::nullopt);
}

TEST(HyperPodView, AnAbandonedListRemovesNothing) {
  HyperPodView view;
  view.begin_list(at(0));
  view.fold_nodes({{instance("l1", "i-1"), instance("l2", "i-2")}, ""}, at(0));
  view.begin_list(at(10));
  view.fold_nodes({{instance("l1", "i-1")}, "two"}, at(10));
  view.abandon_list(at(11));
  EXPECT_EQ(view.nodes_listed_at(), at(0));
  EXPECT_EQ(view.nodes_read_at(), at(11));
  // A late page of the list that was given up is read, and is still no complete list.
  view.fold_nodes({{}, ""}, at(12));
  EXPECT_EQ(known(view), (Ids{"l1", "l2"}));
}

TEST(HyperPodView, ANodeThatWasSeenAfterTheListBeganStays) {
  HyperPodView view;
  view.begin_list(at(0));
  view.fold_node(instance("l1", "i-1"), at(1));
  view.fold_nodes({{}, ""}, at(2));
  EXPECT_EQ(known(view), (Ids{"l1"}));
}

TEST(HyperPodView, ANodeWithoutLogicalIdIsNotKept) {
  HyperPodView view;
  EXPECT_EQ(view.fold_node(instance("", "i-1"), at(0)), Ids{});
  EXPECT_EQ(known(view), Ids{});
}

TEST(HyperPodView, AListKeepsWhatADescriptionSaid) {
  HyperPodView view;
  hyperpod::Node described = instance("l1", "i-1");
  described.zone = "us-west-2a";
  described.zone_id = "usw2-az1";
  described.capacity_type = hyperpod::CapacityType::Spot;
  described.private_dns_hostname = "ip-10-0-0-1";
  view.fold_node(described, at(0));
  view.begin_list(at(1));
  EXPECT_EQ(view.fold_nodes({{instance("l1", "i-1")}, ""}, at(1)), Ids{});
  EXPECT_EQ(view.find_node("l1")->node, described);
  EXPECT_EQ(view.find_node("l1")->seen_at, at(1));
  // Another instance may be in another zone.
  view.fold_node(instance("l1", "i-2"), at(2));
  EXPECT_EQ(view.find_node("l1")->node.zone, "");
}

TEST(HyperPodView, AReplacedInstanceIsTheLogicalIdsNoMore) {
  HyperPodView view;
  view.fold_node(instance("l1", "i-1"), at(0));
  EXPECT_EQ(view.logical_id_of("i-1"), "l1");
  EXPECT_EQ(view.fold_node(instance("l1", "i-2"), at(1)), (Ids{"l1"}));
  EXPECT_EQ(view.logical_id_of("i-1"), "");
  EXPECT_EQ(view.logical_id_of("i-2"), "l1");
  view.erase_node("l1");
  EXPECT_EQ(view.logical_id_of("i-2"), "");
  EXPECT_EQ(view.find_node("l1"), nullptr);
}

// --- the cluster and its subnets ---

TEST(HyperPodView, SubnetsWithoutAZoneAreThoseToAskFor) {
  HyperPodView view;
  EXPECT_EQ(view.unknown_subnets(), Ids{});
  hyperpod::Cluster described = cluster();
  described.subnets = {"subnet-b", "subnet-a"};
  described.groups = {{.name = "own", .subnets = {"subnet-c", "subnet-a"}}};
  view.fold_cluster(described, at(0));
  EXPECT_EQ(view.unknown_subnets(), (Ids{"subnet-a", "subnet-c"})) << "no group uses subnet-b";
  described.groups.push_back({.name = "the cluster's"});
  view.fold_cluster(described, at(0));
  EXPECT_EQ(view.unknown_subnets(), (Ids{"subnet-a", "subnet-b", "subnet-c"}));
  view.fold_subnets(
      {{"subnet-c", "us-west-2c", "usw2-az3"}, {"subnet-a", "us-west-2a", "usw2-az1"}});
  EXPECT_EQ(view.unknown_subnets(), (Ids{"subnet-b"}));
  EXPECT_EQ(view.find_subnet("subnet-a")->zone, "us-west-2a");
  EXPECT_EQ(view.find_subnet("subnet-b"), nullptr);
  view.fold_subnets({{"subnet-b", "", ""}});
  EXPECT_EQ(view.unknown_subnets(), (Ids{"subnet-b"})) << "gone, and perhaps made anew";
}

TEST(HyperPodView, SubnetsAreSortedAndTheNewestAnswerCounts) {
  HyperPodView view;
  view.fold_subnets({{"b", "old", ""}, {"a", "za", ""}});
  view.fold_subnets({{"b", "zb", ""}, {"c", "zc", ""}});
  EXPECT_EQ(view.subnets(),
            (std::vector<hyperpod::Subnet>{{"a", "za", ""}, {"b", "zb", ""}, {"c", "zc", ""}}));
}

// --- events ---

TEST(HyperPodView, OnlyErrorsOfInstancesAreDescribedNewestFirst) {
  HyperPodView view;
  hyperpod::ClusterEvent info = error("info", at(5)), of_group = error("group", at(5));
  info.level = hyperpod::EventLevel::Info;
  of_group.resource_type = hyperpod::EventResourceType::InstanceGroup;
  // Newest first, over pages, as the API lists them.
  view.fold_events(Events{{error("d", at(9)), error("c", at(8)), info}, "two"}, at(0), kOpen,
                   at(10));
  EXPECT_EQ(view.next_events_page(), "two");
  view.fold_events(Events{{of_group, error("b", at(4)), error("a", at(4))}, ""}, at(0), kOpen,
                   at(11));
  EXPECT_EQ(view.next_events_page(), std::nullopt);
  EXPECT_EQ(view.events_to_describe(), (Ids{"d", "c", "b", "a"}));
  EXPECT_EQ(view.events_read_at(), at(11));
}

// A weekend's errors of groups that nobody waits for must not stand before today's.
TEST(HyperPodView, EventsAreDescribedOfGroupsWithOpenLaunchesSinceTheOldestOfThem) {
  HyperPodView view;
  hyperpod::ClusterEvent early = error("early", at(4)), late = error("late", at(6)),
                         other = error("other", at(7)), nameless = error("nameless", at(8));
  early.group = late.group = "gpu";
  other.group = "cpu";
  nameless.group.clear();
  const HyperPodView::OpenSince gpu{{"gpu", at(5)}};
  view.fold_events(Events{{nameless, other, late, early}, ""}, at(0), gpu, at(10));
  EXPECT_EQ(view.events_to_describe(), (Ids{"nameless", "late"}));
  view.fold_events(Events{{}, ""}, at(0), {{"gpu", at(7)}}, at(11));
  EXPECT_EQ(view.events_to_describe(), (Ids{"nameless"})) << "the launch that failed is settled";
  view.fold_events(Events{{}, ""}, at(0), {}, at(12));
  EXPECT_EQ(view.events_to_describe(), Ids{}) << "nobody waits for anything";
}

TEST(HyperPodView, NoMoreEventsThanAreReadInAFewMinutesAreKept) {
  HyperPodView view;
  Events page;
  for (int i = 0; i < 1'200; ++i) page.items.push_back(error("e" + std::to_string(i), at(i)));
  view.fold_events(page, at(0), kOpen, at(1'200));
  ASSERT_EQ(view.events_to_describe().size(), 500U);
  EXPECT_EQ(view.events_to_describe().front(), "e1199");
}

TEST(HyperPodView, TheWatermarkStaysAMinuteBehindTheNewestEventAndNeverGoesBack) {
  HyperPodView view;
  view.fold_events(Events{{error("a", at(100))}, ""}, at(0), kOpen, at(110));
  EXPECT_EQ(view.events_after(), at(40));
  view.fold_events(Events{{}, ""}, at(40), kOpen, at(200));
  EXPECT_EQ(view.events_after(), at(40));
  view.fold_events(Events{{error("b", at(70))}, ""}, at(40), kOpen, at(201));
  EXPECT_EQ(view.events_after(), at(40));
}

TEST(HyperPodView, TheWatermarkMovesWithTheLastPageOnly) {
  HyperPodView view;
  view.fold_events(Events{{error("b", at(300))}, "two"}, at(0), kOpen, at(310));
  EXPECT_EQ(view.events_after(), Time{}) << "older events are still to come";
  view.fold_events(Events{{error("a", at(200))}, ""}, at(0), kOpen, at(311));
  EXPECT_EQ(view.events_after(), at(240));
}

TEST(HyperPodView, AnEventThatIsListedAgainIsNotDescribedAgain) {
  HyperPodView view;
  view.fold_events(Events{{error("a", at(100))}, ""}, at(0), kOpen, at(110));
  view.fold_event(details("a", "l1", "insufficient capacity"));
  EXPECT_EQ(view.events_to_describe(), Ids{});
  view.fold_events(Events{{error("a", at(100))}, ""}, at(40), kOpen, at(120));
  EXPECT_EQ(view.events_to_describe(), Ids{});
}

TEST(HyperPodView, AnEventSaysWhichLaunchFailedAndWhy) {
  HyperPodView view;
  EXPECT_EQ(view.launch_failure("l1"), "");
  EXPECT_EQ(view.fold_event(details("a", "l1", "insufficient capacity")), "l1");
  EXPECT_EQ(view.launch_failure("l1"), "insufficient capacity");
  hyperpod::ClusterEvent terse = details("b", "l2", "");
  terse.description = "Instance creation failed";
  view.fold_event(terse);
  EXPECT_EQ(view.launch_failure("l2"), "Instance creation failed");
  EXPECT_EQ(view.fold_event(details("c", "", "of nobody")), "");
}

TEST(HyperPodView, ANodeThatRunsDidNotFail) {
  HyperPodView view;
  view.fold_event(details("a", "l1", "insufficient capacity"));
  view.fold_node(instance("l1", "i-1", hyperpod::InstanceStatus::Pending), at(0));
  EXPECT_EQ(view.launch_failure("l1"), "insufficient capacity");
  view.fold_node(instance("l1", "i-1"), at(1));
  EXPECT_EQ(view.launch_failure("l1"), "");
  view.fold_event(details("b", "l1", "a late word"));
  EXPECT_EQ(view.launch_failure("l1"), "");
}

TEST(HyperPodView, AFailureIsForgottenWithItsNode) {
  HyperPodView view;
  view.fold_event(details("a", "l1", "insufficient capacity"));
  view.erase_node("l1");
  EXPECT_EQ(view.launch_failure("l1"), "");
}

}  // namespace
}  // namespace hyperwright::state
