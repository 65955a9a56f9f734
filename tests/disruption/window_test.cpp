#include "disruption/window.h"

#include <gtest/gtest.h>

namespace hyperwright::disruption {
namespace {

Window window(const char* schedule, const char* duration) {
  return {Cron::parse(schedule).value(), parse_duration(duration).value()};
}
Time at(const char* text) { return parse_time(text).value(); }

TEST(Window, IsOpenFromTheHitUntilTheDurationIsOver) {
  const Window nightly = window("0 22 * * *", "8h");
  EXPECT_FALSE(nightly.is_open(at("2026-11-24T21:59:59Z")));
  EXPECT_TRUE(nightly.is_open(at("2026-11-24T22:00:00Z")));
  EXPECT_TRUE(nightly.is_open(at("2026-11-25T05:59:59Z")));
  EXPECT_FALSE(nightly.is_open(at("2026-11-25T06:00:00Z")));
}

TEST(Window, LongerThanItsPeriodIsAlwaysOpen) {
  const Window hourly = window("@hourly", "61m");
  for (const char* time : {"2026-11-24T21:00:00Z", "2026-11-24T21:30:00Z", "2026-11-24T21:59:59Z"})
    EXPECT_TRUE(hourly.is_open(at(time)));
}

TEST(Window, NextChangeIsWhereItOpensOrCloses) {
  const Window nightly = window("0 22 * * *", "8h");
  EXPECT_EQ(nightly.next_change(at("2026-11-24T12:00:00Z")), at("2026-11-24T22:00:00Z"));
  EXPECT_EQ(nightly.next_change(at("2026-11-24T22:00:00Z")), at("2026-11-25T06:00:00Z"));
}

}  // namespace
}  // namespace hyperwright::disruption
