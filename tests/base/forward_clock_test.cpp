#include "base/forward_clock.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hyperwright {
namespace {

const Time kNoon = Time::from_unix_seconds(1'764'000'000);

class ForwardClockTest : public testing::Test {
 protected:
  void pass(Duration time) {
    wall = wall + time;
    steady = steady + time;
  }
  Time wall = kNoon;
  Time steady = Time::from_unix_seconds(77);
  ForwardClock clock{[this] { return wall; }, [this] { return steady; }};
};

TEST_F(ForwardClockTest, IsTheWallClockAsLongAsThatGoesForward) {
  EXPECT_EQ(clock(), kNoon);
  pass(Duration::seconds(10));
  EXPECT_EQ(clock(), kNoon + Duration::seconds(10));
  wall = wall + Duration::hours(1);  // set forward
  EXPECT_EQ(clock(), wall);
}

TEST_F(ForwardClockTest, GoesAtHalfThePaceAfterAStepBackUntilTheWallHasCaughtUp) {
  wall = kNoon - Duration::minutes(10);
  EXPECT_EQ(clock(), kNoon);
  pass(Duration::minutes(4));
  EXPECT_EQ(clock(), kNoon + Duration::minutes(2));
  pass(Duration::minutes(16));
  EXPECT_EQ(clock(), kNoon + Duration::minutes(10)) << "20 minutes after a step of 10";
  EXPECT_EQ(clock(), wall);
  pass(Duration::minutes(1));
  EXPECT_EQ(clock(), wall);
}

TEST_F(ForwardClockTest, SaysHowFarItIsAheadUntilTheWallHasCaughtUp) {
  clock();
  EXPECT_EQ(clock.ahead(), Duration());
  wall = kNoon - Duration::minutes(10);
  clock();
  EXPECT_EQ(clock.ahead(), Duration::minutes(10));
  pass(Duration::minutes(4));
  clock();
  EXPECT_EQ(clock.ahead(), Duration::minutes(8));
  pass(Duration::minutes(16));
  clock();
  EXPECT_EQ(clock.ahead(), Duration());
}

TEST_F(ForwardClockTest, GoesOnFromWhatWasToldByTheProcessBefore) {
  ForwardClock next([this] { return wall; }, [this] { return steady; }, kNoon + Duration::hours(1));
  EXPECT_EQ(next(), kNoon + Duration::hours(1));
  pass(Duration::hours(3));
  EXPECT_EQ(next(), wall);
}

RC_GTEST_PROP(ForwardClock, NeverGoesBackAndNeverStandsStill, ()) {
  Time wall = kNoon, steady{};
  ForwardClock clock([&] { return wall; }, [&] { return steady; });
  Time told = clock();
  Duration idle{};  // since it last moved
  for (int step = *rc::gen::inRange(1, 50); step > 0; --step) {
    const Duration passed = Duration::microseconds(*rc::gen::inRange(0, 5));
    steady = steady + passed;
    wall = wall + passed + Duration::microseconds(*rc::gen::inRange(-20, 5));
    const Time now = clock();
    RC_ASSERT(now >= told);
    idle = now == told ? idle + passed : Duration{};
    RC_ASSERT(idle < Duration::microseconds(2));
    told = now;
  }
}

}  // namespace
}  // namespace hyperwright
