#include "disruption/window.h"

#include <algorithm>

namespace hyperwright::disruption {

Time Window::next_change(Time now) const {
  const Time opens = schedule.next_after(now);
  if (!is_open(now)) return opens;
  const Time closes = schedule.next_after(now - duration) + duration;
  return std::min(opens, closes);
}

}  // namespace hyperwright::disruption
