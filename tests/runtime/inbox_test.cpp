#include "runtime/inbox.h"

#include <thread>

#include <gtest/gtest.h>

namespace hyperwright::runtime {
namespace {

TEST(Inbox, GivesEventsInTheOrderInWhichTheyCame) {
  Inbox inbox;
  for (const state::Kind kind : {state::Kind::Pod, state::Kind::Node})
    inbox.put(state::Synced{kind});
  const auto events = inbox.take(Duration{});
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(std::get<state::Synced>(events[0]).kind, state::Kind::Pod);
  EXPECT_TRUE(inbox.take(Duration{}).empty());
}

TEST(Inbox, AFloodIsTakenInTurns) {
  Inbox inbox;
  for (std::size_t i = 0; i < 2 * kEventsPerTurn + 200; ++i) inbox.put(state::Synced{});
  EXPECT_EQ(inbox.take(Duration{}).size(), kEventsPerTurn);
  EXPECT_EQ(inbox.take(Duration{}).size(), kEventsPerTurn);
  EXPECT_EQ(inbox.take(Duration{}).size(), 200U);
}

TEST(Inbox, ClosingEndsTheWait) {
  Inbox inbox;
  std::thread closer([&inbox] { inbox.close(); });
  while (!inbox.is_closed()) EXPECT_TRUE(inbox.take(Duration::minutes(1)).empty());
  closer.join();
}

TEST(Inbox, ManyThreadsMayPutAtOnce) {
  Inbox inbox;
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&inbox] {
      for (int n = 0; n < 1000; ++n) inbox.put(state::Synced{});
    });
  }
  std::size_t taken = 0;
  while (taken < 4'000) taken += inbox.take(Duration::minutes(1)).size();
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(inbox.size(), 0U);
}

}  // namespace
}  // namespace hyperwright::runtime
