#include "runtime/metrics.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "kube/well_known.h"
#include "runtime/gauges.h"
#include "runtime/journal.h"

namespace hyperwright::runtime {
namespace {

using Labels = std::map<std::string, std::string>;
using Counters = prometheus::Family<prometheus::Counter>;
using Histograms = prometheus::Family<prometheus::Histogram>;
using Gauges = prometheus::Family<prometheus::Gauge>;

Counters& counter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
Histograms& histogram(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

const prometheus::Histogram::BucketBoundaries kTurnBuckets = {
    0.0001, 0.0005, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5};
// Seconds 2^0 to 2^11, and a quarter of an hour to thirty days, as in Karpenter.
const prometheus::Histogram::BucketBoundaries kTerminationBuckets = {1,  2,   4,   8,   16,   32,
                                                                     64, 128, 256, 512, 1024, 2048};
const prometheus::Histogram::BucketBoundaries kLifetimeBuckets = {
    900,   1800,  2700,   3600,   7200,   14400,  21600,   28800,   36000,   43200,  57600,
    72000, 86400, 172800, 259200, 432000, 864000, 1296000, 1728000, 2160000, 2592000};
const prometheus::Histogram::BucketBoundaries kCallBuckets = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                              0.5,   1,    2.5,   5,    10};

std::string label(const kube::ObjectMeta& meta, std::string_view key) {
  return std::string(meta.labels.get(key));
}

double seconds(Duration duration) { return static_cast<double>(duration.in_microseconds()) / 1e6; }

// Karpenter's words: graceful without a termination grace period, forceful with one of zero, else
// eventual.
std::string termination_mode(const kube::NodeClaim& claim) {
  if (!claim.spec.termination_grace_period) return "graceful";
  return *claim.spec.termination_grace_period <= Duration{} ? "forceful" : "eventual";
}

// Could have stayed: the other reasons are no choice of the controller's.
bool is_voluntary(std::string_view reason) {
  static constexpr std::array<std::string_view, 3> kReasons = {"empty", "drifted", "underutilized"};
  return std::ranges::find(kReasons, reason) != kReasons.end();
}

// Nodes that never took pods: their end disrupts none.
bool ends_a_launch(std::string_view reason) {
  static constexpr std::array<std::string_view, 4> kReasons = {
      "insufficient_capacity", "launch_failed", "launch_timeout", "registration_timeout"};
  return std::ranges::find(kReasons, reason) != kReasons.end();
}

double workload_pods_on(const state::ClusterState& state, const std::string& node) {
  return static_cast<double>(std::ranges::count_if(
      state.usage(node).pods,
      [](const state::PodRecord* pod) { return !kube::is_owned_by_daemon_set(pod->pod); }));
}

// The patch takes our finalizer, and with it the object, away; others' finalizers may still hold
// it.
bool ends(const kube::ObjectMeta& meta, const std::optional<std::vector<std::string>>& finalizers) {
  return finalizers && meta.has_finalizer(kube::kTerminationFinalizer) &&
         std::ranges::find(*finalizers, kube::kTerminationFinalizer) == finalizers->end();
}

// Karpenter's word where it has one, else ours.
std::string error_word(state::Outcome outcome) {
  return outcome == state::Outcome::NotFound ? "NodeClaimNotFoundError"
                                             : std::string(to_string(outcome));
}

prometheus::MetricFamily family_of(const Gauge& gauge) {
  prometheus::MetricFamily family{
      .name = gauge.name, .help = gauge.help, .type = prometheus::MetricType::Gauge, .metric = {}};
  for (const Sample& sample : gauge.samples) {
    prometheus::ClientMetric metric;
    for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
    metric.gauge.value = sample.value;
    family.metric.push_back(std::move(metric));
  }
  return family;
}

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;
  mutable std::mutex mutex;  // guards the gauges, which are replaced as a whole
  std::vector<prometheus::MetricFamily> gauges;
  Time synced_at;  // when the picture was last seen complete, or first looked at

