#include "client/aws_client.h"

#include <future>
#include <utility>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hyperpod/wire.h"
#include "tests/client/loopback_server.h"

namespace hyperwright::client {
namespace {

namespace json = boost::json;
using Exchange = LoopbackServer::Exchange;
using Request = LoopbackServer::Request;
using testing::HasSubstr;

AwsSettings settings(const std::string& endpoint) {
  return {.region = "us-west-2",
          .credentials = fixed_credentials({"AKID", "secret", "session"}),
          .sagemaker_endpoint = endpoint,
          .ec2_endpoint = endpoint,
          .connection = direct_connection(),
          .retry = {.attempts_max = 4,
                    .base = Duration::milliseconds(1),
                    .cap = Duration::milliseconds(2)},
          .calls_per_second = 1000,
          .burst = 1000};
}

// Answers one after the other, the last one again and again, and counts.
class Script {
 public:
  explicit Script(std::vector<std::string> answers) : answers_(std::move(answers)) {}
  LoopbackServer::Handler handler() {
    return [this](const Request&, Exchange& out) {
      const std::size_t n = count_++;
      const std::string& next = answers_[std::min(n, answers_.size() - 1)];
      next.empty() ? out.close() : out.send(next);
    };
  }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  std::vector<std::string> answers_;
  std::atomic<std::size_t> count_{0};
};

std::string aws_failure(int status, const std::string& type) {
  return answer(status, R"({"__type":")" + type + R"(","Message":"m"})");
}

struct Called {
  Result<json::value> answer;
  std::size_t attempts;
};

Called call(const std::string& operation, std::vector<std::string> answers) {
  Script script(std::move(answers));
  LoopbackServer server(script.handler());
  HttpClient http;
  auto result = AwsClient(http, settings(server.url()), 1)
                    .call_and_wait(operation, json::object{{"ClusterName", "a"}});
  return {std::move(result), script.count()};
}

TEST(AwsClient, SendsASignedJsonCall) {
  std::string seen;
  LoopbackServer server([&](const Request& request, Exchange& out) {
    seen = request.method + " " + request.target + " " + request.header("x-amz-target") + " " +
           request.header("content-type") + " " + request.body;
    EXPECT_THAT(request.header("authorization"), HasSubstr("/us-west-2/sagemaker/aws4_request"));
    EXPECT_EQ(request.header("x-amz-security-token"), "session");
    out.send(answer(200, R"({"ClusterStatus":"InService"})"));
  });
  HttpClient http;
  const auto result = AwsClient(http, settings(server.url()), 1)
                          .call_and_wait("DescribeCluster", json::object{{"ClusterName", "a"}});
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(result->at("ClusterStatus").as_string(), "InService");
  EXPECT_EQ(seen,
            R"(POST / SageMaker.DescribeCluster application/x-amz-json-1.1 {"ClusterName":"a"})");
}

TEST(AwsClient, DescribeSubnetsGoesToEc2) {
  std::string body;
  LoopbackServer server([&](const Request& request, Exchange& out) {
    body = request.body;
    EXPECT_THAT(request.header("authorization"), HasSubstr("/us-west-2/ec2/aws4_request"));
    out.send(answer(200,
                    "<DescribeSubnetsResponse><subnetSet><item><subnetId>subnet-1</subnetId></"
                    "item></subnetSet></DescribeSubnetsResponse>"));
  });
  HttpClient http;
  const std::vector<std::string> ids{"subnet-1"};
  const auto result =
      AwsClient(http, settings(server.url()), 1)
          .call_and_wait("DescribeSubnets", hyperpod::describe_subnets_request(ids));
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(result->at("Subnets").as_array().size(), 1U);
  EXPECT_THAT(body, HasSubstr("Filter.1.Name=subnet-id&Filter.1.Value.1=subnet-1"));
}

TEST(AwsClient, ThrottlingAndServerErrorsAreTriedAgain) {
  const auto [result, attempts] =
      call("BatchAddClusterNodes", {aws_failure(400, "ThrottlingException"),
                                    aws_failure(503, "ServiceUnavailable"), answer(200, "{}")});
  EXPECT_TRUE(result);
  EXPECT_EQ(attempts, 3U);
}

TEST(AwsClient, AfterAServerErrorNoLaterFailureSaysThatNothingHappened) {
  for (const char* last : {"ThrottlingException", "ValidationException"}) {
    const auto [result, attempts] =
        call("BatchAddClusterNodes", {aws_failure(500, "InternalFailure"), aws_failure(400, last)});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), ErrorCode::Unknown) << last;
  }
  const auto [result, attempts] = call("DescribeCluster", {aws_failure(500, "InternalFailure")});
  EXPECT_EQ(result.error().code(), ErrorCode::Unavailable);  // a reading has no effect
}

