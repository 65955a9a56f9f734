#include "disruption/disruption_cost.h"

#include <gtest/gtest.h>

#include "kube/well_known.h"

namespace hyperwright::disruption {
namespace {

kube::Pod pod(std::string_view deletion_cost, std::int32_t priority = 0) {
  kube::Pod pod;
  if (!deletion_cost.empty()) pod.meta.annotations.set(kube::kPodDeletionCost, deletion_cost);
  pod.scheduling.priority = priority;
  return pod;
}

TEST(DisruptionCost, APodCostsOneMoreOrLessByItsDeletionCostAndPriority) {
  EXPECT_EQ(eviction_cost(pod("")), kPlainPod);
  EXPECT_EQ(eviction_cost(pod("134217728")), 2 * kPlainPod);
  EXPECT_EQ(eviction_cost(pod("-134217728")), 0);
  EXPECT_EQ(eviction_cost(pod("", 1 << 25)), 2 * kPlainPod);
  EXPECT_EQ(eviction_cost(pod("134217728", 1 << 25)), 3 * kPlainPod);
}

TEST(DisruptionCost, OfAPodStaysBetweenTenAndMinusTen) {
  EXPECT_EQ(eviction_cost(pod("2147483647")), 10 * kPlainPod);
  EXPECT_EQ(eviction_cost(pod("-2147483648")), -10 * kPlainPod);
  EXPECT_EQ(eviction_cost(pod("", INT32_MAX)), 10 * kPlainPod);
  EXPECT_EQ(eviction_cost(pod("", INT32_MIN)), -10 * kPlainPod);
}

TEST(DisruptionCost, WhatCannotBeReadCostsNothingMore) {
  for (const char* text : {"dear", "5 dollars", "nan", "1e9", "2147483648"})
    EXPECT_EQ(eviction_cost(pod(text)), kPlainPod) << text;
}

TEST(DisruptionCost, LifetimeRunsFromAllToNothingAndNeverEndsWithoutExpiry) {
  const Time born = Time::from_unix_seconds(1'800'000'000);
  kube::NodeClaim claim;
  claim.meta.creation_time = born;
  EXPECT_EQ(lifetime_remaining(claim, born + Duration::hours(10'000)), 1'000'000);
  claim.spec.expire_after = Duration::hours(10);
  EXPECT_EQ(lifetime_remaining(claim, born), 1'000'000);
  EXPECT_EQ(lifetime_remaining(claim, born + Duration::hours(9)), 100'000);
  EXPECT_EQ(lifetime_remaining(claim, born + Duration::hours(10)), 0);
  EXPECT_EQ(lifetime_remaining(claim, born + Duration::hours(11)), 0);
  EXPECT_EQ(lifetime_remaining(claim, born - Duration::hours(1)), 1'000'000) << "another clock";
  claim.spec.expire_after = Duration::microseconds(10);
  EXPECT_EQ(lifetime_remaining(claim, born + Duration::microseconds(5)), 500'000);
  claim.spec.expire_after = Duration{};
  EXPECT_EQ(lifetime_remaining(claim, born), 0);
}

}  // namespace
}  // namespace hyperwright::disruption
