// Runs a loop in real time: waits for events or the next wake, takes a turn, carries its effects
// out, until the inbox is closed. The thread that calls run() is the core's one thread.
#pragma once

#include <functional>

#include "runtime/effector.h"
#include "runtime/inbox.h"
#include "runtime/loop.h"
#include "runtime/reporter.h"

namespace hyperwright::runtime {

class Journal;

struct Runner {
  Loop& loop;
  Inbox& inbox;
  Effector& effector;
  Reporter& reporter;
  // Now. A clock that may be set back goes through a ForwardClock first: the loop's time never goes
  // back, and what waits for a time that is far ahead of the clock waits as long.
  std::function<Time()> clock;
  // After each turn: readiness and the like.
  std::function<void(const Loop&)> after_turn;
  // Every turn is written there before its effects go out; nullptr: nowhere.
  Journal* journal = nullptr;

  void run();
};

}  // namespace hyperwright::runtime
