#include "runtime/leadership.h"

#include <algorithm>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

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

TEST(Leadership, AGivenUpLeaseIsTakenWithOneTransitionMore) {
  Leadership other("other", {});
  LeaseRecord free = held_by("", "7");
  const auto wanted = other.want(free, kStart);
  ASSERT_TRUE(wanted);
  EXPECT_EQ(wanted->transitions, 4);
  EXPECT_EQ(wanted->acquired, kStart);
  const auto renewal = other.want(held_by("other", "8"), kStart + Duration::seconds(2));
  EXPECT_EQ(renewal->transitions, 3) << "who renews changes neither";
  EXPECT_EQ(renewal->acquired, kStart);
}

// The API server's part: a write counts if it names the version that is there.
struct LeaseThere {
  std::optional<LeaseRecord> lease;
  int version = 0;

  bool write(LeaseRecord record) {
    if (record.resource_version != (lease ? lease->resource_version : "")) return false;
    record.resource_version = std::to_string(++version);
    lease = std::move(record);
    return true;
  }
};

// One of several controllers, whose clock is wrong: it began elsewhere and runs too fast or slow.
class SkewedContender {
 public:
  SkewedContender(std::string identity, Duration offset, std::int64_t permille)
      : leadership_(std::move(identity), {}), offset_(offset), permille_(permille) {}

  // One step of three: it reads and decides; its write arrives, or not; it hears of that, or not.
  void step(LeaseThere& server, Time now, bool is_lost) {
    if (step_ == 0) {
      asked_at_ = now;
      wanted_ = leadership_.want(server.lease, own(now));
      written_ = false;
    } else if (step_ == 1 && wanted_ && !is_lost) {
      written_ = server.write(*wanted_);
    } else if (step_ == 2 && written_ && !is_lost) {
      leadership_.renewed(*wanted_, own(asked_at_));
    }
    step_ = wanted_ ? (step_ + 1) % 3 : 0;
  }
  [[nodiscard]] bool leads(Time now) const { return leadership_.is_leader(own(now)); }

 private:
  [[nodiscard]] Time own(Time now) const {
    return kStart + offset_ +
           Duration::microseconds((now - kStart).in_microseconds() / 1000 * permille_);
  }

  Leadership leadership_;
  Duration offset_;
  std::int64_t permille_;
  int step_ = 0;
  Time asked_at_;
  std::optional<LeaseRecord> wanted_;
  bool written_ = false;
};

// Clocks that differ by days and run 10 % too fast or too slow, calls that take seconds, answers
// that are lost, processes that sleep for minutes: never do two of them lead together.
RC_GTEST_PROP(LeadershipProperty, NeverDoTwoLead, ()) {
  LeaseThere server;
  std::vector<SkewedContender> contenders;
  for (const char* name : {"a", "b", "c"}) {
    contenders.emplace_back(name, Duration::seconds(*rc::gen::inRange(-200'000, 200'000)),
                            *rc::gen::inRange<std::int64_t>(900, 1101));
  }
  Time now = kStart;
  bool has_led = false;
  for (int step = *rc::gen::inRange(1, 200); step > 0; --step) {
    const bool is_long = *rc::gen::inRange(0, 20) == 0;
    now = now + Duration::milliseconds(*rc::gen::inRange(0, is_long ? 60'000 : 1'500));
    contenders[*rc::gen::inRange<std::size_t>(0, 3)].step(server, now,
                                                          *rc::gen::inRange(0, 8) == 0);
    const auto leaders = std::ranges::count_if(
        contenders, [&](const SkewedContender& each) { return each.leads(now); });
    RC_ASSERT(leaders <= 1);
    has_led = has_led || leaders == 1;
  }
  RC_CLASSIFY(has_led);
}

}  // namespace
}  // namespace hyperwright::runtime
