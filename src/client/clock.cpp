#include "client/clock.h"

#include <chrono>

namespace hyperwright::client {
namespace {

template <typename Clock>
Time now_by() {
  return Time::from_unix_microseconds(
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch())
          .count());
}

}  // namespace

Time wall_now() { return now_by<std::chrono::system_clock>(); }
Time steady_now() { return now_by<std::chrono::steady_clock>(); }

}  // namespace hyperwright::client
