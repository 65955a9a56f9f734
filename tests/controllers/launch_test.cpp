#include "controllers/launch_batch.h"
#include "controllers/launch_stamp.h"
#include "tests/controllers/picture.h"

namespace hyperwright::controllers::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view kBatch = "11111111-1111-4111-8111-111111111111";
const Key kLaunchKey{Key::Of::Launch, std::string(kBatch)};

// Two nodes of "cpu" and one of "gpu" in one call.
state::LaunchCall two_and_one() {
  state::LaunchCall call = launch_call(std::string(kBatch), 2);
  call.specifications.push_back({.offering = {"gpu", "ml.g5.xlarge", "us-west-2a"}, .count = 1});
  return call;
}

struct Launched : Picture {
  Launched() {
    put(pool("p"));
    a = put(claim("p-a", "p", two_and_one(), 0));
    b = put(claim("p-b", "p", two_and_one(), 0));
  }
  void put_third() { put(claim("p-c", "p", two_and_one(), 1)); }
  Effects look_at_launch() { return look("nodeclaim.launch", kLaunchKey); }
  // Calls, and answers with these ids for "cpu" and "gpu" and these failures.
  void call_and_answer(std::vector<std::string> cpu, std::vector<std::string> gpu,
                       std::vector<hyperpod::AddFailure> failed = {}) {
    hyperpod::AddResult result{.successful = {}, .failed = std::move(failed)};
    for (std::string& id : cpu)
      result.successful.push_back({.logical_id = std::move(id), .group = "cpu"});
    for (std::string& id : gpu)
      result.successful.push_back({.logical_id = std::move(id), .group = "gpu"});
    call_and_answer(Outcome::Done, std::move(result));
  }
  void call_and_answer(Outcome outcome, state::Payload payload = {}) {
    const Effects effects = look_at_launch();
    ASSERT_THAT(names(effects), ElementsAre("BatchAddClusterNodes"));
    answer(effects[0].id, outcome, std::move(payload), "quota of ml.c5.xlarge is used up");
  }
  std::string id_of(std::string_view name) const { return at_claim(name).logical_id; }
  kube::NodeClaim a, b;
};

TEST(Launch, WaitsUntilAllClaimsOfTheBatchExist) {
  Picture p;
  p.put(pool("p"));
  const auto call = launch_call(std::string(kBatch), 2);
  p.put(claim("p-a", "p", call));
  const auto creating = p.emit({.action = state::CreateNodeClaim{claim("p-b", "p", call), {}}});
  EXPECT_THAT(p.look("nodeclaim.launch", kLaunchKey), IsEmpty());
  kube::NodeClaim made = claim("p-b", "p", call);
  made.meta.resource_version = 200;
  p.answer(creating, Outcome::Done, state::Object(made));
  const auto add = only<state::BatchAddClusterNodes>(p.look("nodeclaim.launch", kLaunchKey));
  EXPECT_EQ(add.client_token, kBatch);
  EXPECT_THAT(add.specifications,
              ElementsAre(hyperpod::AddSpecification{.group = "cpu", .count = 2}));
  EXPECT_THAT(p.look("nodeclaim.launch", kLaunchKey), IsEmpty()) << "a second look emits nothing";
}

TEST(Launch, ItsClaimsTellWhyTheCallFailed) {
  Launched p;
  p.put_third();
  p.call_and_answer(Outcome::Retry);
  p.accept(p.look("nodeclaim.lifecycle", {Key::Of::NodeClaim, "p-a"}));
  EXPECT_EQ(p.claim_text("p-a", "Launched"),
            "Unknown AwaitingLaunch: HyperPod has not named a node for this claim yet; the last "
            "call failed: quota of ml.c5.xlarge is used up");
}

