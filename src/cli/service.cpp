// hyperwright service: the HyperPod cluster API as a server of its own, on the clock of the wall.
// The nodes that it launches are registered in the Kubernetes cluster of a kubeconfig.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <random>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/node_registrar.h"
#include "client/environment.h"
#include "client/kubeconfig.h"
#include "client/kubernetes_client.h"
#include "runtime/log.h"
#include "server/http_server.h"
#include "server/hyperpod_door.h"
#include "server/owner_queue.h"
#include "service/hyperpod_service.h"

namespace hyperwright::cli {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct ServiceCommandOptions {
  std::string kubeconfig;
  std::string context;
  std::string region = "us-east-1";
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  std::string scenario;
  std::string prices;
  std::string log_level = "info";
  std::uint64_t seed = 0;
};

Result<service::ServiceOptions> service_options(const ServiceCommandOptions& options) {
  service::ServiceOptions settings{.region = options.region};
  if (options.scenario.empty()) return settings;
  const auto text = read_file_of("--scenario", options.scenario);
  if (!text) return fail(text.error());
  auto scenario = service::parse_scenario(*text, options.scenario);
  if (!scenario) return fail(scenario.error());
  settings.scenario = std::move(*scenario);
  return settings;
}

Result<ExitCode> serve(const ServiceCommandOptions& options) {
  const auto level = runtime::parse_log_level(options.log_level);
  if (!level) return fail(level.error());
  const runtime::Log log(*level);
  auto settings = service_options(options);
  if (!settings) return fail(settings.error());
  hyperpod::InstanceTypes types = hyperpod::InstanceTypes::shipped();
  if (auto priced = apply_price_file(types, options.prices); !priced) return fail(priced.error());
  auto access =
      client::find_kubernetes(options.kubeconfig, options.context, client::process_environment());
  if (!access) return fail(access.error());

  server::OwnerQueue queue;
  on_stop_signal([&queue] { queue.stop(); });
  client::HttpClient http;
  client::KubernetesClient kubernetes(http, *access);
  client::KubernetesRequest look = client::get_request("/version");
  look.deadline = Duration::seconds(10);  // somebody waits
  if (const auto version = kubernetes.call_and_wait(look); !version) {
    return fail(version.error(), fmt::format("Kubernetes at {}", access->server));
  }
  const std::uint64_t seed = options.seed != 0 ? options.seed : std::random_device{}();
  const Time start = wall_now();
  service::HyperPodService hyperpod(std::move(*settings), std::move(types), Random(seed), start);
  // The wall clock may be set back; the service's time never goes back.
  Time last = start;
  const auto now = [&last] { return last = std::max(last, wall_now()); };
  server::HyperPodDoor door(
      hyperpod, now, [&queue](std::function<void()> task) { queue.post(std::move(task)); }, [] {});
  auto listening =
      server::HttpServer::start({.address = options.address, .port = options.port},
                                [&door](server::HttpRequest request, server::HttpReply reply) {
                                  door.handle(std::move(request), std::move(reply));
                                });
  if (!listening) return fail(listening.error(), "--port");
  fmt::print("hyperpod endpoint: {}\n", (*listening)->url());
  std::fflush(stdout);

  NodeRegistrar registrar(kubernetes, log,
                          [&queue](std::function<void()> task) { queue.post(std::move(task)); });
  while (!queue.is_stopped()) {
    const Duration wait =
        std::clamp(hyperpod.next_wake() - now(), Duration{}, Duration::minutes(1));
    queue.run_until(SteadyClock::now() + std::chrono::microseconds(wait.in_microseconds()), [] {});
    hyperpod.advance(now());
    registrar.carry_out(hyperpod.take_outputs());
  }
  return ExitCode::Done;
}

}  // namespace

void add_service(CLI::App& app, ExitCode& exit_code) {
  auto options = std::make_shared<ServiceCommandOptions>();
  CLI::App* command = app.add_subcommand(
      "service",
      "Serve the HyperPod cluster API; its nodes join a Kubernetes cluster of yours.\n"
      "boto3 and the aws command line work against it. Clusters are kept in memory only. "
      "Signatures\n"
      "must be there and are not checked: whoever reaches the port may do everything.");
  command
      ->add_option("--kubeconfig", options->kubeconfig,
                   "Kubeconfig of the cluster that nodes join (default: $KUBECONFIG, in a pod its "
                   "service account, ~/.kube/config)")
      ->type_name("FILE")
      ->group("Where nodes join");
  command
      ->add_option("--context", options->context,
                   "Context of the kubeconfig (default: its current-context)")
      ->type_name("NAME")
      ->group("Where nodes join");
  command
      ->add_option("--scenario", options->scenario,
                   "YAML that makes capacity scarce, slow or faulty (default: capacity for "
                   "everybody, and no faults)")
      ->type_name("FILE")
      ->group("What HyperPod is like");
  command
      ->add_option("--region", options->region, "Region that ARNs and zones are of; any may call")
      ->type_name("REGION")
      ->group("What HyperPod is like")
      ->capture_default_str();
  command
      ->add_option("--prices", options->prices,
                   "CSV with the columns instance_type and usd_per_hour (dollars for one instance)")
      ->type_name("FILE")
      ->group("What HyperPod is like");
  command
      ->add_option(
          "--seed", options->seed,
          "Seed of ids and delays: the same seed draws the same (default: another each time)")
      ->type_name("NUMBER")
      ->group("What HyperPod is like");
  CLI::Option* port = command->add_option(
      "--port", options->port, "Port to listen on; 0 takes a free one, which is printed");
  require_port(*port);
  port->group("How it is run")->capture_default_str();
  command->add_option("--bind-address", options->address, "Address to listen on")
      ->type_name("ADDRESS")
      ->group("How it is run")
      ->capture_default_str();
  command->add_option("--log-level", options->log_level, "debug, info, warn or error")
      ->type_name("LEVEL")
      ->group("How it is run")
      ->capture_default_str();
  command->footer(R"(A scenario (every part may be left out; docs/service.md says more)
  subnets:  {subnet-a: us-east-1a, subnet-b: us-east-1b}
  delays:   {launch: 90s, register: 30s, terminate: 20s, jitter: 10%}
  capacity: [{type: ml.p5.48xlarge, zone: us-east-1a, available: 4, from: 0s, until: 2h}]
  never_joins: [{group: gpu, from: 10m, until: 20m}]

Examples
  hyperwright service --kubeconfig ~/.kube/config --port 8700
  aws --endpoint-url http://127.0.0.1:8700 --region us-east-1 sagemaker list-clusters
  hyperwright controller --cluster NAME --endpoint http://127.0.0.1:8700

Exit codes: 0 stopped by SIGTERM or Ctrl-C, 2 bad input, 3 out of reach.)");
  command->callback([options, &exit_code] {
    auto code = serve(*options);
    exit_code = code ? *code : exit_with(code.error());
  });
}

}  // namespace hyperwright::cli
