#include "client/aws_client.h"

#include <future>
#include <map>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/loopback_server.h"

namespace hyperwright::client {
namespace {

namespace json = boost::json;
using Exchange = LoopbackServer::Exchange;
using Request = LoopbackServer::Request;
using testing::HasSubstr;

AwsSettings settings(const std::string& endpoint) {
  HttpConnection connection;
  connection.proxy = "";
  return {
      .region = "us-west-2",
      .credentials = {"AKID", "secret", "session"},
      .sagemaker_endpoint = endpoint,
      .ec2_endpoint = endpoint,
      .connection = std::make_shared<const HttpConnection>(connection),
      .retry = {
          .attempts_max = 4, .base = Duration::milliseconds(1), .cap = Duration::milliseconds(2)}};
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
  const auto result =
      AwsClient(http, settings(server.url()), 1)
          .call_and_wait("DescribeSubnets", json::object{{"SubnetIds", {"subnet-1"}}});
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(result->at("Subnets").as_array().size(), 1U);
  EXPECT_THAT(body, HasSubstr("SubnetId.1=subnet-1"));
}

TEST(AwsClient, ThrottlingAndServerErrorsAreTriedAgain) {
  const auto [result, attempts] =
      call("BatchAddClusterNodes", {aws_failure(400, "ThrottlingException"),
                                    aws_failure(503, "ServiceUnavailable"), answer(200, "{}")});
  EXPECT_TRUE(result);
  EXPECT_EQ(attempts, 3U);
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

Environment environment(std::map<std::string, std::string> variables) {
  variables.insert({{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", "s"}});
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto it = variables.find(name);
    if (it == variables.end()) return std::nullopt;
    return it->second;
  };
}

TEST(AwsSettings, NameAwssOwnEndpointsForTheRegion) {
  const auto west = aws_settings("us-west-2", "", environment({}));
  ASSERT_TRUE(west);
  EXPECT_EQ(west->sagemaker_endpoint, "https://api.sagemaker.us-west-2.amazonaws.com");
  EXPECT_EQ(west->ec2_endpoint, "https://ec2.us-west-2.amazonaws.com");
  EXPECT_EQ(aws_settings("", "", environment({{"AWS_REGION", "cn-north-1"}}))->sagemaker_endpoint,
            "https://api.sagemaker.cn-north-1.amazonaws.com.cn");
}

TEST(AwsSettings, AnEndpointOfOnesOwnStandsForBothAndNeedsNoRegion) {
  const auto own = aws_settings("", "http://127.0.0.1:4567/", environment({}));
  ASSERT_TRUE(own);
  EXPECT_EQ(own->sagemaker_endpoint, "http://127.0.0.1:4567");
  EXPECT_EQ(own->ec2_endpoint, "http://127.0.0.1:4567");
}

TEST(AwsSettings, WhatIsMissingOrWrongIsNamed) {
  EXPECT_THAT(aws_settings("", "", environment({})).error().remedy(), HasSubstr("--region"));
  EXPECT_THAT(aws_settings("us west", "", environment({})).error().text(),
              HasSubstr("\"us west\""));
  EXPECT_THAT(aws_settings("us-west-2", "localhost:1", environment({})).error().text(),
              HasSubstr("\"localhost:1\""));
  EXPECT_THAT(
      aws_settings("us-west-2", "", environment({{"AWS_CA_BUNDLE", "/nowhere/ca"}})).error().text(),
      HasSubstr("AWS_CA_BUNDLE: /nowhere/ca"));
}

}  // namespace
}  // namespace hyperwright::client
