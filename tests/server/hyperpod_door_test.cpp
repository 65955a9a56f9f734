#include "server/hyperpod_door.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/hyperpod_http.h"

namespace hyperwright::server {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

const Time kNow = Time::from_unix_seconds(1'764'000'000);

// Remembers what was sent.
class Exchange : public HttpExchange {
 public:
  void send(HttpResponse response) override { sent.push_back(std::move(response)); }
  void start_stream(HttpResponse) override {}
  void write(std::string) override {}
  void finish() override {}
  [[nodiscard]] bool is_open() const override { return sent.empty(); }
  std::vector<HttpResponse> sent;
};

HttpRequest json_request(std::string_view operation, std::string body) {
  return {.method = "POST",
          .path = "/",
          .query = "",
          .headers = {{"X-Amz-Target", "SageMaker." + std::string(operation)},
                      {"Content-Type", "application/x-amz-json-1.1"},
                      {"Authorization", "AWS4-HMAC-SHA256 ..."}},
          .body = std::move(body)};
}

HttpRequest form_request(std::string body) {
  return {.method = "POST",
          .path = "/",
          .query = "",
          .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                      {"Authorization", "AWS4-HMAC-SHA256 ..."}},
          .body = std::move(body)};
}

class HyperPodDoorTest : public testing::Test {
 protected:
  // The door's owner is this thread: tasks are kept until they are run.
  HttpResponse answer(HttpRequest request) {
    const auto exchange = std::make_shared<Exchange>();
    door.handle(std::move(request), HttpReply(exchange));
    for (const auto& task : std::exchange(tasks, {})) task();
    door.release();
    check(exchange->sent.size() == 1, "a request is answered once");
    return exchange->sent[0];
  }