  Counters& created = counter(registry, "karpenter_nodeclaims_created_total",
                              "NodeClaims created, by reason and NodePool");
  Counters& terminated =
      counter(registry, "karpenter_nodeclaims_terminated_total", "NodeClaims that are gone");
  Counters& disrupted = counter(registry, "karpenter_nodeclaims_disrupted_total",
                                "NodeClaims deleted by a decision of the controller");
  Counters& pods_disrupted = counter(registry, "karpenter_pods_disruption_initiated_total",
                                     "Pods on nodes that a decision of the controller ends");
  Counters& decisions = counter(registry, "karpenter_voluntary_disruption_decisions_total",
                                "Decisions to end a node that could have stayed");
  Histograms& claim_termination =
      histogram(registry, "karpenter_nodeclaims_termination_duration_seconds",
                "From the deletion of a NodeClaim until it is gone");
  Histograms& node_lifetime = histogram(registry, "karpenter_nodes_lifetime_duration_seconds",
                                        "From the creation of a Node until it is gone");
  Counters& pods_drained =
      counter(registry, "karpenter_pods_drained_total", "Pods that a drain evicted, by its reason");
  Counters& nodes_created = counter(registry, "karpenter_nodes_created_total", "Nodes registered");
  Counters& nodes_terminated =
      counter(registry, "karpenter_nodes_terminated_total", "Nodes terminated");
  Counters& evictions = counter(registry, "karpenter_pods_eviction_requests_total",
                                "Calls of the eviction API, by its answer");
  Counters& provider_errors = counter(registry, "karpenter_cloudprovider_errors_total",
                                      "Calls of the HyperPod API that failed");
  Histograms& provider_duration = histogram(registry, "karpenter_cloudprovider_duration_seconds",
                                            "Calls of the HyperPod API, until their answer");
  Counters& launch_failures =
      counter(registry, "karpenter_cloudprovider_instance_launch_failures_total",
              "Launches that brought no instance: the offering is unavailable for a while");
  Counters& effects =
      counter(registry, "hyperwright_effects_total", "Effects, by what became of them");
  Counters& refused = counter(registry, "hyperwright_refused_effects_total",
                              "Effects that a guard of the promises refused");
  Counters& events =
      counter(registry, "hyperwright_loop_events_total", "Events folded by the loop");
  Histograms& turns =
      histogram(registry, "hyperwright_loop_turn_duration_seconds", "One turn of the loop");
  Counters& journal_bytes =
      counter(registry, "hyperwright_journal_bytes_total", "Bytes written to the journal");
  Gauges& journal_stopped = prometheus::BuildGauge()
                                .Name("hyperwright_journal_stopped")
                                .Help("1: the journal could not be written and stopped")
                                .Register(registry);
  std::uint64_t journal_bytes_counted = 0;
  prometheus::Counter* journal_bytes_written = nullptr;
  prometheus::Gauge* journal_is_stopped = nullptr;
  prometheus::Counter& events_folded = events.Add({});
  prometheus::Histogram& turn = turns.Add({}, kTurnBuckets);

