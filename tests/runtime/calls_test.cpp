#include "runtime/calls.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace hyperwright::runtime {
namespace {

namespace json = boost::json;
using state::Outcome;

constexpr Time kNow = Time::from_unix_seconds(1'790'000'000);

state::Effect effect(state::Action action) {
  return {.id = 7, .reason = "test", .action = std::move(action)};
}
KubernetesCall call_of(state::Action action) {
  return kubernetes_call(effect(std::move(action)), kNow).value();
}
Outcome outcome(state::Action action, int status, std::string_view reason = {}) {
  return kubernetes_answer(effect(std::move(action)), status,
                           json::object{{"kind", "Status"}, {"reason", reason}})
      .outcome;
}

TEST(KubernetesCall, AnEvictionNamesTheUidSoThatASuccessorIsNeverEvicted) {
  const KubernetesCall call = call_of(state::EvictPod{{"shop", "web-0"}, "uid-1"});
  EXPECT_EQ(call.path, "/api/v1/namespaces/shop/pods/web-0/eviction");
  EXPECT_EQ(call.body.at("deleteOptions").at("preconditions").at("uid"), "uid-1");
}

TEST(KubernetesCall, LabelsGoWithoutAVersionAndListsWithIt) {
  state::PatchNode patch{.name = "n1", .resource_version = 5, .set_labels = {{"a", "b"}}};
  EXPECT_FALSE(call_of(patch).body.at("metadata").as_object().contains("resourceVersion"));
  patch.taints = {{kube::Taint{.key = "k", .effect = kube::TaintEffect::NoSchedule}}};
  EXPECT_EQ(call_of(patch).body.at("metadata").at("resourceVersion"), "5");
  EXPECT_EQ(call_of(patch).body.at("spec").at("taints").at(0).at("key"), "k");
}

TEST(KubernetesCall, AStatusNullsWhatItNoLongerSays) {
  kube::NodeClaim claim;
  claim.meta.name = "c1";
  claim.meta.resource_version = 9;
  const KubernetesCall call = call_of(state::UpdateNodeClaimStatus{claim});
  EXPECT_EQ(call.path, "/apis/karpenter.sh/v1/nodeclaims/c1/status");
  EXPECT_TRUE(call.body.at("status").at("nodeName").is_null());
}

TEST(KubernetesCall, AnEventIsCutToWhatTheApiServerTakes) {
  const KubernetesCall call = call_of(
      state::RecordEvent{.kind = "Pod",
                         .key = {"shop", std::string(234, 'p') + "-" + std::string(18, 'q')},
                         .uid = "u",
                         .reason = "R",
                         .message = std::string(1023, 'x') + "\u00e9"});
  EXPECT_EQ(call.body.at("message").as_string().size(), 1023U) << "not within a character";
  const std::string_view name = call.body.at("metadata").at("name").as_string();
  EXPECT_LE(name.size(), 253U);
  EXPECT_TRUE(name.starts_with(std::string(234, 'p') + ".")) << name;
}

TEST(KubernetesCall, AnEventOfAClusterScopedObjectLivesInDefault) {
  const KubernetesCall call = call_of(state::RecordEvent{.kind = "NodePool",
                                                         .key = {"", "gpu"},
                                                         .uid = "u",
                                                         .is_warning = true,
                                                         .reason = "R",
                                                         .message = std::string(2000, 'x')});
  EXPECT_EQ(call.path, "/api/v1/namespaces/default/events");
  EXPECT_EQ(call.body.at("involvedObject").at("apiVersion"), "karpenter.sh/v1");
  EXPECT_EQ(call.body.at("message").as_string().size(), 1024U)
      << "the API server refuses longer ones";
}

// A merge patch keeps what it does not name.
TEST(KubernetesCall, APoolsStatusNullsTheResourcesThatItsNodesHaveNoMore) {
  kube::NodePool pool;
  pool.meta.name = "p";
  pool.meta.resource_version = 7;
  pool.status_resources.set(kube::Resource::Cpu, 4000);
  const auto call = kubernetes_call(effect(state::UpdateNodePoolStatus{pool}), Time{}).value();
  const json::value& resources = call.body.at("status").at("resources");
  EXPECT_EQ(resources.at("cpu"), "4");
  EXPECT_TRUE(resources.at("nvidia.com/gpu").is_null());
}

TEST(KubernetesAnswer, EachStatusMeansWhatTheLoopMustDoNext) {
  const state::DeleteNode removal{"n1", "u"};
  EXPECT_EQ(outcome(removal, 200), Outcome::Done);
  EXPECT_EQ(outcome(removal, 404), Outcome::NotFound);
  EXPECT_EQ(outcome(removal, 409, "Conflict"), Outcome::Conflict);
  EXPECT_EQ(outcome(state::CreateNodeClaim{}, 409, "AlreadyExists"), Outcome::AlreadyExists);
  EXPECT_EQ(outcome(removal, 422), Outcome::Rejected);
  EXPECT_EQ(outcome(removal, 429), Outcome::Retry);
  EXPECT_EQ(outcome(removal, 503), Outcome::Retry) << "nobody was there to take it";
  for (const int status : {408, 500, 502, 504})
    EXPECT_EQ(outcome(removal, status), Outcome::Unknown) << status << ": it may have been done";
}

TEST(KubernetesAnswer, AnEvictionThatABudgetForbidsIsBlocked) {
  const state::EvictPod eviction{{"a", "b"}, "u"};
  EXPECT_EQ(outcome(eviction, 429), Outcome::Blocked);
  EXPECT_EQ(outcome(eviction, 500), Outcome::Blocked) << "two budgets on one pod";
}

TEST(KubernetesAnswer, AWriteBringsItsObjectBack) {
  const json::value body = json::parse(
      R"({"apiVersion":"karpenter.sh/v1","kind":"NodeClaim","metadata":{"name":"c1","uid":"u","resourceVersion":"8"},"spec":{}})");
  const state::Answered answered =
      kubernetes_answer(effect(state::PatchNodeClaim{.name = "c1"}), 200, body);
  const auto* object = std::get_if<state::Object>(&answered.payload);
  ASSERT_NE(object, nullptr);
  EXPECT_EQ(state::meta_of(*object).resource_version, 8U);
}

TEST(HyperPodAnswer, AnErrorsCodeSaysWhetherTheCallMayBeMadeAgain) {
  const auto answered = [](ErrorCode code) {
    return hyperpod_answer(effect(state::BatchAddClusterNodes{}), fail(code, "no")).outcome;
  };
  EXPECT_EQ(answered(ErrorCode::Throttled), Outcome::Retry);
  EXPECT_EQ(answered(ErrorCode::Unknown), Outcome::Unknown);
  EXPECT_EQ(answered(ErrorCode::LimitExceeded), Outcome::LimitExceeded);
  EXPECT_EQ(answered(ErrorCode::Forbidden), Outcome::Forbidden);
  EXPECT_EQ(answered(ErrorCode::Invalid), Outcome::Rejected);
}

TEST(HyperPodAnswer, AnAnswerThatCannotBeReadIsOfUnknownOutcome) {
  const auto answered =
      hyperpod_answer(effect(state::BatchAddClusterNodes{}), json::value("what?"));
  EXPECT_EQ(answered.outcome, Outcome::Unknown);
  EXPECT_FALSE(answered.message.empty());
}

template <typename T>
T stored() {
  T object;
  object.meta.name = "x";
  object.meta.resource_version = 1;
  return object;
}

TEST(Calls, SubnetsAreAskedForByAFilter) {
  const auto call = hyperpod_call(effect(state::DescribeSubnets{{"subnet-a", "subnet-b"}}), "c");
  ASSERT_TRUE(call);
  EXPECT_EQ(json::serialize(call->body),
            R"({"Filters":[{"Name":"subnet-id","Values":["subnet-a","subnet-b"]}]})");
}

TEST(Answers, ASubnetThatWasAskedForAndIsNotAnsweredHasNoZone) {
  const auto answered =
      hyperpod_answer(effect(state::DescribeSubnets{{"subnet-a", "subnet-b"}}),
                      json::parse(R"({"Subnets":[{"SubnetId":"subnet-b","AvailabilityZone":"z",
                                      "AvailabilityZoneId":"i"}]})"));
  EXPECT_EQ(std::get<std::vector<hyperpod::Subnet>>(answered.payload),
            (std::vector<hyperpod::Subnet>{{"subnet-b", "z", "i"}, {"subnet-a", "", ""}}));
}