TEST(Launch, ABatchThatIsShortWasNeverCalledAndIsStampedAnew) {
  Launched p;
  const Effects effects = p.look_at_launch();
  const auto patches = all<state::PatchNodeClaim>(effects);
  ASSERT_THAT(patches, SizeIs(2));
  const auto first = state::decode_launch(patches[0].set_annotations.get(kube::kLaunch)).value();
  EXPECT_NE(first.call.batch, kBatch);
  EXPECT_EQ(first.call.nodes(), 2);
  EXPECT_EQ(first.call,
            state::decode_launch(patches[1].set_annotations.get(kube::kLaunch)).value().call);
  p.accept(effects);
  const Key key{Key::Of::Launch, first.call.batch};
  EXPECT_EQ(only<state::BatchAddClusterNodes>(p.look("nodeclaim.launch", key)).client_token,
            first.call.batch);
}

TEST(Launch, NothingIsStampedWhileClaimsAreStillListed) {
  Picture p;
  state::ClusterState fresh(state::Options{.cluster = "hp1"}, hyperpod::InstanceTypes::of({}));
  p.state = std::move(fresh);
  p.put(claim("p-a", "p", launch_call(std::string(kBatch), 2)));
  EXPECT_THAT(p.look("nodeclaim.launch", kLaunchKey), IsEmpty());
}

TEST(Launch, SortedIdsGoToSortedClaimsOfTheirSpecification) {
  Launched p;
  p.put_third();
  p.call_and_answer({"id-2", "id-1"}, {"id-9"});
  const Effects effects = p.look_at_launch();
  EXPECT_THAT(p.look_at_launch(), IsEmpty())
      << "ids on their way are not given out twice, nor withdrawn";
  p.accept(effects);
  EXPECT_EQ(p.id_of("p-a"), "id-1");
  EXPECT_EQ(p.id_of("p-b"), "id-2");
  EXPECT_EQ(p.id_of("p-c"), "id-9");
  EXPECT_THAT(p.look_at_launch(), IsEmpty());
}

TEST(Launch, WhatFailedIsStampedAnewAndItsGroupBacksOff) {
  Launched p;
  p.put_third();
  p.call_and_answer(
      {"id-1", "id-2"}, {},
      {{.group = "gpu", .code = "InvalidInstanceGroupStatus", .message = "Updating"}});
  p.accept(p.look_at_launch());
  const Effects effects = p.look_at_launch();
  EXPECT_EQ(only<state::BackOff>(effects).group, "gpu");
  EXPECT_THAT(
      told(effects),
      testing::Contains(testing::HasSubstr(
          "Instance group gpu takes no launches for 30s: InvalidInstanceGroupStatus: Updating")));
  p.accept(effects);
  const std::string again = p.at_claim("p-c").launch->call.batch;
  EXPECT_NE(again, kBatch);
  EXPECT_THAT(p.look("nodeclaim.launch", {Key::Of::Launch, again}), IsEmpty())
      << "the group is backed off";
  EXPECT_EQ(p.next_look, p.now + Duration::seconds(30));
  p.wait(Duration::seconds(30));
  EXPECT_THAT(names(p.look("nodeclaim.launch", {Key::Of::Launch, again})),
              ElementsAre("BatchAddClusterNodes"));
}

// Else a kill between the two would leave the batch short and without ids, as if never called, and
// what it launched would be launched again.
TEST(Launch, NoClaimLeavesTheBatchBeforeItsIdsAreStored) {
  for (const char* code : {"InvalidInstanceGroupStatus", "IncompatibleInstanceTypes"}) {
    Launched p;
    p.put_third();
    p.call_and_answer({"id-1", "id-2"}, {}, {{.group = "gpu", .code = code}});
    const Effects ids = p.look_at_launch();
    EXPECT_THAT(names(ids), ElementsAre("PatchNodeClaim", "PatchNodeClaim")) << code;
    p.put(deleted(p.at_claim("p-c").claim, p.now));
    p.accept(ids[0]);
    EXPECT_THAT(p.look_at_launch(), IsEmpty()) << code;
    EXPECT_FALSE(is_launch_settled(p.state, p.at_claim("p-c"), p.now)) << code;
    p.accept(ids[1]);
    EXPECT_TRUE(is_launch_settled(p.state, p.at_claim("p-c"), p.now)) << code;
  }
}

