#include "runtime/metrics.h"

#include <map>
#include <mutex>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "kube/well_known.h"

namespace hyperwright::runtime {
namespace {

using Labels = std::map<std::string, std::string>;
using Counters = prometheus::Family<prometheus::Counter>;
using Gauges = prometheus::Family<prometheus::Gauge>;
using Histograms = prometheus::Family<prometheus::Histogram>;

Counters& counter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
Gauges& gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}
Histograms& histogram(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

const prometheus::Histogram::BucketBoundaries kTurnBuckets = {
    0.0001, 0.0005, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5};
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

// As they are written in Prometheus: cpu in cores, everything else in its unit.
double metric_amount(std::string_view name, std::int64_t amount) {
  return name == "cpu" ? static_cast<double>(amount) / 1000 : static_cast<double>(amount);
}

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;
  mutable std::mutex mutex;  // a gauge family is rewritten as a whole: no reader sees it half done

  Counters& created = counter(registry, "karpenter_nodeclaims_created_total",
                              "NodeClaims created, by reason and NodePool");
  Counters& terminated =
      counter(registry, "karpenter_nodeclaims_terminated_total", "NodeClaims that are gone");
  Counters& disrupted = counter(registry, "karpenter_nodeclaims_disrupted_total",
                                "NodeClaims deleted by a decision of the controller");
  Counters& nodes_created = counter(registry, "karpenter_nodes_created_total", "Nodes registered");
  Counters& nodes_terminated =
      counter(registry, "karpenter_nodes_terminated_total", "Nodes terminated");
  Counters& evictions = counter(registry, "karpenter_pods_eviction_requests_total",
                                "Calls of the eviction API, by its answer");
  Counters& provider_errors = counter(registry, "karpenter_cloudprovider_errors_total",
                                      "Calls of the HyperPod API that failed");
  Histograms& provider_duration = histogram(registry, "karpenter_cloudprovider_duration_seconds",
                                            "Calls of the HyperPod API, until their answer");
  Gauges& limits = gauge(registry, "karpenter_nodepools_limit", "Limits of a NodePool");
  Gauges& usage =
      gauge(registry, "karpenter_nodepools_usage", "What a NodePool uses of its limits");
  Gauges& cost = gauge(registry, "karpenter_nodepools_cost_total",
                       "Price of a NodePool's nodes, in dollars per hour");
  Gauges& synced = gauge(registry, "karpenter_cluster_state_synced",
                         "1 when every kind was listed and the cluster described");
  Gauges& node_count =
      gauge(registry, "karpenter_cluster_state_node_count", "Nodes in the picture");
  Gauges& unschedulable = gauge(registry, "karpenter_scheduler_unschedulable_pods_count",
                                "Pods that no NodePool can place");
  Counters& effects =
      counter(registry, "hyperwright_effects_total", "Effects, by what became of them");
  Counters& refused = counter(registry, "hyperwright_refused_effects_total",
                              "Effects that a guard of the promises refused");
  Counters& events =
      counter(registry, "hyperwright_loop_events_total", "Events folded by the loop");
  Histograms& turns =
      histogram(registry, "hyperwright_loop_turn_duration_seconds", "One turn of the loop");
  prometheus::Counter& events_folded = events.Add({});
  prometheus::Histogram& turn = turns.Add({}, kTurnBuckets);
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

void Metrics::count_turn(Duration spent, std::size_t events) {
  families_->turn.Observe(seconds(spent));
  families_->events_folded.Increment(static_cast<double>(events));
}

void Metrics::count_emitted(const state::Effect& effect, const state::ClusterState& state) {
  if (const auto* create = std::get_if<state::CreateNodeClaim>(&effect.action)) {
    families_->created
        .Add({{"reason", effect.reason},
              {"nodepool", std::string(create->claim.node_pool())},
              {"min_values_relaxed", "false"}})
        .Increment();
  }
  if (const auto* removal = std::get_if<state::DeleteNodeClaim>(&effect.action)) {
    const state::ClaimRecord* record = state.find_claim(removal->name);
    if (record == nullptr) return;
    families_->disrupted
        .Add({{"reason", effect.reason},
              {"nodepool", std::string(record->claim.node_pool())},
              {"capacity_type", label(record->claim.meta, kube::kCapacityType)},
              {"consolidation_policy", ""},
              {"termination_mode", termination_mode(record->claim)}})
        .Increment();
  }
}

void Metrics::count_answered(const state::Pending& pending, const state::Answered& answered,
                             const state::ClusterState& state, Time now) {
  const std::string name(state::name_of(pending.action));
  families_->effects.Add({{"effect", name}, {"outcome", std::string(to_string(answered.outcome))}})
      .Increment();
  const auto targets = state::targets_of(pending.action);
  const bool is_provider = !targets.empty() && (targets[0].of == state::Target::Of::Launch ||
                                                targets[0].of == state::Target::Of::Instance ||
                                                targets[0].of == state::Target::Of::Reading);
  if (is_provider) {
    families_->provider_duration
        .Add({{"controller", ""}, {"method", name}, {"provider", "hyperpod"}}, kCallBuckets)
        .Observe(seconds(now - pending.since));
    if (answered.outcome != state::Outcome::Done) {
      families_->provider_errors
          .Add({{"controller", ""},
                {"method", name},
                {"provider", "hyperpod"},
                {"error", std::string(to_string(answered.outcome))}})
          .Increment();
    }
  }
  if (std::holds_alternative<state::EvictPod>(pending.action)) {
    static const std::map<state::Outcome, const char*> kCodes = {{state::Outcome::Done, "200"},
                                                                 {state::Outcome::Blocked, "429"},
                                                                 {state::Outcome::NotFound, "404"},
                                                                 {state::Outcome::Conflict, "409"}};
    const auto code = kCodes.find(answered.outcome);
    families_->evictions.Add({{"code", code == kCodes.end() ? "500" : code->second}}).Increment();
  }
  if (answered.outcome != state::Outcome::Done) return;
  if (const auto* patch = std::get_if<state::PatchNodeClaim>(&pending.action);
      patch != nullptr && patch->finalizers && patch->finalizers->empty()) {
    if (const state::ClaimRecord* record = state.find_claim(patch->name)) {
      families_->terminated
          .Add({{"nodepool", std::string(record->claim.node_pool())},
                {"capacity_type", label(record->claim.meta, kube::kCapacityType)},
                {"zone", label(record->claim.meta, kube::kZone)}})
          .Increment();
    }
  }
  if (const auto* patch = std::get_if<state::PatchNode>(&pending.action)) {
    const state::NodeRecord* record = state.find_node(patch->name);
    if (record == nullptr) return;
    const Labels labels = {{"nodepool", label(record->node.meta, kube::kNodePool)},
                           {"zone", label(record->node.meta, kube::kZone)}};
    if (patch->set_labels.contains(kube::kRegistered))
      families_->nodes_created.Add(labels).Increment();
    if (patch->finalizers && patch->finalizers->empty())
      families_->nodes_terminated.Add(labels).Increment();
  }
}

void Metrics::count_refused(const state::Effect& effect) {
  families_->refused.Add({{"effect", std::string(state::name_of(effect.action))}}).Increment();
}

void Metrics::read(const state::ClusterState& state) {
  const std::lock_guard lock(families_->mutex);
  families_->synced.Add({}).Set(state.is_synced() ? 1 : 0);
  families_->node_count.Add({}).Set(static_cast<double>(state.nodes().size()));
  double unschedulable = 0;
  for (const kube::ObjectKey& key : state.pending_pods())
    unschedulable += state.pods().at(key).verdict.empty() ? 0 : 1;
  families_->unschedulable.Add({{"controller", "provisioner"}}).Set(unschedulable);

  std::map<std::string, std::int64_t> micros;
  for (const auto& [name, claim] : state.claims()) {
    if (claim.logical_id.empty()) continue;
    const hyperpod::InstanceType* type =
        state.instance_types().find(claim.claim.meta.labels.get(kube::kInstanceType));
    if (type == nullptr || !type->on_demand) continue;
    std::int64_t price = type->on_demand->per_hour.micros();
    if (claim.claim.meta.labels.get(kube::kCapacityType) == kube::kSpot)
      price = price * hyperpod::kSpotPercentOfOnDemand / 100;
    micros[std::string(claim.claim.node_pool())] += price;
  }
  for (const auto& [name, pool] : state.node_pools()) {
    families_->cost.Add({{"nodepool", name}}).Set(static_cast<double>(micros[name]) / 1e6);
    if (pool.limits) {
      for (const auto& [resource, amount] : pool.limits->amounts) {
        families_->limits.Add({{"nodepool", name}, {"resource_type", resource}})
            .Set(metric_amount(resource, amount));
      }
    }
    pool.status_resources.for_each(
        [&, &pool_name = name](std::string_view resource, std::int64_t amount) {
          families_->usage.Add({{"nodepool", pool_name}, {"resource_type", std::string(resource)}})
              .Set(metric_amount(resource, amount));
        });
  }
}

std::string Metrics::text() const {
  const std::lock_guard lock(families_->mutex);
  return prometheus::TextSerializer().Serialize(families_->registry.Collect());
}

}  // namespace hyperwright::runtime
