#include "server/owner_queue.h"

#include <utility>

namespace hyperwright::server {

void OwnerQueue::post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  filled_.notify_one();
}

void OwnerQueue::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  filled_.notify_all();
}

std::size_t OwnerQueue::run_until(std::chrono::steady_clock::time_point until,
                                  const std::function<void()>& before_first) {
  std::vector<std::function<void()>> tasks;
  {
    std::unique_lock lock(mutex_);
    filled_.wait_until(lock, until, [this] { return stopped_ || !tasks_.empty(); });
    tasks = std::exchange(tasks_, {});
  }
  if (!tasks.empty()) before_first();
  for (const auto& task : tasks) task();
  return tasks.size();
}

bool OwnerQueue::is_stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

}  // namespace hyperwright::server