TEST(Launch, WhatIsMissingOfOneOfferingIsStampedAnewWhenItsIdsAreStored) {
  Launched p;
  p.put_third();
  p.call_and_answer({"id-1"}, {"id-9"});
  const Effects ids = p.look_at_launch();
  EXPECT_THAT(names(ids), ElementsAre("PatchNodeClaim", "PatchNodeClaim"));
  EXPECT_THAT(p.look_at_launch(), IsEmpty());
  p.accept(ids);
  EXPECT_EQ(only<state::PatchNodeClaim>(p.look_at_launch()).name, "p-b");
}

TEST(Launch, AGroupThatIsBackedOffForLongIsNotWaitedFor) {
  Picture p;
  p.put(pool("p"));
  p.create(claim("p-a", "p", launch_call(std::string(kBatch), 1)));
  p.emit({.action = state::BackOff{"cpu", p.now + Duration::minutes(2), "Updating"}});
  EXPECT_EQ(reasons(p.look("nodeclaim.launch", kLaunchKey), "DeleteNodeClaim"), "launch_failed");
}

TEST(Launch, AnImpossibleOfferingIsLeftOutAndItsClaimsGo) {
  Launched p;
  p.put_third();
  p.call_and_answer({"id-1", "id-2"}, {}, {{.group = "gpu", .code = "IncompatibleInstanceTypes"}});
  p.accept(p.look_at_launch());
  const Effects effects = p.look_at_launch();
  EXPECT_EQ(only<state::MarkUnavailable>(effects).offering.group, "gpu");
  EXPECT_EQ(only<state::DeleteNodeClaim>(effects).name, "p-c");
}

TEST(Launch, ARefusalOfTheWholeCallSplitsItByOffering) {
  Launched p;
  p.put_third();
  p.call_and_answer(Outcome::LimitExceeded);
  const Effects effects = p.look_at_launch();
  EXPECT_THAT(all<state::BackOff>(effects), IsEmpty())
      << "which of the two is at fault is not known yet";
  p.accept(effects);
  EXPECT_EQ(p.at_claim("p-a").launch->call.nodes(), 2);
  EXPECT_EQ(p.at_claim("p-a").launch->call.batch, p.at_claim("p-b").launch->call.batch);
  EXPECT_EQ(p.at_claim("p-c").launch->call.nodes(), 1);
}

TEST(Launch, ARefusalOfOneOfferingBacksItsGroupOffAndDoubles) {
  Picture p;
  p.put(pool("p"));
  p.put(claim("p-a", "p", launch_call(std::string(kBatch), 1)));
  Effects effects = p.look("nodeclaim.launch", kLaunchKey);
  p.answer(effects.at(0).id, Outcome::LimitExceeded, {},
           "'ml.c5.xlarge for cluster usage' is 20 Instances");
  effects = p.look("nodeclaim.launch", kLaunchKey);
  EXPECT_EQ(only<state::BackOff>(effects).group, "cpu");
  EXPECT_EQ(only<state::BackOff>(effects).until, p.now + Duration::seconds(30));
  p.accept(effects);
  p.wait(Duration::seconds(30));
  const Key again{Key::Of::Launch, p.at_claim("p-a").launch->call.batch};
  effects = p.look("nodeclaim.launch", again);
  p.answer(effects.at(0).id, Outcome::LimitExceeded, {},
           "'ml.c5.xlarge for cluster usage' is 20 Instances");
  EXPECT_EQ(only<state::BackOff>(p.look("nodeclaim.launch", again)).until,
            p.now + Duration::minutes(1));
}

TEST(Launch, AQuotaThatIsNotOfOneTypeBacksTheClusterOff) {
  Picture p;
  p.put(pool("p"));
  p.put(claim("p-a", "p", launch_call(std::string(kBatch), 1)));
  Effects effects = p.look("nodeclaim.launch", kLaunchKey);
  p.answer(effects.at(0).id, Outcome::LimitExceeded, {}, "'instances of a cluster' is 20");
  effects = p.look("nodeclaim.launch", kLaunchKey);
  EXPECT_EQ(only<state::BackOff>(effects).group, "");
  EXPECT_THAT(told(effects), testing::Contains(testing::HasSubstr(
                                 "The HyperPod cluster takes no launches for 30s: 'instances")));
}

