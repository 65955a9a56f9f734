#include <clocale>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/usage_error.h"
#include "cli/version.h"

namespace {

using hyperwright::cli::ExitCode;

int run(int argc, char** argv) {
  CLI::App app(
      "Hyperwright: a node autoscaler for Amazon SageMaker HyperPod clusters on EKS.\n"
      "Pending pods become HyperPod nodes, and nodes go when nothing needs them.",
      "hyperwright");
  hyperwright::cli::set_help_format(app);
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string(hyperwright::cli::kVersion), "Print the version");
  app.footer(
      "Begin with\n"
      "  hyperwright demo            # nothing is needed for it, and it costs nothing\n"
      "  hyperwright COMMAND --help  # the flags of a command, and examples\n\n"
      "Exit codes: 0 done, 1 the answer is no, 2 bad input, 3 refused or out of reach.");
  ExitCode exit_code = ExitCode::Done;
  hyperwright::cli::add_demo(app, exit_code);
  hyperwright::cli::add_controller(app, exit_code);
  hyperwright::cli::add_service(app, exit_code);
  hyperwright::cli::add_explain(app, exit_code);
  hyperwright::cli::add_replay(app, exit_code);
  hyperwright::cli::add_doctor(app, exit_code);
  hyperwright::cli::add_crds(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);  // --help, --version
  } catch (const CLI::ParseError& error) {
    return static_cast<int>(hyperwright::cli::exit_with(hyperwright::cli::usage_error(app, error)));
  }
  return static_cast<int>(exit_code);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& exception) {
    // Our own rooms return errors; what arrives here was thrown by a library where none was
    // expected.
    fmt::print(stderr, "error: {}\n", exception.what());
    return static_cast<int>(ExitCode::OutOfReach);
  }
}
