#include "runtime/leadership.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace hyperwright::runtime {
namespace {

constexpr Time kStart = Time::from_unix_seconds(1'790'000'000);

LeaseRecord held_by(std::string holder, std::string version) {
  return {.holder = std::move(holder),
          .duration = Duration::seconds(15),
          .acquired = kStart,
          .renewed = kStart,
          .transitions = 3,
          .resource_version = std::move(version)};
}

TEST(Leadership, AFreeLeaseIsTaken) {
  Leadership leadership("me", {});
  const auto wanted = leadership.want(std::nullopt, kStart);
  ASSERT_TRUE(wanted);
  EXPECT_EQ(wanted->holder, "me");
  EXPECT_FALSE(leadership.is_leader(kStart));
  leadership.renewed(*wanted, kStart);
  EXPECT_TRUE(leadership.is_leader(kStart));
}

TEST(Leadership, ALeaseThatSomebodyRenewsIsLeftAlone) {
  Leadership leadership("me", {});
  for (int i = 0; i < 100; ++i) {
    const Time now = kStart + Duration::seconds(2) * i;
    EXPECT_FALSE(leadership.want(held_by("other", std::to_string(i)), now)) << i;
  }
  EXPECT_EQ(leadership.holder_seen(), "other");
}

TEST(Leadership, ALeaseIsExpiredWhenItDidNotChangeForItsDurationByOurOwnClock) {
  Leadership leadership("me", {});
  // The holder's clock is a day ahead: what it wrote says nothing.
  LeaseRecord lease = held_by("other", "1");
  lease.renewed = kStart + Duration::hours(24);
  EXPECT_FALSE(leadership.want(lease, kStart));
  EXPECT_FALSE(leadership.want(lease, kStart + Duration::seconds(14)));
  const auto wanted = leadership.want(lease, kStart + Duration::seconds(15));
  ASSERT_TRUE(wanted);
  EXPECT_EQ(wanted->transitions, 4);
  EXPECT_EQ(wanted->resource_version, "1") << "somebody else's write must win over ours";
}

TEST(Leadership, WhoCannotRenewStopsBeforeAnybodyElseMayStart) {
  const LeaseTimings timings;
  Leadership leadership("me", timings);
  leadership.renewed(held_by("me", "1"), kStart);
  EXPECT_TRUE(leadership.is_leader(kStart + timings.renew_deadline - Duration::milliseconds(1)));
  EXPECT_FALSE(leadership.is_leader(kStart + timings.renew_deadline));
  EXPECT_LT(timings.renew_deadline, timings.duration);
}

TEST(Leadership, NoCallAndNoRestOfALeaderLastsBeyondItsTime) {
  const Duration four = Duration::seconds(4);
  Leadership leadership("me", {.renew_deadline = Duration::seconds(10)});
  EXPECT_EQ(leadership.patience(four, kStart), four) << "who does not lead may take its time";
  leadership.renewed(held_by("me", "1"), kStart);
  EXPECT_EQ(leadership.patience(four, kStart + Duration::seconds(6)), four);
  EXPECT_EQ(leadership.patience(four, kStart + Duration::seconds(9)), Duration::seconds(1));
  EXPECT_EQ(leadership.patience(four, kStart + Duration::seconds(11)), four);
}

TEST(Leadership, ALeaseThatNamesSomebodyElseIsLost) {
  Leadership leadership("me", {});
  leadership.renewed(held_by("me", "1"), kStart);
  EXPECT_FALSE(leadership.want(held_by("other", "2"), kStart + Duration::seconds(1)));
  EXPECT_FALSE(leadership.is_leader(kStart + Duration::seconds(1)));
}

TEST(Leadership, AReleasedLeaseIsTakenAtOnce) {
  Leadership mine("me", {}), other("other", {});
  mine.renewed(held_by("me", "1"), kStart);
  auto released = mine.release(held_by("me", "1"), kStart);
  ASSERT_TRUE(released);
  EXPECT_FALSE(mine.is_leader(kStart));
  released->resource_version = "2";
  EXPECT_TRUE(other.want(released, kStart));
  EXPECT_FALSE(mine.release(held_by("other", "3"), kStart)) << "what is not ours is not given up";
}

TEST(Leadership, ALeaseIsReadAsItIsWritten) {
  const LeaseRecord record = held_by("me", "42");
  EXPECT_EQ(decode_lease(encode_lease(record, "kube-system", "hyperwright")).value(), record);
  EXPECT_FALSE(decode_lease(boost::json::value(3)));
}

}  // namespace
}  // namespace hyperwright::runtime
