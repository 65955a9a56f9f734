#include "kube/condition.h"

#include <gtest/gtest.h>

namespace hyperwright::kube {
namespace {

constexpr std::string_view kDependents[] = {"Launched", "Registered"};
constexpr Time at(std::int64_t seconds) { return Time::from_unix_seconds(seconds); }

ConditionWriter writer(Conditions& conditions, std::int64_t generation, std::int64_t now) {
  return {conditions, kDependents, generation, at(100), at(now)};
}

TEST(Conditions, RootAndDependentsAreBornUnknownAtTheObjectsCreation) {
  Conditions conditions;
  (void)writer(conditions, 1, 500);
  ASSERT_EQ(conditions.size(), 3U);
  for (const Condition& condition : conditions) {
    EXPECT_EQ(condition.status, ConditionStatus::Unknown);
    EXPECT_EQ(condition.reason, "AwaitingReconciliation");
    EXPECT_EQ(condition.last_transition_time, at(100));
    EXPECT_EQ(condition.observed_generation, 1);
  }
}

TEST(Conditions, TrueHasItsTypeAsReasonAndNoMessage) {
  Conditions conditions;
  writer(conditions, 1, 500).set_true("Launched");
  const Condition* launched = find_condition(conditions, "Launched");
  EXPECT_EQ(launched->reason, "Launched");
  EXPECT_EQ(launched->message, "");
  EXPECT_EQ(launched->last_transition_time, at(500));
}

TEST(Conditions, TransitionTimeMovesOnlyWithTheStatus) {
  Conditions conditions;
  writer(conditions, 1, 500).set_false("Launched", "NoCapacity", "none");
  writer(conditions, 2, 600).set_false("Launched", "Other", "still none");
  const Condition* launched = find_condition(conditions, "Launched");
  EXPECT_EQ(launched->last_transition_time, at(500));
  EXPECT_EQ(launched->reason, "Other");
  EXPECT_EQ(launched->observed_generation, 2);
}

TEST(Conditions, SettingTheSameAgainChangesNothing) {
  Conditions conditions;
  writer(conditions, 1, 500).set_unknown("Launched", "LaunchFailed", "x");
  const Conditions before = conditions;
  writer(conditions, 1, 900).set_unknown("Launched", "LaunchFailed", "x");
  EXPECT_EQ(conditions, before);
}

TEST(Conditions, ReadyWhenEveryDependentIsTrueAtTheGeneration) {
  Conditions conditions;
  writer(conditions, 1, 500).set_true("Launched");
  EXPECT_FALSE(is_true(conditions, "Ready"));
  EXPECT_EQ(find_condition(conditions, "Ready")->reason, "ReconcilingDependents");
  EXPECT_EQ(find_condition(conditions, "Ready")->message, "Registered=Unknown");
  writer(conditions, 1, 500).set_true("Registered");
  EXPECT_TRUE(is_true(conditions, "Ready"));
}

TEST(Conditions, OneFalseDependentMakesTheRootFalse) {
  Conditions conditions;
  writer(conditions, 1, 500).set_false("Registered", "MultipleNodesFound", "two");
  EXPECT_TRUE(is_false(conditions, "Ready"));
  EXPECT_EQ(find_condition(conditions, "Ready")->reason, "UnhealthyDependents");
  EXPECT_EQ(find_condition(conditions, "Ready")->message, "Launched=Unknown, Registered=False");
}

TEST(Conditions, ADependentOfAnOlderGenerationIsNeitherTrueNorFalse) {
  Conditions conditions;
  writer(conditions, 1, 500).set_true("Launched");
  writer(conditions, 2, 500).set_true("Registered");
  EXPECT_EQ(find_condition(conditions, "Ready")->status, ConditionStatus::Unknown);
  writer(conditions, 2, 500).set_false("Launched", "x", "");
  writer(conditions, 3, 500).set_true("Registered");
  EXPECT_EQ(find_condition(conditions, "Ready")->status, ConditionStatus::Unknown);
}

TEST(Conditions, OthersDoNotFeedTheRootAndMayBeCleared) {
  Conditions conditions;
  writer(conditions, 1, 500).set_false("Drained", "Draining", "");
  EXPECT_FALSE(is_false(conditions, "Ready"));
  writer(conditions, 1, 500).clear("Drained");
  EXPECT_EQ(find_condition(conditions, "Drained"), nullptr);
  writer(conditions, 1, 500).clear("Launched");
  writer(conditions, 1, 500).clear("Ready");
  EXPECT_EQ(conditions.size(), 3U);
}

}  // namespace
}  // namespace hyperwright::kube
