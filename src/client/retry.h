// When a call that failed is made again, and how often calls may be made at all (a rate that adapts
// to what a service bears: call_rate.h). Pure: time and randomness are passed in.
//
// A wait is drawn evenly from 0 to min(cap, base x 2^attempts) ("full jitter"): callers that failed
// together must not come back together. A server's Retry-After is a floor that jitter is added to.
//
// Source: AWS Architecture Blog, "Exponential Backoff And Jitter"; RFC 9110, Retry-After.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/random.h"
#include "base/time.h"

namespace hyperwright::client {

struct RetryPolicy {
  std::int32_t attempts_max = 5;  // the first one counts
  Duration base = Duration::milliseconds(200);
  Duration cap = Duration::seconds(20);
};

// Whether the same call may succeed later: Throttled and Unavailable. Not Unknown: whoever made the
// call decides whether it may be made twice.
bool is_worth_a_retry(ErrorCode code);

// Drawn evenly from 0 to `most`.
Duration drawn_up_to(Duration most, Random& random);

// The wait before the next attempt, after `attempts` of them have failed.
Duration backoff(const RetryPolicy& policy, std::int32_t attempts, Random& random);

// nullopt: do not try again.
std::optional<Duration> wait_before_retry(const RetryPolicy& policy, std::int32_t attempts,
                                          ErrorCode code, std::optional<Duration> retry_after,
                                          Random& random);

// Retry-After in seconds; its other form, a date, is read as absent. At most one hour counts.
std::optional<Duration> parse_retry_after(std::string_view text);

// What retries may cost a client in all: while a service is down, calls are still made, but not
// each of them several times. Each retry takes from a store, a call that succeeds gives back what
// its last retry took, or a little.
//
// Source: the standard retry mode of the AWS SDKs (the figures are botocore's).
class RetryQuota {
 public:
  // What it took; nullopt: too little is left, do not try again.
  std::optional<std::int32_t> take(ErrorCode code);
  // `taken` by the last retry of a call that succeeded; 0: it had none.
  void give_back(std::int32_t taken);
  [[nodiscard]] std::int32_t left() const { return left_; }

 private:
  static constexpr std::int32_t kFull = 500;
  std::int32_t left_ = kFull;
};

// Lets `rate_per_second` calls through on average, and `burst` at once after a rest.
class TokenBucket {
 public:
  TokenBucket(std::int64_t rate_per_second, std::int64_t burst);

  // Takes a token, and says how long the caller must wait before it uses it. Calls that wait have
  // their place in line: each takes the next free moment.
  Duration take(Time now);

 private:
  Duration per_token_;
  Duration full_;  // how far behind `now` the line may start: burst tokens
  Time next_;      // when the next token is free
};

}  // namespace hyperwright::client
