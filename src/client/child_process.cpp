#include "client/child_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it to the program

namespace hyperwright::client {
namespace {

using Clock = std::chrono::steady_clock;

class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return value_; }
  void set(int value) {
    close();
    value_ = value;
  }
  void close() {
    if (value_ >= 0) ::close(value_);
    value_ = -1;
  }

 private:
  int value_;
};

// One of the program's two streams, as it comes.
struct Stream {
  Descriptor ours;
  Descriptor theirs;
  std::string text;

  Status open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
      return fail(ErrorCode::Unavailable, "no pipe can be opened");
    ours.set(ends[0]);
    theirs.set(ends[1]);
    ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
    return {};
  }

  // Takes what there is. False: it is more than `bytes_max`.
  bool read(std::size_t bytes_max) {
    std::array<char, 16384> bytes{};
    while (ours.get() >= 0) {
      const ssize_t count = ::read(ours.get(), bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno == EAGAIN) return true;
      if (count <= 0) {
        ours.close();
        return true;
      }
      text.append(bytes.data(), static_cast<std::size_t>(count));
      if (text.size() > bytes_max) return false;
    }
    return true;
  }
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& more) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    if (std::ranges::none_of(more, [&](const auto& other) { return other.first == name; }))
      all.emplace_back(text);
  }
  for (const auto& [name, value] : more) all.push_back(fmt::format("{}={}", name, value));
  return all;
}

struct SpawnAttributes {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};

  SpawnAttributes(int out, int err) {
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    // Signals are blocked in our threads, and that would be inherited.
    sigset_t none{};
    sigset_t usual{};
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnAttributes() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
};

Result<pid_t> spawn(const ChildProcess& child, const Stream& out, const Stream& err) {
  std::vector<std::string> arguments{child.program};
  arguments.insert(arguments.end(), child.arguments.begin(), child.arguments.end());
  std::vector<std::string> environment = environment_with(child.environment);
  const SpawnAttributes how(out.theirs.get(), err.theirs.get());
  pid_t pid = 0;
  const int why = posix_spawnp(&pid, child.program.c_str(), &how.actions, &how.attributes,
                               pointers_to(arguments).data(), pointers_to(environment).data());
  if (why == 0) return pid;
  return fail(why == ENOENT   ? ErrorCode::NotFound
              : why == EACCES ? ErrorCode::Forbidden
                              : ErrorCode::Unavailable,
              fmt::format("{} cannot be run: {}", child.program,
                          std::strerror(why)));  // NOLINT(concurrency-mt-unsafe)
}

// Kills the program and what it has started, unless it has ended; takes its exit status.
int reap(pid_t pid, bool is_killed) {
  if (is_killed) ::kill(-pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

int exit_code_of(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Collects both streams until the program has ended; what it started may hold them open longer.
// Says why it must be killed, or nothing.
std::string collect(const ChildProcess& child, int has_ended, Stream& out, Stream& err) {
  const auto deadline = Clock::now() + std::chrono::microseconds(child.deadline.in_microseconds());
  while (true) {
    // poll leaves descriptors that are negative alone.
    std::array<pollfd, 4> waits{{{out.ours.get(), POLLIN, 0},
                                 {err.ours.get(), POLLIN, 0},
                                 {has_ended, POLLIN, 0},
                                 {child.stop_descriptor, POLLIN, 0}}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) {
      return fmt::format("it did not end within {}", format_duration(child.deadline));
    }
    const int ready =
        ::poll(waits.data(), waits.size(), static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready < 0 && errno != EINTR) return "it cannot be waited for";
    if (waits[3].revents != 0) return "it was stopped";
    if (!out.read(child.output_bytes_max) || !err.read(child.output_bytes_max)) {
      return fmt::format("it printed more than {} bytes", child.output_bytes_max);
    }
    if (waits[2].revents != 0) return {};
  }
}

}  // namespace

Result<ChildOutput> run_child(const ChildProcess& child) {
  Stream out;
  Stream err;
  for (Stream* stream : {&out, &err}) {
    if (auto opened = stream->open(); !opened) return fail(opened.error());
  }
  const auto pid = spawn(child, out, err);
  if (!pid) return fail(pid.error());
  out.theirs.close();
  err.theirs.close();
  // Not by <sys/pidfd.h>: Debian 12's declares it with C++ linkage, which nobody defines.
  const Descriptor has_ended(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0)));
  if (has_ended.get() < 0) {
    reap(*pid, true);
    return fail(ErrorCode::Unavailable, fmt::format("{} cannot be waited for", child.program));
  }
  const std::string why_killed = collect(child, has_ended.get(), out, err);
  const int status = reap(*pid, !why_killed.empty());
  if (!why_killed.empty()) {
    return fail(ErrorCode::Unavailable,
                fmt::format("{} was killed: {}", child.program, why_killed));
  }
  return ChildOutput{exit_code_of(status), std::move(out.text), std::move(err.text)};
}

}  // namespace hyperwright::client
