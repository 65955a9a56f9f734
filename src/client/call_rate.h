// How often calls go to one service. Up to a rate of our own, and below it what the service bears:
// where it throttles, the rate falls to seven tenths of what was sent, and grows back along a cubic
// curve that is flat around the rate at which it was throttled, and steep far from it.
//
// Pure: time is passed in. It is one of the few places with floating point; nothing is decided here
// but how long a call waits.
//
// Source: RFC 8312 (CUBIC); the adaptive retry mode of the AWS SDKs.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace hyperwright::client {

class CallRate {
 public:
  // `burst` calls may go at once after a rest, while nothing was throttled lately.
  CallRate(std::int64_t most_per_second, std::int64_t burst);

  // Takes a place in the line, and says how long the caller must wait for it.
  Duration take(Time now);
  // An answer came that was no throttling; one that was.
  void passed(Time now);
  void throttled(Time now);

  [[nodiscard]] double per_second() const { return rate_; }

 private:
  void measure(Time now);

  const double most_;
  const double burst_;
  double rate_;
  Time next_;  // when the next place is free
  bool is_slowed_ = false;
  double rate_at_throttling_ = 0;
  Time throttled_at_;
  // Answers a second, over half-seconds, the newer ones counting more.
  double measured_ = 0;
  std::int64_t answers_ = 0;
  std::int64_t half_second_ = 0;
};

}  // namespace hyperwright::client
