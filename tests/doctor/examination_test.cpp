// What could not be read is not judged, and that is said.
#include "doctor/examination.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "doctor/cluster_settings.h"
#include "doctor/daemon_room.h"

namespace hyperwright::doctor {
namespace {

using testing::HasSubstr;

Readings readings() { return Readings({.cluster = "hp1"}, hyperpod::InstanceTypes::shipped()); }

Verdict verdict_of(const Findings& findings, std::string_view check) {
  const auto found = std::ranges::find(findings, check, &Finding::check);
  EXPECT_NE(found, findings.end()) << check;
  return found == findings.end() ? Verdict::Ok : found->verdict;
}

TEST(Examination, WithoutKubernetesWhatNeedsItIsNotChecked) {
  Readings read = readings();
  read.kubernetes_version = fail(ErrorCode::Unavailable, "connection refused");
  read.cluster = hyperpod::Cluster{.name = "hp1", .eks_cluster_arn = "a", .is_continuous = true};
  const Findings findings = examine(read);
  EXPECT_EQ(verdict_of(findings, "Kubernetes API"), Verdict::Problem);
  EXPECT_EQ(verdict_of(findings, kRights), Verdict::NotChecked);
  EXPECT_EQ(verdict_of(findings, kPodDensity), Verdict::NotChecked);
  EXPECT_EQ(verdict_of(findings, kNodeRecovery), Verdict::Ok);
  EXPECT_FALSE(is_nothing_reachable(read));
}

TEST(Examination, WithoutTheClusterItsSettingsAreNotChecked) {
  Readings read = readings();
  read.kubernetes_version = std::string("v1.33.0");
  read.cluster = fail(ErrorCode::NotFound, "no such cluster");
  const Findings findings = examine(read);
  EXPECT_EQ(verdict_of(findings, kClusterStatus), Verdict::Problem);
  EXPECT_EQ(verdict_of(findings, kNodeRecovery), Verdict::NotChecked);
  EXPECT_EQ(verdict_of(findings, kHealthAgent), Verdict::NotChecked);
}

TEST(Examination, ARefusedDescriptionIsToldOnce) {
  Readings read = readings();
  const Error denied(ErrorCode::Forbidden, "DescribeCluster: AccessDeniedException: no");
  read.actions = {{"sagemaker:DescribeCluster", Status(fail(denied)), {}}};
  read.cluster = fail(denied);
  const Findings findings = examine(read);
  EXPECT_EQ(verdict_of(findings, kAwsActions), Verdict::Problem);
  EXPECT_EQ(verdict_of(findings, kClusterStatus), Verdict::NotChecked);
  read.actions.clear();
  EXPECT_EQ(verdict_of(examine(read), kClusterStatus), Verdict::Problem) << "no keys at all";
  const Error away(ErrorCode::Unavailable, "DescribeCluster: connection refused");
  read.actions = {{"sagemaker:DescribeCluster", Status(fail(away)), {}}};
  read.cluster = fail(away);
  EXPECT_EQ(count_of(examine(read), Verdict::Problem), 2U) << "this, and Kubernetes";
}

TEST(Examination, WhatWasAskedAndNotAnsweredIsAProblem) {
  Readings read = readings();
  read.kubernetes_version = std::string("v1.33.0");
  read.cluster = hyperpod::Cluster{.name = "hp1", .eks_cluster_arn = "a", .is_continuous = true};
  read.health_agents = fail(ErrorCode::Forbidden, "daemonsets: 403");
  read.unread = {Error(ErrorCode::Unavailable, "nodepools: timed out")};
  const Findings findings = examine(read);
  EXPECT_EQ(verdict_of(findings, kHealthAgent), Verdict::Problem);
  const auto unread =
      std::ranges::find(findings, "could not be asked: nodepools: timed out", &Finding::found);
  ASSERT_NE(unread, findings.end());
  EXPECT_EQ(unread->verdict, Verdict::Problem);
  EXPECT_FALSE(unread->remedy.empty());
}

TEST(Examination, AnObjectThatIsLeftOutIsAWarning) {
  Readings read = readings();
  read.kubernetes_version = std::string("v1.33.0");
  read.left_out = {Error(ErrorCode::Invalid, "NodePool is left out: no spec")};
  const Findings findings = examine(read);
  const auto told = std::ranges::find(findings, "NodePool is left out: no spec", &Finding::found);
  ASSERT_NE(told, findings.end());
  EXPECT_EQ(told->verdict, Verdict::Warning);
}

TEST(Examination, NothingIsReachableWhenNeitherSideAnswers) {
  Readings read = readings();
  EXPECT_TRUE(is_nothing_reachable(read));
  read.cluster = fail(ErrorCode::Forbidden, "bad keys");
  EXPECT_FALSE(is_nothing_reachable(read)) << "a refusal is an answer";
  read.cluster = fail(ErrorCode::Unknown, "no whole answer");
  read.kubernetes_version = fail(ErrorCode::Forbidden, "401");
  EXPECT_FALSE(is_nothing_reachable(read));
}

}  // namespace
}  // namespace hyperwright::doctor
