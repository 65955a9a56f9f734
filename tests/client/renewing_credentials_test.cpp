#include "client/renewing_credentials.h"

#include <atomic>
#include <future>
#include <mutex>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::client {
namespace {

using testing::HasSubstr;

// A clock that the test moves, and searches that the test lets end one by one.
class World {
 public:
  [[nodiscard]] RenewingCredentials::Clock clock() {
    return [this] { return Time::from_unix_seconds(seconds.load()); };
  }
  // Each search takes the next outcome, and waits until there is one.
  [[nodiscard]] RenewingCredentials::Search search() {
    return [this](const Stop& stop) -> Result<ObtainedKeys> {
      ++searches;
      searches.notify_all();
      while (true) {
        {
          const std::lock_guard lock(mutex_);
          if (!outcomes_.empty()) {
            const auto outcome = outcomes_.front();
            outcomes_.erase(outcomes_.begin());
            return outcome;
          }
        }
        if (!stop.pause(Duration::milliseconds(1))) return fail(ErrorCode::Unavailable, "stopped");
      }
    };
  }
  void give(const std::string& id, std::int64_t life_seconds = 3600) {
    put(ObtainedKeys{.keys = {id, "s", "t"},
                     .expires = Time::from_unix_seconds(seconds.load() + life_seconds),
                     .source = "test"});
  }
  void give_failure(const std::string& why) { put(fail(ErrorCode::Unavailable, why)); }

  std::atomic<std::int64_t> seconds = 1'700'000'000;
  std::atomic<int> searches = 0;

