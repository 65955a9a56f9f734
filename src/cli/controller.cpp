// hyperwright controller: the autoscaler for one real cluster.
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <random>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/controller_options.h"
#include "cli/facts.h"
#include "cli/feature_gates.h"
#include "cli/first_look.h"
#include "client/aws_client.h"
#include "client/effector.h"
#include "client/environment.h"
#include "client/kubeconfig.h"
#include "client/lease_keeper.h"
#include "client/watches.h"
#include "runtime/runner.h"
#include "server/operations_door.h"

namespace hyperwright::cli {
namespace {

// What the cluster must be like before anything is done to it: two buyers would serve one demand,
// and BatchAddClusterNodes exists in continuous provisioning only.
Status check_cluster(const hyperpod::Cluster& cluster) {
  if (cluster.auto_scaling_mode == hyperpod::AutoScalingMode::Enable) {
    return fail(ErrorCode::Conflict,
                fmt::format("cluster {}: AutoScaling.Mode is Enable, its managed Karpenter is on",
                            cluster.name),
                fmt::format("turn it off: aws sagemaker update-cluster --cluster-name {} "
                            "--auto-scaling Mode=Disable",
                            cluster.name));
  }
  if (!cluster.is_continuous) {
    return fail(ErrorCode::Conflict,
                fmt::format("cluster {}: NodeProvisioningMode is not Continuous", cluster.name),
                "autoscaling needs continuous provisioning; create the cluster with "
                "NodeProvisioningMode=Continuous");
  }
  return {};
}

class Controller {
 public:
  Controller(const ControllerOptions& options, state::Options core, hyperpod::InstanceTypes types,
             client::SubnetZones zones, runtime::LogLevel level)
      : options_(options),
        core_(std::move(core)),
        types_(std::move(types)),
        zones_(std::move(zones)),
        log_(level) {}

  Result<ExitCode> run() {
    const client::Environment environment = client::process_environment();
    auto access = client::find_kubernetes(options_.kubeconfig, options_.context, environment);
    if (!access) return fail(access.error());
    auto settings = client::aws_settings(options_.region, options_.endpoint, environment);
    if (!settings) return fail(settings.error());
    std::random_device entropy;
    const std::uint64_t seed = (std::uint64_t{entropy()} << 32U) | entropy();
    on_stop_signal([this] {
      if (!has_looked_.load()) std::_Exit(static_cast<int>(ExitCode::Done));  // nothing is begun
      inbox_.close();
    });

    client::HttpClient http;
    client::KubernetesClient kubernetes(http, *access);
    const auto found = look_at(http, *settings, kubernetes, core_.cluster);
    if (!found) return fail(found.error());
    if (auto checked = check_cluster(*found); !checked) return fail(checked.error());
    has_looked_.store(true);
    client::AwsClient aws(http, std::move(*settings), seed);

    auto metrics_server = server::serve_metrics(options_.bind_address, options_.metrics_port,
                                                [this] { return metrics_.text(); });
    if (!metrics_server) return fail(metrics_server.error(), "--metrics-port");
    auto health_server = server::serve_health(options_.bind_address, options_.health_probe_port,
                                              [this] { return readiness_problem(); });
    if (!health_server) return fail(health_server.error(), "--health-probe-port");
    log_.write(runtime::LogLevel::Info, "serving metrics", {{"address", (*metrics_server)->url()}});
    log_.write(runtime::LogLevel::Info, "serving health probes",
               {{"address", (*health_server)->url()}});

    const auto gates = parse_feature_gates(options_.feature_gates);
    if (!gates) return fail(gates.error());
    for (const std::string& gate : gates->unknown) {
      log_.write(runtime::LogLevel::Warn, "feature gate is not known here, it is ignored",
                 {{"gate", gate}});
    }

    const std::string namespace_ =
        options_.lease_namespace.empty() ? access->namespace_name : options_.lease_namespace;
    bool is_lost = false;
    client::LeaseKeeper lease(
        *access,
        {.namespace_name = namespace_,
         .name = options_.lease_name,
         .identity = identity(seed),
         .timings = {}},
        log_, [this] { begin_leading(); },
        [this, &is_lost] {
          is_lost = true;
          inbox_.close();
        });
    if (!wait_until_leading()) return ExitCode::Done;

    runtime::Loop loop(state::ClusterState(core_, types_), seed, controllers::all_controllers());
    runtime::Reporter reporter(log_, metrics_);
    {
      client::ClusterEffector effector(kubernetes, aws, inbox_, core_.cluster, wall_now, zones_);
      const client::Watches watches(core_, kubernetes, inbox_, log_, seed);
      runtime::Runner runner{loop,     inbox_,
                             effector, reporter,
                             wall_now, [this](const runtime::Loop& turned) { after_turn(turned); }};
      runner.run();
    }
    if (refusal_) return fail(*refusal_);
    if (is_lost)
      return fail(ErrorCode::Conflict, "the lease was lost, another controller may act now",
                  "start again; one of several waits");
    log_.write(runtime::LogLevel::Info, "stopped");
    return ExitCode::Done;
  }

 private:
  static std::string identity(std::uint64_t seed) {
    std::array<char, 256> host{};
    if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
    return fmt::format("{}_{}", host.data(), Random(seed).uuid());
  }

  void begin_leading() {
    {
      const std::lock_guard lock(mutex_);
      leads_ = true;
    }
    started_.notify_all();
  }

  bool wait_until_leading() {
    std::unique_lock lock(mutex_);
    while (!leads_ && !inbox_.is_closed()) started_.wait_for(lock, std::chrono::milliseconds(200));
    return leads_;
  }

  void after_turn(const runtime::Loop& loop) {
    const auto& cluster = loop.state().hyperpod().cluster();
    if (cluster) {
      if (auto checked = check_cluster(*cluster); !checked) {
        log_.error("the cluster may not be autoscaled from here", checked.error());
        refusal_ = checked.error();
        inbox_.close();
      }
    }
    is_synced_.store(loop.state().is_synced());
  }

  // A waiting controller is as ready as it can be; a leading one when its picture is complete.
  std::string readiness_problem() {
    const std::lock_guard lock(mutex_);
    return !leads_ || is_synced_.load() ? std::string{}
                                        : "the picture of the cluster is not complete yet";
  }

  const ControllerOptions& options_;
  state::Options core_;
  hyperpod::InstanceTypes types_;
  client::SubnetZones zones_;
  runtime::Log log_;
  runtime::Metrics metrics_;
  runtime::Inbox inbox_;
  std::mutex mutex_;
  std::condition_variable started_;
  bool leads_ = false;
  std::atomic<bool> is_synced_ = false;
  std::atomic<bool> has_looked_ = false;
  std::optional<Error> refusal_;
};

ExitCode run_controller(const ControllerOptions& options) {
  const auto level = runtime::parse_log_level(options.log_level);
  if (!level) return exit_with(level.error());
  auto facts = facts_of(options);
  if (!facts) return exit_with(facts.error());
  Controller controller(options, std::move(facts->core), std::move(facts->types),
                        std::move(facts->zones), *level);
  auto code = controller.run();
  return code ? *code : exit_with(code.error());
}

}  // namespace

void add_controller(CLI::App& app, ExitCode& exit_code) {
  auto options = std::make_shared<ControllerOptions>();
  add_controller_options(app, *options).callback([options, &exit_code] {
    exit_code = run_controller(*options);
  });
}

}  // namespace hyperwright::cli
