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
#include "client/aws_endpoints.h"
#include "client/clock.h"
#include "client/environment.h"
#include "client/kubeconfig.h"
#include "client/kubernetes_client.h"
#include "runtime/log.h"
#include "server/http_server.h"
#include "server/hyperpod_door.h"
#include "server/kept_service.h"
#include "server/owner_queue.h"

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
  std::string state;
  std::string log_level = "info";
  std::uint64_t seed = 0;
};

Result<service::ServiceOptions> service_options(const ServiceCommandOptions& options) {
  if (!client::is_region(options.region)) {
    return fail(ErrorCode::Invalid, fmt::format("--region \"{}\" is no region", options.region),
                "write one as us-east-1");
  }
  service::ServiceOptions settings{.region = options.region};
  if (options.scenario.empty()) return settings;
  const auto text = read_file_of("--scenario", options.scenario);
  if (!text) return fail(text.error());
  auto scenario = service::parse_scenario(*text, options.scenario);
  if (!scenario) return fail(scenario.error());
  settings.scenario = std::move(*scenario);
  return settings;
}

// One round of the owner: what happens by itself by `now`, then everything that has changed since
// the last round is written, and after that the world is told. What cannot be written did not
// happen.
class Rounds {
 public:
  Rounds(server::KeptService& kept, server::HyperPodDoor& door, NodeRegistrar& registrar,
         const runtime::Log& log)
      : kept_(kept), door_(door), registrar_(registrar), log_(log) {}

  Status run(Time now) {
    kept_.service().advance(now);
    const Status written = kept_.commit();
    if (!written) {
      if (written.error().code() != ErrorCode::Unavailable) return written;
      door_.refuse(service::internal_failure(
          fmt::format("The state of the service cannot be written ({}). Nothing was changed.",
                      written.error().sentence())));
      if (!is_failing_) log_.error("state cannot be written, changes are refused", written.error());
      is_failing_ = true;
      return {};
    }
    door_.release();
    registrar_.carry_out(kept_.service().hand_out());
    if (is_failing_ && kept_.try_to_write()) {
      log_.write(runtime::LogLevel::Info, "state is written again");
      is_failing_ = false;
    }
    return {};
  }

  // How long the owner may wait for calls.
  [[nodiscard]] Duration wait(Time now) const {
    constexpr Duration kTryAgainAfter = Duration::seconds(1);
    if (is_failing_) return kTryAgainAfter;
    return std::clamp(kept_.service().next_wake() - now, Duration{}, Duration::minutes(1));
  }

 private:
  server::KeptService& kept_;
  server::HyperPodDoor& door_;
  NodeRegistrar& registrar_;
  const runtime::Log& log_;
  bool is_failing_ = false;
};

Status look_at_kubernetes(client::KubernetesClient& kubernetes, std::string_view server) {
  client::KubernetesRequest look = client::get_request("/version");
  look.deadline = Duration::seconds(10);  // somebody waits
  const auto version = kubernetes.call_and_wait(look);
  if (version) return {};
  return fail(version.error(), fmt::format("Kubernetes at {}", server));
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
  if (auto there = look_at_kubernetes(kubernetes, access->server); !there)
    return fail(there.error());

  const std::uint64_t seed = options.seed != 0 ? options.seed : std::random_device{}();
  auto kept = server::KeptService::open(options.state, std::move(*settings), std::move(types),
                                        Random(seed), client::wall_now());
  if (!kept) return fail(kept.error(), "--state");
  service::HyperPodService& hyperpod = kept->service();
  ForwardClock now = forward_clock(hyperpod.latest());
  const auto run_on_owner = [&queue](std::function<void()> task) { queue.post(std::move(task)); };
  server::HyperPodDoor door(hyperpod, [&now] { return now(); }, run_on_owner);
  auto listening =
      server::HttpServer::start({.address = options.address, .port = options.port},
                                [&door](server::HttpRequest request, server::HttpReply reply) {
                                  door.handle(std::move(request), std::move(reply));
                                });
  if (!listening) return fail(listening.error(), "--port");
  fmt::print("hyperpod endpoint: {}\n", (*listening)->url());
  std::fflush(stdout);

  NodeRegistrar registrar(kubernetes, log, run_on_owner,
                          [&hyperpod](std::uint64_t number) { hyperpod.confirm(number); });
  Rounds rounds(*kept, door, registrar, log);
  for (;;) {
    if (auto done = rounds.run(now()); !done) return fail(done.error(), options.state);
    if (queue.is_stopped()) return ExitCode::Done;
    const Duration wait = rounds.wait(now());
    queue.run_until(SteadyClock::now() + std::chrono::microseconds(wait.in_microseconds()), [] {});
  }
}

}  // namespace

void add_service(CLI::App& app, ExitCode& exit_code) {
  auto options = std::make_shared<ServiceCommandOptions>();
  CLI::App* command = app.add_subcommand(
      "service",
      "Serve the HyperPod cluster API; its nodes join a Kubernetes cluster of yours.\n"
      "boto3 and the aws command line work against it. Signatures must be there and are not "
      "checked:\n"
      "whoever reaches the port may do everything.");
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
  CLI::Option* seed = command->add_option(
      "--seed", options->seed,
      "Seed of ids and delays: the same seed draws the same (default: another each time; what "
      "--state keeps goes on with its own)");
  require_seed(*seed);
  seed->group("What HyperPod is like");
  command
      ->add_option(
          "--state", options->state,
          "SQLite file that keeps clusters, nodes, events and client tokens over a restart "
          "(default: they are kept in memory only)")
      ->type_name("FILE")
      ->group("How it is run");
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
  hyperwright service --kubeconfig ~/.kube/config --port 8700 --state ~/hyperpod.db
  aws --endpoint-url http://127.0.0.1:8700 --region us-east-1 sagemaker list-clusters
  hyperwright controller --cluster NAME --endpoint http://127.0.0.1:8700

Exit codes: 0 stopped by SIGTERM or Ctrl-C, 2 bad input, 3 out of reach.)");
  command->callback([options, &exit_code] {
    auto code = serve(*options);
    exit_code = code ? *code : exit_with(code.error());
  });
}

}  // namespace hyperwright::cli
