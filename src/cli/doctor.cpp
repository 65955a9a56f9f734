// hyperwright doctor: is all there that the controller needs? It only reads.
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/doctor_output.h"
#include "cli/doctor_reading.h"
#include "cli/facts.h"
#include "cli/first_look.h"
#include "cli/help.h"
#include "cli/price_sources.h"
#include "client/environment.h"
#include "client/kubeconfig.h"

namespace hyperwright::cli {
namespace {

constexpr const char* kDescription =
    "Check a set-up from outside, and say what is wrong and how to mend it.\n"
    "One line each: Kubernetes and its version, every right that the controller uses, the custom\n"
    "resource definitions, AWS keys and permissions, the HyperPod cluster's settings, its health\n"
    "agent, instance groups, zones, and what DaemonSets leave for pods on each instance type.";

constexpr const char* kFooter = R"(Environment
  As of `hyperwright controller`, and NO_COLOR for a terminal without colours.

Give it the flags that the controller has, and the controller's keys if you can: permissions are
those of the keys that it runs with. Rights in Kubernetes are your own, unless --as-service-account
names the controller's account. It changes nothing; with --probe-writes the two calls that change a
cluster are made, too, for an instance group and a node that do not exist.

Examples
  hyperwright doctor --cluster training --region us-west-2
  hyperwright doctor --cluster training --as-service-account hyperwright/hyperwright
  hyperwright doctor --cluster training -o json | jq '.findings[] | select(.result == "problem")'

Exit codes: 0 nothing blocks, 1 something blocks or could not be asked, 2 bad input, 3 neither API
can be reached.)";

struct DoctorOptions {
  ControllerOptions cluster;
  std::string service_account;
  std::string output = "text";
  bool probes_writes = false;
};

Result<Subject> subject_of(const DoctorOptions& options) {
  Subject subject{.lease_namespace = options.cluster.lease_namespace};
  if (options.service_account.empty()) return subject;
  const std::size_t slash = options.service_account.find('/');
  if (slash != std::string::npos) {
    subject.service_account_namespace = options.service_account.substr(0, slash);
    subject.service_account_name = options.service_account.substr(slash + 1);
  }
  if (subject.service_account_namespace.empty() || subject.service_account_name.empty() ||
      subject.service_account_name.find('/') != std::string::npos) {
    return fail(
        ErrorCode::Invalid,
        fmt::format("--as-service-account: \"{}\" is no service account", options.service_account),
        "write NAMESPACE/NAME, such as hyperwright/hyperwright");
  }
  if (subject.lease_namespace.empty()) subject.lease_namespace = subject.service_account_namespace;
  return subject;
}

Result<doctor::Readings> read_setup(const DoctorOptions& options, Facts facts) {
  auto subject = subject_of(options);
  if (!subject) return fail(subject.error());
  const client::Environment environment = client::process_environment();
  const ControllerOptions& flags = options.cluster;
  const auto access = client::find_kubernetes(flags.kubeconfig, flags.context, environment);
  const bool names_kubernetes = !flags.kubeconfig.empty() || !flags.context.empty();
  if (!access && names_kubernetes) {
    // A file that is not there is a flag that is wrong.
    return fail(Error(ErrorCode::Invalid, access.error().text(), access.error().remedy()));
  }
  const auto settings = client::aws_settings(flags.region, flags.endpoint, environment);
  if (!settings && settings.error().code() == ErrorCode::Invalid) return fail(settings.error());

  PricedTypes known{std::move(facts.types), std::move(facts.own_prices)};
  if (settings) {
    auto priced = priced_types(std::move(known), flags.price_cache, settings->region);
    if (!priced) return fail(priced.error());
    known = *std::move(priced);
  }
  doctor::Readings readings(std::move(facts.core), std::move(known.types));
  client::HttpClient http;
  if (access) {
    if (subject->lease_namespace.empty()) subject->lease_namespace = access->namespace_name;
    client::KubernetesClient kubernetes(http, *access);
    read_kubernetes(kubernetes, *subject, readings);
  } else {
    readings.kubernetes_version = fail(access.error());
  }
  if (settings) {
    client::AwsClient aws(http, impatient(*settings), 1);
    read_aws(aws, facts.zones, {.prices = !flags.no_price_list, .writes = options.probes_writes},
             readings);
  } else {
    readings.cluster = fail(settings.error());
  }
  return readings;
}

// As every program that knows https://no-color.org.
bool wants_colors() {
  const char* no_color = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe)
  return isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0');
}

ExitCode run_doctor(const DoctorOptions& options) {
  auto facts = facts_of(options.cluster);
  if (!facts) return exit_with(facts.error());
  // Nothing is begun that would have to be ended.
  on_stop_signal([] { std::_Exit(static_cast<int>(ExitCode::OutOfReach)); });
  const auto readings = read_setup(options, *std::move(facts));
  if (!readings) return exit_with(readings.error());
  const doctor::Findings findings = examine(*readings);
  fmt::print("{}",
             options.output == "json" ? json_of(findings) : text_of(findings, wants_colors()));
  if (is_nothing_reachable(*readings)) return ExitCode::OutOfReach;
  return count_of(findings, doctor::Verdict::Problem) > 0 ? ExitCode::No : ExitCode::Done;
}

}  // namespace

void add_doctor(CLI::App& app, ExitCode& exit_code) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App& command = *app.add_subcommand("doctor", kDescription);
  command
      .add_option("--as-service-account", options->service_account,
                  "Ask for the rights of this ServiceAccount instead of your own; you must be "
                  "allowed to create subjectaccessreviews")
      ->type_name("NS/NAME")
      ->group("What");
  command
      .add_flag("--probe-writes", options->probes_writes,
                "Also call BatchAddClusterNodes and BatchDeleteClusterNodes, in a form that can "
                "change nothing")
      ->group("What");
  CLI::Option& output =
      *command.add_option("-o,--output", options->output, "text, or json for programs");
  require_one_of(output, {"text", "json"}, "write text or json");
  output.type_name("FORMAT")->group("What")->capture_default_str();
  add_decision_options(command, options->cluster);
  add_price_list(command, options->cluster);
  command
      .add_option("--leader-election-namespace", options->cluster.lease_namespace,
                  "Namespace of the controller's Lease (default: the service account's, or the "
                  "context's)")
      ->type_name("NAME")
      ->group("Which cluster");
  command.footer(kFooter);
  command.callback([options, &exit_code] { exit_code = run_doctor(*options); });
}

}  // namespace hyperwright::cli
