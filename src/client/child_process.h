// Runs a program to its end and takes what it prints: bounded in time and in output, without a
// terminal, in a process group of its own that is killed with it. Nothing is interpreted by a
// shell.
//
// Blocks: it is called on a thread that may wait.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace hyperwright::client {

struct ChildProcess {
  std::string program;  // a path, or a name that is looked for in PATH
  std::vector<std::string> arguments{};
  // Over the variables of this process.
  std::vector<std::pair<std::string, std::string>> environment{};
  Duration deadline = Duration::minutes(1);
  std::size_t output_bytes_max = std::size_t{1} << 20U;  // of each of the two streams
  int stop_descriptor = -1;                              // readable: the program is killed
};

struct ChildOutput {
  int exit_code = 0;  // 128 + the signal's number, as a shell says it, if a signal ended it
  std::string out;
  std::string err;
};

// Fails with NotFound (no such program), Forbidden (it may not be run), and with Unavailable when
// it was killed: it took too long, printed too much, or was stopped. An exit code other than 0 is
// an output like another.
Result<ChildOutput> run_child(const ChildProcess& child);

}  // namespace hyperwright::client
