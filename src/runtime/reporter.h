// Tells what the loop did: a log line for each effect and each failure, and the metrics. The core
// neither logs nor counts; it gives each effect its reason as data.
#pragma once

#include <span>

#include "runtime/log.h"
#include "runtime/loop.h"
#include "runtime/metrics.h"

namespace hyperwright::runtime {

class Reporter {
 public:
  Reporter(const Log& log, Metrics& metrics) : log_(log), metrics_(metrics) {}
  // Before a turn folds them: the answers among `events`, while what they answer is still in the
  // picture.
  void before_turn(const Loop& loop, std::span<const state::Event> events, Time now);
  void after_turn(const Loop& loop, std::span<const state::Effect> effects, std::size_t events,
                  Duration spent, Time now);

  // How far the loop's time is ahead of the wall clock (base/forward_clock.h). A clock that was set
  // back is told once each time, and that it has caught up once.
  void note_clock(Duration ahead);

  // When the gauges have to be read if no turn comes before: they are behind the last turn, or the
  // picture is not complete, and the time since when grows. Time::max(): they say what is so.
  [[nodiscard]] Time gauges_due() const;
  void read_gauges(const Loop& loop, Time now);

 private:
  const Log& log_;
  Metrics& metrics_;
  Time gauges_read_at_;
  bool are_gauges_behind_ = false;
  Duration ahead_least_;  // since a step back was told last
  bool is_ahead_told_ = false;
};

// The fields by which an effect is told apart in the log: "NodeClaim", "Node", "Pod",
// "instance-type", ...
std::vector<LogField> log_fields(const state::Effect& effect);

}  // namespace hyperwright::runtime
