// hyperwright controller: the autoscaler for one real cluster.
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/controller_options.h"
#include "cli/facts.h"
#include "cli/feature_gates.h"
#include "cli/first_look.h"
#include "cli/installed_crds.h"
#include "cli/price_sources.h"
#include "cli/readiness.h"
#include "cli/version.h"
#include "client/aws_client.h"
#include "client/clock.h"
#include "client/effector.h"
#include "client/environment.h"
#include "client/kubeconfig.h"
#include "client/lease_keeper.h"
#include "client/sts.h"
#include "client/watches.h"
#include "runtime/journal.h"
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
  Controller(const ControllerOptions& options, runtime::LeaseTimings timings, Facts facts,
             runtime::LogLevel level)
      : options_(options),
        timings_(timings),
        core_(std::move(facts.core)),
        priced_{std::move(facts.types), std::move(facts.own_prices)},
        zones_(std::move(facts.zones)),
        log_(level) {}

  Result<ExitCode> run() {
    const client::Environment environment = client::process_environment();
    auto access = client::find_kubernetes(options_.kubeconfig, options_.context, environment);
    if (!access) return fail(access.error());
    auto settings = client::aws_settings(options_.region, options_.endpoint, environment);
    if (!settings) return fail(settings.error());
    const auto price_cache = price_cache_file(options_.price_cache, settings->region);
    if (!price_cache) return fail(price_cache.error());
    settings->credentials->on_renewal([this](const auto& keys) { tell_keys(keys); });
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
    tell_definitions(kubernetes);
    has_looked_.store(true);
    client::AwsClient aws(http, std::move(*settings), seed);

    if (auto opened = open_doors(); !opened) return fail(opened.error());
    if (const auto first = take_first_keys()) tell_keys(*first);
    client::caller_identity(aws, [this](const auto& identity) { tell_identity(identity); });
    if (auto told = tell_unknown_gates(); !told) return fail(told.error());

    // Before the Lease is asked for: who waits for a disk must not hold it.
    const hyperpod::PriceList kept =
        take_kept_prices(priced_, *price_cache, aws.settings().region, log_);
    const std::string namespace_ =
        options_.lease_namespace.empty() ? access->namespace_name : options_.lease_namespace;
    bool is_lost = false;
    client::LeaseKeeper lease(
        *access,
        {.namespace_name = namespace_,
         .name = options_.lease_name,
         .identity = identity(seed),
         .timings = timings_,
         .on_renewed = [&http](Duration left) { http.keep_open_for(left); },
         .on_waiting = [this](const Status& seen) { readiness_.waits(seen); }},
        log_, [this] { begin_leading(); },
        [this, &is_lost, &http] {
          // What is queued, waits for a retry or is half sent: none of it may go out any more.
          http.close();
          is_lost = true;
          inbox_.close();
        });
    if (!wait_until_leading()) return ExitCode::Done;

    std::optional<PriceWatch> price_watch;
    if (!options_.no_price_list)
      price_watch.emplace(PriceWatch::World{http, aws, inbox_, log_}, priced_, kept, *price_cache,
                          seed);
    auto journal = open_journal();
    if (!journal) return fail(journal.error(), "--journal");
    journal_ = *std::move(journal);
    lead(http, kubernetes, aws, seed);
    if (refusal_) return fail(*refusal_);
    if (is_lost)
      return fail(ErrorCode::Conflict, "the lease was lost, another controller may act now",
                  "start again; one of several waits");
    log_.write(runtime::LogLevel::Info, "stopped");
    return ExitCode::Done;
  }

 private:
  // Until the inbox is closed.
  void lead(client::HttpClient& http, client::KubernetesClient& kubernetes, client::AwsClient& aws,
            std::uint64_t seed) {
    runtime::Loop loop(state::ClusterState(core_, priced_.types), seed,
                       controllers::all_controllers());
    runtime::Reporter reporter(log_, metrics_);
    client::ClusterEffector effector(
        kubernetes, aws, inbox_, core_.cluster, client::wall_now, zones_,
        {.per_second = options_.kube_api_qps, .burst = options_.kube_api_burst});
    {
      const client::Watches watches(core_, kubernetes, inbox_, log_, seed);
      ForwardClock clock = forward_clock();
      const auto after = [&](const runtime::Loop& turned) {
        reporter.note_clock(clock.ahead());
        after_turn(turned);
      };
      runtime::Runner runner{loop,  inbox_,        effector, reporter, std::ref(clock),
                             after, journal_.get()};
      runner.run();
    }
    http.close();  // before the Lease is given up: the next one may act at once
  }

  Status open_doors() {
    auto metrics_server = server::serve_metrics(options_.bind_address, options_.metrics_port,
                                                [this] { return metrics_.text(); });
    if (!metrics_server) return fail(metrics_server.error(), "--metrics-port");
    metrics_server_ = *std::move(metrics_server);
    auto health_server = server::serve_health(options_.bind_address, options_.health_probe_port,
                                              [this] { return readiness_.problem(); });
    if (!health_server) return fail(health_server.error(), "--health-probe-port");
    health_server_ = *std::move(health_server);
    log_.write(runtime::LogLevel::Info, "serving metrics", {{"address", metrics_server_->url()}});
    log_.write(runtime::LogLevel::Info, "serving health probes",
               {{"address", health_server_->url()}});
    return {};
  }

  Status tell_unknown_gates() const {
    const auto gates = parse_feature_gates(options_.feature_gates);
    if (!gates) return fail(gates.error());
    for (const std::string& gate : gates->unknown) {
      log_.write(runtime::LogLevel::Warn, "feature gate is not known here, it is ignored",
                 {{"gate", gate}});
    }
    return {};
  }

  // Once it is known, and never waited for: an endpoint of one's own may not know it.
  void tell_identity(const Result<client::CallerIdentity>& identity) const {
    using runtime::LogLevel;
    if (identity)
      return log_.write(LogLevel::Info, "calling AWS",
                        {{"account", identity->account}, {"arn", identity->arn}});
    if (identity.error().code() != ErrorCode::NotFound)
      log_.write(LogLevel::Warn, "who we are to AWS is not known",
                 {{"error", identity.error().text()}, {"remedy", identity.error().remedy()}});
  }

  // Where they came from is told once the first look has shown that the start goes on: one that
  // fails says its error alone.
  void tell_keys(const Result<client::ObtainedKeys>& found) {
    using runtime::LogLevel;
    if (!has_looked_.load()) {
      const std::lock_guard lock(mutex_);
      if (found) first_keys_ = *found;
      return;
    }
    if (!found) return log_.error("no keys for AWS could be had", found.error());
    const bool ends = found->expires != Time::max();
    log_.write(LogLevel::Info, "found keys for AWS",
               {{"source", found->source},
                {"from", found->detail},
                {"expires", ends ? format_time(found->expires) : "never"}});
  }

  std::optional<client::ObtainedKeys> take_first_keys() {
    const std::lock_guard lock(mutex_);
    return std::exchange(first_keys_, std::nullopt);
  }

  static std::string identity(std::uint64_t seed) {
    std::array<char, 256> host{};
    if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
    return fmt::format("{}_{}", host.data(), Random(seed).uuid());
  }

  // A field that the API server does not know is dropped by it without a word.
  void tell_definitions(client::KubernetesClient& kubernetes) {
    const auto all = look_at_crds(kubernetes);
    if (!all) {
      return log_.write(runtime::LogLevel::Warn,
                        "custom resource definitions cannot be compared with those of this version",
                        {{"error", all.error().text()}, {"fix", all.error().remedy()}});
    }
    for (const InstalledCrd& crd : *all) {
      if (!crd.found || crd.is_complete()) continue;
      log_.write(runtime::LogLevel::Warn,
                 "custom resource definition is not the one of this version, it lacks fields",
                 {{"definition", crd.name},
                  {"missing", kube::in_words(crd.found->missing)},
                  {"fix", crd.found->is_ours ? "hyperwright crds --apply"
                                             : "upgrade what it belongs to, or replace it for "
                                               "both: hyperwright crds --apply --force"}});
    }
  }

  // nullptr: none is wanted.
  Result<std::unique_ptr<runtime::Journal>> open_journal() {
    if (options_.journal.empty()) return std::unique_ptr<runtime::Journal>();
    const auto bytes_max = journal_bytes_of(options_.journal_bytes_max);
    if (!bytes_max) return fail(bytes_max.error());
    auto journal = runtime::Journal::open(
        {.directory = options_.journal,
         .bytes_max = *bytes_max,
         .writer = std::string(kVersion),
         .on_stop = [this](const Error& error) { log_.error("the journal stopped", error); }});
    if (journal)
      log_.write(runtime::LogLevel::Info, "writing the journal", {{"directory", options_.journal}});
    return journal;
  }

  void begin_leading() {
    {
      const std::lock_guard lock(mutex_);
      leads_ = true;
    }
    readiness_.leads();
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
    readiness_.has_picture(loop.state().is_synced());
    if (journal_ != nullptr) metrics_.note_journal(*journal_);
  }

  const ControllerOptions& options_;
  const runtime::LeaseTimings timings_;
  state::Options core_;
  PricedTypes priced_;
  client::SubnetZones zones_;
  runtime::Log log_;
  runtime::Metrics metrics_;
  runtime::Inbox inbox_;
  std::mutex mutex_;
  std::condition_variable started_;
  bool leads_ = false;
  Readiness readiness_;
  std::atomic<bool> has_looked_ = false;
  std::optional<client::ObtainedKeys> first_keys_;
  std::optional<Error> refusal_;
  std::unique_ptr<runtime::Journal> journal_;
  std::unique_ptr<server::HttpServer> metrics_server_, health_server_;  // last: they read the above
};

ExitCode run_controller(const ControllerOptions& options) {
  const auto level = runtime::parse_log_level(options.log_level);
  if (!level) return exit_with(level.error());
  if (const auto bytes = journal_bytes_of(options.journal_bytes_max); !bytes)
    return exit_with(bytes.error());
  auto facts = facts_of(options);
  if (!facts) return exit_with(facts.error());
  const auto timings = lease_timings(options);
  if (!timings) return exit_with(timings.error());
  Controller controller(options, *timings, *std::move(facts), *level);
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
