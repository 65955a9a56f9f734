#include "disruption/budget.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hyperwright::disruption {
namespace {

const Time kNoon = parse_time("2026-11-24T12:00:00Z").value();

Budget budget(std::string_view nodes) { return {parse_node_limit(nodes).value(), {}, {}}; }

std::optional<std::int32_t> allowed(const std::vector<Budget>& budgets, PoolNodes nodes) {
  return allowed_disruptions(budgets, Reason::Empty, nodes, kNoon);
}

std::string problem(kube::DisruptionBudget written) {
  const auto budgets = read_budgets({.budgets = {{}, std::move(written)}});
  return budgets ? "" : budgets.error().text();
}

TEST(Budget, PercentRoundsUp) {
  EXPECT_EQ(allowed({budget("10%")}, {.initialized = 10}), 1);
  EXPECT_EQ(allowed({budget("10%")}, {.initialized = 11}), 2);
}

TEST(Budget, NodesOutOfServiceCountAndNeverGoBelowZero) {
  EXPECT_EQ(allowed({budget("5")}, {.initialized = 20, .out_of_service = 3}), 2);
  EXPECT_EQ(allowed({budget("5")}, {.initialized = 20, .out_of_service = 9}), 0);
}

TEST(Budget, TheSmallestLimitCounts) {
  EXPECT_EQ(allowed({budget("5"), budget("2"), budget("50%")}, {.initialized = 20}), 2);
}

TEST(Budget, AppliesToItsReasonsOnlyAndAnEmptyListToNone) {
  Budget closed = budget("0");
  for (const auto& reasons : {std::vector{Reason::Drifted}, std::vector<Reason>{}}) {
    closed.reasons = reasons;
    EXPECT_EQ(allowed({closed}, {.initialized = 20}), std::nullopt);
  }
  closed.reasons = {Reason::Empty};
  EXPECT_EQ(allowed({closed}, {.initialized = 20}), 0);
}

TEST(Budget, AppliesInsideOfItsWindowOnly) {
  Budget closed = budget("0");
  closed.window = Window{Cron::parse("0 11 * * *").value(), Duration::hours(2)};
  EXPECT_EQ(allowed({closed}, {.initialized = 20}), 0);
  closed.window->duration = Duration::hours(1);
  EXPECT_EQ(allowed({closed}, {.initialized = 20}), std::nullopt);
  EXPECT_EQ(next_window_change({{closed}}, kNoon), kNoon + Duration::hours(23));
}

TEST(Budget, LimitIsACountOrAShareUpToAll) {
  for (const char* text : {"", "%", "-1", "101%", "5 nodes", "10 %"})
    EXPECT_FALSE(parse_node_limit(text)) << text;
  for (const char* text : {"0", "7", "0%", "100%"}) EXPECT_TRUE(parse_node_limit(text)) << text;
}

TEST(Budget, IsReadAsItIsWritten) {
  const auto budgets =
      read_budgets({.budgets = {{.nodes = "20%",
                                 .schedule = "@daily",
                                 .duration = "1h30m",
                                 .reasons = std::vector<std::string>{"Empty", "Drifted"}}}});
  ASSERT_TRUE(budgets);
  EXPECT_TRUE(budgets->at(0).nodes.is_percent);
  EXPECT_EQ(budgets->at(0).reasons, (std::vector{Reason::Empty, Reason::Drifted}));
  EXPECT_EQ(budgets->at(0).window->duration, Duration::minutes(90));
}

TEST(Budget, OneThatCannotBeReadFailsThemAllAndNamesItsPlace) {
  EXPECT_NE(problem({.nodes = "10 %"}).find("spec.disruption.budgets[1]: nodes \"10 %\""),
            std::string::npos);
  EXPECT_NE(
      problem({.nodes = "1", .schedule = "@daily"}).find("schedule and duration stand together"),
      std::string::npos);
  EXPECT_NE(problem({.nodes = "1", .schedule = "* *", .duration = "1h"}).find("2 fields, not 5"),
            std::string::npos);
  EXPECT_NE(problem({.nodes = "1", .reasons = std::vector<std::string>{"expired"}})
                .find("reason \"expired\""),
            std::string::npos);
}

RC_GTEST_PROP(Budget, AnotherBudgetNeverAllowsMore, (const std::vector<std::uint16_t>& limits)) {
  const PoolNodes nodes{.initialized = 5000, .out_of_service = *rc::gen::inRange(0, 5000)};
  std::vector<Budget> budgets;
  for (const auto limit : limits) {
    const auto before = allowed(budgets, nodes);
    budgets.push_back({{.value = limit}, {}, {}});
    RC_ASSERT(!before || allowed(budgets, nodes) <= before);
  }
}

}  // namespace
}  // namespace hyperwright::disruption
