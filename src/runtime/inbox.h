// The one queue into the loop's thread. Watches, answers and signals put events in from their
// threads.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "base/time.h"
#include "state/event.h"

namespace hyperwright::runtime {

// A flood of events must not hold a turn up.
inline constexpr std::size_t kEventsPerTurn = 500;

class Inbox {
 public:
  void put(state::Event event);
  // Waits until there is something, the inbox is closed, or `longest` has passed; takes what there
  // is, at most a turn's worth.
  std::vector<state::Event> take(Duration longest);
  // Wakes the reader for good: the process is about to end.
  void close();
  [[nodiscard]] bool is_closed() const;
  [[nodiscard]] std::size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<state::Event> events_;
  bool closed_ = false;
};

}  // namespace hyperwright::runtime
