// What effects and their answers change in the picture: claims that are being created, launches,
// withdrawals, offerings without capacity, and what is read of HyperPod.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "state/cluster_state.h"
#include "tests/state/picture.h"

namespace hyperwright::state {
namespace {

// --- creating a claim ---

TEST(FoldEffects, AClaimIsInThePictureFromItsEmission) {
  Picture picture;
  picture.is_ready();
  picture.comes(waiting_pod("a"));
  EXPECT_TRUE(
      picture.changes_inputs([&] { picture.emits(CreateNodeClaim{new_claim("c1"), {"uid-a"}}); }));
  const ClaimRecord* record = picture.state.find_claim("c1");
  ASSERT_NE(record, nullptr);
  EXPECT_TRUE(record->is_being_created);
  EXPECT_EQ(record->launch->call.batch, "batch");
  EXPECT_EQ(picture.state.claims_of_launch("batch").size(), 1U);
  EXPECT_EQ(picture.place_of("a"), "claim c1");
  EXPECT_TRUE(picture.keys().contains({Of::NodePool, "pool"})) << "it counts against the limits";
}

TEST(FoldEffects, AClaimIsCreatedWhenTheAnswerOrTheWatchShowsIt) {
  Picture picture;
  const EffectId first = picture.emits(CreateNodeClaim{new_claim("c1"), {}});
  picture.answers(first, Outcome::Done, Object(claim("c1")));
  EXPECT_FALSE(picture.state.find_claim("c1")->is_being_created);
  EXPECT_EQ(picture.state.find_claim("c1")->claim.meta.uid, "uid-c1");

  const EffectId second = picture.emits(CreateNodeClaim{new_claim("c2"), {}});
  picture.comes(claim("c2"));
  EXPECT_FALSE(picture.state.find_claim("c2")->is_being_created);
  picture.answers(second, Outcome::Done, Object(claim("c2")));
  EXPECT_EQ(picture.state.claims_of_launch("batch").size(), 2U);
  EXPECT_TRUE(picture.keys().contains({Of::Launch, "batch"}));
}

TEST(FoldEffects, ThatAClaimWasCreatedIsNoNewsToTheSolver) {
  Picture picture;
  const EffectId id = picture.emits(CreateNodeClaim{new_claim("c1"), {}});
  EXPECT_FALSE(
      picture.changes_inputs([&] { picture.answers(id, Outcome::Done, Object(claim("c1"))); }));
  EXPECT_FALSE(picture.state.find_claim("c1")->is_being_created);
}

TEST(FoldEffects, AClaimThatWasNotCreatedIsForgottenAndItsPodsArePlannedAgain) {
  for (const Outcome outcome :
       {Outcome::Rejected, Outcome::Retry, Outcome::LimitExceeded, Outcome::NotFound}) {
    Picture picture;
    picture.comes(waiting_pod("a"));
    const EffectId id = picture.emits(CreateNodeClaim{new_claim("c1"), {"uid-a"}});
    picture.keys();
    picture.answers(id, outcome);
    EXPECT_EQ(picture.state.find_claim("c1"), nullptr) << to_string(outcome);
    EXPECT_EQ(picture.place_of("a"), "");
    const Keys keys = picture.keys();
    EXPECT_TRUE(keys.contains({Of::PendingPods, ""}));
    EXPECT_TRUE(keys.contains({Of::NodePool, "pool"}));
    EXPECT_TRUE(keys.contains({Of::Launch, "batch"}))
        << "the rest of the batch is short of a claim";
  }
}

struct Refusing : Picture {
  Refusing() { comes(node_pool("pool")); }
  // How long the pool gets no claims after this answer.
  Duration fail_once(const char* name, Outcome outcome, const std::string& why = "too long") {
    answers(emits(CreateNodeClaim{new_claim(name), {}}), outcome, {}, why);
    const CreationFailure* failure = state.creation_failure("pool", now);
    return failure == nullptr ? Duration{} : failure->until - now;
  }
};

TEST(FoldEffects, ANodePoolWhoseClaimsCannotBeCreatedGetsNoneForAWhile) {
  Refusing picture;
  EXPECT_EQ(picture.fail_once("c1", Outcome::Rejected), Duration::seconds(10));
  EXPECT_EQ(picture.state.creation_failure("pool", picture.now)->why, "too long");
  EXPECT_EQ(picture.fail_once("c2", Outcome::Rejected), Duration::seconds(10))
      << "the claims of one plan fail together";
  picture.passes(Duration::seconds(10));
  EXPECT_EQ(picture.state.creation_failure("pool", picture.now), nullptr);
  EXPECT_EQ(picture.fail_once("c3", Outcome::Rejected), Duration::seconds(20));
  picture.passes(Duration::seconds(20));
  picture.asks(CreateNodeClaim{new_claim("c4"), {}}, Object(claim("c4")));
  EXPECT_EQ(picture.fail_once("c5", Outcome::Retry), Duration::seconds(1))
      << "a success ends the row";
}

TEST(FoldEffects, ThatAPoolGetsNoClaimsIsNewsToTheSolverAndSoIsItsEnd) {
  Refusing picture;
  const std::uint64_t before = picture.state.offerings_version();
  picture.fail_once("c1", Outcome::Rejected);
  const std::uint64_t waiting = picture.state.offerings_version();
  EXPECT_GT(waiting, before);
  EXPECT_EQ(picture.state.next_offer(picture.now), picture.now + Duration::seconds(10));
  EXPECT_EQ(picture.state.next_time(), picture.now + Duration::seconds(10));
  picture.passes(Duration::seconds(10));
  EXPECT_GT(picture.state.offerings_version(), waiting);
  EXPECT_EQ(picture.state.next_time(), Time::max());
}

TEST(FoldEffects, AnInstanceGroupDoesNotWaitForTheClaimsOfOnePool) {
  Refusing picture;
  picture.fail_once("c1", Outcome::Rejected);
  EXPECT_EQ(picture.state.back_off("gpu", picture.now), nullptr);
  EXPECT_EQ(picture.state.back_off("", picture.now), nullptr);
  EXPECT_EQ(picture.state.creation_failure("other", picture.now), nullptr);
}

TEST(FoldEffects, ANodePoolThatWasMendedIsTriedAtOnce) {
  Refusing picture;
  picture.fail_once("c1", Outcome::Rejected);
  picture.comes(node_pool("pool", 1));
  EXPECT_NE(picture.state.creation_failure("pool", picture.now), nullptr) << "only its status";
  picture.comes(node_pool("pool", 2));
  EXPECT_EQ(picture.state.creation_failure("pool", picture.now), nullptr);
  EXPECT_EQ(picture.fail_once("c2", Outcome::Rejected), Duration::seconds(10)) << "a new row";
  picture.goes(Kind::NodePool, {{}, "pool"}, node_pool("pool").meta.uid);
  EXPECT_EQ(picture.state.creation_failure("pool", picture.now), nullptr);
  EXPECT_EQ(picture.fail_once("c3", Outcome::Rejected), Duration{}) << "there is no pool to wait";
}

TEST(FoldEffects, OfALongRefusalAFewLinesAreKept) {
  Refusing picture;
  picture.fail_once("c1", Outcome::Rejected, std::string(100'000, 'x'));
  EXPECT_EQ(picture.state.creation_failure("pool", picture.now)->why, std::string(300, 'x'));
}

// As long as an API server may be away: a second claim for its pods could be a second node.
TEST(FoldEffects, AClaimOfUnknownOutcomeStaysForHours) {
  for (const Outcome outcome : {Outcome::Unknown, Outcome::AlreadyExists}) {
    Picture picture;
    picture.comes(waiting_pod("a"));
    picture.answers(picture.emits(CreateNodeClaim{new_claim("c1"), {"uid-a"}}), outcome);
    picture.passes(Duration::hours(8) - Duration::milliseconds(1));
    EXPECT_NE(picture.state.find_claim("c1"), nullptr);
    EXPECT_EQ(picture.place_of("a"), "claim c1");
    picture.passes(Duration::milliseconds(1));
    EXPECT_EQ(picture.state.find_claim("c1"), nullptr);
    EXPECT_EQ(picture.place_of("a"), "");
  }
}

TEST(FoldEffects, AClaimOfUnknownOutcomeMayBeAskedForAgain) {
  Picture picture;
  picture.comes(waiting_pod("a"));
  const CreateNodeClaim create{new_claim("c1"), {"uid-a"}};
  picture.answers(picture.emits(create), Outcome::Unknown);
  const Target target{Target::Of::NodeClaim, "c1"};
  EXPECT_EQ(picture.state.next_try(target), picture.now + Duration::seconds(1));
  picture.answers(picture.emits(create), Outcome::Retry);
  EXPECT_NE(picture.state.find_claim("c1"), nullptr) << "the attempt before may have done it";
  picture.answers(picture.emits(create), Outcome::AlreadyExists);
  EXPECT_EQ(picture.state.next_try(target), picture.now + Duration::seconds(1))
      << "the watch will show it";
  picture.answers(picture.emits(create), Outcome::Rejected);
  EXPECT_EQ(picture.state.find_claim("c1"), nullptr);
  EXPECT_EQ(picture.place_of("a"), "");
}

TEST(FoldEffects, AClaimOfUnknownOutcomeThatShowsItselfStays) {
  Picture picture;
  picture.answers(picture.emits(CreateNodeClaim{new_claim("c1"), {}}), Outcome::Unknown);
  picture.comes(claim("c1"));
  picture.passes(Duration::hours(1));
  ASSERT_NE(picture.state.find_claim("c1"), nullptr);
  EXPECT_FALSE(picture.state.find_claim("c1")->is_being_created);
}

// --- launching ---

TEST(FoldEffects, ALaunchAnswerStaysUntilItsLastClaimIsGone) {
  Picture picture;
  picture.comes(claim("c1"));
  picture.comes(claim("c2"));
  EXPECT_EQ(picture.state.launch_answer("batch"), nullptr);
  hyperpod::AddResult result;
  result.successful.push_back({.logical_id = "l1", .group = "gpu"});
  picture.asks(BatchAddClusterNodes{"batch", {}}, result);
  ASSERT_NE(picture.state.launch_answer("batch"), nullptr);
  EXPECT_EQ(picture.state.launch_answer("batch")->result, result);
  EXPECT_EQ(picture.state.launch_answer("batch")->at, picture.now);
  picture.goes(claim("c1"));
  EXPECT_NE(picture.state.launch_answer("batch"), nullptr);
  picture.goes(claim("c2"));
  EXPECT_EQ(picture.state.launch_answer("batch"), nullptr);
}

TEST(FoldEffects, ALaunchThatFailedSaysHow) {
  Picture picture;
  picture.comes(claim("c1"));
  picture.answers(picture.emits(BatchAddClusterNodes{"batch", {}}), Outcome::LimitExceeded, {},
                  "quota of 4");
  EXPECT_EQ(picture.state.launch_answer("batch")->outcome, Outcome::LimitExceeded);
  EXPECT_EQ(picture.state.launch_answer("batch")->message, "quota of 4");
}

TEST(FoldEffects, ABatchOfWhichNoCallHadAnEffectIsSurelyUncalled) {
  Picture picture;
  EXPECT_FALSE(picture.state.is_surely_uncalled("batch"));
  picture.asks(CreateNodeClaim{new_claim("c1"), {}}, Object(claim("c1")));
  EXPECT_TRUE(picture.state.is_surely_uncalled("batch"));
  for (const Outcome outcome : {Outcome::Retry, Outcome::Forbidden}) {
    picture.answers(picture.emits(BatchAddClusterNodes{"batch", {}}), outcome);
    EXPECT_TRUE(picture.state.is_surely_uncalled("batch"));
  }
  picture.answers(picture.emits(BatchAddClusterNodes{"batch", {}}), Outcome::Unknown);
  EXPECT_FALSE(picture.state.is_surely_uncalled("batch"));
}

// --- withdrawing ---

const Target kL1{Target::Of::Instance, "l1"};

TEST(FoldEffects, AWithdrawalIsKnownFromItsEmissionAndAcceptedByItsAnswer) {
  Picture picture;
  const EffectId id = picture.emits(BatchDeleteClusterNodes{{"l1"}});
  ASSERT_NE(picture.state.find_deletion("l1"), nullptr);
  EXPECT_TRUE(picture.state.find_deletion("l1")->accepted_at.is_zero());
  picture.passes(Duration::seconds(2));
  picture.answers(id, Outcome::Done, hyperpod::DeleteResult{.successful = {"l1"}});
  EXPECT_EQ(picture.state.find_deletion("l1")->accepted_at, picture.now);
  EXPECT_FALSE(picture.state.find_deletion("l1")->is_gone);
}

TEST(FoldEffects, AnIdThatHyperPodDoesNotFindIsGone) {
  Picture picture;
  picture.comes(claim("c1", "l1"));
  picture.lists({instance("l1", "i-1")});
  picture.keys();
  picture.asks(BatchDeleteClusterNodes{{"l1"}},
               hyperpod::DeleteResult{.failed = {{"l1", "NodeIdNotFound", "no such node"}}});
  EXPECT_TRUE(picture.state.find_deletion("l1")->is_gone);
  EXPECT_EQ(picture.state.hyperpod().find_node("l1"), nullptr);
  EXPECT_EQ(picture.wait_of(kL1), Duration{});
  EXPECT_TRUE(picture.keys().contains({Of::NodeClaim, "c1"}));
}

TEST(FoldEffects, AnIdThatCannotGoNowWaitsLongerEachTime) {
  Picture picture;
  for (const std::int64_t seconds : {1, 2, 4, 8, 16, 30, 30}) {
    picture.asks(
        BatchDeleteClusterNodes{{"l1", "l2"}},
        hyperpod::DeleteResult{.successful = {"l2"},
                               .failed = {{"l1", "InvalidNodeStatus", "it is being updated"}}});
    EXPECT_EQ(picture.wait_of(kL1), Duration::seconds(seconds));
    EXPECT_EQ(picture.wait_of({Target::Of::Instance, "l2"}), Duration{});
  }
  EXPECT_EQ(picture.state.find_deletion("l1")->problem, "InvalidNodeStatus: it is being updated");
  EXPECT_TRUE(picture.state.find_deletion("l1")->accepted_at.is_zero());
  EXPECT_EQ(picture.state.find_deletion("l2")->problem, "");
}

TEST(FoldEffects, AnIdThatTheAnswerDoesNotNameWaitsToo) {
  Picture picture;
  picture.asks(BatchDeleteClusterNodes{{"l1"}}, hyperpod::DeleteResult{});
  EXPECT_EQ(picture.wait_of(kL1), Duration::seconds(1));
  EXPECT_NE(picture.state.find_deletion("l1")->problem, "");
}

TEST(FoldEffects, ACallThatFailedSaysWhyForEachOfItsIds) {
  Picture picture;
  picture.answers(picture.emits(BatchDeleteClusterNodes{{"l1", "l2"}}), Outcome::Retry, {},
                  "throttled");
  EXPECT_EQ(picture.state.find_deletion("l1")->problem, "throttled");
  EXPECT_EQ(picture.state.find_deletion("l2")->problem, "throttled");
}

const hyperpod::DeleteResult kL1IsGone{.successful = {}, .failed = {{"l1", "NodeIdNotFound", {}}}};

// Withdrawn at kStart, claim and all.
Picture with_l1_withdrawn() {
  Picture picture;
  picture.comes(claim("c1", "l1"));
  picture.lists({instance("l1", "i-1"), instance("l2", "i-2")});
  picture.passes(Duration::seconds(1));
  picture.asks(BatchDeleteClusterNodes{{"l1"}}, hyperpod::DeleteResult{.successful = {"l1"}});
  picture.passes(Duration::seconds(1));
  picture.keys();
  return picture;
}

TEST(FoldEffects, AnIdThatANewerCompleteListDoesNotNameIsGone) {
  Picture picture = with_l1_withdrawn();
  picture.lists(
      {instance("l1", "i-1", hyperpod::InstanceStatus::ShuttingDown), instance("l2", "i-2")});
  EXPECT_FALSE(picture.state.find_deletion("l1")->is_gone);
  picture.passes(Duration::seconds(1));
  picture.keys();
  picture.lists({instance("l2", "i-2")});
  EXPECT_TRUE(picture.state.find_deletion("l1")->is_gone);
  EXPECT_TRUE(picture.keys().contains({Of::NodeClaim, "c1"}));
}

TEST(FoldEffects, AListThatWasBegunBeforeTheWithdrawalSaysNothing) {
  Picture picture;
  picture.comes(claim("c1", "l1"));
  const EffectId list = picture.emits(ListClusterNodes{});
  picture.passes(Duration::seconds(1));
  picture.asks(BatchDeleteClusterNodes{{"l1"}}, hyperpod::DeleteResult{.successful = {"l1"}});
  picture.answers(list, Outcome::Done, hyperpod::Page<hyperpod::Node>{});
  EXPECT_FALSE(picture.state.find_deletion("l1")->is_gone);
}

TEST(FoldEffects, APartOfAListSaysNothing) {
  Picture picture = with_l1_withdrawn();
  picture.asks(ListClusterNodes{},
               hyperpod::Page<hyperpod::Node>{{instance("l2", "i-2")}, "page 2"});
  EXPECT_FALSE(picture.state.find_deletion("l1")->is_gone);
  picture.answers(picture.emits(ListClusterNodes{"page 2"}), Outcome::Rejected);
  EXPECT_FALSE(picture.state.find_deletion("l1")->is_gone);
  EXPECT_NE(picture.state.hyperpod().find_node("l1"), nullptr);
}

TEST(FoldEffects, OfACallThatKnowsNoneOfItsIdsALaterListTellsWhatIsGone) {
  Picture picture;
  picture.comes(claim("c1", "l1"));
  picture.comes(claim("c2", "l2"));
  const EffectId early = picture.emits(ListClusterNodes{});
  picture.passes(Duration::seconds(1));
  picture.answers(picture.emits(BatchDeleteClusterNodes{{"l1", "l2"}}), Outcome::Rejected, {},
                  "ValidationException: none of the nodes passed validation");
  picture.answers(early, Outcome::Done, hyperpod::Page<hyperpod::Node>{});
  EXPECT_FALSE(picture.state.find_deletion("l1")->is_gone) << "that list is older";
  picture.passes(Duration::seconds(1));
  picture.keys();
  picture.lists({instance("l2", "i-2")});
  EXPECT_TRUE(picture.state.find_deletion("l1")->is_gone);
  EXPECT_FALSE(picture.state.find_deletion("l2")->is_gone);
  EXPECT_TRUE(picture.keys().contains({Of::NodeClaim, "c1"}));
}

TEST(FoldEffects, AWithdrawalIsForgottenWithTheLastClaimOfItsBatch) {
  Picture picture;
  const kube::NodeClaim first = claim("c1", "l1"), second = claim("c2");
  picture.comes(first);
  picture.comes(second);
  picture.asks(BatchAddClusterNodes{.client_token = "batch"},
               hyperpod::AddResult{.successful = {{.logical_id = "l1"}}});
  picture.asks(BatchDeleteClusterNodes{{"l1"}}, hyperpod::DeleteResult{.successful = {"l1"}});
  picture.asks(BatchDeleteClusterNodes{{"l1"}}, kL1IsGone);
  picture.goes(first);
  EXPECT_NE(picture.state.find_deletion("l1"), nullptr) << "the answer names it: not unclaimed";
  picture.goes(second);
  EXPECT_EQ(picture.state.find_deletion("l1"), nullptr);
  EXPECT_THAT(picture.state.orphaned_instances(), testing::IsEmpty());
}

TEST(FoldEffects, AWithdrawalIsForgottenWithItsClaim) {
  Picture picture = with_l1_withdrawn();
  picture.asks(BatchDeleteClusterNodes{{"l1"}}, kL1IsGone);
  picture.goes(claim("c1"));
  EXPECT_EQ(picture.state.find_deletion("l1"), nullptr);
  EXPECT_THAT(picture.state.orphaned_instances(), testing::IsEmpty());
}

// --- what cannot be bought now ---

TEST(FoldEffects, AnUnavailableOfferingComesBackWhenItsTimeRunsOut) {
  Picture picture;
  const hyperpod::OfferingKey offering{"gpu", "ml.g5.xlarge", "us-west-2a"},
      other{"gpu", "ml.g5.xlarge", "us-west-2b"};
  const Time until = kStart + Duration::minutes(3);
  EXPECT_TRUE(picture.changes_inputs([&] { picture.emits(MarkUnavailable{offering, until}); }));
  picture.keys();
  EXPECT_TRUE(picture.state.is_unavailable(offering, until - Duration::milliseconds(1)));
  EXPECT_FALSE(picture.state.is_unavailable(offering, until));
  EXPECT_FALSE(picture.state.is_unavailable(other, picture.now));
  EXPECT_FALSE(picture.changes_inputs(
      [&] { picture.passes(Duration::minutes(3) - Duration::milliseconds(1)); }));
  EXPECT_TRUE(picture.changes_inputs([&] { picture.passes(Duration::milliseconds(1)); }));
  EXPECT_EQ(picture.keys(), (Keys{{Of::PendingPods, ""}}));
  EXPECT_EQ(picture.state.next_time(), Time::max());
}

TEST(FoldEffects, AnUnavailabilityIsNeverShortened) {
  Picture picture;
  const hyperpod::OfferingKey offering{"gpu", "ml.g5.xlarge", "us-west-2a"};
  picture.emits(MarkUnavailable{offering, kStart + Duration::minutes(3)});
  picture.emits(MarkUnavailable{offering, kStart + Duration::minutes(1)});
  EXPECT_TRUE(picture.state.is_unavailable(offering, kStart + Duration::minutes(2)));
}

TEST(FoldEffects, ABackOffEndsWhenItsTimeRunsOutAndCountsItsRow) {
  Picture picture;
  EXPECT_TRUE(picture.changes_inputs(
      [&] { picture.emits(BackOff{"gpu", kStart + Duration::minutes(1), "quota"}); }));
  ASSERT_NE(picture.state.back_off("gpu", picture.now), nullptr);
  EXPECT_EQ(picture.state.back_off("gpu", picture.now)->why, "quota");
  EXPECT_EQ(picture.state.back_off("cpu", picture.now), nullptr);
  EXPECT_EQ(picture.state.back_off("", picture.now), nullptr);
  picture.emits(BackOff{"gpu", kStart + Duration::minutes(2), "quota"});
  EXPECT_EQ(picture.state.back_off("gpu", picture.now)->streak, 2);
  EXPECT_FALSE(picture.changes_inputs([&] { picture.passes(Duration::minutes(1)); }));
  EXPECT_TRUE(picture.changes_inputs([&] { picture.passes(Duration::minutes(1)); }));
  EXPECT_EQ(picture.state.back_off("gpu", picture.now), nullptr);
  EXPECT_FALSE(picture.changes_inputs([&] { picture.passes(Duration::minutes(1)); }));
}

TEST(FoldEffects, TheClustersBackOffIsNoGroups) {
  Picture picture;
  picture.emits(BackOff{"", kStart + Duration::minutes(1), "account quota"});
  EXPECT_NE(picture.state.back_off("", picture.now), nullptr);
  EXPECT_EQ(picture.state.back_off("gpu", picture.now), nullptr);
}

// --- what is read of HyperPod ---

TEST(FoldEffects, ADescriptionThatDiffersMarksTheClassesAndChangesTheInputs) {
  Picture picture;
  picture.comes(node_class("class"));
  picture.is_ready();
  EXPECT_FALSE(picture.changes_inputs([&] { picture.is_described(); }));
  EXPECT_EQ(picture.keys(), (Keys{{Of::HyperPod, ""}}));
  hyperpod::Cluster grown = cluster();
  grown.groups[0].target_count = 3;
  EXPECT_TRUE(picture.changes_inputs([&] { picture.is_described(grown); }));
  EXPECT_EQ(picture.keys(),
            (Keys{{Of::PendingPods, ""}, {Of::NodeClass, "class"}, {Of::HyperPod, ""}}));
}

TEST(FoldEffects, ADescriptionThatFailedKeepsTheLastOne) {
  Picture picture;
  picture.is_ready();
  picture.passes(Duration::minutes(1));
  picture.answers(picture.emits(DescribeCluster{}), Outcome::Retry, {}, "throttled");
  EXPECT_EQ(picture.state.hyperpod().cluster(), cluster());
  EXPECT_EQ(picture.state.hyperpod().cluster_problem(), "throttled");
  EXPECT_EQ(picture.state.hyperpod().cluster_read_at(), picture.now);
  picture.is_described();
  EXPECT_EQ(picture.state.hyperpod().cluster_problem(), "");
}

TEST(FoldEffects, AProblemOfTheClusterIsToldOnTheClassesWhenItComesAndWhenItEnds) {
  Picture picture;
  picture.comes(node_class("class"));
  picture.is_ready();
  const auto fails = [&] {
    picture.answers(picture.emits(DescribeCluster{}), Outcome::Rejected, {}, "not found");
  };
  fails();
  EXPECT_TRUE(picture.keys().contains({Of::NodeClass, "class"}));
  fails();
  EXPECT_FALSE(picture.keys().contains({Of::NodeClass, "class"}));
  picture.is_described();
  EXPECT_TRUE(picture.keys().contains({Of::NodeClass, "class"}));
}

TEST(FoldEffects, ZonesOfSubnetsAreInputsOnlyWhenTheyAreNew) {
  Picture picture;
  picture.comes(node_class("class"));
  picture.is_ready();
  const std::vector<hyperpod::Subnet> zones = {{"subnet-a", "us-west-2a", "usw2-az1"}};
  const DescribeSubnets call{{"subnet-a"}};
  EXPECT_TRUE(picture.changes_inputs([&] { picture.asks(call, zones); }));
  EXPECT_TRUE(picture.keys().contains({Of::NodeClass, "class"}));
  EXPECT_FALSE(picture.changes_inputs([&] { picture.asks(call, zones); }));
  EXPECT_FALSE(picture.changes_inputs(
      [&] { picture.answers(picture.emits(call), Outcome::Rejected, {}, "no permission"); }));
  EXPECT_EQ(picture.state.hyperpod().subnets_problem(), "no permission");
  EXPECT_TRUE(picture.keys().contains({Of::NodeClass, "class"}));
  EXPECT_EQ(picture.state.hyperpod().subnets(), zones);
}

TEST(FoldEffects, AnInstanceThatChangedMarksItsClaim) {
  Picture picture;
  picture.comes(claim("c1", "l1"));
  picture.is_ready();
  picture.lists({instance("l1", "")});
  EXPECT_EQ(picture.keys(), (Keys{{Of::NodeClaim, "c1"}, {Of::HyperPod, ""}}));
  picture.lists({instance("l1", "")});
  EXPECT_EQ(picture.keys(), (Keys{{Of::HyperPod, ""}}));
  picture.lists({instance("l1", "i-1")});
  EXPECT_EQ(picture.keys(), (Keys{{Of::NodeClaim, "c1"}, {Of::HyperPod, ""}}));
  picture.passes(Duration::seconds(1));
  picture.lists({});
  EXPECT_EQ(picture.keys(), (Keys{{Of::NodeClaim, "c1"}, {Of::HyperPod, ""}}));
}

TEST(FoldEffects, AFailureInTheEventsMarksTheClaim) {
  Picture picture;
  picture.comes(claim("c1", "l1"));
  picture.is_ready();
  hyperpod::ClusterEvent event;
  event.id = "e1";
  event.time = kStart;
  event.level = hyperpod::EventLevel::Error;
  event.resource_type = hyperpod::EventResourceType::Instance;
  picture.asks(ListClusterEvents{kStart, {}}, hyperpod::Page<hyperpod::ClusterEvent>{{event}, {}});
  picture.keys();
  event.node_logical_id = "l1";
  event.failure_message = "insufficient capacity";
  picture.asks(DescribeClusterEvent{"e1"}, event);
  EXPECT_EQ(picture.state.hyperpod().launch_failure("l1"), "insufficient capacity");
  EXPECT_EQ(picture.keys(), (Keys{{Of::NodeClaim, "c1"}, {Of::HyperPod, ""}}));
}

TEST(FoldEffects, AnEventThatCannotBeDescribedIsAskedForAgainUnlessItIsNotThere) {
  Picture picture;
  picture.comes(claim("c1", "l1"));
  hyperpod::ClusterEvent event;
  event.id = "e1";
  event.level = hyperpod::EventLevel::Error;
  event.resource_type = hyperpod::EventResourceType::Instance;
  picture.asks(ListClusterEvents{kStart, {}}, hyperpod::Page<hyperpod::ClusterEvent>{{event}, {}});
  picture.answers(picture.emits(DescribeClusterEvent{"e1"}), Outcome::Retry);
  EXPECT_EQ(picture.state.hyperpod().events_to_describe().size(), 1U);
  picture.answers(picture.emits(DescribeClusterEvent{"e1"}), Outcome::NotFound);
  EXPECT_TRUE(picture.state.hyperpod().events_to_describe().empty());
}

TEST(FoldEffects, APageOfEventsThatCannotBeReadBeginsThemAnew) {
  Picture picture;
  picture.asks(ListClusterEvents{kStart, {}}, hyperpod::Page<hyperpod::ClusterEvent>{{}, "page 2"});
  EXPECT_EQ(picture.state.hyperpod().next_events_page(), "page 2");
  picture.answers(picture.emits(ListClusterEvents{kStart, "page 2"}), Outcome::Rejected, {},
                  "the token has expired");
  EXPECT_EQ(picture.state.hyperpod().next_events_page(), std::nullopt);
}

}  // namespace
}  // namespace hyperwright::state
