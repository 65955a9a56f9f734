#include "sim/workload_pod_disruption_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/cluster_fixture.h"

namespace hyperwright::sim {
namespace {

constexpr const char* kBudgets = "poddisruptionbudgets.policy";

void add_budget(TestCluster& world, std::string_view bound) {
  world.create(kBudgets, fmt::format(R"({{"metadata": {{"name": "web"}},
                                          "spec": {{{}, "selector": {{"matchLabels": {{"app": "web"}}}}}}}})",
                                     bound));
}

// Four ready pods of one Deployment.
void run_web(TestCluster& world, std::string_view bound) {
  world.add_node("a", {.cpu = "8"});
  world.add_deployment("web", 4, {.annotations = {{"hyperwright.dev/stops-after", "20s"}}});
  add_budget(world, bound);
  world.run_for(Duration::seconds(10));
}

TEST(PodDisruptionBudget, MaxUnavailableCountsFromTheReplicasOfTheControllers) {
  TestCluster world;
  run_web(world, R"("maxUnavailable": 1)");
  EXPECT_EQ(world.status(kBudgets, "web", "expectedPods"), 4);
  EXPECT_EQ(world.status(kBudgets, "web", "desiredHealthy"), 3);
  EXPECT_EQ(world.status(kBudgets, "web", "currentHealthy"), 4);
  EXPECT_EQ(world.status(kBudgets, "web", "disruptionsAllowed"), 1);
  EXPECT_EQ(world.status(kBudgets, "web", "observedGeneration"), 1);
  EXPECT_EQ(world.condition(kBudgets, "web", "DisruptionAllowed"), "True SufficientPods");
}

TEST(PodDisruptionBudget, MinAvailableAsANumberAndAsAShareRoundedUp) {
  TestCluster number;
  run_web(number, R"("minAvailable": 4)");
  EXPECT_EQ(number.status(kBudgets, "web", "disruptionsAllowed"), 0);
  EXPECT_EQ(number.condition(kBudgets, "web", "DisruptionAllowed"), "False InsufficientPods");
  TestCluster share;
  run_web(share, R"("minAvailable": "51%")");
  EXPECT_EQ(share.status(kBudgets, "web", "desiredHealthy"), 3);
  EXPECT_EQ(share.status(kBudgets, "web", "disruptionsAllowed"), 1);
}

TEST(PodDisruptionBudget, AnEvictionIsCountedUntilTheSuccessorIsReady) {
  TestCluster world;
  run_web(world, R"("maxUnavailable": 1)");
  const auto names = world.pod_names("app=web");
  ASSERT_TRUE(world.api().evict("default", names[0], world.now()).has_value());
  world.step();
  EXPECT_EQ(world.status(kBudgets, "web", "currentHealthy"), 3);
  EXPECT_EQ(world.status(kBudgets, "web", "disruptionsAllowed"), 0);
  EXPECT_EQ(find_field(*world.get(kBudgets, "web"), {"status", "disruptedPods"}), nullptr);
  const auto second = world.api().evict("default", names[1], world.now());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, 429);
  world.run_for(Duration::seconds(5));
  EXPECT_EQ(world.status(kBudgets, "web", "disruptionsAllowed"), 1);
}

TEST(PodDisruptionBudget, ANoteOfAPodThatNeverWentIsDroppedAfterTwoMinutes) {
  TestCluster world;
  run_web(world, R"("maxUnavailable": 1)");
  json::object budget = *world.get(kBudgets, "web");
  object_at(budget, {"status", "disruptedPods"})[world.pod_names("app=web")[0]] =
      time_value(world.now());
  ASSERT_TRUE(world.api().update_status(kBudgets, budget, world.now()).has_value());
  world.run_for(Duration::seconds(100));
  EXPECT_EQ(world.status(kBudgets, "web", "disruptionsAllowed"), 0);
  world.run_for(Duration::seconds(30));
  EXPECT_EQ(world.status(kBudgets, "web", "disruptionsAllowed"), 1);
  EXPECT_EQ(find_field(*world.get(kBudgets, "web"), {"status", "disruptedPods"}), nullptr);
}

TEST(PodDisruptionBudget, ScalingTheDeploymentMovesIt) {
  TestCluster world;
  run_web(world, R"("maxUnavailable": "50%")");
  EXPECT_EQ(world.status(kBudgets, "web", "disruptionsAllowed"), 2);
  world.patch("deployments.apps", "web", R"({"spec": {"replicas": 2}})");
  world.run_for(Duration::seconds(30));
  EXPECT_EQ(world.status(kBudgets, "web", "expectedPods"), 2);
  EXPECT_EQ(world.status(kBudgets, "web", "disruptionsAllowed"), 1);
}

TEST(PodDisruptionBudget, PodsWhoseControllerCannotBeScaledAllowNothing) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_job("web", {{"completions", 2}, {"parallelism", 2}});
  add_budget(world, R"("maxUnavailable": 1)");
  world.run_for(Duration::seconds(10));
  EXPECT_EQ(world.status(kBudgets, "web", "disruptionsAllowed"), 0);
  EXPECT_EQ(world.condition(kBudgets, "web", "DisruptionAllowed"), "False SyncFailed");
}

}  // namespace
}  // namespace hyperwright::sim
