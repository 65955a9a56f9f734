#include "cli/controller_options.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/number.h"
#include "cli/feature_gates.h"
#include "cli/help.h"
#include "kube/quantity.h"
#include "runtime/journal.h"

namespace hyperwright::cli {
namespace {

constexpr const char* kDescription =
    "Run the autoscaler for one HyperPod cluster and its Kubernetes.\n"
    "Pending pods become HyperPod nodes, the cheapest that fit; nodes that nothing needs go. What "
    "may\n"
    "be bought is said by NodePools (karpenter.sh/v1) and HyperpodNodeClasses in the cluster.";

constexpr const char* kFooter = R"(Environment
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; AWS_PROFILE, AWS_CONFIG_FILE,
  AWS_SHARED_CREDENTIALS_FILE; AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE (IRSA);
  AWS_CONTAINER_CREDENTIALS_FULL_URI (EKS Pod Identity); AWS_EC2_METADATA_DISABLED
                              Where the keys come from that sign the calls to AWS, in the order of
                              the AWS SDKs (required, also with --endpoint). Keys that end are
                              renewed before they do
  AWS_REGION, AWS_DEFAULT_REGION
                              Where there is no --region; then the profile's, then the instance's
  AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_SAGEMAKER, ..._EC2, ..._STS, ..._PRICING
                              Other endpoints than the region's; with --endpoint, those of single
                              services count, but for SageMaker's
  AWS_CA_BUNDLE               File of the certificates to trust at AWS's endpoints
  KUBECONFIG                  Where there is no --kubeconfig
  https_proxy, no_proxy       As everywhere

Before the first start
  1. hyperwright crds --apply
  2. The HyperPod cluster has NodeProvisioningMode=Continuous, and its own autoscaling is off.
  3. The keys may call sagemaker:DescribeCluster, ListClusterNodes, DescribeClusterNode,
     ListClusterEvents, DescribeClusterEvent, BatchAddClusterNodes, BatchDeleteClusterNodes,
     ec2:DescribeSubnets unless --subnet-zones names every subnet, DescribeTrainingPlan for
     instance groups that draw on a training plan, and pricing:GetProducts unless --no-price-list.

Where to look
  kubectl describe nodepools,hyperpodnodeclasses,nodeclaims    conditions and events
  standard error                                               the log, one JSON object a line
  http://127.0.0.1:8080/metrics                                Karpenter's metrics

Spans of time are written as 500ms, 30s, 10m or 1h30m.

Examples
  hyperwright controller --cluster training --region us-west-2 --kubeconfig ~/.kube/config
  hyperwright controller --cluster training --endpoint http://127.0.0.1:8700    # hyperwright service
  aws ec2 describe-subnets --query 'Subnets[].[SubnetId,AvailabilityZone]' --output text > zones
  hyperwright controller --cluster training --region us-west-2 --subnet-zones zones

Exit codes: 0 stopped by SIGTERM or Ctrl-C, 2 bad input, 3 refused or out of reach.)";

// A wait of nothing would buy and give back without end.
constexpr Duration kShortestWait = Duration::seconds(1);
constexpr Duration kShortestRetry = Duration::milliseconds(100);

Status set_duration(Duration& into, std::string_view flag, std::string_view text,
                    Duration shortest) {
  const auto duration = parse_duration(text);
  if (!duration) return fail(duration.error(), fmt::format("--{}", flag));
  if (*duration < Duration{}) {
    return fail(ErrorCode::Invalid, fmt::format("--{} is {}, it may not be negative", flag, text),
                "write a span such as 1s or 10m");
  }
  if (*duration < shortest) {
    return fail(
        ErrorCode::Invalid,
        fmt::format("--{} is {}, it must be at least {}", flag, text, format_duration(shortest)),
        "write a span such as 10m");
  }
  into = *duration;
  return {};
}

template <typename Policy>
Status set_policy(Policy& into, std::string_view flag, std::string_view text,
                  std::pair<std::string_view, Policy> one,
                  std::pair<std::string_view, Policy> other) {
  if (text != one.first && text != other.first) {
    return fail(ErrorCode::Invalid, fmt::format("--{}: \"{}\" is no policy", flag, text),
                fmt::format("write {} or {}", one.first, other.first));
  }
  into = text == one.first ? one.second : other.second;
  return {};
}

Status set_policies(state::Options& core, const ControllerOptions& options) {
  using state::MinValuesPolicy;
  using state::PreferencePolicy;
  if (auto set =
          set_policy(core.preference_policy, "preference-policy", options.preference_policy,
                     {"Respect", PreferencePolicy::Respect}, {"Ignore", PreferencePolicy::Ignore});
      !set)
    return set;
  return set_policy(core.min_values_policy, "min-values-policy", options.min_values_policy,
                    {"Strict", MinValuesPolicy::Strict},
                    {"BestEffort", MinValuesPolicy::BestEffort});
}

void add_clusters(CLI::App& command, ControllerOptions& options) {
  command.add_option("--cluster", options.cluster, "Name or ARN of the HyperPod cluster")
      ->type_name("NAME")
      ->group("Which cluster")
      ->required();
  command
      .add_option("--region", options.region,
                  "Its AWS region (default: $AWS_REGION, $AWS_DEFAULT_REGION, the profile's, the "
                  "instance's)")
      ->type_name("REGION")
      ->group("Which cluster");
  command
      .add_option("--endpoint", options.endpoint,
                  "A HyperPod-compatible API instead of AWS's, such as `hyperwright service`; it "
                  "answers for SageMaker and EC2, and is asked for prices and who one is")
      ->type_name("URL")
      ->group("Which cluster");
  command
      .add_option("--kubeconfig", options.kubeconfig,
                  "Kubeconfig of its EKS cluster, such as `aws eks update-kubeconfig` writes it "
                  "(default: $KUBECONFIG, in a pod its service account, ~/.kube/config)")
      ->type_name("FILE")
      ->group("Which cluster");
  command
      .add_option("--context", options.context,
                  "Context of the kubeconfig (default: its current-context)")
      ->type_name("NAME")
      ->group("Which cluster");
}

void add_facts(CLI::App& command, ControllerOptions& options) {
  command
      .add_option("--prices", options.prices,
                  "CSV with the columns instance_type and usd_per_hour (dollars for one instance), "
                  "over those of the price list and those that are built in")
      ->type_name("FILE")
      ->group("What it should know");
  command
      .add_option("--price-cache", options.price_cache,
                  "Where AWS's price list is kept from run to run: a folder, or a file in one")
      ->type_name("PATH")
      ->group("What it should know");
  command
      .add_option("--discounts", options.discounts,
                  "CSV with the column percent, and instance_type, instance_group, capacity_type "
                  "(on-demand or spot) or some of them: what is taken off the list price. An empty "
                  "field fits everything, and the first line that fits counts")
      ->type_name("FILE")
      ->group("What it should know");
  command
      .add_option(
          "--subnet-zones", options.subnet_zones,
          "Zones of subnets, one a line, \"subnet-0a1b2c3d: us-west-2a\"; only subnets that "
          "it does not name are asked of EC2 (ec2:DescribeSubnets)")
      ->type_name("FILE")
      ->group("What it should know");
  command
      .add_option("--scheduler-config", options.scheduler_config,
                  "Spread constraints that kube-scheduler gives to pods without any of their own: "
                  "podTopologySpread.defaultConstraints, as YAML or JSON")
      ->type_name("FILE")
      ->group("What it should know");
}

void add_policies(CLI::App& command, ControllerOptions& options) {
  const auto add = [&](const char* flag, std::string& value, const char* description) {
    command.add_option(flag, value, description)
        ->type_name("POLICY")
        ->group("How it decides")
        ->capture_default_str();
  };
  add("--preference-policy", options.preference_policy,
      "Respect: what pods only prefer is bought where it can be had; Ignore: preferences, and "
      "spreads that are ScheduleAnyway, are left to kube-scheduler and buy nothing");
  add("--min-values-policy", options.min_values_policy,
      "Strict: a node that leaves fewer values than a NodePool's minValues is not bought; "
      "BestEffort: it is, with a lower minValues, where there is no other for the pod");
  command
      .add_option("--feature-gates", options.feature_gates,
                  "Karpenter's gates, such as StaticCapacity=true,CapacityBuffer=true; known are "
                  "StaticCapacity, CapacityBuffer and NodeOverlay (off unless said), and "
                  "ReservedCapacity (on)")
      ->type_name("GATE=BOOLEAN,…")
      ->group("How it decides");
}

void add_timings(CLI::App& command, ControllerOptions& options) {
  const auto add = [&](const char* flag, std::string& value, const char* description) {
    command.add_option(flag, value, description)
        ->type_name("SPAN")
        ->group("How long it waits")
        ->capture_default_str();
  };
  add("--batch-idle-duration", options.batch_idle,
      "Pending pods are placed together: a batch closes this long after its newest pod");
  add("--batch-max-duration", options.batch_max, "... and at the latest this long after its first");
  add("--capacity-timeout", options.capacity_timeout,
      "How long HyperPod may take to name an instance before the next best offering is tried");
  add("--registration-timeout", options.registration_timeout,
      "How long an instance may take to join as a Node before it is given back");
  add("--unavailable-for", options.unavailable_for,
      "How long an instance type without capacity is left out, in its group and zone");
}

void add_operations(CLI::App& command, ControllerOptions& options) {
  const auto add_port = [&](const char* flag, std::uint16_t& port, const char* description) {
    CLI::Option* option = command.add_option(flag, port, description);
    require_port(*option);
    option->group("How it is run")->capture_default_str();
  };
  add_port("--metrics-port", options.metrics_port, "Port of /metrics; 0 takes a free one");
  add_port("--health-probe-port", options.health_probe_port,
           "Port of /healthz and /readyz; 0 takes a free one");
  command
      .add_option("--bind-address", options.bind_address,
                  "Address that both listen on; 0.0.0.0 for probes and scrapes from other machines")
      ->type_name("ADDRESS")
      ->group("How it is run")
      ->capture_default_str();
  command
      .add_option("--leader-election-name", options.lease_name,
                  "Lease that keeps two controllers apart: the second waits")
      ->type_name("NAME")
      ->group("How it is run")
      ->capture_default_str();
  command
      .add_option("--leader-election-namespace", options.lease_namespace,
                  "Namespace of the Lease (default: the context's, in a pod its own)")
      ->type_name("NAME")
      ->group("How it is run");
  const auto add_span = [&](const char* flag, std::string& value, const char* description) {
    command.add_option(flag, value, description)
        ->type_name("SPAN")
        ->group("How it is run")
        ->capture_default_str();
  };
  add_span("--leader-elect-lease-duration", options.lease_duration,
           "How long the second waits for a Lease that is not renewed");
  add_span("--leader-elect-renew-deadline", options.lease_renew_deadline,
           "How long the first acts without having renewed it");
  add_span("--leader-elect-retry-period", options.lease_retry_period,
           "How often it is renewed, or looked at");
  const auto add_rate = [&](const char* flag, std::int64_t& value, const char* description) {
    command.add_option(flag, value, description)
        ->type_name("NUMBER")
        ->check(CLI::Validator(
            [](const std::string& text) {
              const auto number = parse_int64(text);
              if (number && *number >= 1 && *number <= 100'000) return std::string{};
              return fmt::format("\"{}\" is no rate\nwrite a whole number from 1 to 100000", text);
            },
            ""))
        ->group("How it is run")
        ->capture_default_str();
  };
  add_rate("--kube-api-qps", options.kube_api_qps,
           "Changes and events that are sent to Kubernetes in a second, on average");
  add_rate("--kube-api-burst", options.kube_api_burst, "... and at once, after a rest");
  command
      .add_option(
          "--journal", options.journal,
          "Directory for the journal: all that the controller was told and decided, turn by "
          "turn, for `hyperwright replay` (default: none is written)")
      ->type_name("DIR")
      ->group("How it is run");
  command
      .add_option("--journal-bytes-max", options.journal_bytes_max,
                  "Bytes of all files of the journal; the oldest go")
      ->type_name("SIZE")
      ->group("How it is run")
      ->capture_default_str();
  command.add_option("--log-level", options.log_level, "debug, info, warn or error")
      ->type_name("LEVEL")
      ->group("How it is run")
      ->capture_default_str();
}

}  // namespace

void add_decision_options(CLI::App& command, ControllerOptions& options) {
  add_clusters(command, options);
  add_facts(command, options);
  add_policies(command, options);
}

void add_price_list(CLI::App& command, ControllerOptions& options) {
  command
      .add_flag("--no-price-list", options.no_price_list,
                "Do not ask the AWS Price List service for HyperPod's prices (every 12 hours; "
                "pricing:GetProducts)")
      ->group("What it should know");
}

CLI::App& add_controller_options(CLI::App& app, ControllerOptions& options) {
  CLI::App& command = *app.add_subcommand("controller", kDescription);
  add_decision_options(command, options);
  add_price_list(command, options);
  add_timings(command, options);
  add_operations(command, options);
  command.footer(kFooter);
  return command;
}

Result<runtime::LeaseTimings> lease_timings(const ControllerOptions& options) {
  runtime::LeaseTimings timings;
  for (const Status& set : {set_duration(timings.duration, "leader-elect-lease-duration",
                                         options.lease_duration, kShortestWait),
                            set_duration(timings.renew_deadline, "leader-elect-renew-deadline",
                                         options.lease_renew_deadline, kShortestRetry),
                            set_duration(timings.retry, "leader-elect-retry-period",
                                         options.lease_retry_period, kShortestRetry)}) {
    if (!set) return fail(set.error());
  }
  // Kubernetes keeps the duration of a Lease in whole seconds.
  if (timings.duration != Duration::seconds(timings.duration.in_seconds())) {
    return fail(ErrorCode::Invalid,
                fmt::format("--leader-elect-lease-duration is {}, it must be whole seconds",
                            options.lease_duration),
                "write a span such as 15s");
  }
  if (timings.renew_deadline >= timings.duration) {
    return fail(ErrorCode::Invalid,
                fmt::format("--leader-elect-renew-deadline is {}, it must be shorter than "
                            "--leader-elect-lease-duration, which is {}",
                            options.lease_renew_deadline, options.lease_duration),
                "two controllers would act together; 10s and 15s are usual");
  }
  // client-go's factor: a renewal must have its chance before the deadline.
  if (timings.retry * 12 / 10 >= timings.renew_deadline) {
    return fail(ErrorCode::Invalid,
                fmt::format("--leader-elect-retry-period is {}, 1.2 times that must be shorter "
                            "than --leader-elect-renew-deadline, which is {}",
                            options.lease_retry_period, options.lease_renew_deadline),
                "2s and 10s are usual");
  }
  return timings;
}

Result<std::uint64_t> journal_bytes_of(const std::string& text) {
  const auto quantity = kube::parse_quantity(text);
  if (!quantity) return fail(quantity.error(), "--journal-bytes-max");
  const std::int64_t bytes = quantity->value();
  if (bytes < static_cast<std::int64_t>(runtime::kJournalBytesLeast)) {
    return fail(ErrorCode::Invalid, fmt::format("--journal-bytes-max is {}, below 1Mi", text),
                "write a size such as 64Mi or 1Gi");
  }
  return static_cast<std::uint64_t>(bytes);
}

Result<state::Options> core_options(const ControllerOptions& options) {
  state::Options core;
  if (options.cluster.empty()) {
    return fail(ErrorCode::Invalid, "--cluster is empty",
                "write the name or the ARN of the HyperPod cluster");
  }
  core.cluster = options.cluster;
  for (const Status& set :
       {set_policies(core, options),
        set_duration(core.batch_idle, "batch-idle-duration", options.batch_idle, {}),
        set_duration(core.batch_max, "batch-max-duration", options.batch_max, {}),
        set_duration(core.registration_timeout, "registration-timeout",
                     options.registration_timeout, kShortestWait),
        set_duration(core.capacity_timeout, "capacity-timeout", options.capacity_timeout,
                     kShortestWait),
        set_duration(core.unavailable_for, "unavailable-for", options.unavailable_for,
                     kShortestWait)}) {
    if (!set) return fail(set.error());
  }
  const auto parsed = parse_feature_gates(options.feature_gates);
  if (!parsed) return fail(parsed.error());
  core.gates = parsed->gates;
  if (core.batch_idle > core.batch_max) {
    return fail(ErrorCode::Invalid,
                fmt::format("--batch-idle-duration is {}, above --batch-max-duration, which is {}",
                            options.batch_idle, options.batch_max),
                "make it shorter, or --batch-max-duration longer");
  }
  return core;
}

}  // namespace hyperwright::cli
