#include "sim/workload_rollout.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hyperwright::sim {
namespace {

using testing::ElementsAre;

TEST(Rollout, TheNewSetGrowsIntoTheSurge) {
  EXPECT_EQ(
      next_current_replicas(
          {.replicas = 4, .surge_max = 1, .unavailable_max = 0, .current = {}, .old = {{4, 4}}}),
      1);
  EXPECT_EQ(
      next_current_replicas(
          {.replicas = 4, .surge_max = 0, .unavailable_max = 1, .current = {}, .old = {{4, 4}}}),
      0);
  EXPECT_EQ(
      next_current_replicas(
          {.replicas = 4, .surge_max = 9, .unavailable_max = 0, .current = {}, .old = {{4, 4}}}),
      4);
}

TEST(Rollout, TheNewSetShrinksWithTheDeployment) {
  EXPECT_EQ(
      next_current_replicas(
          {.replicas = 2, .surge_max = 1, .unavailable_max = 0, .current = {5, 5}, .old = {}}),
      2);
}

TEST(Rollout, TheOldOnesKeepWhatTheNewOneDoesNotServeYet) {
  EXPECT_THAT(next_old_replicas({.replicas = 4,
                                 .surge_max = 1,
                                 .unavailable_max = 0,
                                 .current = {1, 0},
                                 .old = {{4, 4}}}),
              ElementsAre(4));
  EXPECT_THAT(next_old_replicas({.replicas = 4,
                                 .surge_max = 1,
                                 .unavailable_max = 0,
                                 .current = {1, 1},
                                 .old = {{4, 4}}}),
              ElementsAre(3));
}

TEST(Rollout, OldPodsThatServeNobodyGoFirst) {
  EXPECT_THAT(next_old_replicas({.replicas = 4,
                                 .surge_max = 1,
                                 .unavailable_max = 1,
                                 .current = {1, 1},
                                 .old = {{2, 2}, {2, 0}}}),
              ElementsAre(2, 0));
}

// Every pod becomes available at once: the rollout must end, and on its way never break its two
// bounds.
RC_GTEST_PROP(Rollout, EndsWithinItsBounds, ()) {
  Rollout rollout{.replicas = *rc::gen::inRange(1, 40),
                  .surge_max = *rc::gen::inRange(0, 5),
                  .unavailable_max = *rc::gen::inRange(0, 5),
                  .current = {},
                  .old = {}};
  if (rollout.surge_max == 0 && rollout.unavailable_max == 0) rollout.unavailable_max = 1;
  rollout.unavailable_max = std::min(rollout.unavailable_max, rollout.replicas);
  rollout.old = {{rollout.replicas, rollout.replicas}};
  for (int turn = 0; turn < 200; ++turn) {
    rollout.current.replicas = next_current_replicas(rollout);
    rollout.old[0].replicas = next_old_replicas(rollout)[0];
    rollout.old[0].available = std::min(rollout.old[0].available, rollout.old[0].replicas);
    RC_ASSERT(rollout.current.replicas + rollout.old[0].replicas <=
              rollout.replicas + rollout.surge_max);
    RC_ASSERT(rollout.current.available + rollout.old[0].available >=
              rollout.replicas - rollout.unavailable_max);
    rollout.current.available = rollout.current.replicas;
  }
  RC_ASSERT(rollout.current.replicas == rollout.replicas);
  RC_ASSERT(rollout.old[0].replicas == 0);
}

}  // namespace
}  // namespace hyperwright::sim
