#include "kube/crds.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"

namespace hyperwright::cli {

void add_crds(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command =
      app.add_subcommand("crds",
                         "Print the custom resource definitions, for kubectl apply -f -.\n"
                         "They are NodePool and NodeClaim (karpenter.sh/v1) and HyperpodNodeClass\n"
                         "(karpenter.sagemaker.amazonaws.com/v1).");
  command->footer("Examples\n  hyperwright crds | kubectl apply -f -");
  command->callback([&exit_code] {
    bool is_first = true;
    for (const std::string_view crd : kube::crds()) {
      if (!is_first) fmt::print("---\n");
      is_first = false;
      fmt::print("{}", crd);
    }
    exit_code = ExitCode::Done;
  });
}

}  // namespace hyperwright::cli
