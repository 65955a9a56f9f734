// How nodes, claims, pools, classes and DaemonSets are folded; pods are in fold_pods_test, which
// Node stands behind which claim in node_matching_test.
#include <gtest/gtest.h>

#include "state/cluster_state.h"
#include "tests/state/picture.h"

namespace hyperwright::state {
namespace {

// --- nodes ---

TEST(FoldObjects, ANodeIsKnownByItsNewestVersion) {
  Picture picture;
  kube::Node newer = node("n1");
  newer.meta.resource_version = 200;
  newer.unschedulable = true;
  kube::Node echo = node("n1");
  echo.meta.resource_version = 199;
  picture.comes(newer);
  picture.keys();
  picture.comes(echo);
  EXPECT_TRUE(picture.state.find_node("n1")->node.unschedulable);
  EXPECT_EQ(picture.keys(), Keys{});
}

TEST(FoldObjects, AHeartbeatOfANodeLeavesTheSolversInputs) {
  Picture picture;
  kube::Node beats = node("n1");
  picture.comes(beats);
  beats.conditions = {{.type = "MemoryPressure",
                       .status = kube::ConditionStatus::False,
                       .reason = {},
                       .message = {},
                       .last_transition_time = kStart}};
  EXPECT_FALSE(picture.changes_inputs([&] { picture.comes(beats); }));
  beats.meta.annotations.set("karpenter.sh/do-not-disrupt", "true");
  EXPECT_FALSE(picture.changes_inputs([&] { picture.comes(beats); }));
}

TEST(FoldObjects, WhatANodeOffersChangesTheSolversInputs) {
  kube::Node labelled = node("n1"), tainted = node("n1"), larger = node("n1"),
             cordoned = node("n1"), going = node("n1");
  labelled.meta.labels.set("zone", "a");
  tainted.taints.push_back({.key = "gpu"});
  larger.allocatable = cpu(9000);
  cordoned.unschedulable = true;
  going.meta.deletion_time = kStart;
  for (const kube::Node& changed : {labelled, tainted, larger, cordoned, going}) {
    Picture picture;
    EXPECT_TRUE(picture.changes_inputs([&] { picture.comes(node("n1")); }));
    EXPECT_TRUE(picture.changes_inputs([&] { picture.comes(changed); }));
    EXPECT_TRUE(picture.changes_inputs([&] { picture.goes(changed); }));
  }
}

TEST(FoldObjects, ANodeThatWasFirstSeenReadyIsRemembered) {
  Picture picture;
  kube::Node ready = node("n1");
  ready.conditions = {{.type = "Ready", .status = kube::ConditionStatus::True}};
  picture.comes(ready);
  EXPECT_TRUE(picture.state.find_node("n1")->first_seen_ready);
  picture.comes(node("n2"));
  ready.meta.name = "n2";
  ready.meta.uid = "uid-n2";
  picture.comes(ready);
  EXPECT_FALSE(picture.state.find_node("n2")->first_seen_ready);
}

// A deletionTimestamp is of the API server's clock, which may be far from ours.
TEST(FoldObjects, ADeletionCountsFromOurFirstLookByOurClock) {
  Picture picture;
  kube::Node going_node = node("n1");
  kube::NodeClaim going_claim = claim("a");
  picture.comes(going_node);
  picture.comes(going_claim);
  EXPECT_TRUE(picture.state.find_node("n1")->deleting_since.is_zero());
  going_node.meta.deletion_time = kStart - Duration::hours(1);
  going_claim.meta.deletion_time = kStart + Duration::hours(1);
  picture.passes(Duration::seconds(30));
  const Time first_look = picture.now;
  for (int i = 0; i < 2; ++i) {
    picture.comes(going_node);
    picture.comes(going_claim);
    picture.passes(Duration::seconds(30));
    EXPECT_EQ(picture.state.find_node("n1")->deleting_since, first_look);
    EXPECT_EQ(picture.state.find_claim("a")->deleting_since, first_look);
  }
}

TEST(FoldObjects, ANodeOfTheSameNameIsAnotherNode) {
  Picture picture;
  picture.is_ready();
  picture.comes(claim("c1", "l1"));
  picture.lists({instance("l1", "i-1")});
  picture.comes(node("n1", "i-1", "first"));
  ASSERT_EQ(picture.state.find_claim("c1")->node_name, "n1");
  picture.comes(node("n1", "i-2", "second"));
  EXPECT_EQ(picture.state.find_node("n1")->claim, "");
  EXPECT_EQ(picture.state.find_claim("c1")->node_name, "");
  EXPECT_TRUE(picture.keys().contains({Of::NodeClaim, "c1"}));
}

TEST(FoldObjects, TheEndOfAPredecessorDoesNotTakeItsSuccessor) {
  Picture picture;
  kube::NodePool pool = node_pool("p");
  kube::HyperpodNodeClass of_class = node_class("k");
  kube::DaemonSet set = daemon_set("d");
  kube::PodDisruptionBudget budget;
  budget.meta.name = "b";
  budget.meta.namespace_ = "default";
  budget.meta.uid = "uid-b";
  picture.comes(node("n"));
  picture.comes(claim("c"));
  picture.comes(pool);
  picture.comes(of_class);
  picture.comes(set);
  picture.comes(budget);
  picture.goes(Kind::Node, {"", "n"}, "old");
  picture.goes(Kind::NodeClaim, {"", "c"}, "old");
  picture.goes(Kind::NodePool, {"", "p"}, "old");
  picture.goes(Kind::NodeClass, {"", "k"}, "old");
  picture.goes(Kind::DaemonSet, {"kube-system", "d"}, "old");
  picture.goes(Kind::PodDisruptionBudget, {"default", "b"}, "old");
  EXPECT_NE(picture.state.find_node("n"), nullptr);
  EXPECT_NE(picture.state.find_claim("c"), nullptr);
  EXPECT_NE(picture.state.find_node_pool("p"), nullptr);
  EXPECT_NE(picture.state.find_node_class("k"), nullptr);
  EXPECT_EQ(picture.state.objects<kube::DaemonSet>().size(), 1U);
  EXPECT_EQ(picture.state.objects<kube::PodDisruptionBudget>().size(), 1U);
  picture.goes(Kind::NodePool, {"", "p"}, "uid-p");
  picture.goes(Kind::NodeClass, {"", "k"}, "uid-k");
  picture.goes(Kind::DaemonSet, {"kube-system", "d"}, "uid-d");
  picture.goes(Kind::PodDisruptionBudget, {"default", "b"}, "uid-b");
  EXPECT_EQ(picture.state.find_node_pool("p"), nullptr);
  EXPECT_EQ(picture.state.find_node_class("k"), nullptr);
  EXPECT_TRUE(picture.state.objects<kube::DaemonSet>().empty());
  EXPECT_TRUE(picture.state.objects<kube::PodDisruptionBudget>().empty());
}

TEST(FoldObjects, WhatWasNeverKnownGoesUnnoticed) {
  Picture picture;
  for (std::size_t i = 0; i < kKindCount; ++i) {
    EXPECT_FALSE(picture.changes_inputs([&] {
      picture.goes(static_cast<Kind>(i), {"default", "x"}, "uid");
    })) << i;
  }
  EXPECT_EQ(picture.keys(), Keys{});
}

// --- claims ---

TEST(FoldObjects, AClaimMarksItsPoolItsLaunchAndItsNode) {
  Picture picture;
  picture.is_ready();
  picture.comes(claim("c1", "l1"));
  EXPECT_EQ(picture.keys(), (Keys{{Of::PendingPods, ""},
                                  {Of::NodeClaim, "c1"},
                                  {Of::NodePool, "pool"},
                                  {Of::Launch, "batch"},
                                  {Of::HyperPod, ""}}));
  picture.lists({instance("l1", "i-1")});
  picture.comes(node("n1", "i-1"));
  picture.keys();
  picture.comes(claim("c1", "l1"));
  EXPECT_EQ(
      picture.keys(),
      (Keys{
          {Of::NodeClaim, "c1"}, {Of::NodePool, "pool"}, {Of::Launch, "batch"}, {Of::Node, "n1"}}));
}

TEST(FoldObjects, AClaimCarriesItsLaunch) {
  Picture picture;
  picture.comes(claim("b"));
  picture.comes(claim("a"));
  ASSERT_TRUE(picture.state.find_claim("a")->launch);
  EXPECT_EQ(picture.state.find_claim("a")->launch->offering(),
            (hyperpod::OfferingKey{"gpu", "ml.g5.xlarge", "us-west-2a"}));
  const auto batch = picture.state.claims_of_launch("batch");
  ASSERT_EQ(batch.size(), 2U);
  EXPECT_EQ(batch[0]->claim.meta.name, "a");
}

TEST(FoldObjects, AClaimThatIsStampedAnewLeavesItsOldLaunch) {
  Picture picture;
  picture.comes(claim("a"));
  picture.comes(claim("b"));
  picture.comes(claim("a", {}, launch("next")));
  EXPECT_EQ(picture.state.claims_of_launch("batch").size(), 1U);
  EXPECT_EQ(picture.state.claims_of_launch("next").size(), 1U);
  EXPECT_TRUE(picture.keys().contains({Of::Launch, "batch"}));
}

TEST(FoldObjects, ALaunchThatCannotBeReadIsTold) {
  Picture picture;
  kube::NodeClaim edited = claim("a"), bare = claim("b");
  edited.meta.annotations.set(kube::kLaunch, "{}");
  bare.meta.annotations.erase(kube::kLaunch);
  picture.comes(edited);
  picture.comes(bare);
  EXPECT_FALSE(picture.state.find_claim("a")->launch);
  EXPECT_NE(picture.state.find_claim("a")->launch_problem.find("hyperwright.dev/launch"),
            std::string::npos);
  EXPECT_EQ(picture.state.find_claim("b")->launch_problem,
            "it has no annotation hyperwright.dev/launch");
  picture.comes(claim("a"));
  EXPECT_TRUE(picture.state.find_claim("a")->launch);
  EXPECT_EQ(picture.state.find_claim("a")->launch_problem, "");
}

TEST(FoldObjects, AClaimIsFoundByItsLogicalId) {
  Picture picture;
  picture.comes(claim("a"));
  EXPECT_EQ(picture.state.find_claim("a")->logical_id, "");
  picture.comes(claim("a", "l1"));
  ASSERT_NE(picture.state.find_claim_by_logical_id("l1"), nullptr);
  EXPECT_EQ(picture.state.find_claim_by_logical_id("l1")->claim.meta.name, "a");
  picture.goes(claim("a"));
  EXPECT_EQ(picture.state.find_claim_by_logical_id("l1"), nullptr);
}

TEST(FoldObjects, AStatusOfAClaimLeavesTheSolversInputsUntilItIsInitializedOrGoing) {
  Picture picture;
  picture.comes(claim("c1", "l1"));
  kube::NodeClaim launched = claim("c1", "l1");
  launched.conditions.push_back({.type = "Launched", .status = kube::ConditionStatus::True});
  EXPECT_FALSE(picture.changes_inputs([&] { picture.comes(launched); }));
  EXPECT_TRUE(picture.changes_inputs([&] { picture.comes(initialized(launched)); }));
  EXPECT_TRUE(picture.changes_inputs([&] { picture.comes(deleting(initialized(launched))); }));
  EXPECT_TRUE(picture.changes_inputs([&] { picture.goes(launched); }));
}

TEST(FoldObjects, AClaimThatGoesMarksWhatHungOnIt) {
  Picture picture;
  picture.is_ready();
  picture.comes(claim("c1", "l1"));
  picture.lists({instance("l1", "i-1")});
  picture.comes(node("n1", "i-1"));
  picture.keys();
  picture.goes(claim("c1"));
  EXPECT_EQ(picture.keys(), (Keys{{Of::PendingPods, ""},
                                  {Of::NodeClaim, "c1"},
                                  {Of::NodePool, "pool"},
                                  {Of::Launch, "batch"},
                                  {Of::Node, "n1"},
                                  {Of::HyperPod, ""}}));
  EXPECT_EQ(picture.state.find_node("n1")->claim, "");
}

TEST(FoldObjects, AClaimOfTheSameNameIsAnotherClaim) {
  Picture picture;
  kube::NodeClaim first = claim("c1", "l1");
  first.meta.uid = "first";
  picture.comes(first);
  picture.comes(claim("c1"));
  EXPECT_EQ(picture.state.find_claim("c1")->claim.meta.uid, "uid-c1");
  EXPECT_EQ(picture.state.find_claim("c1")->logical_id, "");
  EXPECT_EQ(picture.state.find_claim_by_logical_id("l1"), nullptr);
}

// --- the others ---

TEST(FoldObjects, PoolsOfAnotherKarpenterAreNotSeen) {
  Picture picture;
  kube::NodePool theirs = node_pool("theirs");
  theirs.template_spec.node_class_ref = {"karpenter.k8s.aws", "EC2NodeClass", "default"};
  EXPECT_FALSE(picture.changes_inputs([&] { picture.comes(theirs); }));
  EXPECT_EQ(picture.state.find_node_pool("theirs"), nullptr);
  EXPECT_FALSE(
      picture.changes_inputs([&] { picture.goes(Kind::NodePool, {"", "theirs"}, "uid-theirs"); }));
  EXPECT_EQ(picture.keys(), Keys{});
}

TEST(FoldObjects, ASpecificationOfAPoolMarksItsClaimsAndNodes) {
  Picture picture;
  picture.is_ready();
  picture.comes(node_pool("pool"));
  picture.comes(claim("c1", "l1"));
  picture.lists({instance("l1", "i-1")});
  picture.comes(node("n1", "i-1"));
  picture.keys();
  EXPECT_FALSE(picture.changes_inputs([&] { picture.comes(node_pool("pool", 1)); }));
  EXPECT_EQ(picture.keys(), (Keys{{Of::NodePool, "pool"}}));
  EXPECT_TRUE(picture.changes_inputs([&] { picture.comes(node_pool("pool", 2)); }));
  EXPECT_EQ(
      picture.keys(),
      (Keys{
          {Of::PendingPods, ""}, {Of::NodePool, "pool"}, {Of::NodeClaim, "c1"}, {Of::Node, "n1"}}));
}

TEST(FoldObjects, APoolThatBecomesReadyChangesTheSolversInputs) {
  Picture picture;
  kube::NodePool pool = node_pool("pool");
  picture.comes(pool);
  pool.status_nodes = 3;
  EXPECT_FALSE(picture.changes_inputs([&] { picture.comes(pool); }));
  pool.conditions.push_back({.type = "Ready", .status = kube::ConditionStatus::True});
  EXPECT_TRUE(picture.changes_inputs([&] { picture.comes(pool); }));
}

TEST(FoldObjects, ANodeClassMarksThePoolsThatReferToIt) {
  Picture picture;
  picture.comes(node_pool("pool"));
  kube::NodePool other = node_pool("other");
  other.template_spec.node_class_ref.name = "elsewhere";
  picture.comes(other);
  picture.keys();
  picture.comes(node_class("class"));
  EXPECT_EQ(picture.keys(),
            (Keys{{Of::PendingPods, ""}, {Of::NodeClass, "class"}, {Of::NodePool, "pool"}}));
  picture.goes(Kind::NodeClass, {"", "class"}, "uid-class");
  EXPECT_EQ(picture.keys(),
            (Keys{{Of::PendingPods, ""}, {Of::NodeClass, "class"}, {Of::NodePool, "pool"}}));
}

TEST(FoldObjects, GroupsAndConditionsOfANodeClassAreInputsOfTheSolver) {
  Picture picture;
  kube::HyperpodNodeClass known = node_class("class");
  picture.comes(known);
  EXPECT_FALSE(picture.changes_inputs([&] { picture.comes(known); }));
  known.instance_groups.push_back("cpu");
  EXPECT_TRUE(picture.changes_inputs([&] { picture.comes(known); }));
  known.conditions.push_back({.type = "Ready", .status = kube::ConditionStatus::True});
  EXPECT_TRUE(picture.changes_inputs([&] { picture.comes(known); }));
}

TEST(FoldObjects, WhatADaemonSetAsksForIsAnInputOfTheSolver) {
  Picture picture;
  EXPECT_TRUE(picture.changes_inputs([&] { picture.comes(daemon_set("ds", 100)); }));
  EXPECT_FALSE(picture.changes_inputs([&] { picture.comes(daemon_set("ds", 100)); }));
  EXPECT_TRUE(picture.changes_inputs([&] { picture.comes(daemon_set("ds", 200)); }));
  EXPECT_TRUE(picture.changes_inputs(
      [&] { picture.goes(Kind::DaemonSet, {"kube-system", "ds"}, "uid-ds"); }));
}

TEST(FoldObjects, EchoesOfTheOthersAreDropped) {
  Picture picture;
  kube::NodePool pool = node_pool("p", 2), old_pool = node_pool("p", 1);
  kube::HyperpodNodeClass of_class = node_class("k"), old_class = node_class("k");
  kube::DaemonSet set = daemon_set("d", 200), old_set = daemon_set("d", 100);
  of_class.instance_groups = {"gpu", "cpu"};
  pool.meta.resource_version = of_class.meta.resource_version = set.meta.resource_version = 300;
  old_pool.meta.resource_version = old_class.meta.resource_version = old_set.meta.resource_version =
      299;
  picture.comes(pool);
  picture.comes(of_class);
  picture.comes(set);
  picture.comes(old_pool);
  picture.comes(old_class);
  picture.comes(old_set);
  EXPECT_EQ(*picture.state.find_node_pool("p"), pool);
  EXPECT_EQ(*picture.state.find_node_class("k"), of_class);
  EXPECT_EQ(picture.state.objects<kube::DaemonSet>().at({"kube-system", "d"}), set);
}

}  // namespace
}  // namespace hyperwright::state
