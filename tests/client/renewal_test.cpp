#include "client/renewal.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hyperwright::client {
namespace {

constexpr Time kNow = Time::from_unix_seconds(1'700'000'000);

RenewalTimes of_life(Duration life) {
  Random random(7);
  return renewal_times(kNow, kNow + life, random);
}

TEST(Renewal, HappensAQuarterOfAnHourBeforeTheEnd) {
  const RenewalTimes times = of_life(Duration::hours(6));
  const Time end = kNow + Duration::hours(6);
  EXPECT_LE(times.early, end - Duration::minutes(15));
  EXPECT_GE(times.early, end - Duration::minutes(19));
  EXPECT_EQ(times.late, end - Duration::minutes(5));
}

TEST(Renewal, OfShortLivedKeysHappensLater) {
  const RenewalTimes times = of_life(Duration::minutes(15));
  EXPECT_GE(times.early, kNow + Duration::minutes(10));
  EXPECT_EQ(times.late, kNow + Duration::seconds(15 * 60 - 90));
}

TEST(Renewal, KeysWithoutAnEndAreNotRenewed) {
  Random random(1);
  EXPECT_EQ(renewal_times(kNow, Time::max(), random).early, Time::max());
}

RC_GTEST_PROP(Renewal, EarlyIsBeforeLateAndLateBeforeTheEnd, (std::uint32_t seconds)) {
  const Duration life = Duration::seconds(seconds % 1'000'000);
  const RenewalTimes times = of_life(life);
  RC_ASSERT(times.early >= kNow);
  RC_ASSERT(times.early <= times.late);
  RC_ASSERT(times.late <= kNow + life);
}

TEST(Renewal, FailuresWaitLongerEachTimeUpToAMinute) {
  Random random(1);
  EXPECT_LE(wait_after_failures(1, random), Duration::seconds(1));
  EXPECT_GE(wait_after_failures(1, random), Duration::milliseconds(500));
  EXPECT_GE(wait_after_failures(5, random), Duration::seconds(8));
  EXPECT_LE(wait_after_failures(1'000'000, random), Duration::minutes(1));
}

}  // namespace
}  // namespace hyperwright::client
