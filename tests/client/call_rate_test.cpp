#include "client/call_rate.h"

#include <gtest/gtest.h>

namespace hyperwright::client {
namespace {

constexpr Time kStart = Time::from_unix_seconds(1'700'000'000);

// Sends and is answered `per_second` times a second for a while.
Time steady(CallRate& rate, Time now, std::int64_t per_second, std::int64_t seconds) {
  for (std::int64_t i = 0; i < per_second * seconds; ++i) {
    now = now + Duration::microseconds(1'000'000 / per_second);
    rate.passed(now);
  }
  return now;
}

TEST(CallRate, LetsABurstThroughAndThenItsRate) {
  CallRate rate(10, 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(rate.take(kStart), Duration());
  EXPECT_EQ(rate.take(kStart), Duration::milliseconds(100));
  EXPECT_EQ(rate.take(kStart), Duration::milliseconds(200));
  EXPECT_EQ(rate.take(kStart + Duration::seconds(60)), Duration());
}

TEST(CallRate, FallsToSevenTenthsOfWhatWasSentWhereItWasThrottled) {
  CallRate rate(10, 20);
  const Time now = steady(rate, kStart, 8, 20);
  rate.throttled(now);
  EXPECT_NEAR(rate.per_second(), 5.6, 0.6);
}

TEST(CallRate, FallsAlsoWhereLittleWasSent) {
  CallRate rate(10, 20);
  const Time now = steady(rate, kStart, 1, 20);
  rate.throttled(now);
  EXPECT_NEAR(rate.per_second(), 0.7, 0.1);
}

TEST(CallRate, FallsFromItsMostWhereNothingWasMeasuredYet) {
  CallRate rate(10, 20);
  rate.throttled(kStart);
  EXPECT_EQ(rate.per_second(), 7);
}

TEST(CallRate, ThrottlingTakesTheBurst) {
  CallRate rate(10, 20);
  const Time now = steady(rate, kStart, 8, 20);
  rate.throttled(now);
  rate.take(now);
  EXPECT_GT(rate.take(now), Duration::milliseconds(100));
}

TEST(CallRate, GrowsBackFlatAtFirstAndNeverAboveItsMost) {
  CallRate rate(10, 20);
  Time now = steady(rate, kStart, 8, 20);
  rate.throttled(now);
  const double fallen = rate.per_second();
  double before = fallen;
  for (int i = 0; i < 60; ++i) {
    now = now + Duration::milliseconds(500);
    rate.passed(now);
    EXPECT_GE(rate.per_second(), before - 0.001);
    EXPECT_LE(rate.per_second(), 10);
    before = rate.per_second();
  }
  EXPECT_EQ(rate.per_second(), 10);
}

TEST(CallRate, FallsAgainUntilTheServiceBearsIt) {
  CallRate rate(10, 20);
  Time now = steady(rate, kStart, 8, 20);
  for (int i = 0; i < 50; ++i) {
    now = now + Duration::milliseconds(600);
    rate.throttled(now);
  }
  EXPECT_LE(rate.per_second(), 1.2);
  EXPECT_GE(rate.per_second(), 0.5);
}

}  // namespace
}  // namespace hyperwright::client