TEST(AwsClient, ARefusalIsNotTriedAgain) {
  for (const char* type : {"ValidationException", "ResourceLimitExceeded", "AccessDeniedException",
                           "ConflictException"}) {
    const auto [result, attempts] = call("BatchAddClusterNodes", {aws_failure(400, type)});
    EXPECT_FALSE(result);
    EXPECT_EQ(attempts, 1U) << type;
  }
}

TEST(AwsClient, TheAttemptsEnd) {
  const auto [result, attempts] =
      call("DescribeCluster", {aws_failure(400, "ThrottlingException")});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::Throttled);
  EXPECT_EQ(attempts, 4U);
}

// As after a wait for its turn, or for keys, that took all of its time.
TEST(AwsClient, ACallWhoseTimeIsOverIsNotSent) {
  Script script({answer(200, "{}")});
  LoopbackServer server(script.handler());
  HttpClient http;
  AwsSettings over = settings(server.url());
  over.call_deadline = Duration();
  const auto result =
      AwsClient(http, over, 1).call_and_wait("BatchAddClusterNodes", json::object{});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::Unavailable);
  EXPECT_THAT(result.error().text(), HasSubstr("its time was over before its next attempt"));
  EXPECT_EQ(script.count(), 0U);
}

TEST(AwsClientDeathTest, NoCallbackWaitsForAnAnswer) {
  EXPECT_DEATH(
      {
        HttpClient http;
        AwsClient aws(http, settings("http://127.0.0.1:9"), 1);
        http.after({}, [&] { (void)aws.call_and_wait("DescribeCluster", json::object{}); });
        std::promise<void>().get_future().wait();
      },
      "no callback waits for an answer of AWS");
}

TEST(AwsClient, ALostAnswerIsAskedForAgainOnlyWhereThatDoesNothing) {
  const auto read = call("ListClusterNodes", {"", answer(200, "{}")});
  EXPECT_TRUE(read.answer);
  const auto write = call("BatchAddClusterNodes", {""});
  ASSERT_FALSE(write.answer);
  EXPECT_EQ(write.answer.error().code(), ErrorCode::Unknown);
}

TEST(AwsClient, ACallThatWaitsIsAnsweredAtTheEnd) {
  Script script({answer(200, "{}")});
  LoopbackServer server(script.handler());
  AwsSettings slow = settings(server.url());
  slow.calls_per_second = 1;
  slow.burst = 1;
  constexpr int kCalls = 600;  // the last one has ten minutes to wait
  std::promise<void> first;
  std::string last;
  {
    HttpClient http;
    AwsClient client(http, slow, 1);
    client.call("DescribeCluster", json::object{}, [&](const auto&) { first.set_value(); });
    for (int i = 1; i < kCalls; ++i) {
      client.call("DescribeCluster", json::object{}, [&, i](const auto& result) {
        if (i == kCalls - 1) last = result ? "" : result.error().text();
      });
    }
    first.get_future().wait();
  }
  EXPECT_THAT(last, HasSubstr("DescribeCluster: given up at the end"));
}

// --- keys ---

// Gives one key after the other, a new one after each refusal, on a thread of its own if it is
// told.
class RotatingCredentials : public AwsCredentialsProvider {
 public:
  explicit RotatingCredentials(std::vector<std::string> ids) : ids_(std::move(ids)) {}
  void get(Done done) override {
    const std::size_t now = std::min<std::size_t>(refusals_, ids_.size() - 1);
    done(AwsCredentials{ids_[now], "s", ""});
  }
  void refuse(const AwsCredentials& keys) override {
    EXPECT_EQ(keys.access_key_id, ids_[std::min<std::size_t>(refusals_, ids_.size() - 1)]);
    ++refusals_;
  }
  void on_renewal(OnRenewal /*told*/) override {}
  [[nodiscard]] std::size_t refusals() const { return refusals_; }

 private:
  std::vector<std::string> ids_;
  std::atomic<std::size_t> refusals_ = 0;
};

Called call_with(const std::shared_ptr<RotatingCredentials>& keys,
                 std::vector<std::string> answers) {
  Script script(std::move(answers));
  LoopbackServer server(script.handler());
  HttpClient http;
  AwsSettings rotating = settings(server.url());
  rotating.credentials = keys;
  auto result = AwsClient(http, rotating, 1)
                    .call_and_wait("BatchAddClusterNodes", json::object{{"ClusterName", "a"}});
  return {std::move(result), script.count()};
}

TEST(AwsClient, KeysThatAreNoLongerAcceptedAreReplacedOnce) {
  for (const char* type : {"ExpiredTokenException", "UnrecognizedClientException"}) {
    const auto keys = std::make_shared<RotatingCredentials>(std::vector<std::string>{"A", "B"});
    const auto [result, attempts] = call_with(keys, {aws_failure(400, type), answer(200, "{}")});
    EXPECT_TRUE(result) << type;
    EXPECT_EQ(attempts, 2U);
  }
  const auto keys = std::make_shared<RotatingCredentials>(std::vector<std::string>{"A", "B", "C"});
  const auto [result, attempts] = call_with(keys, {aws_failure(400, "ExpiredTokenException")});
  EXPECT_EQ(result.error().code(), ErrorCode::Forbidden);
  EXPECT_EQ(attempts, 2U);
  EXPECT_EQ(keys->refusals(), 1U);
}

