// Nominations stick: to a claim until its node has been there for a while, to a node for twice the
// longest batch window.
#include <gtest/gtest.h>

#include "state/cluster_state.h"
#include "tests/state/picture.h"

namespace hyperwright::state {
namespace {

constexpr Duration kLasts = Duration::seconds(20);
constexpr Duration kMoment = Duration::milliseconds(1);

// Pod a waits, and a claim c1 is made for it.
Picture with_a_claim_for_a() {
  Picture picture;
  picture.comes(waiting_pod("a"));
  picture.asks(CreateNodeClaim{new_claim("c1"), {"uid-a"}}, Object(claim("c1")));
  return picture;
}

TEST(Nominations, APodIsNominatedToTheClaimThatIsMadeForIt) {
  const Picture picture = with_a_claim_for_a();
  EXPECT_EQ(picture.place_of("a"), "claim c1");
  ASSERT_EQ(picture.state.nominated_to_claim("c1").size(), 1U);
  EXPECT_EQ(picture.state.nominated_to_claim("c1")[0]->pod.meta.name, "a");
}

TEST(Nominations, ManyPodsOfOnePlaceAreSortedByUid) {
  Picture picture;
  for (const char* name : {"c", "a", "b"}) picture.comes(waiting_pod(name));
  picture.comes(node("n1"));
  picture.emits(NominatePods{.node = "n1", .pods = {"uid-b", "uid-c", "uid-a", "uid-unknown"}});
  std::string order;
  for (const PodRecord* record : picture.state.nominated_to_node("n1"))
    order += record->pod.meta.name;
  EXPECT_EQ(order, "abc");
}

TEST(Nominations, ToAClaimOutlivesAnyWaitForItsNode) {
  Picture picture = with_a_claim_for_a();
  picture.comes(waiting_pod("a"));
  picture.passes(Duration::hours(2));
  EXPECT_EQ(picture.place_of("a"), "claim c1");
}

TEST(Nominations, LapseOnANodeAfterAWhile) {
  Picture picture;
  picture.comes(waiting_pod("a"));
  picture.comes(node("n1"));
  picture.emits(NominatePods{.node = "n1", .pods = {"uid-a"}});
  picture.passes(kLasts - kMoment);
  EXPECT_EQ(picture.place_of("a"), "node n1");
  picture.keys();
  EXPECT_TRUE(picture.changes_inputs([&] { picture.passes(kMoment); }));
  EXPECT_EQ(picture.place_of("a"), "");
  EXPECT_TRUE(picture.state.nominated_to_node("n1").empty());
  EXPECT_EQ(picture.keys(), (Keys{{Of::PendingPods, ""}, {Of::Node, "n1"}}));
}

TEST(Nominations, ANominationAnewLastsAnew) {
  Picture picture;
  picture.comes(waiting_pod("a"));
  picture.comes(node("n1"));
  picture.emits(NominatePods{.node = "n1", .pods = {"uid-a"}});
  picture.passes(Duration::seconds(15));
  picture.emits(NominatePods{.node = "n1", .pods = {"uid-a"}});
  picture.passes(Duration::seconds(15));
  EXPECT_EQ(picture.place_of("a"), "node n1");
  picture.passes(Duration::seconds(5));
  EXPECT_EQ(picture.place_of("a"), "");
}

TEST(Nominations, LapseAWhileAfterTheNodeOfTheirClaimIsInitialized) {
  Picture picture = with_a_claim_for_a();
  picture.passes(Duration::minutes(5));
  picture.comes(initialized(claim("c1", "l1")));
  picture.passes(Duration::seconds(10));
  picture.comes(initialized(claim("c1", "l1")));  // a later status starts no new while
  picture.passes(Duration::seconds(10) - kMoment);
  EXPECT_EQ(picture.place_of("a"), "claim c1");
  picture.passes(kMoment);
  EXPECT_EQ(picture.place_of("a"), "");
}

TEST(Nominations, APodThatItsNewNodeDidNotTakeIsAMisfitOnThatShape) {
  Picture picture = with_a_claim_for_a();
  const PodClassId pod_class = picture.find(pod("a"))->pod_class;
  picture.comes(initialized(claim("c1", "l1")));
  EXPECT_FALSE(picture.state.is_misfit(pod_class, "gpu", "ml.g5.xlarge"));
  picture.passes(kLasts);
  EXPECT_TRUE(picture.state.is_misfit(pod_class, "gpu", "ml.g5.xlarge"));
  EXPECT_FALSE(picture.state.is_misfit(pod_class, "gpu", "ml.p5.48xlarge"));
  EXPECT_FALSE(picture.state.is_misfit(pod_class, "cpu", "ml.g5.xlarge"));
}

TEST(Nominations, APodThatWasBoundInTimeIsNoMisfit) {
  Picture picture = with_a_claim_for_a();
  const PodClassId pod_class = picture.find(pod("a"))->pod_class;
  picture.comes(initialized(claim("c1", "l1")));
  picture.passes(Duration::seconds(3));
  picture.comes(pod("a", {.node = "n1"}));
  EXPECT_EQ(picture.place_of("a"), "");
  picture.passes(kLasts);
  EXPECT_FALSE(picture.state.is_misfit(pod_class, "gpu", "ml.g5.xlarge"));
}

TEST(Nominations, PodsThatAreAlikeTradePlacesWhenTheSchedulerBindsTheOther) {
  Picture picture = with_a_claim_for_a();
  picture.comes(waiting_pod("b"));
  picture.comes(node("n2"));
  picture.emits(NominatePods{.node = "n2", .pods = {"uid-b"}});
  picture.comes(pod("a", {.node = "n2"}));  // a was meant for c1
  EXPECT_EQ(picture.place_of("a"), "");
  EXPECT_EQ(picture.place_of("b"), "claim c1");
}

// Pods a and b wait, each with a claim of its own whose node has been initialized now.
Picture with_two_new_nodes() {
  Picture picture;
  picture.is_ready();
  for (const std::string n : {"a", "b"}) {
    picture.comes(waiting_pod(n));
    picture.asks(CreateNodeClaim{new_claim("c" + n), {"uid-" + n}}, Object(claim("c" + n)));
  }
  picture.passes(Duration::minutes(5));
  picture.lists({instance("la", "i-0a"), instance("lb", "i-0b")});
  for (const std::string n : {"a", "b"}) {
    picture.comes(initialized(claim("c" + n, "l" + n)));
    picture.comes(node("n" + n, "i-0" + n));
  }
  return picture;
}

TEST(Nominations, APlaceThatIsTradedLastsAnew) {
  Picture picture = with_two_new_nodes();
  picture.passes(Duration::seconds(1));
  picture.comes(pod("a", {.node = "nb"}));
  EXPECT_EQ(picture.place_of("b"), "claim ca");
  picture.passes(kLasts - kMoment);
  EXPECT_EQ(picture.place_of("b"), "claim ca") << "or another node would be bought for it";
  picture.passes(kMoment);
  EXPECT_EQ(picture.place_of("b"), "");
}

TEST(Nominations, PodsThatWaitedAlikeTradePlacesThoughBindingLabelsThem) {
  Picture picture = with_two_new_nodes();
  picture.comes(
      pod("a", {.node = "nb", .labels = {{"topology.kubernetes.io/zone", "us-west-2a"}}}));
  EXPECT_EQ(picture.place_of("b"), "claim ca");
}

TEST(Nominations, OursOutlivesTheSchedulersOwn) {
  Picture picture = with_two_new_nodes();
  kube::Pod expected = waiting_pod("a");
  expected.nominated_node_name = "nb";  // the scheduler's; it may take it back, or bind
  picture.comes(expected);
  EXPECT_FALSE(picture.is_pending("a"));
  EXPECT_EQ(picture.place_of("a"), "claim ca");
  picture.comes(waiting_pod("a"));
  EXPECT_TRUE(picture.is_pending("a"));
  EXPECT_EQ(picture.place_of("a"), "claim ca");
  picture.comes(expected);
  picture.comes(pod("a", {.node = "nb"}));
  EXPECT_EQ(picture.place_of("a"), "");
  EXPECT_EQ(picture.place_of("b"), "claim ca");
}

TEST(Nominations, APodThatIsEvictedLeavesItsNewPlaceToItsSuccessor) {
  Picture picture;
  picture.comes(pod("a", {.node = "old"}));
  picture.asks(CreateNodeClaim{new_claim("c1"), {"uid-a"}}, Object(claim("c1")));
  picture.comes(pod("a", {.node = "old", .labels = {{"app", "web"}}}));
  EXPECT_EQ(picture.place_of("a"), "claim c1");
  picture.keys();
  picture.comes(pod("a", {.node = "old", .is_deleting = true}));
  EXPECT_EQ(picture.place_of("a"), "");
  EXPECT_TRUE(picture.keys().contains({Of::PendingPods, ""}));
}

TEST(Nominations, APodOfAStatefulSetKeepsItsNewPlaceUntilItIsGone) {
  Picture picture;
  kube::Pod member = pod("a", {.node = "old"});
  member.meta.owner_references.push_back({.api_version = "apps/v1",
                                          .kind = "StatefulSet",
                                          .name = "db",
                                          .uid = "db",
                                          .controller = true});
  picture.comes(member);
  picture.asks(CreateNodeClaim{new_claim("c1"), {"uid-a"}}, Object(claim("c1")));
  member.meta.deletion_time = kStart;  // its successor comes when it is gone, not before
  picture.comes(member);
  EXPECT_EQ(picture.place_of("a"), "claim c1");
  picture.goes(member);
  EXPECT_TRUE(picture.state.nominated_to_claim("c1").empty());
}

TEST(Nominations, APodThatIsStillOnItsOldNodeIsNoMisfitOnTheNewOne) {
  Picture picture;
  picture.comes(pod("a", {.node = "old"}));  // its node is going, and c1 replaces it
  picture.asks(CreateNodeClaim{new_claim("c1"), {"uid-a"}}, Object(claim("c1")));
  picture.comes(initialized(claim("c1", "l1")));
  picture.passes(kLasts);
  EXPECT_EQ(picture.place_of("a"), "");
  EXPECT_FALSE(picture.state.is_misfit(picture.find(pod("a"))->pod_class, "gpu", "ml.g5.xlarge"));
}

TEST(Nominations, AMisfitThatIsTakenAfterAllIsNoneAnyMore) {
  Picture picture = with_a_claim_for_a();
  picture.is_ready();
  const PodClassId pod_class = picture.find(pod("a"))->pod_class;
  picture.comes(initialized(claim("c1", "l1")));
  picture.lists({instance("l1", "i-1")});
  picture.comes(node("n1", "i-1"));
  picture.passes(kLasts);  // kube-scheduler was away
  ASSERT_TRUE(picture.state.is_misfit(pod_class, "gpu", "ml.g5.xlarge"));
  EXPECT_TRUE(picture.changes_inputs([&] { picture.comes(pod("a", {.node = "n1"})); }));
  EXPECT_FALSE(picture.state.is_misfit(pod_class, "gpu", "ml.g5.xlarge"));
}

// The plan counted on more than the node shows: another of its kind would not do either. A node
// that others have filled meanwhile says nothing.
TEST(Nominations, APodThatDoesNotFitItsEmptyNewNodeIsAMisfit) {
  struct Case {
    std::int64_t daemon, other;
    bool is_misfit;
  };
  for (const Case& c : {Case{.daemon = 200, .other = 0, .is_misfit = true},
                        Case{.daemon = 50, .other = 100, .is_misfit = false}}) {
    Picture picture;
    picture.is_ready();
    picture.comes(waiting_pod("a", {.cpu_millis = 3900}));
    picture.asks(CreateNodeClaim{new_claim("c1"), {"uid-a"}}, Object(claim("c1")));
    picture.comes(pod("daemon", {.node = "n1", .cpu_millis = c.daemon, .is_of_daemon_set = true}));
    if (c.other > 0) picture.comes(pod("other", {.node = "n1", .cpu_millis = c.other}));
    picture.comes(initialized(claim("c1", "l1")));
    picture.lists({instance("l1", "i-1")});
    kube::Node shown = node("n1", "i-1");  // with 4000 millis
    shown.allocatable.set(kube::Resource::Pods, 10);
    picture.comes(shown);
    picture.passes(kLasts);
    EXPECT_EQ(picture.state.is_misfit(picture.find(pod("a"))->pod_class, "gpu", "ml.g5.xlarge"),
              c.is_misfit);
  }
}

TEST(Nominations, APodThatMovedToALaterClaimKeepsItsPlaceThere) {
  Picture picture = with_a_claim_for_a();
  picture.comes(initialized(claim("c1", "l1")));
  picture.passes(Duration::seconds(5));
  picture.comes(deleting(initialized(claim("c1", "l1"))));
  EXPECT_EQ(picture.place_of("a"), "");
  picture.asks(CreateNodeClaim{new_claim("c2"), {"uid-a"}}, Object(claim("c2")));
  picture.passes(kLasts);
  EXPECT_EQ(picture.place_of("a"), "claim c2") << "c2 has no node yet";
  EXPECT_FALSE(picture.state.is_misfit(picture.find(pod("a"))->pod_class, "gpu", "ml.g5.xlarge"));
}

TEST(Nominations, ToAClaimThatIsInitializedAlreadyLapseToo) {
  Picture picture;
  picture.comes(waiting_pod("a"));
  picture.comes(initialized(claim("c1", "l1")));
  picture.emits(NominatePods{.claim = "c1", .pods = {"uid-a"}});
  picture.passes(kLasts);
  EXPECT_EQ(picture.place_of("a"), "");
}

TEST(Nominations, EndWithTheirPlace) {
  Picture picture;
  for (const char* name : {"a", "b", "c"}) picture.comes(waiting_pod(name));
  picture.comes(node("n1"));
  picture.comes(claim("c1"));
  picture.comes(claim("c2"));
  picture.emits(NominatePods{.node = "n1", .pods = {"uid-a"}});
  picture.emits(NominatePods{.claim = "c1", .pods = {"uid-b"}});
  picture.emits(NominatePods{.claim = "c2", .pods = {"uid-c"}});
  picture.goes(node("n1"));
  picture.goes(claim("c1"));
  picture.keys();
  picture.comes(deleting(claim("c2")));
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(picture.place_of(name), "") << name;
  EXPECT_TRUE(picture.keys().contains({Of::PendingPods, ""}));
}

TEST(Nominations, EndWithThePod) {
  Picture picture = with_a_claim_for_a();
  picture.keys();
  picture.goes(pod("a"));
  EXPECT_TRUE(picture.state.nominated_to_claim("c1").empty());
  EXPECT_TRUE(picture.keys().contains({Of::NodeClaim, "c1"})) << "nobody may need it any more";
}

TEST(Nominations, APodHasOnePlace) {
  Picture picture = with_a_claim_for_a();
  picture.comes(node("n1"));
  picture.emits(NominatePods{.node = "n1", .pods = {"uid-a"}});
  EXPECT_EQ(picture.place_of("a"), "node n1");
  EXPECT_TRUE(picture.state.nominated_to_claim("c1").empty());
}

}  // namespace
}  // namespace hyperwright::state
