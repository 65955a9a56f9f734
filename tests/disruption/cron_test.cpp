#include "disruption/cron.h"

#include <gtest/gtest.h>

namespace hyperwright::disruption {
namespace {

std::string next(const char* schedule, const char* after) {
  return format_time(Cron::parse(schedule).value().next_after(parse_time(after).value()));
}

TEST(Cron, HitsStrictlyAfterTheTime) {
  EXPECT_EQ(next("0 9 * * *", "2026-11-24T08:59:59Z"), "2026-11-24T09:00:00Z");
  EXPECT_EQ(next("0 9 * * *", "2026-11-24T09:00:00Z"), "2026-11-25T09:00:00Z");
}

TEST(Cron, ListsRangesAndSteps) {
  EXPECT_EQ(next("*/15 8-17 * * *", "2026-11-24T08:16:00Z"), "2026-11-24T08:30:00Z");
  EXPECT_EQ(next("*/15 8-17 * * *", "2026-11-24T17:45:00Z"), "2026-11-25T08:00:00Z");
  EXPECT_EQ(next("5/20 0 * * *", "2026-11-24T00:06:00Z"), "2026-11-24T00:25:00Z");
  EXPECT_EQ(next("0 0 1,15 * *", "2026-11-02T00:00:00Z"), "2026-11-15T00:00:00Z");
}

TEST(Cron, NamesOfMonthsAndDaysInAnyCase) {
  EXPECT_EQ(next("0 9 * * MON-fri", "2026-11-27T10:00:00Z"),
            "2026-11-30T09:00:00Z");  // a Friday, then Monday
  EXPECT_EQ(next("0 0 1 Jan *", "2026-11-24T00:00:00Z"), "2027-01-01T00:00:00Z");
}

TEST(Cron, EitherDayFieldSufficesWhereBothAreRestricted) {
  EXPECT_EQ(next("0 0 13 * fri", "2026-11-10T00:00:00Z"), "2026-11-13T00:00:00Z");
  EXPECT_EQ(next("0 0 13 * fri", "2026-11-13T00:00:00Z"), "2026-11-20T00:00:00Z");
  EXPECT_EQ(next("0 0 13 * *", "2026-11-13T00:00:00Z"), "2026-12-13T00:00:00Z");
}

TEST(Cron, DescriptorsStandForTheirFields) {
  EXPECT_EQ(next("@hourly", "2026-11-24T08:01:00Z"), "2026-11-24T09:00:00Z");
  EXPECT_EQ(next("@daily", "2026-11-24T08:01:00Z"), "2026-11-25T00:00:00Z");
  EXPECT_EQ(next("@weekly", "2026-11-24T08:01:00Z"), "2026-11-29T00:00:00Z");
  EXPECT_EQ(next("@yearly", "2026-11-24T08:01:00Z"), "2027-01-01T00:00:00Z");
}

TEST(Cron, LeapDaysAreFoundAndImpossibleOnesAreNever) {
  EXPECT_EQ(next("0 0 29 2 *", "2026-11-24T00:00:00Z"), "2028-02-29T00:00:00Z");
  EXPECT_EQ(
      Cron::parse("0 0 30 2 *").value().next_after(parse_time("2026-11-24T00:00:00Z").value()),
      Time::max());
}

TEST(Cron, WhatCannotBeReadIsAnError) {
  for (const char* text : {"", "0 9 * *", "0 9 * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *",
                           "* * * 13 *", "* * * * 7", "0 0 * * tue-mon", "*/0 * * * *", "a * * * *",
                           "1,,2 * * * *", "1, * * * *", "@never", "-5 * * * *"}) {
    EXPECT_FALSE(Cron::parse(text)) << text;
  }
  EXPECT_NE(Cron::parse("0 0 * * tue-mon")
                .error()
                .text()
                .find("day of week \"tue-mon\" ends before it begins"),
            std::string::npos);
}

}  // namespace
}  // namespace hyperwright::disruption
