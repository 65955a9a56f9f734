// Runs a loop in real time: waits for events or the next wake, takes a turn, carries its effects
// out, until the inbox is closed. The thread that calls run() is the core's one thread.
#pragma once

#include <functional>

#include "runtime/effector.h"
#include "runtime/inbox.h"
#include "runtime/loop.h"
#include "runtime/reporter.h"

namespace hyperwright::runtime {

struct Runner {
  Loop& loop;
  Inbox& inbox;
  Effector& effector;
  Reporter& reporter;
  // Now, by the wall clock. It may be set back; the loop's time never goes back.
  std::function<Time()> clock;
  // After each turn: readiness and the like.
  std::function<void(const Loop&)> after_turn;

  void run();
};

}  // namespace hyperwright::runtime
