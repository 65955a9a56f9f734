// hyperwright crds: prints the custom resource definitions, compares a cluster's with them, and
// installs them.
#include "kube/crds.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/installed_crds.h"
#include "cli/table.h"
#include "client/environment.h"
#include "client/kubeconfig.h"

namespace hyperwright::cli {
namespace {

constexpr const char* kDescription =
    "Print the custom resource definitions, compare a cluster's with them, or install them.\n"
    "They are NodePool, NodeClaim (karpenter.sh/v1) and HyperpodNodeClass\n"
    "(karpenter.sagemaker.amazonaws.com/v1), and, for the feature gates of their names, "
    "NodeOverlay\n"
    "and CapacityBuffer. A cluster that has another Karpenter shares the first two with it: "
    "--check\n"
    "says whether its definitions have all that is needed here, and --apply leaves them alone.";

constexpr const char* kFooter = R"(Examples
  hyperwright crds --apply
  hyperwright crds --check --kubeconfig ~/.kube/config
  hyperwright crds > crds.yaml

Exit codes: 0 done, or all is there; 1 --check found something missing; 2 bad input; 3 refused or
out of reach.)";

struct CrdsOptions {
  bool checks = false;
  bool applies = false;
  bool is_forced = false;
  std::string kubeconfig;
  std::string context;
};

void print_all() {
  bool is_first = true;
  for (const std::string_view crd : kube::crds()) {
    if (!is_first) fmt::print("---\n");
    is_first = false;
    fmt::print("{}", crd);
  }
}

bool is_another(const InstalledCrd& crd) { return crd.found && !crd.found->is_ours; }

std::string whose(const InstalledCrd& crd) {
  if (crd.found->is_ours) return "Hyperwright's";
  return crd.found->owner.empty() ? "not Hyperwright's"
                                  : fmt::format("not Hyperwright's ({})", crd.found->owner);
}

std::string state_of(const InstalledCrd& crd) {
  if (!crd.found) return crd.is_needed ? "missing" : "missing, its feature gate needs it";
  if (crd.is_complete()) return whose(crd) + ", complete";
  return fmt::format("{}, lacks {}", whose(crd), kube::in_words(crd.found->missing));
}

ExitCode compare(const std::vector<InstalledCrd>& all) {
  std::vector<Row> rows;
  for (const InstalledCrd& crd : all) rows.push_back({crd.name, state_of(crd)});
  fmt::print("{}", table_of(rows));
  const bool is_good = std::ranges::all_of(all, [](const InstalledCrd& crd) {
    return crd.is_complete() || (!crd.found && !crd.is_needed);
  });
  return is_good ? ExitCode::Done : ExitCode::No;
}

// Nothing is applied where one of them is another's and lacks something: a mixture helps nobody.
Status may_apply(const std::vector<InstalledCrd>& all) {
  for (const InstalledCrd& crd : all) {
    if (!is_another(crd) || crd.is_complete()) continue;
    return fail(ErrorCode::Conflict,
                fmt::format("{} is {}, and lacks {}", crd.name, whose(crd),
                            kube::in_words(crd.found->missing)),
                "upgrade what it belongs to, or replace it for both with --apply --force");
  }
  return {};
}

ExitCode apply(client::KubernetesClient& kubernetes, const std::vector<InstalledCrd>& all,
               bool is_forced) {
  if (!is_forced) {
    if (auto may = may_apply(all); !may) return exit_with(may.error());
  }
  for (const InstalledCrd& crd : all) {
    if (is_another(crd) && !is_forced) {
      fmt::print("{} left as it is: {}\n", crd.name, state_of(crd));
      continue;
    }
    if (auto applied = apply_crd(kubernetes, crd); !applied) return exit_with(applied.error());
    fmt::print("{} {}\n", crd.name,
               !crd.found        ? "created"
               : is_another(crd) ? fmt::format("replaced, it was {}", whose(crd))
                                 : std::string("updated"));
  }
  return ExitCode::Done;
}

ExitCode run_crds(const CrdsOptions& options) {
  if (!options.checks && !options.applies) {
    print_all();
    return ExitCode::Done;
  }
  const auto access =
      client::find_kubernetes(options.kubeconfig, options.context, client::process_environment());
  if (!access) return exit_with(access.error());
  // Each definition is whole or not there: nothing would have to be put right.
  on_stop_signal([] { std::_Exit(static_cast<int>(ExitCode::OutOfReach)); });
  client::HttpClient http;
  client::KubernetesClient kubernetes(http, *access);
  const auto all = look_at_crds(kubernetes);
  if (!all) return exit_with(all.error());
  return options.applies ? apply(kubernetes, *all, options.is_forced) : compare(*all);
}

}  // namespace

void add_crds(CLI::App& app, ExitCode& exit_code) {
  auto options = std::make_shared<CrdsOptions>();
  CLI::App& command = *app.add_subcommand("crds", kDescription);
  CLI::Option* checks =
      command.add_flag("--check", options->checks,
                       "Print nothing but how the cluster's definitions compare with these");
  CLI::Option* applies = command.add_flag(
      "--apply", options->applies,
      "Install them: create what is missing, and update what an older Hyperwright installed");
  checks->excludes(applies);
  command
      .add_flag("--force", options->is_forced,
                "With --apply: replace another Karpenter's definitions, too")
      ->needs(applies);
  command
      .add_option("--kubeconfig", options->kubeconfig,
                  "Kubeconfig of the cluster (default: $KUBECONFIG, in a pod its service account, "
                  "~/.kube/config)")
      ->type_name("FILE");
  command
      .add_option("--context", options->context,
                  "Context of the kubeconfig (default: its current-context)")
      ->type_name("NAME");
  for (CLI::Option* option : command.get_options()) {
    if (option != command.get_help_ptr()) option->group("What to do with a cluster");
  }
  command.footer(kFooter);
  command.callback([options, &exit_code] { exit_code = run_crds(*options); });
}

}  // namespace hyperwright::cli
