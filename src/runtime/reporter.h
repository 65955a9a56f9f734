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

 private:
  const Log& log_;
  Metrics& metrics_;
  Time gauges_read_at_;
};

// The fields by which an effect is told apart in the log: "NodeClaim", "Node", "Pod",
// "instance-type", ...
std::vector<LogField> log_fields(const state::Effect& effect);

}  // namespace hyperwright::runtime
