// Settings of the HyperPod cluster, its health agent, and the versions of Kubernetes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "doctor/cluster_settings.h"
#include "doctor/health_agent.h"
#include "doctor/kubernetes_version.h"

namespace hyperwright::doctor {
namespace {

using hyperpod::Cluster;
using hyperpod::ClusterStatus;
using hyperpod::InstanceTypes;
using testing::HasSubstr;
using testing::SizeIs;

Cluster good_cluster() {
  return {.name = "training",
          .eks_cluster_arn = "arn:aws:eks:us-west-2:111122223333:cluster/k1",
          .is_continuous = true,
          .groups = {{.name = "cpu", .instance_types = {"ml.m5.xlarge"}}}};
}

// What is wrong: the findings that are not ok.
Findings wrong(const Cluster& cluster) {
  Findings findings = check_cluster_settings(cluster);
  std::erase_if(findings, [](const Finding& finding) { return finding.verdict == Verdict::Ok; });
  return findings;
}

TEST(ClusterSettings, NothingIsSaidAgainstAGoodCluster) {
  EXPECT_THAT(wrong(good_cluster()), SizeIs(0));
  EXPECT_THAT(check_cluster_settings(good_cluster()), SizeIs(4));
}

TEST(ClusterSettings, OnlyInServiceIsGoodAndAnUpdateIsWaitedFor) {
  Cluster cluster = good_cluster();
  for (const auto status : {ClusterStatus::Updating, ClusterStatus::SystemUpdating}) {
    cluster.status = status;
    ASSERT_THAT(wrong(cluster), SizeIs(1));
    EXPECT_EQ(wrong(cluster)[0].verdict, Verdict::Problem) << "launches are refused now";
    EXPECT_THAT(wrong(cluster)[0].remedy, HasSubstr("wait until it is InService"));
  }
  cluster.failure_message = "no such subnet";
  for (const auto status : {ClusterStatus::Creating, ClusterStatus::Failed, ClusterStatus::Deleting,
                            ClusterStatus::RollingBack}) {
    cluster.status = status;
    ASSERT_THAT(wrong(cluster), SizeIs(1));
    EXPECT_EQ(wrong(cluster)[0].verdict, Verdict::Problem);
    EXPECT_THAT(wrong(cluster)[0].found, HasSubstr("no such subnet"));
  }
}

TEST(ClusterSettings, EachThatIsWrongIsAProblemWithTheCommandThatMendsIt) {
  Cluster cluster = good_cluster();
  cluster.is_continuous = false;
  cluster.node_recovery = hyperpod::NodeRecovery::None;
  cluster.auto_scaling_mode = hyperpod::AutoScalingMode::Enable;
  const Findings findings = wrong(cluster);
  ASSERT_THAT(findings, SizeIs(3));
  EXPECT_EQ(findings[0].check, kProvisioningMode);
  EXPECT_EQ(findings[1].check, kNodeRecovery);
  EXPECT_EQ(findings[1].remedy,
            "aws sagemaker update-cluster --cluster-name training --node-recovery Automatic");
  EXPECT_EQ(findings[2].check, kAutoScaling);
  EXPECT_EQ(findings[2].remedy,
            "aws sagemaker update-cluster --cluster-name training --auto-scaling Mode=Disable");
  for (const Finding& finding : findings) EXPECT_EQ(finding.verdict, Verdict::Problem);
}

TEST(ClusterSettings, AutoScalingThatIsDisabledIsOff) {
  Cluster cluster = good_cluster();
  cluster.auto_scaling_mode = hyperpod::AutoScalingMode::Disable;
  EXPECT_THAT(wrong(cluster), SizeIs(0));
}

TEST(ClusterSettings, ASlurmClusterCannotBeScaled) {
  Cluster cluster = good_cluster();
  cluster.eks_cluster_arn.clear();
  ASSERT_THAT(wrong(cluster), SizeIs(1));
  EXPECT_THAT(wrong(cluster)[0].found, HasSubstr("not orchestrated by EKS"));
}

Verdict agent_of(std::string_view tag) {
  const HealthAgent agent{"health-monitoring-agent",
                          "1.dkr.ecr.us-west-2.amazonaws.com/agent:" + std::string(tag)};
  return check_health_agent({&agent, 1}, good_cluster(), InstanceTypes::shipped())[0].verdict;
}

TEST(HealthAgent, IsOldBelowTheVersionThatAutoscalingNeeds) {
  EXPECT_EQ(agent_of("1.0.742.0_1.0.241.0"), Verdict::Ok);
  EXPECT_EQ(agent_of("1.0.1892.0_1.0.424.0"), Verdict::Ok) << "numbers, not letters";
  EXPECT_EQ(agent_of("1.0.742.0_1.0.240.0"), Verdict::Problem);
  EXPECT_EQ(agent_of("1.0.674.0_1.0.299.0"), Verdict::Problem);
}

TEST(HealthAgent, AVersionThatCannotBeReadIsNotChecked) {
  for (const char* tag : {"latest", "1.0.742.0", "1.0.742.0_1.0.x.0", ""})
    EXPECT_EQ(agent_of(tag), Verdict::NotChecked) << tag;
  EXPECT_EQ(agent_version("registry:5000/agent@sha256:0"), std::nullopt);
}

TEST(HealthAgent, IsNeededWhereThereAreAccelerators) {
  Cluster cluster = good_cluster();
  EXPECT_EQ(check_health_agent({}, cluster, InstanceTypes::shipped())[0].verdict, Verdict::Ok);
  cluster.groups.push_back({.name = "gpu", .instance_types = {"ml.g5.xlarge"}});
  EXPECT_EQ(check_health_agent({}, cluster, InstanceTypes::shipped())[0].verdict, Verdict::Problem);
}

TEST(KubernetesVersion, IsReadOfWhatEksSays) {
  EXPECT_EQ(minor_version("v1.33.5-eks-113cf36"), (std::pair{1, 33}));
  EXPECT_EQ(minor_version("v1.29+"), (std::pair{1, 29}));
  for (const char* text : {"", "1.33", "v1", "vx.y"}) EXPECT_EQ(minor_version(text), std::nullopt);
}

TEST(KubernetesVersion, AnOldOneIsAWarningAndNoneAProblem) {
  const auto verdict = [](const Result<std::string>& version) {
    return check_kubernetes_version("https://k", version)[0].verdict;
  };
  EXPECT_EQ(verdict(std::string("v1.30.0")), Verdict::Ok);
  EXPECT_EQ(verdict(std::string("v1.29.9")), Verdict::Warning);
  EXPECT_EQ(verdict(std::string("who knows")), Verdict::Ok);
  EXPECT_EQ(verdict(fail(ErrorCode::Unavailable, "no route")), Verdict::Problem);
}

}  // namespace
}  // namespace hyperwright::doctor
