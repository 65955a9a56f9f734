#include <clocale>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/version.h"

namespace {

using hyperwright::cli::ExitCode;

int run(int argc, char** argv) {
  CLI::App app("Hyperwright: a node autoscaler for Amazon SageMaker HyperPod clusters on EKS.",
               "hyperwright");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string(hyperwright::cli::kVersion));
  app.footer(
      "Run `hyperwright COMMAND --help` for the flags of a command.\n"
      "Exit codes: 0 done, 1 the answer is no, 2 bad input, 3 refused or out of reach.");
  ExitCode exit_code = ExitCode::Done;
  hyperwright::cli::add_demo(app, exit_code);
  hyperwright::cli::add_controller(app, exit_code);
  hyperwright::cli::add_service(app, exit_code);
  hyperwright::cli::add_crds(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);  // --help, --version
  } catch (const CLI::ParseError& error) {
    fmt::print(
        stderr, "error: {}\nfix: look at hyperwright {}--help\n", error.what(),
        app.get_subcommands().empty() ? "" : app.get_subcommands().front()->get_name() + " ");
    return static_cast<int>(ExitCode::BadInput);
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
