#include "hyperpod/wire.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "hyperpod/epoch_seconds.h"

namespace hyperwright::hyperpod {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kCluster = R"({
  "ClusterArn": "arn:aws:sagemaker:us-east-1:111122223333:cluster/abcdefghijkl", "ClusterName": "hp1",
  "ClusterStatus": "InService", "CreationTime": 1764000000.5, "NodeRecovery": "None", "NodeProvisioningMode": "Continuous",
  "Orchestrator": {"Eks": {"ClusterArn": "arn:aws:eks:us-east-1:111122223333:cluster/k1"}},
  "VpcConfig": {"SecurityGroupIds": ["sg-0a"], "Subnets": ["subnet-a"]},
  "AutoScaling": {"Mode": "Enable", "Status": "InService"}, "SomethingNew": [1, 2],
  "InstanceGroups": [
    {"InstanceGroupName": "gpu", "InstanceType": "ml.g5.xlarge", "Status": "Updating", "CurrentCount": 1, "TargetCount": 3,
     "MinCount": 2, "OverrideVpcConfig": {"SecurityGroupIds": ["sg-0a"], "Subnets": ["subnet-b"]},
     "CapacityRequirements": {"Spot": {}}, "OnStartDeepHealthChecks": ["InstanceStress"], "TrainingPlanArn": "arn:plan",
     "KubernetesConfig": {"CurrentLabels": {"old": "x"}, "DesiredLabels": {"team": "ml"},
                          "DesiredTaints": [{"Key": "gpu", "Value": "yes", "Effect": "NoSchedule"}]}},
    {"InstanceGroupName": "mix", "Status": "InService",
     "InstanceRequirements": {"CurrentInstanceTypes": ["ml.g5.xlarge"], "DesiredInstanceTypes": ["ml.g6.xlarge", "ml.g5.xlarge"]}}]})";

json::value with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  check(at != std::string::npos, "the text to replace is there");
  return json::parse(text.replace(at, from.size(), to));
}

TEST(Wire, ClusterIsRead) {
  const Cluster cluster = decode_cluster(json::parse(kCluster)).value();
  const Cluster expected{.name = "hp1",
                         .arn = "arn:aws:sagemaker:us-east-1:111122223333:cluster/abcdefghijkl",
                         .eks_cluster_arn = "arn:aws:eks:us-east-1:111122223333:cluster/k1",
                         .is_continuous = true,
                         .node_recovery = NodeRecovery::None,
                         .auto_scaling_mode = AutoScalingMode::Enable,
                         .subnets = {"subnet-a"},
                         .groups = {{.name = "gpu",
                                     .status = InstanceGroupStatus::Updating,
                                     .instance_types = {"ml.g5.xlarge"},
                                     .current_count = 1,
                                     .target_count = 3,
                                     .min_count = 2,
                                     .subnets = {"subnet-b"},
                                     .capacity_type = CapacityType::Spot,
                                     .labels = {{"team", "ml"}},
                                     .taints = {{"gpu", "yes", kube::TaintEffect::NoSchedule}},
                                     .has_deep_health_checks = true,
                                     .training_plan_arn = "arn:plan"},
                                    {.name = "mix",
                                     .instance_types = {"ml.g6.xlarge", "ml.g5.xlarge"},
                                     .is_flexible = true}}};
  EXPECT_EQ(cluster, expected);
}

TEST(Wire, TrainingPlanIsRead) {
  EXPECT_EQ(json::serialize(describe_training_plan_request("summer-run")),
            R"({"TrainingPlanName":"summer-run"})");
  const auto plan = decode_training_plan(json::parse(
      R"({"TrainingPlanArn": "arn:plan/summer-run", "TrainingPlanName": "summer-run",
          "Status": "Active", "TotalInstanceCount": 16, "AvailableInstanceCount": 11,
          "InUseInstanceCount": 4, "UnhealthyInstanceCount": 1, "TargetResources": []})"));
  EXPECT_EQ(plan.value(), (TrainingPlan{.name = "summer-run",
                                        .arn = "arn:plan/summer-run",
                                        .status = "Active",
                                        .total_instances = 16,
                                        .unhealthy_instances = 1,
                                        .instances_in_use = 4}));
  EXPECT_THAT(decode_training_plan(json::parse(R"({"TrainingPlanName": "p"})")).error().text(),
              HasSubstr("Status"));
}