TEST(AwsClient, WhereThereAreNoOtherKeysTheRefusalIsTheAnswer) {
  const auto keys = std::make_shared<RotatingCredentials>(std::vector<std::string>{"A"});
  const auto [result, attempts] = call_with(keys, {aws_failure(400, "ExpiredTokenException")});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().text(), HasSubstr("ExpiredTokenException"));
  EXPECT_EQ(attempts, 1U);
}

TEST(AwsClient, ACallThatIsNotAllowedAsksForNoOtherKeys) {
  const auto keys = std::make_shared<RotatingCredentials>(std::vector<std::string>{"A", "B"});
  call_with(keys, {aws_failure(403, "AccessDeniedException")});
  EXPECT_EQ(keys->refusals(), 0U);
}

// Keeps whoever asks.
class SilentCredentials : public AwsCredentialsProvider {
 public:
  void get(Done done) override { waiting_.push_back(std::move(done)); }
  void refuse(const AwsCredentials& /*keys*/) override {}
  void on_renewal(OnRenewal /*told*/) override {}
  void answer_all(const Result<AwsCredentials>& keys) {
    for (const Done& done : std::exchange(waiting_, {})) done(keys);
  }

 private:
  std::vector<Done> waiting_;
};

TEST(AwsClient, ACallThatWaitsForKeysIsAnsweredAtTheEnd) {
  const auto keys = std::make_shared<SilentCredentials>();
  std::string told;
  {
    HttpClient http;
    AwsSettings silent = settings("http://127.0.0.1:9");
    silent.credentials = keys;
    AwsClient aws(http, silent, 1);
    aws.call("DescribeCluster", json::object{},
             [&](const auto& result) { told = result.error().text(); });
  }
  EXPECT_EQ(told, "DescribeCluster: given up at the end");
  keys->answer_all(AwsCredentials{"late", "s", ""});  // does nothing more
}

TEST(AwsClient, KeysThatCannotBeHadAreTheCallsError) {
  const auto keys = std::make_shared<SilentCredentials>();
  HttpClient http;
  AwsSettings silent = settings("http://127.0.0.1:9");
  silent.credentials = keys;
  AwsClient aws(http, silent, 1);
  std::promise<std::string> told;
  aws.call("DescribeCluster", json::object{},
           [&](const auto& result) { told.set_value(result.error().text()); });
  keys->answer_all(fail(ErrorCode::Forbidden, "no keys for AWS"));
  EXPECT_EQ(told.get_future().get(), "DescribeCluster: no keys for AWS");
}

// --- other services ---

TEST(AwsClient, OperationsOfOtherServicesGoToThem) {
  std::string seen;
  LoopbackServer server([&](const Request& request, Exchange& out) {
    const std::string authorization = request.header("authorization");
    const std::size_t scope = authorization.find("/us-");
    seen += authorization.substr(scope, authorization.find("/aws4_request") - scope) + " " +
            request.header("x-amz-target") + request.body.substr(0, 24) + "\n";
    out.send(answer(200, "{}"));
  });
  HttpClient http;
  AwsSettings all = settings(server.url());
  all.sts_endpoint = all.pricing_endpoint = server.url();
  AwsClient aws(http, all, 1);
  EXPECT_TRUE(aws.call_and_wait("GetProducts", json::object{}));
  EXPECT_FALSE(aws.call_and_wait("GetCallerIdentity", json::object{}));
  EXPECT_EQ(seen,
            "/us-east-1/pricing AWSPriceListService.GetProducts{}\n"
            "/us-west-2/sts Action=GetCallerIdentity\n");
}

TEST(AwsClient, AServiceThatIsNotOfferedHereIsNotFound) {
  HttpClient http;
  AwsClient aws(http, settings("http://127.0.0.1:9"), 1);
  EXPECT_EQ(aws.call_and_wait("GetProducts", json::object{}).error().code(), ErrorCode::NotFound);
}

TEST(AwsClient, RetriesOfAllCallsTogetherAreFew) {
  Script script({aws_failure(503, "ServiceUnavailable")});
  LoopbackServer server(script.handler());
  HttpClient http;
  AwsSettings fast = settings(server.url());
  fast.calls_per_second = 100'000;
  fast.burst = 100'000;
  AwsClient aws(http, fast, 1);
  constexpr std::size_t kCalls = 40;
  for (std::size_t i = 0; i < kCalls; ++i)
    EXPECT_FALSE(aws.call_and_wait("DescribeCluster", json::object{}));
  EXPECT_EQ(script.count(), kCalls + 500 / 14);
}

}  // namespace
}  // namespace hyperwright::client
