#include "cli/command.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <fmt/format.h>
#include <pthread.h>

#include "client/clock.h"

namespace hyperwright::cli {

void print_error(const Error& error) {
  fmt::print(stderr, "error: {}\n", error.text());
  if (!error.remedy().empty()) fmt::print(stderr, "fix: {}\n", error.remedy());
}

ExitCode exit_with(const Error& error) {
  print_error(error);
  switch (error.code()) {
    case ErrorCode::Invalid:
    case ErrorCode::AlreadyExists:
      return ExitCode::BadInput;
    default:
      return ExitCode::OutOfReach;
  }
}

ForwardClock forward_clock(Time not_before) {
  return {client::wall_now, client::steady_now, not_before};
}

void on_stop_signal(std::function<void()> stop) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  // A file that may not grow any more is a full disk, and no reason to die.
  (void)std::signal(SIGXFSZ, SIG_IGN);
  // Blocked here, and so in every thread that is started later: only the waiting thread sees them.
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([signals, stop = std::move(stop)] {
    int signal = 0;
    sigwait(&signals, &signal);
    stop();
    sigwait(&signals, &signal);
    std::_Exit(128 + signal);
  }).detach();
}

}  // namespace hyperwright::cli
