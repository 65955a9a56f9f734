// hyperwright controller: the autoscaler for one real cluster.
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <random>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/files.h"
#include "client/aws_client.h"
#include "client/effector.h"
#include "client/environment.h"
#include "client/kubeconfig.h"
#include "client/lease_keeper.h"
#include "client/watches.h"
#include "hyperpod/wire.h"
#include "runtime/runner.h"
#include "server/operations_door.h"

namespace hyperwright::cli {
namespace {

struct ControllerOptions {
  std::string cluster;
  std::string kubeconfig;
  std::string context;
  std::string endpoint;
  std::string region;
  std::string prices;
  std::string subnet_zones;
  std::string log_level = "info";
  std::string bind_address = "127.0.0.1";
  std::uint16_t metrics_port = 8080;
  std::uint16_t health_probe_port = 8081;
  std::string batch_idle = "1s";
  std::string batch_max = "10s";
  std::string registration_timeout = "30m";
  std::string capacity_timeout = "10m";
  std::string unavailable_for = "3m";
  std::string lease_name = "hyperwright-leader-election";
  std::string lease_namespace;
};

Time wall_now() {
  return Time::from_unix_microseconds(std::chrono::duration_cast<std::chrono::microseconds>(
                                          std::chrono::system_clock::now().time_since_epoch())
                                          .count());
}

Status set_duration(Duration& into, std::string_view flag, std::string_view text) {
  const auto duration = parse_duration(text);
  if (!duration) return fail(duration.error(), fmt::format("--{}", flag));
  if (*duration < Duration{}) {
    return fail(ErrorCode::Invalid, fmt::format("--{} is {}, it may not be negative", flag, text),
                "write a span such as 1s or 10m");
  }
  into = *duration;
  return {};
}

Result<state::Options> core_options(const ControllerOptions& options) {
  state::Options core;
  core.cluster = options.cluster;
  for (const Status& set :
       {set_duration(core.batch_idle, "batch-idle-duration", options.batch_idle),
        set_duration(core.batch_max, "batch-max-duration", options.batch_max),
        set_duration(core.registration_timeout, "registration-timeout",
                     options.registration_timeout),
        set_duration(core.capacity_timeout, "capacity-timeout", options.capacity_timeout),
        set_duration(core.unavailable_for, "unavailable-for", options.unavailable_for)}) {
    if (!set) return fail(set.error());
  }
  return core;
}

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
    on_stop_signal([this] { inbox_.close(); });

    client::HttpClient http;
    client::AwsClient aws(http, std::move(*settings), seed);
    client::KubernetesClient kubernetes(http, *access);
    if (auto found = look_at(aws, kubernetes); !found) return fail(found.error());

    auto metrics_server = server::serve_metrics(options_.bind_address, options_.metrics_port,
                                                [this] { return metrics_.text(); });
    if (!metrics_server) return fail(metrics_server.error(), "--metrics-port");
    auto health_server = server::serve_health(options_.bind_address, options_.health_probe_port,
                                              [this] { return readiness_problem(); });
    if (!health_server) return fail(health_server.error(), "--health-probe-port");
    log_.write(runtime::LogLevel::Info, "serving metrics", {{"address", (*metrics_server)->url()}});
    log_.write(runtime::LogLevel::Info, "serving health probes",
               {{"address", (*health_server)->url()}});

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
      const client::Watches watches(kubernetes, inbox_, log_, seed);
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
  // Both sides are reached once before anything starts, so that a wrong name, key or address is
  // told at the terminal and not only in a log that repeats it for ever.
  Status look_at(client::AwsClient& aws, client::KubernetesClient& kubernetes) {
    const auto answer =
        aws.call_and_wait("DescribeCluster", hyperpod::describe_cluster_request(core_.cluster));
    if (!answer) return fail(answer.error(), fmt::format("--cluster {}", core_.cluster));
    const auto cluster = hyperpod::decode_cluster(*answer);
    if (!cluster) return fail(cluster.error());
    if (auto checked = check_cluster(*cluster); !checked) return checked;
    const auto crd = kubernetes.call_and_wait(client::get_request("/apis/karpenter.sh/v1"));
    if (!crd && crd.error().code() == ErrorCode::NotFound) {
      return fail(
          ErrorCode::NotFound,
          fmt::format("the cluster of {} has no karpenter.sh/v1", kubernetes.access().server),
          "install the custom resource definitions: hyperwright crds | kubectl apply -f -");
    }
    if (!crd) return fail(crd.error(), fmt::format("Kubernetes at {}", kubernetes.access().server));
    return {};
  }

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
  std::optional<Error> refusal_;
};

ExitCode run_controller(const ControllerOptions& options) {
  const auto level = runtime::parse_log_level(options.log_level);
  if (!level) return exit_with(level.error());
  auto core = core_options(options);
  if (!core) return exit_with(core.error());
  hyperpod::InstanceTypes types = hyperpod::InstanceTypes::shipped();
  if (auto priced = apply_price_file(types, options.prices); !priced)
    return exit_with(priced.error());
  auto zones = read_subnet_zones(options.subnet_zones);
  if (!zones) return exit_with(zones.error());
  Controller controller(options, std::move(*core), std::move(types), std::move(*zones), *level);
  auto code = controller.run();
  return code ? *code : exit_with(code.error());
}

}  // namespace

