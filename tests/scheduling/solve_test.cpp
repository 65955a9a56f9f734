// The first steps of the solver, end to end: one claim a test. Scenarios (tests/scenarios) go on
// from here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kube/well_known.h"
#include "tests/scheduling/cluster_builder.h"
#include "tests/scheduling/plan_check.h"

namespace hyperwright::scheduling {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

kube::Pod asking(kube::Pod pod, std::string_view cpu, std::string_view memory = "0") {
  pod.scheduling.requests.set(kube::Resource::Cpu, amount("cpu", cpu));
  pod.scheduling.requests.set(kube::Resource::Memory, amount("memory", memory));
  return pod;
}

Plan solve_checked(ClusterBuilder& cluster) {
  const auto pods = cluster.waiting();
  Plan plan = solve(cluster.state(), pods, cluster.now());
  EXPECT_THAT(problems_of(plan, cluster.state(), pods, cluster.now()), IsEmpty());
  return plan;
}

TEST(Solve, APodWithoutANodeGetsTheCheapestOfferingThatHoldsIt) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  cluster.put_pod(asking(cluster.pod("web"), "1"));
  const Plan plan = solve_checked(cluster);
  ASSERT_THAT(plan.new_nodes, SizeIs(1));
  EXPECT_EQ(plan.new_nodes[0].offering.key,
            (hyperpod::OfferingKey{"spot", "small-instance-type", "z1"}));
  EXPECT_THAT(plan.new_nodes[0].pods, ElementsAre("uid-web"));
  EXPECT_EQ(plan.new_nodes[0].labels->get(kube::kCapacityType), "spot");
}

TEST(Solve, APodThatAsksForMoreThanAnyTypeHasIsToldSo) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("gpu"));
  kube::Pod pod = cluster.pod("train");
  pod.scheduling.requests.set("fake.com/vendor-a", 3);
  cluster.put_pod(pod);
  const Plan plan = solve_checked(cluster);
  ASSERT_THAT(plan.unplaced, SizeIs(1));
  EXPECT_EQ(plan.unplaced[0].verdict(),
            "it asks for 3 fake.com/vendor-a; the largest type in NodePool \"gpu\" has 2 "
            "(gpu-vendor-instance-type); fix: ask for less, or offer a larger type");
}

TEST(Solve, ALimitIsNeverPassed) {
  ClusterBuilder cluster;
  kube::NodePool pool = cluster.pool("default");
  pool.limits = kube::Limits{{{"cpu", 6'000}}};
  cluster.put_pool(pool);
  for (int i = 0; i < 5; ++i)
    cluster.put_pod(asking(cluster.pod("web-" + std::to_string(i)), "1500m"));
  const Plan plan = solve_checked(cluster);
  EXPECT_EQ(placed_pods(plan), 3U);
  ASSERT_THAT(plan.unplaced, SizeIs(1));
  EXPECT_THAT(plan.unplaced[0].verdict(),
              testing::StartsWith("NodePool \"default\": limit cpu 6 is reached"));
}

TEST(Solve, NodesThatAreThereAreFilledFirst) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  cluster.put_node({.name = "old", .pool = "default"});
  cluster.put_pod(asking(cluster.pod("web"), "1"));
  const Plan plan = solve_checked(cluster);
  EXPECT_THAT(plan.new_nodes, IsEmpty());
  ASSERT_THAT(plan.placed, SizeIs(1));
  EXPECT_EQ(plan.placed[0].node, "old");
}

TEST(Solve, WhatIsNominatedKeepsItsPlace) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  cluster.put_pod(asking(cluster.pod("first"), "1800m"));
  cluster.carry_out(cluster.solve(), ClusterBuilder::Until::Created);
  EXPECT_THAT(cluster.waiting(), IsEmpty());
  cluster.put_pod(asking(cluster.pod("second"), "1800m"));
  const Plan plan = solve_checked(cluster);
  EXPECT_THAT(plan.placed, IsEmpty());
  EXPECT_THAT(plan.new_nodes, SizeIs(1));
}

}  // namespace
}  // namespace hyperwright::scheduling
