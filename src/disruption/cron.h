// Cron schedules of disruption budgets: minute, hour, day of month, month, day of week, in UTC.
//
//   0 9 * * mon-fri     every working day at 09:00
//   */15 8-17 1,15 * *  every quarter of an hour from 08:00 to 17:45, on the 1st and the 15th
//   @daily              @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly
//
// Where both day fields are restricted, either of them suffices, as in cron: "0 0 1 * mon" is every
// Monday and every first. A step makes a star a restriction. Sunday is 0; 7 and descending ranges
// are errors.
//
// Source: robfig/cron v3 standard parser, which Karpenter uses; crontab(5).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace hyperwright::disruption {

class Cron {
 public:
  // Fails with Invalid: names the field and what is wrong with it.
  static Result<Cron> parse(std::string_view text);
  // The first time after `time` that the schedule hits; Time::max() if it never does (February 30).
  [[nodiscard]] Time next_after(Time time) const;

 private:
  [[nodiscard]] bool is_on_day(std::int64_t days_since_1970) const;

  // One bit a value.
  std::uint64_t minutes_ = 0;
  std::uint64_t hours_ = 0;
  std::uint64_t month_days_ = 0;
  std::uint64_t months_ = 0;
  std::uint64_t week_days_ = 0;
  bool any_month_day_ = false;
  bool any_week_day_ = false;
};

}  // namespace hyperwright::disruption
