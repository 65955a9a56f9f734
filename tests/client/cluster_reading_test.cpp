#include "client/cluster_reading.h"

#include <mutex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/loopback_access.h"

namespace hyperwright::client {
namespace {

using Exchange = LoopbackServer::Exchange;
using Request = LoopbackServer::Request;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kCluster = R"({
  "ClusterArn": "arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghij01",
  "ClusterName": "hp1", "ClusterStatus": "InService", "NodeProvisioningMode": "Continuous",
  "InstanceGroups": [{"InstanceGroupName": "cpu", "InstanceType": "ml.m5.xlarge",
                      "CurrentCount": 0, "TargetCount": 0, "Status": "InService",
                      "OverrideVpcConfig": {"Subnets": ["subnet-a"], "SecurityGroupIds": ["sg-0"]}}]
})";

std::string list_of(std::string_view items) {
  return answer(200, R"({"kind":"List","metadata":{"resourceVersion":"7"},"items":[)" +
                         std::string(items) + "]}");
}

// Both APIs at one address; what is asked is written down.
class TwoApis {
 public:
  std::string pods;
  std::string cluster_answer = answer(200, kCluster);
  std::string nodes_answer = answer(200, R"({"ClusterNodeSummaries": []})");

  [[nodiscard]] Result<ClusterReading> read() {
    const LoopbackServer server(
        [this](const Request& request, Exchange& out) { serve(request, out); });
    HttpClient http;
    KubernetesClient kubernetes(http, access_to(server));
    AwsClient aws(http,
                  {.region = "us-west-2",
                   .credentials = fixed_credentials({"AKID", "secret", ""}),
                   .sagemaker_endpoint = server.url(),
                   .ec2_endpoint = server.url(),
                   .connection = direct_connection(),
                   .retry = {.attempts_max = 1,
                             .base = Duration::milliseconds(1),
                             .cap = Duration::milliseconds(2)}},
                  1);
    return read_cluster(kubernetes, aws,
                        {.options = {.cluster = "hp1"},
                         .types = hyperpod::InstanceTypes::shipped(),
                         .zones = {{"subnet-a", "us-west-2a"}},
                         .clock = [] { return Time::from_unix_seconds(1'800'000'000); }});
  }

  [[nodiscard]] std::set<std::string> asked() const { return asked_; }

 private:
  void serve(const Request& request, Exchange& out) {
    const std::lock_guard lock(mutex_);
    const std::string operation = request.header("X-Amz-Target");
    asked_.insert(operation.empty() ? request.method : operation.substr(operation.find('.') + 1));
    if (operation.ends_with(".DescribeCluster")) return out.send(cluster_answer);
    if (operation.ends_with(".ListClusterNodes")) return out.send(nodes_answer);
    if (!operation.empty()) return out.send(answer(200, "{}"));
    if (request.target.starts_with("/api/v1/pods?")) return out.send(list_of(pods));
    out.send(list_of(""));
  }

  std::mutex mutex_;
  std::set<std::string> asked_;
};

TEST(ClusterReading, IsThePictureThatAControllerStartsWith) {
  TwoApis apis;
  apis.pods = R"({"metadata": {"name": "web", "namespace": "default", "uid": "u-1",
                               "resourceVersion": "3"}, "spec": {"containers": []}})";
  const auto reading = apis.read();
  ASSERT_TRUE(reading) << reading.error().text();
  EXPECT_TRUE(reading->state->is_synced());
  EXPECT_THAT(reading->state->pods(), SizeIs(1));
  ASSERT_NE(reading->state->hyperpod().find_subnet("subnet-a"), nullptr);
  EXPECT_EQ(reading->state->hyperpod().find_subnet("subnet-a")->zone, "us-west-2a");
  EXPECT_THAT(reading->problems, IsEmpty());
}

TEST(ClusterReading, OnlyReads) {
  TwoApis apis;
  ASSERT_TRUE(apis.read());
  const std::set<std::string> reads = {"GET", "DescribeCluster", "ListClusterNodes",
                                       "ListClusterEvents"};
  for (const std::string& call : apis.asked()) EXPECT_THAT(reads, Contains(call));
}

TEST(ClusterReading, AnObjectThatCannotBeReadIsLeftOutAndTold) {
  TwoApis apis;
  apis.pods = R"({"metadata": {"name": "web", "namespace": "default", "uid": "u-1",
                               "resourceVersion": "3"}, "spec": "none"})";
  const auto reading = apis.read();
  ASSERT_TRUE(reading) << reading.error().text();
  EXPECT_THAT(reading->state->pods(), IsEmpty());
  ASSERT_THAT(reading->problems, SizeIs(1));
  EXPECT_THAT(reading->problems[0].text(), HasSubstr("Pod is left out"));
}

TEST(ClusterReading, WhatHyperPodRefusesEndsIt) {
  const std::string refused =
      answer(400, R"({"__type": "AccessDeniedException", "Message": "no"})");
  for (std::string TwoApis::* which : {&TwoApis::cluster_answer, &TwoApis::nodes_answer}) {
    TwoApis apis;
    apis.*which = refused;
    const auto reading = apis.read();
    ASSERT_FALSE(reading);
    EXPECT_THAT(reading.error().text(), HasSubstr("AccessDenied"));
  }
}

TEST(ClusterReading, TheControllersLastWordIsThatOfItsNewestEvent) {
  const auto event = [](std::string_view at, std::string_view by, std::string_view message) {
    return R"({"metadata": {"name": "e"}, "lastTimestamp": ")" + std::string(at) +
           R"(", "reportingInstance": ")" + std::string(by) + R"(", "message": ")" +
           std::string(message) + R"("})";
  };
  std::string target;
  const LoopbackServer server([&](const Request& request, Exchange& out) {
    target = request.target;
    out.send(list_of(event("2026-11-30T12:00:00Z", "hyperwright", "no capacity") + "," +
                     event("2026-11-30T11:00:00Z", "hyperwright", "a limit") + "," +
                     event("2026-11-30T13:00:00Z", "", "0/3 nodes are available")));
  });
  HttpClient http;
  KubernetesClient kubernetes(http, access_to(server));
  kube::ObjectMeta pod;
  pod.namespace_ = "default";
  pod.uid = "u-1";
  const auto told = last_told(kubernetes, pod);
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->message, "no capacity");
  EXPECT_EQ(format_time(told->at), "2026-11-30T12:00:00Z");
  EXPECT_THAT(target, HasSubstr("/api/v1/namespaces/default/events?"));
  EXPECT_THAT(target,
              HasSubstr("fieldSelector=involvedObject.uid%3Du-1%2Creason%3DFailedScheduling"));
}

TEST(ClusterReading, WhoMayNotReadEventsIsToldNothing) {
  const LoopbackServer server([](const Request&, Exchange& out) {
    out.send(answer(403, R"({"kind": "Status", "reason": "Forbidden", "message": "no"})"));
  });
  HttpClient http;
  KubernetesClient kubernetes(http, access_to(server));
  EXPECT_FALSE(last_told(kubernetes, {}).has_value());
}

}  // namespace
}  // namespace hyperwright::client
