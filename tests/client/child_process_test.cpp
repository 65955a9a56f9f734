#include "client/child_process.h"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/number.h"

namespace hyperwright::client {
namespace {

using testing::HasSubstr;

ChildProcess shell(const std::string& script) {
  return {.program = "sh", .arguments = {"-c", script}};
}

TEST(ChildProcess, BothStreamsAndTheExitCodeAreTaken) {
  const auto output = run_child(shell("echo said; echo complained >&2; exit 7"));
  ASSERT_TRUE(output) << output.error().text();
  EXPECT_EQ(output->out, "said\n");
  EXPECT_EQ(output->err, "complained\n");
  EXPECT_EQ(output->exit_code, 7);
  EXPECT_EQ(run_child(shell("kill -TERM $$")).value().exit_code, 128 + SIGTERM);
}

TEST(ChildProcess, ArgumentsArePassedAsTheyAre) {
  const auto output = run_child({.program = "printf", .arguments = {"%s|", "a b", "$HOME", ""}});
  EXPECT_EQ(output.value().out, "a b|$HOME||");
}

TEST(ChildProcess, VariablesGoOverThoseOfThisProcess) {
  ::setenv("HYPERWRIGHT_TEST_KEPT", "kept", 1);    // NOLINT(concurrency-mt-unsafe)
  ::setenv("HYPERWRIGHT_TEST_CHANGED", "old", 1);  // NOLINT(concurrency-mt-unsafe)
  ChildProcess child = shell("echo $HYPERWRIGHT_TEST_KEPT $HYPERWRIGHT_TEST_CHANGED");
  child.environment = {{"HYPERWRIGHT_TEST_CHANGED", "new"}};
  EXPECT_EQ(run_child(child).value().out, "kept new\n");
}

TEST(ChildProcess, ItReadsNothingAndSignalsArriveAsUsual) {
  EXPECT_EQ(run_child(shell("cat; echo end")).value().out, "end\n");
  sigset_t term{};
  sigset_t before{};
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &term, &before);
  EXPECT_EQ(run_child(shell("kill -TERM $$; echo survived")).value().out, "");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST(ChildProcess, AProgramThatIsNotThereIsNotFound) {
  const auto output = run_child({.program = "/nowhere/plugin"});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code(), ErrorCode::NotFound);
  EXPECT_THAT(output.error().text(), HasSubstr("/nowhere/plugin cannot be run"));
  EXPECT_EQ(run_child({.program = "/etc/passwd"}).error().code(), ErrorCode::Forbidden);
}

TEST(ChildProcess, WhatIsKilledGoesWithAllThatItStarted) {
  int held[2] = {};
  ASSERT_EQ(::pipe(held), 0);
  // What it started holds the pipe, and makes the descriptor readable on which it is all killed.
  ChildProcess child = shell("sh -c 'echo there; exec sleep 1000' >/proc/self/fd/" +
                             std::to_string(held[1]) + " & exec sleep 1000");
  child.stop_descriptor = held[0];
  EXPECT_THAT(run_child(child).error().text(), HasSubstr("it was stopped"));
  ::close(held[1]);
  std::string said;
  char buffer[64];
  for (ssize_t n = 0; (n = ::read(held[0], buffer, sizeof buffer)) > 0;)
    said.append(buffer, static_cast<std::size_t>(n));
  EXPECT_EQ(said, "there\n");  // and the pipe ended, so nobody holds it any more
  ::close(held[0]);
}

TEST(ChildProcess, WhatTakesTooLongIsKilled) {
  ChildProcess child = shell("sleep 1000");
  child.deadline = Duration::milliseconds(1);
  const auto output = run_child(child);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code(), ErrorCode::Unavailable);
  EXPECT_THAT(output.error().text(), HasSubstr("sh was killed: it did not end within 1ms"));
}

TEST(ChildProcess, WhatPrintsWithoutEndIsKilled) {
  ChildProcess child{.program = "yes"};
  child.output_bytes_max = 100'000;
  EXPECT_THAT(run_child(child).error().text(), HasSubstr("it printed more than 100000 bytes"));
  child = shell("yes >&2");
  child.output_bytes_max = 100'000;
  EXPECT_THAT(run_child(child).error().text(), HasSubstr("it printed more than 100000 bytes"));
}

TEST(ChildProcess, ADescriptorThatBecomesReadableStopsIt) {
  ChildProcess child = shell("sleep 1000");
  child.stop_descriptor = ::eventfd(1, EFD_CLOEXEC);
  EXPECT_THAT(run_child(child).error().text(), HasSubstr("it was stopped"));
  ::close(child.stop_descriptor);
}

// Some plugins start an agent that stays.
TEST(ChildProcess, ItsEndIsTheEndWhoeverHoldsItsStreams) {
  const auto output = run_child(shell("sleep 1000 & echo $!"));
  ASSERT_TRUE(output) << output.error().text();
  const auto pid = parse_int64(output->out.substr(0, output->out.find('\n')));
  ASSERT_TRUE(pid);
  EXPECT_EQ(::kill(static_cast<pid_t>(*pid), SIGKILL), 0) << "what it started goes on";
}

}  // namespace
}  // namespace hyperwright::client
