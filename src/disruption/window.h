// When a disruption budget applies: from each hit of its schedule, for its duration.
//
// Open at `now` when a hit lies in (now - duration, now]. A duration longer than the schedule's
// period is always open. All times are UTC.
//
// Source: Karpenter v1, Concepts > Disruption > NodePool Disruption Budgets, Schedule and Duration.
#pragma once

#include "base/time.h"
#include "disruption/cron.h"

namespace hyperwright::disruption {

struct Window {
  Cron schedule;
  Duration duration;
  [[nodiscard]] bool is_open(Time now) const { return schedule.next_after(now - duration) <= now; }
  // When it opens or closes next, after `now`: then allowances change without any event.
  [[nodiscard]] Time next_change(Time now) const;
};

}  // namespace hyperwright::disruption
