// The flags of `hyperwright controller`.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "runtime/leadership.h"
#include "state/options.h"

namespace CLI {
class App;
}

namespace hyperwright::cli {

struct ControllerOptions {
  std::string cluster;
  std::string kubeconfig;
  std::string context;
  std::string endpoint;
  std::string region;
  std::string prices;
  std::string price_cache;
  std::string discounts;
  bool no_price_list = false;
  std::string subnet_zones;
  std::string scheduler_config;
  std::string preference_policy = "Respect";
  std::string min_values_policy = "Strict";
  std::string feature_gates;
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
  std::string lease_duration = "15s";
  std::string lease_renew_deadline = "10s";
  std::string lease_retry_period = "2s";
  std::int64_t kube_api_qps = 200;
  std::int64_t kube_api_burst = 300;
  std::string journal;
  std::string journal_bytes_max = "512Mi";
};

// Adds the flags that decide what is bought: which cluster, what is known of it, which policies
// hold.
void add_decision_options(CLI::App& command, ControllerOptions& options);
// --no-price-list, for commands that ask AWS's price list.
void add_price_list(CLI::App& command, ControllerOptions& options);

// Adds the subcommand with its flags, which are read into `options`.
CLI::App& add_controller_options(CLI::App& app, ControllerOptions& options);

// The bytes of a text such as 64Mi or 1G. Fails with Invalid and the flag.
Result<std::uint64_t> journal_bytes_of(const std::string& text);

// The options of the core, without what stands in files. Fails with Invalid and the flag.
Result<state::Options> core_options(const ControllerOptions& options);

// Fails with Invalid and the flag where they would not keep two controllers apart.
Result<runtime::LeaseTimings> lease_timings(const ControllerOptions& options);

}  // namespace hyperwright::cli
