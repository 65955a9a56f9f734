#include "client/retry.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hyperwright::client {
namespace {

constexpr RetryPolicy kPolicy{
    .attempts_max = 4, .base = Duration::milliseconds(100), .cap = Duration::milliseconds(300)};

std::optional<Duration> wait(ErrorCode code, std::int32_t attempts,
                             std::optional<Duration> retry_after = {}) {
  Random random(1);
  return wait_before_retry(kPolicy, attempts, code, retry_after, random);
}

Duration longest_wait(std::int32_t attempts) {
  Random random(1);
  Duration longest;
  for (int i = 0; i < 2000; ++i) longest = std::max(longest, backoff(kPolicy, attempts, random));
  return longest;
}

TEST(Retry, OnlyWhatMayHealIsTriedAgain) {
  for (const auto code : {ErrorCode::Throttled, ErrorCode::Unavailable}) EXPECT_TRUE(wait(code, 1));
  for (const auto code :
       {ErrorCode::Invalid, ErrorCode::NotFound, ErrorCode::AlreadyExists, ErrorCode::Conflict,
        ErrorCode::Forbidden, ErrorCode::Unknown, ErrorCode::Internal}) {
    EXPECT_FALSE(wait(code, 1)) << to_string(code);
  }
}

TEST(Retry, EndsWhenTheAttemptsAreUsedUp) {
  EXPECT_TRUE(wait(ErrorCode::Throttled, 3));
  EXPECT_FALSE(wait(ErrorCode::Throttled, 4));
}

TEST(Retry, TheLongestWaitDoublesUpToTheCap) {
  const auto about = [](Duration wait, std::int64_t ms) {
    return wait <= Duration::milliseconds(ms) && wait > Duration::milliseconds(ms * 95 / 100);
  };
  EXPECT_TRUE(about(longest_wait(1), 100));
  EXPECT_TRUE(about(longest_wait(2), 200));
  EXPECT_TRUE(about(longest_wait(3), 300));
  EXPECT_TRUE(about(longest_wait(1000), 300));
}

TEST(Retry, ARetryAfterIsAFloor) {
  const auto floor = Duration::seconds(5);
  const auto waited = wait(ErrorCode::Throttled, 1, floor);
  ASSERT_TRUE(waited);
  EXPECT_GE(*waited, floor);
  EXPECT_LE(*waited, floor + kPolicy.base);
}

TEST(Retry, RetryAfterIsReadInSecondsUpToAnHour) {
  EXPECT_EQ(parse_retry_after("0"), Duration());
  EXPECT_EQ(parse_retry_after("7"), Duration::seconds(7));
  EXPECT_EQ(parse_retry_after("999999"), Duration::hours(1));
  for (const char* text : {"", "-1", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"}) {
    EXPECT_FALSE(parse_retry_after(text)) << text;
  }
}

TEST(TokenBucket, LetsABurstThroughAndThenTheRate) {
  TokenBucket bucket(10, 3);
  const Time now = Time::from_unix_seconds(1000);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bucket.take(now), Duration());
  EXPECT_EQ(bucket.take(now), Duration::milliseconds(100));
  EXPECT_EQ(bucket.take(now), Duration::milliseconds(200));
  EXPECT_EQ(bucket.take(now + Duration::milliseconds(250)), Duration::milliseconds(50));
}

TEST(TokenBucket, ARestFillsItUpToTheBurstOnly) {
  TokenBucket bucket(10, 3);
  const Time now = Time::from_unix_seconds(1000);
  bucket.take(now);
  const Time later = now + Duration::hours(1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bucket.take(later), Duration());
  EXPECT_GT(bucket.take(later), Duration());
}

RC_GTEST_PROP(TokenBucket, NeverLetsMoreThroughThanBurstAndRate,
              (const std::vector<std::uint16_t>& pauses_ms)) {
  TokenBucket bucket(10, 5);
  const Time start = Time::from_unix_seconds(1);
  Time now = start;
  std::int64_t calls = 0;
  for (const auto pause : pauses_ms) {
    now = now + Duration::milliseconds(pause);
    const Time used = now + bucket.take(now);
    ++calls;
    RC_ASSERT(calls <= 5 + (used - start).in_milliseconds() / 100);
  }
}

TEST(RetryQuota, IsUsedUpByRetriesAndFilledBySuccess) {
  RetryQuota quota;
  std::int32_t taken = 0;
  int retries = 0;
  while (const auto cost = quota.take(ErrorCode::Unavailable)) {
    taken = *cost;
    ++retries;
  }
  EXPECT_EQ(retries, 500 / 14);
  quota.give_back(taken);
  EXPECT_TRUE(quota.take(ErrorCode::Unavailable));
  EXPECT_FALSE(quota.take(ErrorCode::Unavailable));
}

TEST(RetryQuota, ThrottlingCostsLessAndACallWithoutRetriesGivesALittle) {
  RetryQuota quota;
  ASSERT_TRUE(quota.take(ErrorCode::Throttled));
  EXPECT_EQ(quota.left(), 495);
  quota.give_back(0);
  EXPECT_EQ(quota.left(), 496);
  for (int i = 0; i < 100; ++i) quota.give_back(14);
  EXPECT_EQ(quota.left(), 500);
}

}  // namespace
}  // namespace hyperwright::client
