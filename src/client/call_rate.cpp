#include "client/call_rate.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace hyperwright::client {
namespace {

constexpr double kLeastPerSecond = 0.5;
constexpr double kFall = 0.7;
constexpr double kGrowth = 0.4;
constexpr double kSmoothing = 0.8;
constexpr std::int64_t kHalfSecond = 500'000;

Duration seconds(double count) {
  return Duration::microseconds(static_cast<std::int64_t>(count * 1e6));
}

}  // namespace

CallRate::CallRate(std::int64_t most_per_second, std::int64_t burst)
    : most_(static_cast<double>(most_per_second)),
      burst_(static_cast<double>(burst)),
      rate_(most_) {
  check(most_per_second > 0 && burst > 0, "a rate of calls and its burst are above zero");
}

Duration CallRate::take(Time now) {
  const double burst = is_slowed_ ? std::clamp(rate_, 1.0, burst_) : burst_;
  const Duration place = seconds(1 / rate_);
  next_ = std::max(next_, now - seconds((burst - 1) / rate_));
  const Duration wait = std::max(Duration(), next_ - now);
  next_ = next_ + place;
  return wait;
}

void CallRate::passed(Time now) {
  measure(now);
  if (!is_slowed_) return;
  const double since = static_cast<double>((now - throttled_at_).in_microseconds()) / 1e6;
  const double flat_at = std::cbrt(rate_at_throttling_ * (1 - kFall) / kGrowth);
  const double grown = kGrowth * std::pow(since - flat_at, 3) + rate_at_throttling_;
  rate_ = std::clamp(grown, kLeastPerSecond, most_);
  is_slowed_ = rate_ < most_;
}

void CallRate::throttled(Time now) {
  measure(now);
  // What was sent, not what would have been allowed: others share the account's limit with us. As
  // long as nothing was measured, what was allowed.
  const double sent = measured_ > 0 ? measured_ : rate_;
  rate_at_throttling_ = std::clamp(sent, std::min(1.0, rate_), rate_);
  throttled_at_ = now;
  is_slowed_ = true;
  rate_ = std::max(kLeastPerSecond, rate_at_throttling_ * kFall);
  next_ = std::max(next_, now);  // what was saved up for a burst is gone
}

void CallRate::measure(Time now) {
  const std::int64_t half_second = now.unix_microseconds() / kHalfSecond;
  if (half_second_ == 0) half_second_ = half_second;
  ++answers_;
  if (half_second <= half_second_) return;
  const double rate =
      static_cast<double>(answers_) / (0.5 * static_cast<double>(half_second - half_second_));
  measured_ = rate * kSmoothing + measured_ * (1 - kSmoothing);
  answers_ = 0;
  half_second_ = half_second;
}

}  // namespace hyperwright::client
