#include "tests/service/world.h"

namespace hyperwright::service {
namespace {

using hyperpod::ClusterStatus;
using hyperpod::InstanceGroupStatus;

Answer create(const json::object& request) { return World().call("CreateCluster", request); }

json::object request_with(std::string_view member, json::value value) {
  json::object request = cluster_request({group("gpu")});
  request[member] = std::move(value);
  return request;
}

json::object request_without(std::string_view member) {
  json::object request = cluster_request({group("gpu")});
  request.erase(member);
  return request;
}

TEST(CreateCluster, IsCreatingThenInServiceWithItsGroups) {
  World world;
  const Answer answer = world.call(
      "CreateCluster", cluster_request({group("gpu"), group("cpu", {.type = "ml.m5.large"})}));
  ASSERT_TRUE(answer.is_success());
  EXPECT_EQ(world.cluster().status, ClusterStatus::Creating);
  EXPECT_EQ(world.group_of("gpu").status, InstanceGroupStatus::Creating);
  world.pass(Duration::seconds(1));
  const hyperpod::Cluster cluster = world.cluster();
  EXPECT_EQ(cluster.status, ClusterStatus::InService);
  EXPECT_TRUE(cluster.is_continuous);
  EXPECT_EQ(cluster.arn, answer.body().at("ClusterArn").as_string());
  EXPECT_THAT(cluster.arn, testing::MatchesRegex(
                               "arn:aws:sagemaker:us-east-1:111122223333:cluster/[a-z0-9]{12}"));
  ASSERT_EQ(cluster.groups.size(), 2U);
  EXPECT_EQ(cluster.groups[0].name, "gpu");
  EXPECT_EQ(cluster.groups[1].status, InstanceGroupStatus::InService);
}

TEST(CreateCluster, ShowsWhatItWasGiven) {
  World world = World::with({group("gpu", {.subnets = {"subnet-b"}, .more = R"("ThreadsPerCore": 1,
      "LifeCycleConfig": {"SourceS3Uri": "s3://x", "OnCreate": "c.sh"}, "CapacityRequirements": {"Spot": {}},
      "OnStartDeepHealthChecks": ["InstanceStress"], "KubernetesConfig": {"Labels": {"team": "ml"}})"})});
  const Answer answer = world.call("DescribeCluster", R"({"ClusterName": "hp1"})");
  const json::value& shown = answer.body().at("InstanceGroups").at(0);
  EXPECT_EQ(shown.at("ThreadsPerCore"), 1);
  EXPECT_EQ(shown.at("LifeCycleConfig"),
            json::parse(R"({"SourceS3Uri": "s3://x", "OnCreate": "c.sh"})"));
  EXPECT_EQ(shown.at("ExecutionRole").as_string(), kRole);
  EXPECT_EQ(shown.at("KubernetesConfig").at("DesiredLabels").at("team"), "ml");
  EXPECT_EQ(answer.body().at("Orchestrator").at("Eks").at("ClusterArn"),
            "arn:aws:eks:us-east-1:111122223333:cluster/k1");
  EXPECT_EQ(answer.body().at("CreationTime"), kStart.unix_seconds());
  EXPECT_EQ(world.group_of("gpu").capacity_type, hyperpod::CapacityType::Spot);
  EXPECT_TRUE(world.group_of("gpu").has_deep_health_checks);
  EXPECT_EQ(world.group_of("gpu").subnets, std::vector<std::string>{"subnet-b"});
}

TEST(CreateCluster, NameIsTakenOnce) {
  World world = World::with({group("gpu")});
  EXPECT_TRUE(is_error(world.call("CreateCluster", cluster_request({group("gpu")})),
                       "ResourceInUse", "hp1"));
}

TEST(CreateCluster, NeedsEksVpcAndAGroup) {
  EXPECT_TRUE(is_error(create(request_without("Orchestrator")), "ValidationException",
                       "Orchestrator.Eks.ClusterArn"));
  EXPECT_TRUE(is_error(create(request_without("VpcConfig")), "ValidationException",
                       "VpcConfig is required"));
  EXPECT_TRUE(is_error(create(request_without("InstanceGroups")), "ValidationException",
                       "at least one InstanceGroup"));
  EXPECT_TRUE(is_error(create(request_with("InstanceGroups", json::array{})), "ValidationException",
                       "'instanceGroups' failed to satisfy constraint: Member must have length "
                       "greater than or equal to 1"));
  EXPECT_TRUE(
      is_error(create(request_with("ClusterName", "a_b")), "ValidationException", "'clusterName'"));
  EXPECT_TRUE(is_error(create(request_with("NodeProvisioningMode", "Batch")), "ValidationException",
                       "[Continuous]"));
}

TEST(CreateCluster, GroupHasEitherATypeOrRequirements) {
  json::object both = group("gpu", {.flexible_types = {"ml.g5.xlarge"}});
  both["InstanceType"] = "ml.g5.xlarge";
  json::object none = group("gpu");
  none.erase("InstanceType");
  EXPECT_TRUE(is_error(create(cluster_request({both})), "ValidationException",
                       "both InstanceType and InstanceRequirements"));
  EXPECT_TRUE(is_error(create(cluster_request({none})), "ValidationException",
                       "either InstanceType or InstanceRequirements"));
}

TEST(CreateCluster, BadGroupsAreRefused) {
  const auto refused = [](const GroupOptions& options, std::string_view text) {
    return is_error(create(cluster_request({group("gpu", options)})), "ValidationException", text);
  };
  EXPECT_TRUE(refused({.type = "ml.z9.huge"},
                      "Value 'ml.z9.huge' at 'instanceGroups.1.member.instanceType'"));
  EXPECT_TRUE(
      refused({.flexible_types = {"ml.g5.xlarge", "ml.g5.xlarge"}}, "names ml.g5.xlarge twice"));
  EXPECT_TRUE(refused({.count = 6759}, "less than or equal to 6758"));
  EXPECT_TRUE(refused({.count = 1, .min = 2},
                      "MinInstanceCount 2 must not be greater than InstanceCount 1"));
  EXPECT_TRUE(refused({.more = R"("ThreadsPerCore": 3)"}, "threadsPerCore"));
  EXPECT_TRUE(refused({.more = R"("KubernetesConfig": {"Labels": {"karpenter.sh/nodepool": "x"}})"},
                      "reserved prefix"));
  EXPECT_TRUE(
      refused({.more = R"("KubernetesConfig": {"Labels": {"topology.kubernetes.io/zone": "x"}})"},
              "reserved prefix"));
  EXPECT_TRUE(
      refused({.more = R"("KubernetesConfig": {"Taints": [{"Key": "a", "Effect": "Never"}]})"},
              "NoSchedule, PreferNoSchedule"));
  EXPECT_TRUE(refused({.more = R"("OnStartDeepHealthChecks": ["InstanceStress"],
      "KubernetesConfig": {"Taints": [{"Key": "a", "Effect": "NoSchedule"}]})"},
                      "OnStartDeepHealthChecks"));
  EXPECT_TRUE(is_error(create(cluster_request({group("a"), group("a")})), "ValidationException",
                       "specified twice"));
}

TEST(CreateCluster, MigLabelsAreNotReserved) {
  EXPECT_TRUE(
      create(
          cluster_request({group(
              "gpu",
              {.more =
                   R"("KubernetesConfig": {"Labels": {"nvidia.com/mig.config": "all-1g.5gb"}})"})}))
          .is_success());
}

TEST(CreateCluster, AutoScalingIsKeptAndSaysThatItDoesNotRun) {
  World world;
  json::object request =
      request_with("AutoScaling", {{"Mode", "Enable"}, {"AutoScalerType", "Karpenter"}});
  EXPECT_TRUE(is_error(world.call("CreateCluster", request), "ValidationException",
                       "ClusterRole is required"));
  request["ClusterRole"] = kRole;
  ASSERT_TRUE(world.call("CreateCluster", request).is_success());
  const Answer answer = world.call("DescribeCluster", R"({"ClusterName": "hp1"})");
  EXPECT_EQ(answer.body().at("AutoScaling").at("Mode"), "Enable");
  EXPECT_EQ(answer.body().at("AutoScaling").at("Status"), "Failed");
  EXPECT_THAT(std::string(answer.body().at("AutoScaling").at("FailureMessage").as_string()),
              testing::HasSubstr("does not run managed autoscaling"));
  EXPECT_EQ(world.cluster().auto_scaling_mode, hyperpod::AutoScalingMode::Enable);
}

TEST(CreateCluster, RestrictedGroupsAreNotSupported) {
  EXPECT_TRUE(is_error(create(request_with("RestrictedInstanceGroups", json::array{})),
                       "ValidationException", "RestrictedInstanceGroups"));
}

TEST(CreateCluster, NodesOfTheFirstCountsCome) {
  World world = World::with({group("gpu", {.count = 2})});
  EXPECT_EQ(world.group_of("gpu").target_count, 2);
  world.pass(Duration::seconds(90));
  EXPECT_EQ(world.group_of("gpu").current_count, 2);
  EXPECT_EQ(world.outputs_of<NodeToRegister>().size(), 2U);
}

TEST(ListClusters, FiltersSortsAndPages) {
  World world;
  for (const char* name : {"b", "a", "c", "ab"}) {
    ASSERT_TRUE(world.call("CreateCluster", cluster_request({group("gpu")}, name)).is_success());
    world.pass(Duration::seconds(10));
  }
  const auto names = [&world](const json::object& request) {
    std::string list;
    json::object next = request;
    for (;;) {
      const Answer answer = world.call("ListClusters", next);
      if (!answer.is_success()) return std::string(answer.error_type());
      for (const json::value& cluster : answer.body().at("ClusterSummaries").as_array()) {
        list += std::string(cluster.at("ClusterName").as_string()) + " ";
      }
      if (!answer.body().as_object().contains("NextToken")) return list;
      next["NextToken"] = answer.body().at("NextToken");
    }
  };
  EXPECT_EQ(names({}), "b a c ab ");
  EXPECT_EQ(names({{"SortOrder", "Descending"}}), "ab c a b ");
  EXPECT_EQ(names({{"SortBy", "NAME"}, {"MaxResults", 1}}), "a ab b c ");
  EXPECT_EQ(names({{"NameContains", "a"}, {"MaxResults", 1}}), "a ab ");
  EXPECT_EQ(names({{"CreationTimeAfter", kStart.unix_seconds() + 10},
                   {"CreationTimeBefore", kStart.unix_seconds() + 20}}),
            "a c ");
  EXPECT_EQ(names({{"NextToken", "zz"}}), "ValidationException");
  EXPECT_EQ(names({{"MaxResults", 0}}), "ValidationException");
}

TEST(DescribeCluster, TakesNameOrArnAndNotTheBareId) {
  World world = World::with({group("gpu")});
  const std::string arn = world.cluster().arn;
  EXPECT_TRUE(world.call("DescribeCluster", {{"ClusterName", arn}}).is_success());
  EXPECT_TRUE(is_error(world.call("DescribeCluster", {{"ClusterName", hyperpod::cluster_id(arn)}}),
                       "ResourceNotFound", ""));
  const Answer missing = world.call("DescribeCluster", R"({"ClusterName": "hp2"})");
  EXPECT_EQ(missing.http_status(), 400);
  EXPECT_TRUE(missing.body().as_object().contains("Message"));
}

TEST(DeleteCluster, TakesItsNodesAndGoesWithTheLast) {
  World world = World::with({group("gpu", {.count = 1})});
  world.pass(Duration::seconds(90));
  ASSERT_TRUE(world.call("DeleteCluster", R"({"ClusterName": "hp1"})").is_success());
  EXPECT_EQ(world.cluster().status, ClusterStatus::Deleting);
  EXPECT_EQ(world.group_of("gpu").status, InstanceGroupStatus::Deleting);
  EXPECT_EQ(world.nodes().at(0).status, hyperpod::InstanceStatus::ShuttingDown);
  EXPECT_TRUE(is_error(world.call("DeleteCluster", R"({"ClusterName": "hp1"})"),
                       "ConflictException", "being deleted"));
  EXPECT_TRUE(is_error(world.remove({"a-b"}), "ValidationException", "Deleting"));
  EXPECT_TRUE(is_error(world.update({group("gpu")}), "ConflictException", "Deleting"));
  world.pass(Duration::seconds(30));
  EXPECT_TRUE(is_error(world.call("DescribeCluster", R"({"ClusterName": "hp1"})"),
                       "ResourceNotFound", "hp1"));
  EXPECT_EQ(world.outputs_of<NodeToRemove>().size(), 1U);
  EXPECT_EQ(world.service().next_wake(), Time::max());
  EXPECT_TRUE(world.call("CreateCluster", cluster_request({group("gpu")})).is_success())
      << "the name is free again";
}

}  // namespace
}  // namespace hyperwright::service