TEST(Launch, CredentialsThatAreNotAcceptedBackTheClusterOffAndTheCallIsMadeAnew) {
  Picture p;
  p.put(pool("p"));
  for (const char* name : {"p-a", "p-b"}) p.create(claim(name, "p", two_and_one(), 0));
  p.create(claim("p-c", "p", two_and_one(), 1));
  p.answer(p.look("nodeclaim.launch", kLaunchKey).at(0).id, Outcome::Forbidden, {}, "expired");
  EXPECT_TRUE(is_launch_settled(p.state, p.at_claim("p-a"), p.now));
  const Effects effects = p.look("nodeclaim.launch", kLaunchKey);
  EXPECT_EQ(only<state::BackOff>(effects).group, "");
  p.accept(effects);
  const state::LaunchCall again = p.at_claim("p-a").launch->call;
  EXPECT_NE(again.batch, kBatch);
  EXPECT_EQ(again.specifications.size(), 2U) << "what is asked for is not at fault";
  p.wait(Duration::seconds(30));
  EXPECT_THAT(names(p.look("nodeclaim.launch", {Key::Of::Launch, again.batch})),
              ElementsAre("BatchAddClusterNodes"));
}

// The first of the two calls may have launched.
TEST(Launch, CredentialsThatExpireAfterAnUnknownOutcomeChangeNothingAboutTheToken) {
  Launched p;
  p.put_third();
  p.call_and_answer(Outcome::Unknown);
  p.wait(Duration::minutes(1));
  p.call_and_answer(Outcome::Forbidden);
  EXPECT_FALSE(is_launch_settled(p.state, p.at_claim("p-a"), p.now));
  EXPECT_THAT(names(p.look_at_launch()), testing::Not(testing::Contains("PatchNodeClaim")));
  p.wait(Duration::minutes(1));
  EXPECT_EQ(only<state::BatchAddClusterNodes>(p.look_at_launch()).client_token, kBatch);
}

TEST(Launch, AnUnknownOutcomeIsRepeatedWithTheSameTokenUntilItExpires) {
  Launched p;
  p.put_third();
  p.call_and_answer(Outcome::Unknown);
  EXPECT_THAT(p.look_at_launch(), IsEmpty()) << "it waits a little";
  p.wait(Duration::minutes(1));
  const Effects again = p.look_at_launch();
  EXPECT_EQ(only<state::BatchAddClusterNodes>(again).client_token, kBatch);
  p.answer(again[0].id, Outcome::Unknown);
  p.wait(Duration::minutes(450));
  EXPECT_THAT(p.look_at_launch(), IsEmpty()) << "the token is too old";
}

TEST(Launch, AfterARestartIdsThatAreMissingAreAskedForWithTheSameToken) {
  Picture p;
  p.put(pool("p"));
  p.put(with_id(claim("p-a", "p", launch_call(std::string(kBatch), 2)), "id-2"));
  p.put(claim("p-b", "p", launch_call(std::string(kBatch), 2)));
  const Effects effects = p.look("nodeclaim.launch", kLaunchKey);
  EXPECT_EQ(only<state::BatchAddClusterNodes>(effects).client_token, kBatch);
  p.answer(effects[0].id, Outcome::Done,
           hyperpod::AddResult{.successful = {{.logical_id = "id-1", .group = "cpu"},
                                              {.logical_id = "id-2", .group = "cpu"}}});
  const auto patch = only<state::PatchNodeClaim>(p.look("nodeclaim.launch", kLaunchKey));
  EXPECT_EQ(patch.name, "p-b");
  EXPECT_EQ(patch.set_annotations.get(kube::kNodeLogicalId), "id-1");
}

