#include "client/retry.h"

#include <algorithm>

#include "base/number.h"

namespace hyperwright::client {
namespace {

// A server that asks for a longer pause is not obeyed to the letter: the loop decides anew long
// before.
constexpr Duration kRetryAfterMax = Duration::hours(1);

}  // namespace

Duration drawn_up_to(Duration most, Random& random) {
  if (most <= Duration()) return {};
  const auto bound = static_cast<std::uint64_t>(most.in_microseconds()) + 1;
  return Duration::microseconds(static_cast<std::int64_t>(random.below(bound)));
}

bool is_worth_a_retry(ErrorCode code) {
  return code == ErrorCode::Throttled || code == ErrorCode::Unavailable;
}

Duration backoff(const RetryPolicy& policy, std::int32_t attempts, Random& random) {
  Duration most = std::min(policy.base, policy.cap);
  for (std::int32_t i = 1; i < attempts && most < policy.cap; ++i) {
    most = most > policy.cap / 2 ? policy.cap : most * 2;
  }
  return drawn_up_to(most, random);
}

std::optional<Duration> wait_before_retry(const RetryPolicy& policy, std::int32_t attempts,
                                          ErrorCode code, std::optional<Duration> retry_after,
                                          Random& random) {
  if (!is_worth_a_retry(code) || attempts >= policy.attempts_max) return std::nullopt;
  return retry_after.value_or(Duration()) + backoff(policy, attempts, random);
}

std::optional<Duration> parse_retry_after(std::string_view text) {
  const auto seconds = parse_int64(text);
  if (!seconds || *seconds < 0) return std::nullopt;
  return Duration::seconds(std::min(*seconds, kRetryAfterMax.in_seconds()));
}

std::optional<std::int32_t> RetryQuota::take(ErrorCode code) {
  constexpr std::int32_t kThrottled = 5;
  constexpr std::int32_t kOther = 14;
  const std::int32_t cost = code == ErrorCode::Throttled ? kThrottled : kOther;
  if (cost > left_) return std::nullopt;
  left_ -= cost;
  return cost;
}

void RetryQuota::give_back(std::int32_t taken) {
  left_ = std::min(kFull, left_ + std::max(taken, 1));
}

TokenBucket::TokenBucket(std::int64_t rate_per_second, std::int64_t burst)
    : per_token_(Duration::seconds(1) / rate_per_second), full_(per_token_ * (burst - 1)) {
  check(rate_per_second > 0 && burst > 0, "a token bucket has a rate and a burst");
}

Duration TokenBucket::take(Time now) {
  next_ = std::max(next_, now - full_);
  const Duration wait = std::max(Duration(), next_ - now);
  next_ = next_ + per_token_;
  return wait;
}

}  // namespace hyperwright::client
