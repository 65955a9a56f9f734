#include "scheduling/tries.h"

#include <gtest/gtest.h>

namespace hyperwright::scheduling {
namespace {

Learned late_by(int times) { return {.ceilings = {}, .late = {{0, times}}}; }

TryOutcome sound(std::int64_t left, bool has_learned) {
  return {.soundness = Soundness::InTheEnd, .has_learned = has_learned, .left = left};
}

TEST(Tries, WhatLearnedNothingIsThePlan) {
  Tries tries;
  EXPECT_EQ(tries.next().pace, Pace::Together);
  EXPECT_TRUE(tries.is_answer(sound(3, false), {}));
}

TEST(Tries, TheNextOneKnowsWhatTheLastOneLearned) {
  Tries tries;
  EXPECT_FALSE(tries.is_answer(sound(3, true), late_by(1)));
  EXPECT_EQ(tries.next().learned.late.at(0), 1);
  EXPECT_TRUE(tries.is_answer(sound(2, false), late_by(1)));
}

TEST(Tries, WhatDidBetterBeforeIsTriedAgainAndIsThePlan) {
  Tries tries;
  EXPECT_FALSE(tries.is_answer(sound(1, true), late_by(1)));
  EXPECT_FALSE(tries.is_answer(sound(2, false), late_by(2)));
  EXPECT_TRUE(tries.next().learned.late.empty()) << "the first";
  EXPECT_TRUE(tries.is_answer(sound(1, true), late_by(1)));
}

TEST(Tries, OfTwoThatAreAsGoodTheLaterOneIsThePlan) {
  Tries tries;
  EXPECT_FALSE(tries.is_answer(sound(1, true), late_by(1)));
  EXPECT_TRUE(tries.is_answer(sound(1, false), late_by(1)));
}

TEST(Tries, AConstraintThatDoesNotHoldIsWorseThanAPodThatWaits) {
  Tries tries;
  EXPECT_FALSE(
      tries.is_answer({.soundness = Soundness::None, .has_learned = true, .left = 0}, late_by(1)));
  EXPECT_TRUE(tries.is_answer(sound(5, false), late_by(1)));
}

TEST(Tries, APlanThatCanBeBoundInOneOrderIsBetterThanOneInNoneAndWorseThanOneThatHoldsInTheEnd) {
  const TryOutcome bindable{.soundness = Soundness::SomeOrder, .has_learned = true, .left = 1};
  EXPECT_TRUE(bindable.is_better_than({.soundness = Soundness::None, .left = 0}));
  EXPECT_TRUE(sound(2, true).is_better_than(bindable));
}

TEST(Tries, AfterFourTheyGoOneByOneAndAfterEightTheBestCounts) {
  Tries tries;
  for (int number = 1; number < 8; ++number) {
    EXPECT_EQ(tries.next().pace, number > 4 ? Pace::OneByOne : Pace::Together);
    EXPECT_FALSE(tries.is_answer(sound(number == 3 ? 0 : 1, true), late_by(number)));
  }
  EXPECT_FALSE(tries.is_answer(sound(1, true), late_by(8)));
  EXPECT_EQ(tries.next().learned.late.at(0), 2) << "the third";
}

}  // namespace
}  // namespace hyperwright::scheduling
