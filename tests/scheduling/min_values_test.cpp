#include "scheduling/min_values.h"

#include <algorithm>

#include <fmt/format.h>
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

std::vector<hyperpod::InstanceType> three_types() {
  return {make_type({.name = "one", .cpu = "1100m"}), make_type({.name = "two", .cpu = "2100m"}),
          make_type({.name = "four", .cpu = "4100m"})};
}

state::Options options(state::MinValuesPolicy policy) {
  state::Options options{.cluster = "test"};
  options.min_values_policy = policy;
  return options;
}

// A pool that wants `wanted` values of the key left.
void put_pool(ClusterBuilder& cluster, std::string_view key, std::int32_t wanted) {
  kube::NodePool pool = cluster.pool("default");
  pool.template_spec.requirements = {{std::string(key), kube::NodeOperator::Exists, {}, wanted}};
  cluster.put_pool(std::move(pool));
}

void put_pod(ClusterBuilder& cluster, std::string_view name, std::int64_t cpu) {
  kube::Pod pod = cluster.pod(name);
  pod.scheduling.requests.set(kube::Resource::Cpu, cpu);
  cluster.put_pod(std::move(pod));
}

Plan solve_checked(ClusterBuilder& cluster) {
  const auto waiting = cluster.waiting();
  Plan plan = cluster.solve();
  EXPECT_THAT(problems_of(plan, cluster.state(), waiting, cluster.now()), IsEmpty());
  return plan;
}

std::optional<std::int32_t> min_values(const NewNode& node, std::string_view key) {
  return node.requirements->find(key)->min_values();
}

TEST(MinValues, StrictlyNothingIsBoughtThatLeavesFewer) {
  ClusterBuilder cluster(three_types(), options(state::MinValuesPolicy::Strict));
  put_pool(cluster, kube::kInstanceType, 3);
  put_pod(cluster, "small", 900);
  put_pod(cluster, "large", 1900);
  const Plan plan = solve_checked(cluster);
  ASSERT_THAT(plan.new_nodes, SizeIs(1));
  EXPECT_THAT(plan.new_nodes[0].pods, ElementsAre("uid-small"));
  EXPECT_FALSE(plan.new_nodes[0].is_min_values_relaxed);
  EXPECT_EQ(min_values(plan.new_nodes[0], kube::kInstanceType), 3);
}

TEST(MinValues, ByBestEffortItGivesWayAsFarAsItMust) {
  ClusterBuilder cluster(three_types(), options(state::MinValuesPolicy::BestEffort));
  put_pool(cluster, kube::kInstanceType, 3);
  put_pod(cluster, "large", 1900);
  const Plan plan = solve_checked(cluster);
  ASSERT_THAT(plan.new_nodes, SizeIs(1));
  EXPECT_TRUE(plan.new_nodes[0].is_min_values_relaxed);
  EXPECT_EQ(min_values(plan.new_nodes[0], kube::kInstanceType), 2);
  EXPECT_THAT(*plan.new_nodes[0].compatible_types, ElementsAre("two", "four"));
}

// They would fit on the largest type together, which would be the only one then.
TEST(MinValues, ByBestEffortItDoesNotGiveWayForThoseWhoCanStandElsewhere) {
  ClusterBuilder cluster(three_types(), options(state::MinValuesPolicy::BestEffort));
  put_pool(cluster, kube::kInstanceType, 3);
  for (const char* name : {"a", "b"}) put_pod(cluster, name, 1900);
  const Plan plan = solve_checked(cluster);
  ASSERT_THAT(plan.new_nodes, SizeIs(2));
  for (const NewNode& node : plan.new_nodes) EXPECT_EQ(min_values(node, kube::kInstanceType), 2);
}

// By itself "picky" leaves one type, and a node of its own would cost more. Whoever comes to the
// node first does not decide.
TEST(MinValues, ByBestEffortItGivesWayToTheMostDemandingPodOfTheNode) {
  ClusterBuilder cluster(three_types(), options(state::MinValuesPolicy::BestEffort));
  put_pool(cluster, kube::kInstanceType, 2);
  put_pod(cluster, "large", 1900);
  kube::Pod picky = cluster.pod("picky");
  picky.scheduling.requests.set(kube::Resource::Cpu, 900);
  picky.scheduling.node_selector.set(kube::kInstanceType, "four");
  cluster.put_pod(std::move(picky));
  const Plan plan = solve_checked(cluster);
  ASSERT_THAT(plan.new_nodes, SizeIs(1));
  EXPECT_THAT(plan.new_nodes[0].pods, SizeIs(2));
  EXPECT_EQ(min_values(plan.new_nodes[0], kube::kInstanceType), 1);
}

TEST(MinValues, OfALabelThatNobodyHasIsNotWritten) {
  ClusterBuilder cluster(three_types(), options(state::MinValuesPolicy::BestEffort));
  put_pool(cluster, "example.com/rack", 2);
  put_pod(cluster, "pod", 900);
  const Plan plan = solve_checked(cluster);
  ASSERT_THAT(plan.new_nodes, SizeIs(1));
  EXPECT_TRUE(plan.new_nodes[0].is_min_values_relaxed);
  EXPECT_EQ(min_values(plan.new_nodes[0], "example.com/rack"), std::nullopt);
}

// The API server takes no minValues above the number of values.
TEST(MinValues, TheValuesThatAreLeftStandBesideIt) {
  ClusterBuilder cluster(three_types(), options(state::MinValuesPolicy::Strict));
  put_pool(cluster, kube::kZone, 2);
  put_pod(cluster, "pod", 900);
  const Plan plan = solve_checked(cluster);
  ASSERT_THAT(plan.new_nodes, SizeIs(1));
  const kube::Requirement& zones = *plan.new_nodes[0].requirements->find(kube::kZone);
  EXPECT_THAT(zones.values(), ElementsAre("z1", "z2", "z3"));
  EXPECT_EQ(zones.min_values(), 2);
}

TEST(MinValues, AClaimNamesAsManyTypesAsItTakes) {
  std::vector<hyperpod::InstanceType> types;
  for (int i = 0; i < 70; ++i) {
    types.push_back(make_type(
        {.name = fmt::format("amd-{}", i), .price = hyperpod::MicroDollars(1'000'000 + i)}));
  }
  types.push_back(
      make_type({.name = "arm", .arch = "arm64", .price = hyperpod::MicroDollars(9'000'000)}));
  const auto named = [&](std::int32_t archs) {
    ClusterBuilder cluster(types);
    kube::NodePool pool = cluster.pool("default");
    pool.template_spec.requirements = {
        {std::string(kube::kArch), kube::NodeOperator::In, {"amd64", "arm64"}, archs}};
    cluster.put_pool(std::move(pool));
    put_pod(cluster, "pod", 900);
    return *solve_checked(cluster).new_nodes.at(0).compatible_types;
  };
  EXPECT_THAT(named(1), SizeIs(60));
  EXPECT_THAT(named(2), SizeIs(71));
}

}  // namespace
}  // namespace hyperwright::scheduling
