#include "runtime/runner.h"

#include <algorithm>

#include "runtime/journal.h"

namespace hyperwright::runtime {

void Runner::run() {
  Time now = clock();
  while (!inbox.is_closed()) {
    const Time wake = loop.next_wake();
    const Time next = std::min(wake, reporter.gauges_due());
    const Duration longest = next == Time::max() ? Duration::minutes(1) : next - clock();
    const std::vector<state::Event> events = inbox.take(longest);
    now = std::max(now, clock());
    if (events.empty() && now < wake && now >= reporter.gauges_due()) {
      reporter.read_gauges(loop, now);
      continue;
    }
    const Time begun = clock();
    reporter.before_turn(loop, events, now);
    if (journal != nullptr) journal->before_turn(loop, events, now);
    const std::vector<state::Effect> effects = loop.turn(events, now);
    if (journal != nullptr) journal->after_turn(loop, effects);
    reporter.after_turn(loop, effects, events.size(), clock() - begun, now);
    for (const state::Effect& effect : effects) {
      if (state::is_answered(effect.action)) effector.carry_out(effect);
    }
    if (after_turn) after_turn(loop);
  }
}

}  // namespace hyperwright::runtime