void add_controller(CLI::App& app, ExitCode& exit_code) {
  auto options = std::make_shared<ControllerOptions>();
  CLI::App* command = app.add_subcommand(
      "controller", "Run the autoscaler for one HyperPod cluster and its Kubernetes");
  command->add_option("--cluster", options->cluster, "Name or ARN of the HyperPod cluster")
      ->required();
  command
      ->add_option("--kubeconfig", options->kubeconfig,
                   "Kubeconfig of its EKS cluster (default: $KUBECONFIG, the pod's service "
                   "account, ~/.kube/config)")
      ->type_name("FILE");
  command->add_option("--context", options->context,
                      "Context of the kubeconfig (default: its current one)");
  command->add_option("--endpoint", options->endpoint,
                      "URL of a HyperPod-compatible API (default: AWS's)");
  command->add_option("--region", options->region,
                      "AWS region (default: $AWS_REGION, $AWS_DEFAULT_REGION)");
  command
      ->add_option(
          "--prices", options->prices,
          "CSV with the columns instance_type and usd_per_hour, over the prices that are built in")
      ->type_name("FILE");
  command
      ->add_option("--metrics-port", options->metrics_port, "Port of /metrics; 0 takes a free one")
      ->capture_default_str();
  command
      ->add_option("--health-probe-port", options->health_probe_port,
                   "Port of /healthz and /readyz; 0 takes a free one")
      ->capture_default_str();
  command->add_option("--bind-address", options->bind_address, "Address that both listen on")
      ->capture_default_str();
  command
      ->add_option("--batch-idle-duration", options->batch_idle,
                   "A batch of pending pods closes this long after its newest pod")
      ->capture_default_str();
  command
      ->add_option("--batch-max-duration", options->batch_max, "... and this long after its first")
      ->capture_default_str();
  command
      ->add_option(
          "--capacity-timeout", options->capacity_timeout,
          "How long HyperPod may take to name an instance before the next best offering is tried")
      ->capture_default_str();
  command
      ->add_option("--registration-timeout", options->registration_timeout,
                   "How long an instance may take to join as a Node")
      ->capture_default_str();
  command
      ->add_option("--unavailable-for", options->unavailable_for,
                   "How long an offering without capacity is left out")
      ->capture_default_str();
  command
      ->add_option("--leader-election-name", options->lease_name,
                   "Name of the Lease that keeps two controllers apart")
      ->capture_default_str();
  command->add_option("--leader-election-namespace", options->lease_namespace,
                      "Namespace of the Lease (default: the context's)");
  command->add_option("--log-level", options->log_level, "debug, info, warn or error")
      ->capture_default_str();
  command->footer(
      "Keys for AWS come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.");
  command->callback([options, &exit_code] { exit_code = run_controller(*options); });
}

}  // namespace hyperwright::cli