 private:
  void put(Result<ObtainedKeys> outcome) {
    const std::lock_guard lock(mutex_);
    outcomes_.push_back(std::move(outcome));
  }
  std::mutex mutex_;
  std::vector<Result<ObtainedKeys>> outcomes_;
};

std::future<std::string> asked(RenewingCredentials& provider) {
  auto answer = std::make_shared<std::promise<std::string>>();
  auto future = answer->get_future();
  provider.get([answer](const Result<AwsCredentials>& keys) {
    answer->set_value(keys ? keys->access_key_id : keys.error().text());
  });
  return future;
}

bool is_there(const std::future<std::string>& future) {
  return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

// Waits until a search has told its outcome.
class Renewals {
 public:
  explicit Renewals(RenewingCredentials& provider) {
    provider.on_renewal([this](const auto&) {
      ++count_;
      count_.notify_all();
    });
  }
  void wait_for(int count) {
    for (int now = count_; now < count; now = count_) count_.wait(now);
  }

 private:
  std::atomic<int> count_ = 0;
};

TEST(RenewingCredentials, TheFirstCallsWaitForOneSearch) {
  World world;
  RenewingCredentials provider(world.search(), world.clock(), 1);
  auto one = asked(provider);
  auto other = asked(provider);
  EXPECT_FALSE(is_there(one));
  world.give("A");
  EXPECT_EQ(one.get(), "A");
  EXPECT_EQ(other.get(), "A");
  EXPECT_EQ(world.searches, 1);
  EXPECT_TRUE(is_there(asked(provider)));
}

TEST(RenewingCredentials, WhoComesDuringASearchIsServedByIt) {
  World world;
  {
    RenewingCredentials provider(world.search(), world.clock(), 1);
    auto one = asked(provider);
    world.searches.wait(0);
    auto other = asked(provider);
    world.give("A");
    EXPECT_EQ(one.get(), "A");
    EXPECT_EQ(other.get(), "A");
  }
  EXPECT_EQ(world.searches, 1);
}

TEST(RenewingCredentials, KeysThatStillWorkAreGivenWhileOthersAreSought) {
  World world;
  RenewingCredentials provider(world.search(), world.clock(), 1);
  Renewals renewals(provider);
  world.give("A");
  asked(provider).get();
  renewals.wait_for(1);
  world.seconds += 3600 - 800;  // within the last quarter of an hour
  auto during = asked(provider);
  ASSERT_TRUE(is_there(during));
  EXPECT_EQ(during.get(), "A");
  world.give("B");
  renewals.wait_for(2);
  EXPECT_EQ(asked(provider).get(), "B");
}

TEST(RenewingCredentials, NearTheEndCallsWaitForTheOthers) {
  World world;
  RenewingCredentials provider(world.search(), world.clock(), 1);
  Renewals renewals(provider);
  world.give("A");
  asked(provider).get();
  renewals.wait_for(1);
  world.seconds += 3600 - 60;
  auto waits = asked(provider);
  EXPECT_FALSE(is_there(waits));
  world.give("B");
  EXPECT_EQ(waits.get(), "B");
}

TEST(RenewingCredentials, AFailedRenewalGoesOnWithWhatWorks) {
  World world;
  RenewingCredentials provider(world.search(), world.clock(), 1);
  Renewals renewals(provider);
  world.give("A");
  asked(provider).get();
  renewals.wait_for(1);
  world.seconds += 3600 - 60;
  world.give_failure("STS is down");
  EXPECT_EQ(asked(provider).get(), "A");
  renewals.wait_for(2);
  world.seconds += 60;
  world.give_failure("STS is down");
  EXPECT_EQ(asked(provider).get(), "STS is down");
}

TEST(RenewingCredentials, AfterAFailureItsErrorIsTheAnswerForAWhile) {
  World world;
  RenewingCredentials provider(world.search(), world.clock(), 1);
  Renewals renewals(provider);
  world.give_failure("no");
  EXPECT_EQ(asked(provider).get(), "no");
  renewals.wait_for(1);
  EXPECT_EQ(asked(provider).get(), "no");
  EXPECT_EQ(world.searches, 1);
  world.seconds += 2;
  world.give("A");
  EXPECT_EQ(asked(provider).get(), "A");
}

TEST(RenewingCredentials, RefusedKeysAreReplaced) {
  World world;
  RenewingCredentials provider(world.search(), world.clock(), 1);
  Renewals renewals(provider);
  world.give("A");
  asked(provider).get();
  renewals.wait_for(1);
  world.seconds += 60;
  provider.refuse({"older", "s", "t"});
  EXPECT_EQ(asked(provider).get(), "A");
  provider.refuse({"A", "s", "t"});
  auto waits = asked(provider);
  EXPECT_FALSE(is_there(waits));
  world.give("B");
  EXPECT_EQ(waits.get(), "B");
}

TEST(RenewingCredentials, ARefusalJustAfterTheyCameIsNoReasonToSearch) {
  World world;
  RenewingCredentials provider(world.search(), world.clock(), 1);
  world.give("A");
  asked(provider).get();
  world.seconds += 5;
  provider.refuse({"A", "s", "t"});
  EXPECT_EQ(asked(provider).get(), "A");
  EXPECT_EQ(world.searches, 1);
}

TEST(RenewingCredentials, KeysThatHaveEndedAreNone) {
  World world;
  RenewingCredentials provider(world.search(), world.clock(), 1);
  world.give("A", -5);
  EXPECT_THAT(asked(provider).get(), HasSubstr("expired at 2023-11-14T22:13:15Z"));
}

TEST(RenewingCredentials, WhoWaitsAtTheEndIsAnswered) {
  World world;
  std::future<std::string> waits;
  {
    RenewingCredentials provider(world.search(), world.clock(), 1);
    waits = asked(provider);
  }
  EXPECT_THAT(waits.get(), HasSubstr("given up at the end"));
}

TEST(RenewingCredentials, MayBeEndedByWhatItCalls) {
  World world;
  auto provider = std::make_shared<RenewingCredentials>(world.search(), world.clock(), 1);
  std::promise<void> done;
  RenewingCredentials* const borrowed = provider.get();
  borrowed->get([last = std::move(provider), &done](const auto&) mutable {
    last.reset();
    done.set_value();
  });
  world.give("A");
  done.get_future().wait();
}

}  // namespace
}  // namespace hyperwright::client