TEST(Wire, UnknownEnumeratorNamesMemberAndValue) {
  const auto error = decode_cluster(with(kCluster, "\"Updating\"", "\"Sleeping\"")).error();
  EXPECT_THAT(error.text(), HasSubstr("InstanceGroups[0].Status has the value \"Sleeping\""));
  EXPECT_EQ(error.code(), ErrorCode::Invalid);
}

TEST(Wire, MemberOfTheWrongKindIsNamed) {
  EXPECT_THAT(decode_cluster(with(kCluster, "\"CurrentCount\": 1", "\"CurrentCount\": \"one\""))
                  .error()
                  .text(),
              HasSubstr("InstanceGroups[0].CurrentCount is no count"));
  EXPECT_THAT(decode_cluster(
                  with(kCluster, "[\"sg-0a\"], \"Subnets\": [\"subnet-a\"]", "[], \"Subnets\": 7"))
                  .error()
                  .text(),
              HasSubstr("VpcConfig.Subnets is no list"));
  EXPECT_THAT(decode_cluster(json::parse("[]")).error().text(), HasSubstr("it is no JSON object"));
  EXPECT_THAT(decode_cluster(json::parse("{}")).error().text(),
              HasSubstr("ClusterName is missing"));
}

TEST(Wire, AddRequestNamesZonesAndTypesOnlyWhereGiven) {
  const std::vector<AddSpecification> list = {
      {.group = "gpu", .count = 3},
      {.group = "mix", .zones = {"us-east-1a"}, .types = {"ml.g5.xlarge"}}};
  EXPECT_EQ(json::value(batch_add_request("hp1", "token", list)), json::parse(R"({
    "ClusterName": "hp1", "ClientToken": "token", "NodesToAdd": [
      {"InstanceGroupName": "gpu", "IncrementTargetCountBy": 3},
      {"InstanceGroupName": "mix", "IncrementTargetCountBy": 1, "AvailabilityZones": ["us-east-1a"], "InstanceTypes": ["ml.g5.xlarge"]}]})"));
}

TEST(Wire, AddResultIsRead) {
  const AddResult result = decode_add_result(json::parse(R"({
    "Successful": [{"NodeLogicalId": "n1", "InstanceGroupName": "gpu", "Status": "Pending", "InstanceTypes": ["ml.g5.xlarge"]}],
    "Failed": [{"InstanceGroupName": "cpu", "ErrorCode": "InstanceGroupNotFound", "FailedCount": 2, "Message": "no"}]})"))
                               .value();
  const AddResult expected{
      .successful = {{.logical_id = "n1", .group = "gpu", .types = {"ml.g5.xlarge"}}},
      .failed = {{.group = "cpu", .code = "InstanceGroupNotFound", .count = 2, .message = "no"}}};
  EXPECT_EQ(result, expected);
  EXPECT_FALSE(decode_add_result(
      json::parse(R"({"Successful": [{"InstanceGroupName": "gpu", "Status": "Pending"}]})")));
}

TEST(Wire, DeleteResultJoinsBothKindsOfIds) {
  const DeleteResult result = decode_delete_result(json::parse(R"({
    "Successful": ["i-1"], "SuccessfulNodeLogicalIds": ["n1"],
    "FailedNodeLogicalIds": [{"NodeLogicalId": "n2", "Code": "NodeIdNotFound", "Message": "gone"}]})"))
                                  .value();
  EXPECT_THAT(result.successful, ElementsAre("i-1", "n1"));
  EXPECT_THAT(result.failed, ElementsAre(DeleteFailure{"n2", "NodeIdNotFound", "gone"}));
}

TEST(Wire, DeleteRequestNamesLogicalIds) {
  const std::vector<std::string> ids = {"n1", "n2"};
  EXPECT_EQ(json::value(batch_delete_request("hp1", ids)),
            json::parse(R"({"ClusterName": "hp1", "NodeLogicalIds": ["n1", "n2"]})"));
}

TEST(Wire, NodesAreListedNewestFirstWithLogicalIds) {
  EXPECT_EQ(json::value(list_nodes_request("hp1", "")),
            json::parse(R"({"ClusterName": "hp1", "IncludeNodeLogicalIds": true,
    "SortBy": "CREATION_TIME", "SortOrder": "Descending", "MaxResults": 100})"));
  EXPECT_EQ(list_nodes_request("hp1", "t")["NextToken"], "t");
}