TEST(Calls, WhatIsAnsweredIsACallToExactlyOneSide) {
  const std::vector<state::Action> actions = {
      state::CreateNodeClaim{},
      state::PatchNodeClaim{},
      state::UpdateNodeClaimStatus{stored<kube::NodeClaim>()},
      state::DeleteNodeClaim{},
      state::PatchNode{},
      state::DeleteNode{},
      state::EvictPod{},
      state::DeletePod{},
      state::PatchNodePool{},
      state::UpdateNodePoolStatus{stored<kube::NodePool>()},
      state::PatchNodeClass{},
      state::UpdateNodeClassStatus{stored<kube::HyperpodNodeClass>()},
      state::UpdateNodeOverlayStatus{stored<kube::NodeOverlay>()},
      state::UpdateCapacityBufferStatus{stored<kube::CapacityBuffer>()},
      state::RecordEvent{},
      state::BatchAddClusterNodes{},
      state::BatchDeleteClusterNodes{},
      state::DescribeCluster{},
      state::DescribeSubnets{},
      state::ListClusterNodes{},
      state::DescribeClusterNode{},
      state::DescribeTrainingPlan{},
      state::ListClusterEvents{},
      state::DescribeClusterEvent{},
      state::NominatePods{},
      state::KeepRoom{},
      state::MarkUnschedulable{},
      state::MarkUnavailable{},
      state::BackOff{}};
  EXPECT_EQ(actions.size(), std::variant_size_v<state::Action>);
  for (const state::Action& action : actions) {
    const int sides = (kubernetes_call(effect(action), kNow) ? 1 : 0) +
                      (hyperpod_call(effect(action), "c") ? 1 : 0);
    EXPECT_EQ(sides, state::is_answered(action) ? 1 : 0) << state::name_of(action);
  }
}

}  // namespace
}  // namespace hyperwright::runtime
