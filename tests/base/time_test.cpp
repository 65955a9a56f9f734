#include "base/time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hyperwright {
namespace {

TEST(Time, ReadsAndWritesRfc3339) {
  EXPECT_EQ(format_time(parse_time("2026-11-24T12:31:29Z").value()), "2026-11-24T12:31:29Z");
  EXPECT_EQ(format_micro_time(parse_time("2024-02-29T23:59:59.123456Z").value()),
            "2024-02-29T23:59:59.123456Z");
  EXPECT_EQ(format_time(parse_time("2026-01-01T00:30:00+01:00").value()), "2025-12-31T23:30:00Z");
  EXPECT_EQ(parse_time("1970-01-02T00:00:00Z").value().unix_seconds(), 86'400);
}

TEST(Time, WhatIsNoTimeFails) {
  for (const char* text :
       {"", "2026-11-24", "2026-13-01T00:00:00Z", "2026-11-24T12:31:29", "2026-11-24T12:31:29Zx"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

RC_GTEST_PROP(Time, WrittenAndReadIsTheSame, ()) {
  const Time time = Time::from_unix_microseconds(
      *rc::gen::inRange<std::int64_t>(-1'000'000'000'000'000, 4'000'000'000'000'000));
  RC_ASSERT(parse_time(format_micro_time(time)).value() == time);
}

TEST(Duration, ReadsGoDurations) {
  EXPECT_EQ(parse_duration("1h30m").value(), Duration::minutes(90));
  EXPECT_EQ(parse_duration("500ms").value(), Duration::milliseconds(500));
  EXPECT_EQ(parse_duration("1.5h").value(), Duration::minutes(90));
  EXPECT_EQ(parse_duration("0").value(), Duration{});
  EXPECT_EQ(parse_duration("-2s").value(), Duration::seconds(-2));
  for (const char* text : {"", "5", "1hr", "h", "1d", ".s"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Duration, WritesAsGoDoes) {
  EXPECT_EQ(format_duration(Duration::minutes(90)), "1h30m0s");
  EXPECT_EQ(format_duration(Duration::milliseconds(1500)), "1.5s");
  EXPECT_EQ(format_duration(Duration::milliseconds(20)), "20ms");
  EXPECT_EQ(format_duration(Duration{}), "0s");
}

TEST(Duration, AgesAreKubectls) {
  EXPECT_EQ(format_age(Duration::seconds(119)), "119s");
  EXPECT_EQ(format_age(Duration::seconds(200)), "3m20s");
  EXPECT_EQ(format_age(Duration::minutes(65)), "65m");
  EXPECT_EQ(format_age(Duration::hours(5)), "5h");
  EXPECT_EQ(format_age(Duration::hours(50)), "2d2h");
}

}  // namespace
}  // namespace hyperwright