  std::vector<std::function<void()>> tasks;
  service::HyperPodService service{
      {.scenario = {.subnets = {{"subnet-a", "us-east-1a"}, {"subnet-b", "us-east-1b"}}}},
      hyperpod::InstanceTypes::shipped(),
      Random(1),
      kNow};
  HyperPodDoor door{service, [] { return kNow; },
                    [this](std::function<void()> task) { tasks.push_back(std::move(task)); }};
};

TEST_F(HyperPodDoorTest, OperationIsCalledOnItsOwner) {
  const HttpResponse response = answer(json_request("ListClusters", "{}"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/x-amz-json-1.1");
  EXPECT_EQ(json::parse(response.body), json::parse(R"({"ClusterSummaries": []})"));
}

TEST_F(HyperPodDoorTest, AnswersWaitForTheOwnersWord) {
  const auto told = std::make_shared<Exchange>(), refused = std::make_shared<Exchange>();
  door.handle(json_request("ListClusters", "{}"), HttpReply(told));
  for (const auto& task : std::exchange(tasks, {})) task();
  EXPECT_TRUE(told->is_open());
  door.release();
  ASSERT_EQ(told->sent.size(), 1U);
  EXPECT_EQ(told->sent[0].status, 200);

  door.handle(json_request("ListClusters", "{}"), HttpReply(refused));
  for (const auto& task : std::exchange(tasks, {})) task();
  door.refuse(service::internal_failure("the disk is full"));
  door.release();
  ASSERT_EQ(refused->sent.size(), 1U) << "an answer is sent once";
  EXPECT_EQ(refused->sent[0].status, 500);
  EXPECT_EQ(json::parse(refused->sent[0].body),
            json::parse(R"({"__type": "InternalFailure", "message": "the disk is full"})"));
}

TEST_F(HyperPodDoorTest, ErrorHasItsTypeInBodyAndHeader) {
  const HttpResponse response =
      answer(json_request("DescribeCluster", R"({"ClusterName": "hp1"})"));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(json::parse(response.body).at("__type"), "ResourceNotFound");
  EXPECT_EQ(
      response.headers,
      (std::vector<std::pair<std::string, std::string>>{{"x-amzn-ErrorType", "ResourceNotFound"}}));
}

TEST_F(HyperPodDoorTest, RequestWithoutAuthorizationIsForbidden) {
  HttpRequest request = json_request("ListClusters", "{}");
  request.headers.pop_back();
  const HttpResponse response = answer(request);
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(json::parse(response.body).at("__type"), "MissingAuthenticationTokenException");
  EXPECT_TRUE(tasks.empty());
}

TEST_F(HyperPodDoorTest, BodyThatIsNoJsonCannotBeRead) {
  for (const char* body : {"", "{", "{} x", "not json"}) {
    const HttpResponse response = answer(json_request("ListClusters", body));
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_EQ(json::parse(response.body).at("__type"), "SerializationException") << body;
  }
}

TEST_F(HyperPodDoorTest, UnknownTargetsAndPathsAreNotFound) {
  HttpRequest get = json_request("ListClusters", "{}");
  get.method = "GET";
  HttpRequest path = json_request("ListClusters", "{}");
  path.path = "/clusters";
  HttpRequest target = json_request("ListClusters", "{}");
  target.headers[0].second = "DynamoDB.ListTables";
  HttpRequest none = json_request("ListClusters", "{}");
  none.headers.erase(none.headers.begin());
  for (const HttpRequest& request : {get, path, target, none, json_request("CreateEndpoint", "{}"),
                                     json_request("DescribeSubnets", "{}")}) {
    const HttpResponse response = answer(request);
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(json::parse(response.body).at("__type"), "UnknownOperationException");
  }
}

TEST_F(HyperPodDoorTest, SubnetsAreToldAsXml) {
  const HttpResponse response =
      answer(form_request("Action=DescribeSubnets&Version=2016-11-15&SubnetId.1=subnet%2Db"));
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.content_type, HasSubstr("text/xml"));
  EXPECT_THAT(response.body, HasSubstr("<subnetId>subnet-b</subnetId><state>available</"
                                       "state><availabilityZone>us-east-1b</availabilityZone>"
                                       "<availabilityZoneId>use1-az2</availabilityZoneId>"));
  EXPECT_THAT(response.body, testing::Not(HasSubstr("subnet-a")));
  EXPECT_THAT(answer(form_request("Action=DescribeSubnets")).body, HasSubstr("subnet-a"));
}

TEST_F(HyperPodDoorTest, AFilterIsAnsweredForTheSubnetsThatExist) {
  const HttpResponse response =
      answer(form_request("Action=DescribeSubnets&Version=2016-11-15&Filter.1.Value.1=subnet-x&"
                          "Filter.1.Value.2=subnet-b&Filter.1.Name=subnet-id"));
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr("<subnetId>subnet-b</subnetId>"));
  EXPECT_THAT(response.body, testing::Not(HasSubstr("subnet-a")));
  EXPECT_THAT(response.body, testing::Not(HasSubstr("subnet-x")));
}

TEST_F(HyperPodDoorTest, Ec2ErrorsAreXml) {
  HttpRequest anonymous = form_request("Action=DescribeSubnets");
  anonymous.headers.pop_back();
  EXPECT_EQ(answer(anonymous).status, 403);
  const HttpResponse unknown = answer(form_request("Action=DescribeSubnets&SubnetId.1=%3Cx%3E"));
  EXPECT_EQ(unknown.status, 400);
  EXPECT_THAT(unknown.body, HasSubstr("<Code>InvalidSubnetID.NotFound</Code><Message>The subnet ID "
                                      "'&lt;x&gt;' does not exist"));
  EXPECT_THAT(answer(form_request("Action=RunInstances")).body,
              HasSubstr("<Code>InvalidAction</Code>"));
  for (const auto& [filter, said] : std::vector<std::pair<std::string, std::string>>{
           {"Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-0", "The filter 'vpc-id' is invalid"},
           {"Filter.1.Name=subnet-id", "must have a value"},
           {"Filter.1.Name=subnet-id&Filter.1.Value.1=subnet-*", "the wildcard of"},
           {"Filter.1.Values=a", "the parameter Filter.1.Values"},
           {"Filter=a", "the parameter Filter"},
           {"Filter.1.Value.1=subnet-a", "The filter '' is invalid"}}) {
    const HttpResponse refused = answer(form_request("Action=DescribeSubnets&" + filter));
    EXPECT_EQ(refused.status, 400) << filter;
    EXPECT_THAT(refused.body, HasSubstr("<Code>InvalidParameterValue</Code>")) << filter;
    EXPECT_THAT(refused.body, HasSubstr(said)) << filter;
  }
}

}  // namespace
}  // namespace hyperwright::server
