// The wall clock without its steps back: what comes out never goes back and never stands still. A
// wall clock that is set back by an hour would stop every timer for an hour, or, if it were
// followed, run them all a second time. So while this clock is ahead of the wall's it goes at half
// the pace, until the wall has caught up. A step forward is followed at once.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>

#include "base/time.h"

namespace hyperwright {

class ForwardClock {
 public:
  // `wall` is the time of day; `steady` counts from anywhere, and nobody sets it. `not_before`:
  // what was told already, by a process before this one.
  ForwardClock(std::function<Time()> wall, std::function<Time()> steady, Time not_before = {})
      : wall_(std::move(wall)),
        steady_(std::move(steady)),
        told_(std::max(wall_(), not_before)),
        steady_when_told_(steady_()) {}

  Time operator()() {
    const Time steady = steady_();
    const Duration half = (steady - steady_when_told_) / 2;
    const Time wall = wall_();
    told_ = std::max(wall, told_ + half);
    ahead_ = told_ - wall;
    steady_when_told_ =
        steady_when_told_ + half * 2;  // an odd microsecond is left for the next one
    return told_;
  }

  // How far what was told last was ahead of the wall clock; zero: not at all.
  [[nodiscard]] Duration ahead() const { return ahead_; }

 private:
  std::function<Time()> wall_;
  std::function<Time()> steady_;
  Time told_;
  Time steady_when_told_;
  Duration ahead_;
};

}  // namespace hyperwright
