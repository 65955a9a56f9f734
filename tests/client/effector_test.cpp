#include "client/effector.h"

#include <algorithm>
#include <atomic>
#include <latch>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/loopback_access.h"

namespace hyperwright::client {
namespace {

namespace json = boost::json;
using Exchange = LoopbackServer::Exchange;
using Request = LoopbackServer::Request;
using state::Outcome;
using testing::HasSubstr;

const state::PatchNode kPatch{.name = "a", .set_labels = {}, .set_annotations = {}};
const state::EvictPod kEviction{.key = {"team", "web-0"}, .uid = "u-1"};
const state::BatchAddClusterNodes kLaunch{.client_token = "t-1",
                                          .specifications = {{.group = "gpu", .count = 2}}};

// Both APIs answer at one address.
state::Answered carry_out_at(const std::string& url, const state::Action& action,
                             SubnetZones zones = {}) {
  const auto shared = direct_connection();
  KubernetesAccess access;
  access.server = url;
  access.connection = shared;
  const AwsSettings settings{
      .region = "us-west-2",
      .credentials = fixed_credentials({"AKID", "secret", ""}),
      .sagemaker_endpoint = url,
      .ec2_endpoint = url,
      .connection = shared,
      .retry = {
          .attempts_max = 2, .base = Duration::milliseconds(1), .cap = Duration::milliseconds(2)}};
  runtime::Inbox inbox;
  HttpClient http;
  KubernetesClient kubernetes(http, access);
  AwsClient aws(http, settings, 1);
  ClusterEffector effector(kubernetes, aws, inbox, "hp1", [] { return Time{}; }, std::move(zones));
  effector.carry_out({.id = 7, .reason = "test", .action = action});
  std::vector<state::Event> events;
  while (events.empty()) events = inbox.take(Duration::minutes(1));
  EXPECT_EQ(events.size(), 1U);
  auto answered = std::get<state::Answered>(events.front());
  EXPECT_EQ(answered.effect, 7U);
  return answered;
}

state::Answered carry_out(LoopbackServer::Handler handler, const state::Action& action,
                          SubnetZones zones = {}) {
  const LoopbackServer server(std::move(handler));
  return carry_out_at(server.url(), action, std::move(zones));
}

LoopbackServer::Handler always(std::string bytes) {
  return [bytes = std::move(bytes)](const Request&, Exchange& out) { out.send(bytes); };
}

void hang_up(const Request&, Exchange& out) { out.close(); }

std::string status_object(int code, const std::string& reason) {
  return answer(code, R"({"kind":"Status","reason":")" + reason + R"(","message":"said why"})");
}

std::string aws_failure(const std::string& type) {
  return answer(400, R"({"__type":")" + type + R"(","Message":"said why"})");
}

// An object whose member is nested as deep as CRDs' schemas are, and deeper.
std::string nested(int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += R"({"a":)";
  text += "1";
  return text + std::string(static_cast<std::size_t>(depth), '}');
}

TEST(ClusterEffector, SendsTheCallThatAnEffectStandsFor) {
  std::string seen;
  const auto answered = carry_out(
      [&](const Request& request, Exchange& out) {
        seen = request.method + " " + request.target + " " + request.header("content-type") +
               request.body;
        out.send(answer(201, R"({"kind":"Status","status":"Success"})"));
      },
      kEviction);
  EXPECT_EQ(answered.outcome, Outcome::Done);
  EXPECT_THAT(seen, HasSubstr("POST /api/v1/namespaces/team/pods/web-0/eviction application/json"));
  EXPECT_THAT(seen, HasSubstr(R"("preconditions":{"uid":"u-1"})"));
}

// A launch waits for the last claim of its batch: what is told of others meanwhile takes few
// places.
TEST(ClusterEffector, ABurstOfStatusesLeavesCreationsMostOfThePlaces) {
  constexpr int kMany = 100;
  constexpr std::ptrdiff_t kOpen = 32;
  std::latch all_places_are_taken(kOpen), let_go(1);
  std::atomic<int> arrived{0}, creations{0};
  LoopbackServer server([&](const Request& request, Exchange& out) {
    if (arrived++ < kOpen) {
      if (request.method == "POST") ++creations;
      all_places_are_taken.count_down();
      let_go.wait();
    }
    out.send(answer(200, "{}"));
  });
  runtime::Inbox inbox;
  HttpClient http;
  KubernetesClient kubernetes(http, access_to(server));
  AwsClient aws(http, {}, 1);
  ClusterEffector effector(kubernetes, aws, inbox, "hp1", [] { return Time{}; });
  kube::NodeClaim claim;
  claim.meta.name = "cpu-1";
  claim.meta.resource_version = 1;
  for (int i = 0; i < kMany; ++i)
    effector.carry_out({.id = 1, .reason = "", .action = state::UpdateNodeClaimStatus{claim}});
  for (int i = 0; i < kMany; ++i)
    effector.carry_out({.id = 2, .reason = "", .action = state::CreateNodeClaim{claim, {}}});
  all_places_are_taken.wait();
  EXPECT_EQ(creations, 24);
  EXPECT_EQ(arrived, kOpen);
  let_go.count_down();
  std::size_t answered = 0;
  while (answered < 2 * kMany) answered += inbox.take(Duration::minutes(1)).size();
}

TEST(ClusterEffector, DoneBringsTheObjectThatCameBack) {
  const auto answered = carry_out(
      always(answer(
          200,
          R"({"kind":"Node","metadata":{"name":"a","uid":"u-a","resourceVersion":"12"},"spec":{}})")),
      kPatch);
  ASSERT_EQ(answered.outcome, Outcome::Done);
  const auto& object = std::get<state::Object>(answered.payload);
  EXPECT_EQ(state::meta_of(object).resource_version, 12U);
}

TEST(ClusterEffector, AnAnswerMayNestDeeperThanTheLibraryAllows) {
  EXPECT_EQ(carry_out(always(answer(200, nested(100))), kPatch).outcome, Outcome::Done);
}

TEST(ClusterEffector, KubernetesRefusalsByTheirStatus) {
  const struct {
    int status;
    const char* reason;
    Outcome outcome;
  } cases[] = {
      {400, "BadRequest", Outcome::Rejected},         {403, "Forbidden", Outcome::Rejected},
      {404, "NotFound", Outcome::NotFound},           {409, "Conflict", Outcome::Conflict},
      {409, "AlreadyExists", Outcome::AlreadyExists}, {422, "Invalid", Outcome::Rejected},
      {429, "TooManyRequests", Outcome::Retry},       {500, "InternalError", Outcome::Unknown},
      {503, "ServiceUnavailable", Outcome::Retry},    {504, "Timeout", Outcome::Unknown},
  };
  for (const auto& [status, reason, outcome] : cases) {
    const auto answered = carry_out(always(status_object(status, reason)), kPatch);
    EXPECT_EQ(answered.outcome, outcome) << status << " " << reason;
    EXPECT_EQ(answered.message, "said why");
  }
}

TEST(ClusterEffector, AnEvictionThatABudgetForbidsIsBlocked) {
  EXPECT_EQ(carry_out(always(status_object(429, "TooManyRequests")), kEviction).outcome,
            Outcome::Blocked);
}

TEST(ClusterEffector, AConnectionThatIsLostLeavesTheOutcomeOpen) {
  EXPECT_EQ(carry_out(hang_up, kPatch).outcome, Outcome::Unknown);
  EXPECT_EQ(carry_out(hang_up, kLaunch).outcome, Outcome::Unknown);
  // A reading is repeated by the client, and nothing happened if that fails too.
  EXPECT_EQ(carry_out(hang_up, state::DescribeCluster{}).outcome, Outcome::Retry);
}

TEST(ClusterEffector, WhoIsNotReachedDidNothing) {
  const ClosedPort closed;
  EXPECT_EQ(carry_out_at(closed.url(), kPatch).outcome, Outcome::Retry);
  EXPECT_EQ(carry_out_at(closed.url(), kLaunch).outcome, Outcome::Retry);
}

TEST(ClusterEffector, ASuccessThatIsNoJsonLeavesTheOutcomeOpen) {
  const auto answered = carry_out(always(answer(200, "<html>Sign in</html>")), kPatch);
  EXPECT_EQ(answered.outcome, Outcome::Unknown);
  EXPECT_THAT(answered.message, HasSubstr("<html>Sign in</html>"));
}

TEST(ClusterEffector, APageThatIsNotFoundDoesNotSayThatTheObjectIsGone) {
  const auto answered = carry_out(always(answer(404, "<html>not found</html>")), kPatch);
  EXPECT_EQ(answered.outcome, Outcome::Unknown);
  EXPECT_EQ(answered.message, "HTTP status 404");
}

TEST(ClusterEffector, ARefusalThatIsNoJsonKeepsItsStatus) {
  const auto answered = carry_out(always(answer(403, "<html>no</html>")), kPatch);
  EXPECT_EQ(answered.outcome, Outcome::Rejected);
  EXPECT_EQ(answered.message, "HTTP status 403");
}

TEST(ClusterEffector, ALaunchBringsItsLogicalIds) {
  std::string body;
  const auto answered = carry_out(
      [&](const Request& request, Exchange& out) {
        body = request.body;
        out.send(answer(
            200,
            R"({"Successful":[{"NodeLogicalId":"l-1","InstanceGroupName":"gpu","Status":"Pending"}],"Failed":[]})"));
      },
      kLaunch);
  ASSERT_EQ(answered.outcome, Outcome::Done) << answered.message;
  EXPECT_EQ(std::get<hyperpod::AddResult>(answered.payload).successful.size(), 1U);
  EXPECT_THAT(body, HasSubstr(R"("ClientToken":"t-1")"));
}

TEST(ClusterEffector, HyperPodRefusalsByTheirName) {
  const struct {
    const char* type;
    Outcome outcome;
  } cases[] = {
      {"ValidationException", Outcome::Rejected}, {"AccessDeniedException", Outcome::Forbidden},
      {"ResourceNotFound", Outcome::NotFound},    {"ConflictException", Outcome::Conflict},
      {"ThrottlingException", Outcome::Retry},    {"ResourceLimitExceeded", Outcome::LimitExceeded},
  };
  for (const auto& [type, outcome] : cases) {
    const auto answered = carry_out(always(aws_failure(type)), kLaunch);
    EXPECT_EQ(answered.outcome, outcome) << type;
    EXPECT_THAT(answered.message, HasSubstr("said why"));
  }
}

TEST(ClusterEffector, AFailureCarriesItsRemedy) {
  EXPECT_THAT(carry_out(always(aws_failure("AccessDeniedException")), kLaunch).message,
              HasSubstr("said why; allow the action in the IAM policy"));
  const ClosedPort closed;
  EXPECT_THAT(carry_out_at(closed.url(), kPatch).message, HasSubstr("; check the address"));
}

// What DescribeSubnets of a and b gives, "subnet-a in us-west-2a, ...", or its outcome.
std::string subnets_of(LoopbackServer::Handler handler, SubnetZones zones) {
  const auto answered = carry_out(
      std::move(handler), state::DescribeSubnets{{"subnet-a", "subnet-b"}}, std::move(zones));
  const auto* subnets = std::get_if<std::vector<hyperpod::Subnet>>(&answered.payload);
  if (subnets == nullptr) return std::string(to_string(answered.outcome));
  std::string text;
  for (const auto& subnet : *subnets) text += subnet.id + " in " + subnet.zone + ", ";
  return text;
}

std::string ec2_answer(const std::string& id, const std::string& zone) {
  return answer(200, "<DescribeSubnetsResponse><subnetSet><item><subnetId>" + id +
                         "</subnetId><availabilityZone>" + zone +
                         "</availabilityZone></item></subnetSet></DescribeSubnetsResponse>");
}

const std::string kForbidden = answer(
    403, "<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>");

TEST(ClusterEffector, ZonesOfAFileAreNotAskedFor) {
  std::atomic<int> asked{0};
  EXPECT_EQ(subnets_of([&](const Request&, Exchange&) { ++asked; },
                       {{"subnet-a", "us-west-2a"}, {"subnet-b", "us-west-2b"}}),
            "subnet-a in us-west-2a, subnet-b in us-west-2b, ");
  EXPECT_EQ(asked, 0);
}

TEST(ClusterEffector, Ec2IsAskedForWhatTheFileDoesNotName) {
  std::string body;
  const auto ec2 = [&](const Request& request, Exchange& out) {
    body = request.body;
    out.send(ec2_answer("subnet-b", "us-west-2b"));
  };
  EXPECT_EQ(subnets_of(ec2, {{"subnet-a", "us-west-2a"}}),
            "subnet-a in us-west-2a, subnet-b in us-west-2b, ");
  EXPECT_THAT(body, HasSubstr("Filter.1.Value.1=subnet-b"));
  EXPECT_THAT(body, testing::Not(HasSubstr("subnet-a")));
}

TEST(ClusterEffector, ASubnetThatIsGoneComesBackWithoutAZoneAndTheOthersWithTheirs) {
  EXPECT_EQ(subnets_of(always(ec2_answer("subnet-b", "us-west-2b")), {}),
            "subnet-b in us-west-2b, subnet-a in , ");
}

// 401 subnets are three calls, side by side: a filter takes 200 values.
std::vector<std::string> many_subnets() {
  std::vector<std::string> ids;
  for (int i = 1; i <= 401; ++i) ids.push_back("subnet-" + std::to_string(i));
  return ids;
}

TEST(ClusterEffector, ManySubnetsAreAskedForInSeveralCallsOfTwoHundred) {
  std::atomic<int> calls{0};
  std::atomic<int> of_two_hundred{0};
  const auto ec2 = [&](const Request& request, Exchange& out) {
    ++calls;
    const auto has = [&](const char* value) {
      return request.body.find(value) != std::string::npos;
    };
    if (has("Filter.1.Value.200=") && !has("Filter.1.Value.201=")) ++of_two_hundred;
    // Each call names its first.
    const std::size_t begin = request.body.find("Filter.1.Value.1=") + 17;
    const std::size_t end = std::min(request.body.find('&', begin), request.body.size());
    out.send(ec2_answer(request.body.substr(begin, end - begin), "us-west-2b"));
  };
  const auto answered = carry_out(ec2, state::DescribeSubnets{many_subnets()});
  const auto& subnets = std::get<std::vector<hyperpod::Subnet>>(answered.payload);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(of_two_hundred, 2);
  EXPECT_EQ(subnets.size(), 401U);
  EXPECT_EQ(std::ranges::count(subnets, "us-west-2b", &hyperpod::Subnet::zone), 3);
}

TEST(ClusterEffector, OneOfSeveralCallsThatFailsIsTheAnswer) {
  const auto ec2 = [&](const Request& request, Exchange& out) {
    const bool is_last = request.body.find("subnet-401") != std::string::npos;
    out.send(is_last ? kForbidden : ec2_answer("subnet-1", "us-west-2b"));
  };
  EXPECT_EQ(carry_out(ec2, state::DescribeSubnets{many_subnets()}).outcome, Outcome::Forbidden);
}

TEST(ClusterEffector, WhereEc2RefusesTheFileStandsAlone) {
  EXPECT_EQ(subnets_of(always(kForbidden), {{"subnet-a", "us-west-2a"}}),
            "subnet-a in us-west-2a, ");
  EXPECT_EQ(subnets_of(always(kForbidden), {{"subnet-c", "us-west-2c"}}), "Forbidden");
  EXPECT_EQ(subnets_of(always(kForbidden), {}), "Forbidden");
}

}  // namespace
}  // namespace hyperwright::client
