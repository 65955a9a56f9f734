// Who stands in which set, as things come and go. That the sets are those of a picture that is made
// anew, whatever happened: same_picture_test.cpp.
#include "state/claim_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/state/picture.h"

namespace hyperwright::state {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using In = ClaimIndex::Of;

// A claim c1 with its instance l1 and its Node n1, at rest.
struct Running : Picture {
  Running() {
    is_ready();
    comes(initialized(claim("c1", "l1")));
    lists({instance("l1", "i-1")});
    comes(node("n1", "i-1"));
  }
  const ClaimIndex::Names& of(In set) const { return state.claim_index().of(set); }
};

kube::Node with_taint(kube::Node node) {
  node.taints.push_back({std::string(kube::kTaintDisrupted), {}, kube::TaintEffect::NoSchedule});
  return node;
}

TEST(ClaimIndex, OpenAreClaimsThatComeOrGo) {
  Running p;
  EXPECT_THAT(p.of(In::Open), IsEmpty());
  p.comes(claim("c2", "l2"));
  p.emits(CreateNodeClaim{new_claim("c3"), {}});
  EXPECT_THAT(p.of(In::Open), ElementsAre("c2", "c3"));
  p.comes(deleting(initialized(claim("c1", "l1"))));
  EXPECT_THAT(p.of(In::Open), ElementsAre("c1", "c2", "c3"));
  p.goes(claim("c1", "l1"));
  EXPECT_THAT(p.of(In::Open), ElementsAre("c2", "c3"));
}

TEST(ClaimIndex, UnwithdrawnAreDeletedClaimsUntilHyperPodTakesTheWithdrawal) {
  Running p;
  EXPECT_THAT(p.of(In::Unwithdrawn), IsEmpty());
  p.comes(deleting(initialized(claim("c1", "l1"))));
  EXPECT_THAT(p.of(In::Unwithdrawn), ElementsAre("c1"));
  const EffectId call = p.emits(BatchDeleteClusterNodes{{"l1"}});
  EXPECT_THAT(p.of(In::Unwithdrawn), ElementsAre("c1"));
  p.answers(call, Outcome::Done, hyperpod::DeleteResult{.successful = {"l1"}, .failed = {}});
  EXPECT_THAT(p.of(In::Unwithdrawn), IsEmpty());
}

TEST(ClaimIndex, WhatOnlyOneSideKnowsIsFoundFromBothSides) {
  Running p;
  EXPECT_THAT(p.of(In::Unlisted), IsEmpty());
  EXPECT_THAT(p.state.claim_index().unowned_instances(), IsEmpty());
  p.comes(claim("c2", "l2"));
  p.passes(Duration::seconds(1));
  p.lists({instance("l1", "i-1"), instance("l9", "i-9")});
  EXPECT_THAT(p.of(In::Unlisted), ElementsAre("c2"));
  EXPECT_THAT(p.state.claim_index().unowned_instances(), ElementsAre("l9"));
  p.passes(Duration::seconds(1));
  p.lists({instance("l2", "i-2")});
  EXPECT_THAT(p.of(In::Unlisted), ElementsAre("c1"));
  EXPECT_THAT(p.state.claim_index().unowned_instances(), IsEmpty());
  p.goes(claim("c2", "l2"));
  EXPECT_THAT(p.state.claim_index().unowned_instances(), ElementsAre("l2"));
}

TEST(ClaimIndex, OrphansAreNodesOfOursWhoseClaimIsNotThere) {
  Running p;
  kube::Node carries = node("n2");
  carries.meta.annotations.set(kube::kNodeClaimUid, "uid-c2");
  p.comes(carries);
  EXPECT_THAT(p.state.claim_index().orphan_nodes(), ElementsAre("n2"));
  p.comes(claim("c2"));
  EXPECT_THAT(p.state.claim_index().orphan_nodes(), IsEmpty());
  p.goes(claim("c2"));
  EXPECT_THAT(p.state.claim_index().orphan_nodes(), ElementsAre("n2"));
  p.goes(carries);
  EXPECT_THAT(p.state.claim_index().orphan_nodes(), IsEmpty());
}

TEST(ClaimIndex, OrphansAreLookedAtWhenTheirInstanceGoes) {
  Running p;
  kube::Node carries = node("n2", "i-2");
  carries.meta.annotations.set(kube::kNodeClaimUid, "uid-c2");
  p.comes(carries);
  p.lists({instance("l1", "i-1"), instance("l2", "i-2")});
  p.passes(Duration::minutes(1));
  p.keys();
  p.lists({instance("l1", "i-1")});
  EXPECT_TRUE(p.keys().contains({Of::Node, "n2"})) << "nothing else would end its drain";
}

TEST(ClaimIndex, IdleAreClaimsWhoseNodeHasNoPodThatWouldMove) {
  Running p;
  EXPECT_THAT(p.of(In::Idle), ElementsAre("c1"));
  p.comes(pod("agent", {.node = "n1", .is_of_daemon_set = true}));
  EXPECT_THAT(p.of(In::Idle), ElementsAre("c1"));
  const kube::Pod web = pod("web", {.node = "n1"});
  p.comes(web);
  EXPECT_THAT(p.of(In::Idle), IsEmpty());
  p.goes(web);
  EXPECT_THAT(p.of(In::Idle), ElementsAre("c1"));
}

TEST(ClaimIndex, AClaimIsNotIdleWhileAnEffectOnItIsUnderWay) {
  Running p;
  const EffectId deletion = p.emits(DeleteNodeClaim{"c1", "uid-c1"});
  EXPECT_THAT(p.of(In::Idle), IsEmpty());
  p.answers(deletion, Outcome::Conflict);
  EXPECT_THAT(p.of(In::Idle), ElementsAre("c1"));
}

TEST(ClaimIndex, AMarkedClaimIsNotIdleAnyMore) {
  Running p;
  p.comes(with_taint(node("n1", "i-1")));
  EXPECT_THAT(p.of(In::Marked), ElementsAre("c1"));
  EXPECT_THAT(p.of(In::Idle), IsEmpty());
  p.comes(node("n1", "i-1"));
  EXPECT_THAT(p.of(In::Marked), IsEmpty());
  EXPECT_THAT(p.of(In::Idle), ElementsAre("c1"));
}

TEST(ClaimIndex, ABatchIsBeingStampedUntilTheLastPatchIsAnswered) {
  Picture p;
  p.is_ready();
  const auto stamp = [&](const std::string& name) {
    PatchNodeClaim patch{.name = name};
    patch.set_annotations.set(kube::kLaunch, encode_launch(launch("next")));
    return p.emits(std::move(patch));
  };
  const EffectId one = stamp("c1");
  const EffectId two = stamp("c2");
  p.answers(one, Outcome::Conflict);
  EXPECT_TRUE(p.state.is_being_stamped("next"));
  p.answers(two, Outcome::Done);
  EXPECT_FALSE(p.state.is_being_stamped("next"));
}

TEST(UnplacedPods, WaitAndArePlannedNowhere) {
  Picture p;
  p.is_ready();
  p.comes(claim("c1"));
  const kube::Pod web = waiting_pod("web");
  p.comes(web);
  EXPECT_EQ(p.state.unplaced_pods().size(), 1U);
  p.emits(NominatePods{.node = {}, .claim = "c1", .pods = {web.meta.uid}});
  EXPECT_EQ(p.state.unplaced_pods().size(), 0U);
  p.goes(claim("c1"));
  EXPECT_EQ(p.state.unplaced_pods().size(), 1U);
  p.goes(web);
  EXPECT_EQ(p.state.unplaced_pods().size(), 0U);
}

}  // namespace
}  // namespace hyperwright::state
