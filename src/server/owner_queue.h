// Hands tasks from the servers' threads to the one thread that owns a model.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

namespace hyperwright::server {

class OwnerQueue {
 public:
  // Any thread.
  void post(std::function<void()> task);
  // Any thread: the owner's wait ends, now and from now on.
  void stop();
  // The owner: waits until there are tasks, the queue is stopped, or `until` has come; then runs
  // the tasks. Returns how many were run.
  std::size_t run_until(std::chrono::steady_clock::time_point until,
                        const std::function<void()>& before_first);
  [[nodiscard]] bool is_stopped() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::vector<std::function<void()>> tasks_;
  bool stopped_ = false;
};

}  // namespace hyperwright::server