TEST(Launch, IdsThatNoClaimIsLeftForAreWithdrawn) {
  Launched p;
  p.put_third();
  p.call_and_answer({"id-1", "id-2", "id-3"}, {"id-9"});
  p.accept(p.look_at_launch());
  const Effects effects = p.look_at_launch();
  EXPECT_THAT(only<state::BatchDeleteClusterNodes>(effects).logical_ids, ElementsAre("id-3"));
  p.accept(effects);
  EXPECT_THAT(p.look_at_launch(), IsEmpty());
}

TEST(Launch, ADeletedClaimOfABatchThatWasNeverCalledIsLeftOutOfIt) {
  Picture p;
  p.put(pool("p"));
  const auto call = launch_call(std::string(kBatch), 2);
  for (const char* name : {"p-a", "p-b"}) p.create(claim(name, "p", call));
  p.put(deleted(claim("p-b", "p", call), p.now));
  EXPECT_TRUE(is_launch_settled(p.state, p.at_claim("p-b"), p.now));
  const auto patch = only<state::PatchNodeClaim>(p.look("nodeclaim.launch", kLaunchKey));
  EXPECT_EQ(patch.name, "p-a");
}

TEST(Launch, ADeletedClaimWhoseBatchMayHaveBeenCalledWaitsForTheIds) {
  Picture p;
  p.put(pool("p"));
  const auto call = launch_call(std::string(kBatch), 1);
  p.put(deleted(claim("p-a", "p", call), p.now));
  EXPECT_FALSE(is_launch_settled(p.state, p.at_claim("p-a"), p.now))
      << "an earlier life may have called";
  const Effects effects = p.look("nodeclaim.launch", kLaunchKey);
  EXPECT_EQ(only<state::BatchAddClusterNodes>(effects).client_token, kBatch);
  p.answer(effects[0].id, Outcome::Done,
           hyperpod::AddResult{.successful = {{.logical_id = "id-1", .group = "cpu"}}});
  EXPECT_FALSE(is_launch_settled(p.state, p.at_claim("p-a"), p.now));
  p.accept(p.look("nodeclaim.launch", kLaunchKey));
  EXPECT_EQ(p.at_claim("p-a").logical_id, "id-1");
}

// --- grouping into calls ---

std::vector<Wanted> wanted(std::initializer_list<std::pair<const char*, int>> list) {
  std::vector<Wanted> all;
  for (const auto& [group, count] : list) {
    for (int i = 0; i < count; ++i) all.push_back({{group, "t", "z"}, false});
  }
  return all;
}

TEST(GroupIntoCalls, KeepsTheLimitsOfACallAndNoOfferingTwiceInOne) {
  Random random(1);
  const auto list = wanted({{"a", 60}, {"b", 3}, {"c", 1}, {"d", 1}, {"e", 1}, {"f", 1}, {"g", 1}});
  const auto launches = group_into_calls(list, hyperpod::kAddSpecificationsMax, random);
  std::map<std::string, state::LaunchCall> calls;
  std::map<std::pair<std::string, std::size_t>, std::int32_t> members;
  for (std::size_t i = 0; i < list.size(); ++i) {
    EXPECT_EQ(launches[i].offering(), list[i].offering);
    calls[launches[i].call.batch] = launches[i].call;
    ++members[{launches[i].call.batch, launches[i].specification}];
  }
  for (const auto& [batch, call] : calls) {
    EXPECT_LE(call.nodes(), hyperpod::kAddNodesMax);
    EXPECT_LE(call.specifications.size(), hyperpod::kAddSpecificationsMax);
    std::set<hyperpod::OfferingKey> offerings;
    for (std::size_t i = 0; i < call.specifications.size(); ++i) {
      EXPECT_TRUE(offerings.insert(call.specifications[i].offering).second);
      EXPECT_EQ((members[{batch, i}]), call.specifications[i].count);
    }
  }
  EXPECT_THAT(calls, SizeIs(3)) << "50 a; 10 a with b, c, d, e; f with g";
}

}  // namespace
}  // namespace hyperwright::controllers::test