TEST(Wire, PendingNodeWithoutInstanceIsRead) {
  const Page<Node> page =
      decode_nodes(json::parse(R"({"NextToken": "more", "ClusterNodeSummaries": [
    {"InstanceGroupName": "gpu", "InstanceId": "", "NodeLogicalId": "n1", "InstanceType": "ml.g5.xlarge",
     "InstanceStatus": {"Status": "Failure", "Message": "no capacity"}}]})"))
          .value();
  EXPECT_EQ(page.next_token, "more");
  EXPECT_THAT(page.items, ElementsAre(Node{.group = "gpu",
                                           .logical_id = "n1",
                                           .instance_type = "ml.g5.xlarge",
                                           .status = InstanceStatus::Failure,
                                           .status_message = "no capacity"}));
}

TEST(Wire, NodeDetailsAreRead) {
  const Node node =
      decode_node(
          json::parse(
              R"({"NodeDetails": {"InstanceGroupName": "gpu", "InstanceId": "i-0a", "NodeLogicalId": "n1",
    "InstanceType": "ml.g5.xlarge", "LaunchTime": 1764000000, "InstanceStatus": {"Status": "Running"}, "CapacityType": "Spot",
    "PrivateDnsHostname": "ip-10-0-0-1.ec2.internal", "Placement": {"AvailabilityZone": "us-east-1a", "AvailabilityZoneId": "use1-az1"}}})"))
          .value();
  const Node expected{.group = "gpu",
                      .logical_id = "n1",
                      .instance_id = "i-0a",
                      .instance_type = "ml.g5.xlarge",
                      .status = InstanceStatus::Running,
                      .launch_time = Time::from_unix_seconds(1'764'000'000),
                      .zone = "us-east-1a",
                      .zone_id = "use1-az1",
                      .capacity_type = CapacityType::Spot,
                      .private_dns_hostname = "ip-10-0-0-1.ec2.internal"};
  EXPECT_EQ(node, expected);
  EXPECT_THAT(decode_node(json::parse("{}")).error().text(), HasSubstr("NodeDetails is missing"));
}

TEST(Wire, EventSummaryAndDetailsAreRead) {
  const auto page =
      decode_events(
          json::parse(
              R"({"Events": [{"EventId": "e1", "EventTime": 1764000000.25, "ResourceType": "Instance",
    "EventLevel": "Error", "InstanceGroupName": "gpu", "Description": "failed"}]})"))
          .value();
  ClusterEvent expected{.id = "e1",
                        .time = Time::from_unix_microseconds(1'764'000'000'250'000),
                        .level = EventLevel::Error,
                        .resource_type = EventResourceType::Instance,
                        .group = "gpu",
                        .description = "failed"};
  EXPECT_THAT(page.items, ElementsAre(expected));
  expected.node_logical_id = "n1";
  expected.failure_message = "insufficient capacity";
  EXPECT_EQ(
      decode_event(
          json::parse(
              R"({"EventDetails": {"EventId": "e1", "EventTime": 1764000000.25, "ResourceType": "Instance",
    "EventLevel": "Error", "InstanceGroupName": "gpu", "Description": "failed",
    "EventDetails": {"EventMetadata": {"Instance": {"FailureMessage": "insufficient capacity", "NodeLogicalId": "n1"}}}}})"))
          .value(),
      expected);
}

TEST(Wire, EventsAreAskedForAfterATime) {
  EXPECT_EQ(json::value(list_events_request("hp1", Time::from_unix_seconds(5), "")),
            json::parse(R"({"ClusterName": "hp1",
    "EventTimeAfter": 5, "SortBy": "EventTime", "SortOrder": "Descending", "MaxResults": 100})"));
}

RC_GTEST_PROP(Wire, EpochSecondsAreExactToTheMicrosecond, ()) {
  const Time time =
      Time::from_unix_microseconds(*rc::gen::inRange<std::int64_t>(0, 4'102'444'800'000'000));
  RC_ASSERT(from_epoch_seconds(json::parse(json::serialize(to_epoch_seconds(time)))) == time);
}

}  // namespace
}  // namespace hyperwright::hyperpod
