// Tells work that may wait for long that it is time to end.
#pragma once

#include <atomic>

#include "base/time.h"

namespace hyperwright::client {

class Stop {
 public:
  Stop();
  ~Stop();
  Stop(const Stop&) = delete;
  Stop& operator=(const Stop&) = delete;

  void stop();
  [[nodiscard]] bool is_stopped() const { return stopped_.load(); }
  // Readable once it is stopped.
  [[nodiscard]] int descriptor() const { return descriptor_; }
  // Waits. False: it is stopped.
  [[nodiscard]] bool pause(Duration duration) const;

 private:
  std::atomic<bool> stopped_ = false;
  int descriptor_;
};

}  // namespace hyperwright::client
