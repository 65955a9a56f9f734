#include "client/thread.h"

#include <csignal>

#include <gtest/gtest.h>

namespace hyperwright::client {
namespace {

bool is_blocked(int signal) {
  sigset_t mask{};
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return sigismember(&mask, signal) == 1;
}

TEST(Thread, TakesNoSignalsAndLeavesThemToItsMaker) {
  ASSERT_FALSE(is_blocked(SIGTERM));
  bool is_blocked_there = false;
  start_thread([&] { is_blocked_there = is_blocked(SIGTERM) && is_blocked(SIGPIPE); }).join();
  EXPECT_TRUE(is_blocked_there);
  EXPECT_FALSE(is_blocked(SIGTERM));
}

}  // namespace
}  // namespace hyperwright::client