  void count_disruption(const state::Effect& effect, const std::string& claim,
                        const state::ClusterState& state);
  void count_provider_call(const state::Pending& pending, state::Outcome outcome, Time now);
  void count_eviction(const state::Pending& pending, state::Outcome outcome);
  void count_claim_end(const kube::NodeClaim& claim, Time now);
  void count_node_patch(const state::PatchNode& patch, const kube::Node& node, Time now);
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

void Metrics::count_turn(Duration spent, std::size_t events) {
  families_->turn.Observe(seconds(spent));
  families_->events_folded.Increment(static_cast<double>(events));
}

void Metrics::count_emitted(const state::Effect& effect, const state::ClusterState& state) {
  if (const auto* create = std::get_if<state::CreateNodeClaim>(&effect.action)) {
    const bool is_relaxed = create->claim.meta.annotations.get(kube::kMinValuesRelaxed) == "true";
    families_->created
        .Add({{"reason", effect.reason},
              {"nodepool", std::string(create->claim.node_pool())},
              {"min_values_relaxed", is_relaxed ? "true" : "false"}})
        .Increment();
  }
  if (const auto* removal = std::get_if<state::DeleteNodeClaim>(&effect.action))
    families_->count_disruption(effect, removal->name, state);
  if (const auto* unavailable = std::get_if<state::MarkUnavailable>(&effect.action)) {
    families_->launch_failures
        .Add({{"instance_group", unavailable->offering.group},
              {"instance_type", unavailable->offering.type},
              {"zone", unavailable->offering.zone},
              {"reason", effect.reason}})
        .Increment();
  }
}

void Metrics::Families::count_disruption(const state::Effect& effect, const std::string& name,
                                         const state::ClusterState& state) {
  const state::ClaimRecord* record = state.find_claim(name);
  if (record == nullptr) return;
  const std::string pool(record->claim.node_pool());
  const Labels labels = {{"reason", effect.reason},
                         {"nodepool", pool},
                         {"capacity_type", label(record->claim.meta, kube::kCapacityType)},
                         {"consolidation_policy", ""},
                         {"termination_mode", termination_mode(record->claim)}};
  disrupted.Add(labels).Increment();
  if (!ends_a_launch(effect.reason))
    pods_disrupted.Add(labels).Increment(workload_pods_on(state, record->node_name));
  if (is_voluntary(effect.reason)) {
    decisions
        .Add({{"decision", "delete"},
              {"reason", effect.reason},
              {"consolidation_type", effect.reason}})
        .Increment();
  }
}

void Metrics::Families::count_provider_call(const state::Pending& pending, state::Outcome outcome,
                                            Time now) {
  Labels labels = {{"controller", ""},
                   {"method", std::string(state::name_of(pending.action))},
                   {"provider", "hyperpod"}};
  provider_duration.Add(labels, kCallBuckets).Observe(seconds(now - pending.since));
  if (outcome == state::Outcome::Done) return;
  labels["error"] = error_word(outcome);
  provider_errors.Add(labels).Increment();
}

void Metrics::Families::count_eviction(const state::Pending& pending, state::Outcome outcome) {
  static const std::map<state::Outcome, const char*> kCodes = {{state::Outcome::Done, "200"},
                                                               {state::Outcome::Blocked, "429"},
                                                               {state::Outcome::NotFound, "404"},
                                                               {state::Outcome::Conflict, "409"}};
  const auto code = kCodes.find(outcome);
  evictions.Add({{"code", code == kCodes.end() ? "500" : code->second}}).Increment();
  if (outcome == state::Outcome::Done) pods_drained.Add({{"reason", pending.reason}}).Increment();
}

void Metrics::Families::count_claim_end(const kube::NodeClaim& claim, Time now) {
  const std::string pool(claim.node_pool());
  terminated
      .Add({{"nodepool", pool},
            {"capacity_type", label(claim.meta, kube::kCapacityType)},
            {"zone", label(claim.meta, kube::kZone)}})
      .Increment();
  if (claim.meta.deletion_time) {
    claim_termination.Add({{"nodepool", pool}}, kTerminationBuckets)
        .Observe(seconds(now - *claim.meta.deletion_time));
  }
}

void Metrics::Families::count_node_patch(const state::PatchNode& patch, const kube::Node& node,
                                         Time now) {
  // A registration brings the claim's labels along: the Node may not have them yet.
  const auto text = [&](std::string_view key) {
    return patch.set_labels.contains(key) ? std::string(patch.set_labels.get(key))
                                          : label(node.meta, key);
  };
  const Labels labels = {{"nodepool", text(kube::kNodePool)}, {"zone", text(kube::kZone)}};
  if (patch.set_labels.contains(kube::kRegistered)) nodes_created.Add(labels).Increment();
  if (!ends(node.meta, patch.finalizers)) return;
  nodes_terminated.Add(labels).Increment();
  node_lifetime.Add({{"nodepool", text(kube::kNodePool)}}, kLifetimeBuckets)
      .Observe(seconds(now - node.meta.creation_time));
}

void Metrics::count_answered(const state::Pending& pending, const state::Answered& answered,
                             const state::ClusterState& state, Time now) {
  const state::Action& action = pending.action;
  families_->effects
      .Add({{"effect", std::string(state::name_of(action))},
            {"outcome", std::string(to_string(answered.outcome))}})
      .Increment();
  const auto targets = state::targets_of(action);
  using Of = state::Target::Of;
  if (!targets.empty() && (targets[0].of == Of::Launch || targets[0].of == Of::Instance ||
                           targets[0].of == Of::Reading))
    families_->count_provider_call(pending, answered.outcome, now);
  if (std::holds_alternative<state::EvictPod>(action))
    families_->count_eviction(pending, answered.outcome);
  if (answered.outcome != state::Outcome::Done) return;
  if (const auto* patch = std::get_if<state::PatchNodeClaim>(&action)) {
    const state::ClaimRecord* record = state.find_claim(patch->name);
    if (record != nullptr && ends(record->claim.meta, patch->finalizers))
      families_->count_claim_end(record->claim, now);
  } else if (const auto* node_patch = std::get_if<state::PatchNode>(&action)) {
    if (const state::NodeRecord* record = state.find_node(node_patch->name))
      families_->count_node_patch(*node_patch, record->node, now);
  }
}

void Metrics::count_refused(const state::Effect& effect) {
  families_->refused.Add({{"effect", std::string(state::name_of(effect.action))}}).Increment();
}

void Metrics::note_journal(const Journal& journal) {
  const Journal::Figures& figures = journal.figures();
  const std::uint64_t bytes = figures.turn_bytes + figures.snapshot_bytes;
  // After every turn: what is looked up by labels is looked up once.
  if (families_->journal_bytes_written == nullptr) {
    families_->journal_bytes_written = &families_->journal_bytes.Add({});
    families_->journal_is_stopped = &families_->journal_stopped.Add({});
  }
  families_->journal_bytes_written->Increment(
      static_cast<double>(bytes - families_->journal_bytes_counted));
  families_->journal_bytes_counted = bytes;
  families_->journal_is_stopped->Set(journal.is_stopped() ? 1 : 0);
}

void Metrics::read(const state::ClusterState& state, scheduling::Supply& supply, Time now) {
  if (state.is_synced() || families_->synced_at.is_zero()) families_->synced_at = now;
  std::vector<prometheus::MetricFamily> gauges;
  for (const Gauge& gauge : read_gauges(state, supply, families_->synced_at, now)) {
    if (!gauge.samples.empty()) gauges.push_back(family_of(gauge));
  }
  const std::lock_guard lock(families_->mutex);
  families_->gauges = std::move(gauges);
}

std::string Metrics::text() const {
  std::vector<prometheus::MetricFamily> all = families_->registry.Collect();
  const std::lock_guard lock(families_->mutex);
  all.insert(all.end(), families_->gauges.begin(), families_->gauges.end());
  return prometheus::TextSerializer().Serialize(all);
}

}  // namespace hyperwright::runtime
