#include "client/stop.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"

namespace hyperwright::client {

Stop::Stop() : descriptor_(::eventfd(0, EFD_CLOEXEC)) {
  check(descriptor_ >= 0, "the system gives an event descriptor");
}

Stop::~Stop() { ::close(descriptor_); }

void Stop::stop() {
  stopped_.store(true);
  ::eventfd_write(descriptor_, 1);
}

bool Stop::pause(Duration duration) const {
  pollfd wait{descriptor_, POLLIN, 0};
  const auto milliseconds = static_cast<int>((duration.in_microseconds() + 999) / 1000);
  return ::poll(&wait, 1, milliseconds) <= 0 && !is_stopped();
}

}  // namespace hyperwright::client
