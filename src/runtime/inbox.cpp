#include "runtime/inbox.h"

#include <algorithm>
#include <iterator>

namespace hyperwright::runtime {

void Inbox::put(state::Event event) {
  // Told under the lock: who takes the last event that it waits for may be gone right afterwards,
  // and the inbox with it.
  const std::lock_guard lock(mutex_);
  events_.push_back(std::move(event));
  filled_.notify_one();
}

std::vector<state::Event> Inbox::take(Duration longest) {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return closed_ || !events_.empty(); };
  // A wait of years overflows some clocks; the caller asks again anyhow.
  const Duration wait = std::clamp(longest, Duration{}, Duration::minutes(1));
  filled_.wait_for(lock, std::chrono::microseconds(wait.in_microseconds()), ready);
  const auto end =
      events_.begin() + static_cast<std::ptrdiff_t>(std::min(events_.size(), kEventsPerTurn));
  std::vector<state::Event> taken(std::make_move_iterator(events_.begin()),
                                  std::make_move_iterator(end));
  events_.erase(events_.begin(), end);
  return taken;
}

void Inbox::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  filled_.notify_all();
}

bool Inbox::is_closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::size_t Inbox::size() const {
  const std::lock_guard lock(mutex_);
  return events_.size();
}

}  // namespace hyperwright::runtime
