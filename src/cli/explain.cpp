// hyperwright explain: why a pod is where it is, or nowhere. It only reads.
#include <cstdlib>
#include <memory>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/explanation_output.h"
#include "cli/facts.h"
#include "cli/first_look.h"
#include "cli/help.h"
#include "cli/price_sources.h"
#include "client/clock.h"
#include "client/environment.h"
#include "client/kubeconfig.h"
#include "controllers/going_pods.h"
#include "scheduling/plan.h"

namespace hyperwright::cli {
namespace {

constexpr const char* kDescription =
    "Say why a pod has no node, or why it has the one that it has.\n"
    "It reads the cluster as the controller does, plans as the controller would, and changes "
    "nothing.\nWhat stands in the way is counted for each NodePool: so many instance types fall to "
    "this rule,\nso many to that.";

constexpr const char* kFooter = R"(Environment
  As of `hyperwright controller`: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,
  AWS_REGION, KUBECONFIG. The keys may read (DescribeCluster, ListClusterNodes, ListClusterEvents,
  ec2:DescribeSubnets); the user of the kubeconfig may list what the controller lists.

Give it the flags that the controller has: a policy or a price file changes what is planned. Which
offerings are without capacity at the moment only the controller remembers; its last word on the
pod is shown where it says something else.

Examples
  hyperwright explain pod default/web-0 --cluster training --region us-west-2
  hyperwright explain pod web-0 --cluster training -o json | jq '.nodePools[].rules'

Exit codes: 0 it has a place or will get one, 1 it has none, 2 bad input (also a pod that is not
there), 3 refused or out of reach.)";

struct ExplainOptions {
  ControllerOptions cluster;
  std::string kind;
  std::string pod;
  std::string output = "text";
};

// "namespace/name", or a name in the namespace of the context.
Result<kube::ObjectKey> key_of(const std::string& text, const std::string& usual_namespace) {
  const std::size_t slash = text.find('/');
  const kube::ObjectKey key = slash == std::string::npos
                                  ? kube::ObjectKey{usual_namespace, text}
                                  : kube::ObjectKey{text.substr(0, slash), text.substr(slash + 1)};
  if (key.namespace_.empty() || key.name.empty() || key.name.find('/') != std::string::npos) {
    return fail(ErrorCode::Invalid, fmt::format("\"{}\" is no pod", text),
                "write NAMESPACE/NAME, or the NAME of a pod in the context's namespace");
  }
  return key;
}

// Why the controller plans nothing for a pod without a node; "": it does.
std::string why_not_planned(const kube::Pod& pod) {
  if (!pod.node_name.empty() || kube::is_provisionable(pod)) return {};
  if (kube::is_terminal(pod)) return "it has ended";
  if (kube::is_terminating(pod)) return "it is being deleted";
  if (kube::is_owned_by_daemon_set(pod)) return "it is a DaemonSet's, for a node that is there";
  if (kube::is_owned_by_node(pod)) return "it is a static pod of a node";
  if (!pod.nominated_node_name.empty()) {
    return fmt::format("its scheduler makes room for it on node {}", pod.nominated_node_name);
  }
  if (pod.scheduled_reason == "SchedulingGated") return "it has scheduling gates";
  return "its scheduler has not called it Unschedulable";
}

// As the provisioner takes them: what waits, what stands on nodes that are going, and the virtual
// pods that room is kept for.
std::vector<const state::PodRecord*> pods_to_place(const state::ClusterState& state, Time now) {
  std::vector<const state::PodRecord*> pods;
  for (const kube::ObjectKey& key : state.pending_pods()) pods.push_back(&state.pods().at(key));
  for (const std::string& name : state.deleting_claims()) {
    for (const state::PodRecord* pod : controllers::going_pods(state, *state.find_claim(name), now))
      pods.push_back(pod);
  }
  for (const auto& [buffer, virtual_pods] : state.buffer_pods()) {
    for (const state::PodRecord& pod : virtual_pods) pods.push_back(&pod);
  }
  return pods;
}

Result<ExplainedPod> explain(const ExplainOptions& options, Facts facts) {
  const client::Environment environment = client::process_environment();
  const auto access =
      client::find_kubernetes(options.cluster.kubeconfig, options.cluster.context, environment);
  if (!access) return fail(access.error());
  const auto key = key_of(options.pod, access->namespace_name);
  if (!key) return fail(key.error());
  const auto settings =
      client::aws_settings(options.cluster.region, options.cluster.endpoint, environment);
  if (!settings) return fail(settings.error());
  auto priced = priced_types({std::move(facts.types), std::move(facts.own_prices)},
                             options.cluster.price_cache, settings->region);
  if (!priced) return fail(priced.error());

  client::HttpClient http;
  client::KubernetesClient kubernetes(http, *access);
  if (const auto found = look_at(http, *settings, kubernetes, facts.core.cluster); !found)
    return fail(found.error());
  client::AwsClient aws(http, impatient(*settings), 1);
  const auto reading = client::read_cluster(kubernetes, aws,
                                            {.options = std::move(facts.core),
                                             .types = std::move(priced->types),
                                             .zones = std::move(facts.zones),
                                             .clock = client::wall_now});
  if (!reading) return fail(reading.error());
  const state::ClusterState& state = *reading->state;
  const auto found = state.pods().find(*key);
  if (found == state.pods().end()) {
    return fail(
        ErrorCode::Invalid,
        fmt::format("there is no pod {} in namespace {}", key->name, key->namespace_),
        fmt::format("kubectl get pods --namespace {} shows those that there are", key->namespace_));
  }
  const state::PodRecord& pod = found->second;
  ExplainedPod explained{.meta = pod.pod.meta,
                         .explanation = {},
                         .remark = why_not_planned(pod.pod),
                         .told = {},
                         .problems = {},
                         .price_origins = {}};
  const Time now = client::wall_now();
  explained.explanation = scheduling::explain(state, pods_to_place(state, now), pod, now);
  if (explained.explanation.placement.where == scheduling::Placement::Where::Nowhere)
    explained.told = client::last_told(kubernetes, pod.pod.meta);
  for (const Error& problem : reading->problems) explained.problems.push_back(problem.text());
  for (const hyperpod::InstanceType& type : state.instance_types().all())
    explained.price_origins.emplace(type.name, type.price_origin);
  return explained;
}

ExitCode run_explain(const ExplainOptions& options) {
  auto facts = facts_of(options.cluster);
  if (!facts) return exit_with(facts.error());
  // Nothing is begun that would have to be ended.
  on_stop_signal([] { std::_Exit(static_cast<int>(ExitCode::OutOfReach)); });
  const auto explained = explain(options, *std::move(facts));
  if (!explained) return exit_with(explained.error());
  fmt::print("{}", options.output == "json" ? json_of(*explained) : text_of(*explained));
  const bool has_place =
      explained->explanation.placement.where != scheduling::Placement::Where::Nowhere &&
      explained->remark.empty();
  return has_place ? ExitCode::Done : ExitCode::No;
}

}  // namespace

void add_explain(CLI::App& app, ExitCode& exit_code) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App& command = *app.add_subcommand("explain", kDescription);
  CLI::Option& kind = *command.add_option("pod", options->kind, "What is to be explained: a pod");
  require_one_of(kind, {"pod"}, "write: hyperwright explain pod NAMESPACE/NAME");
  kind.group("What")->required();
  command
      .add_option("NS/NAME", options->pod,
                  "Its namespace and name; without a namespace, the context's")
      ->group("What")
      ->required();
  CLI::Option& output =
      *command.add_option("-o,--output", options->output, "text, or json for programs");
  require_one_of(output, {"text", "json"}, "write text or json");
  output.type_name("FORMAT")->group("What")->capture_default_str();
  add_decision_options(command, options->cluster);
  command.footer(kFooter);
  command.callback([options, &exit_code] { exit_code = run_explain(*options); });
}

}  // namespace hyperwright::cli
