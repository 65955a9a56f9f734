// What all commands share: exit codes, how errors are told, and how signals end a run.
#pragma once

#include <cstdint>
#include <functional>

#include "base/error.h"
#include "base/forward_clock.h"
#include "base/time.h"

namespace CLI {
class App;
}

namespace hyperwright::cli {

// 0 done, 1 the answer is no, 2 bad input, 3 refused or out of reach.
enum class ExitCode : std::uint8_t { Done = 0, No = 1, BadInput = 2, OutOfReach = 3 };

// "error: ..." and, on the next line, "fix: ...", to standard error.
void print_error(const Error& error);
// Prints, and says which exit code the error means.
ExitCode exit_with(const Error& error);

// Calls `stop` on the first SIGINT or SIGTERM, from a thread of its own; the second one ends the
// process at once. Call it before any other thread is started.
void on_stop_signal(std::function<void()> stop);

// Now by the wall clock, but never back. `not_before`: what was told by a process before this one.
ForwardClock forward_clock(Time not_before = {});

// Each adds its subcommand; `exit_code` is set when the command has run.
void add_demo(CLI::App& app, ExitCode& exit_code);
void add_controller(CLI::App& app, ExitCode& exit_code);
void add_service(CLI::App& app, ExitCode& exit_code);
void add_explain(CLI::App& app, ExitCode& exit_code);
void add_replay(CLI::App& app, ExitCode& exit_code);
void add_doctor(CLI::App& app, ExitCode& exit_code);
void add_crds(CLI::App& app, ExitCode& exit_code);

}  // namespace hyperwright::cli
