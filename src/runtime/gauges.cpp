#include "runtime/gauges.h"

#include <map>

#include "controllers/claim_price.h"
#include "disruption/budget.h"
#include "disruption/pool_nodes.h"
#include "hyperpod/offering.h"
#include "kube/well_known.h"
#include "scheduling/effective_zone.h"

namespace hyperwright::runtime {
namespace {

using state::ClusterState;

double in_dollars(hyperpod::MicroDollars amount) {
  return static_cast<double>(amount.micros()) / 1e6;
}

// As they are written in Prometheus: cpu in cores, everything else in its unit.
double in_units(std::string_view resource, std::int64_t amount) {
  return resource == "cpu" ? static_cast<double>(amount) / 1000 : static_cast<double>(amount);
}

Gauge cost(const ClusterState& state) {
  Gauge gauge{
      "karpenter_nodepools_cost_total", "Price of a NodePool's nodes, in dollars per hour", {}};
  std::map<std::string, hyperpod::MicroDollars, std::less<>> sums;
  for (const auto& [name, claim] : state.claims()) {
    if (!claim.logical_id.empty())
      sums[std::string(claim.claim.node_pool())] += controllers::price_of(state, claim);
  }
  for (const auto& [name, pool] : state.node_pools())
    gauge.samples.push_back({{{"nodepool", name}}, in_dollars(sums[name])});
  return gauge;
}

Gauge limits(const ClusterState& state) {
  Gauge gauge{"karpenter_nodepools_limit", "Limits of a NodePool", {}};
  for (const auto& [name, pool] : state.node_pools()) {
    if (!pool.limits) continue;
    for (const auto& [resource, amount] : pool.limits->amounts) {
      gauge.samples.push_back(
          {{{"nodepool", name}, {"resource_type", resource}}, in_units(resource, amount)});
    }
  }
  return gauge;
}

Gauge usage(const ClusterState& state) {
  Gauge gauge{"karpenter_nodepools_usage", "What a NodePool uses of its limits", {}};
  for (const auto& [name, pool] : state.node_pools()) {
    pool.status_resources.for_each([&, &pool_name = name](std::string_view resource,
                                                          std::int64_t amount) {
      gauge.samples.push_back({{{"nodepool", pool_name}, {"resource_type", std::string(resource)}},
                               in_units(resource, amount)});
    });
  }
  return gauge;
}

// A budget that cannot be read allows nothing; where none applies, every node may go.
double allowed_by(const kube::NodePool& pool, disruption::PoolNodes nodes, Time now) {
  const auto budgets = disruption::read_budgets(pool.disruption);
  if (!budgets) return 0;
  return disruption::allowed_disruptions(*budgets, disruption::Reason::Empty, nodes, now)
      .value_or(nodes.initialized);
}

void add_budgets(const ClusterState& state, Time now, std::vector<Gauge>& gauges) {
  Gauge allowed{"karpenter_nodepools_allowed_disruptions",
                "Nodes of a NodePool that its budgets allow to be disrupted now",
                {}};
  Gauge consuming{"karpenter_nodepools_nodes_consuming_budgets",
                  "Nodes of a NodePool that count against its budgets now",
                  {}};
  const std::string reason(to_string(disruption::Reason::Empty));
  for (const auto& [name, pool] : state.node_pools()) {
    const disruption::PoolNodes nodes = disruption::pool_nodes(state, name);
    allowed.samples.push_back(
        {{{"nodepool", name}, {"reason", reason}}, allowed_by(pool, nodes, now)});
    consuming.samples.push_back(
        {{{"nodepool", name}, {"reason", reason}}, static_cast<double>(nodes.out_of_service)});
  }
  gauges.push_back(std::move(allowed));
  gauges.push_back(std::move(consuming));
}

void add_offerings(const ClusterState& state, Time now, std::vector<Gauge>& gauges) {
  Gauge available{"karpenter_cloudprovider_instance_type_offering_available",
                  "1 unless HyperPod lately had no capacity for the offering",
                  {}};
  Gauge price{"karpenter_cloudprovider_instance_type_offering_price_estimate",
              "Price of the offering, in dollars per hour",
              {}};
  const state::HyperPodView& hyperpod = state.hyperpod();
  if (hyperpod.cluster()) {
    for (const hyperpod::InstanceGroup& group : hyperpod.cluster()->groups) {
      const auto offerings =
          hyperpod::offerings_of(group, *hyperpod.cluster(), hyperpod.subnets(),
                                 state.instance_types(), state.options().discounts);
      for (const hyperpod::Offering& offering : offerings.list) {
        Sample sample{{{"instance_group", offering.key.group},
                       {"instance_type", offering.key.type},
                       {"capacity_type", std::string(karpenter_word(offering.capacity_type))},
                       {"zone", offering.key.zone},
                       {"zone_id", offering.zone_id}}};
        sample.value = in_dollars(offering.price.per_hour);
        price.samples.push_back(sample);
        sample.value = state.is_unavailable(offering.key, now) ? 0 : 1;
        available.samples.push_back(std::move(sample));
      }
    }
  }
  gauges.push_back(std::move(available));
  gauges.push_back(std::move(price));
}

Gauge pending_by_zone(const ClusterState& state, scheduling::Supply& supply, Time now) {
  Gauge gauge{
      "karpenter_scheduler_pending_pods_by_effective_zone_count",
      "Pods that wait, by the one zone that they can be placed in; flexible: any of several",
      {}};
  std::vector<const state::PodRecord*> pods;
  for (const kube::ObjectKey& key : state.pending_pods()) pods.push_back(&state.pods().at(key));
  if (pods.empty()) return gauge;
  for (const auto& [zone, list] : scheduling::pods_by_effective_zone(supply, state, pods, now)) {
    gauge.samples.push_back(
        {{{"controller", "provisioner"}, {"zone", zone}}, static_cast<double>(list.size())});
  }
  return gauge;
}

// What pods ask for on the nodes that there are, in per cent of what the nodes offer.
Gauge utilization(const ClusterState& state) {
  Gauge gauge{"karpenter_cluster_utilization_percent",
              "Requested share of what all nodes offer, in per cent",
              {}};
  kube::Resources offered, requested;
  for (const auto& [name, node] : state.nodes()) {
    offered += node.node.allocatable;
    requested += state.usage(name).requested;
  }
  offered.for_each([&](std::string_view resource, std::int64_t amount) {
    gauge.samples.push_back(
        {{{"resource_type", std::string(resource)}},
         static_cast<double>(requested.get(resource)) * 100 / static_cast<double>(amount)});
  });
  return gauge;
}

}  // namespace

std::vector<Gauge> read_gauges(const ClusterState& state, scheduling::Supply& supply,
                               Time unsynced_since, Time now) {
  const bool is_synced = state.is_synced();
  double unschedulable = 0;
  for (const kube::ObjectKey& key : state.pending_pods())
    unschedulable += state.pods().at(key).verdict.empty() ? 0 : 1;
  const double unsynced =
      is_synced ? 0 : static_cast<double>((now - unsynced_since).in_microseconds()) / 1e6;
  std::vector<Gauge> gauges = {{"karpenter_cluster_state_synced",
                                "1 when every kind was listed and the cluster described",
                                {{{}, is_synced ? 1.0 : 0.0}}},
                               {"karpenter_cluster_state_unsynced_time_seconds",
                                "How long the picture is not complete",
                                {{{}, unsynced}}},
                               {"karpenter_cluster_state_node_count",
                                "Nodes in the picture",
                                {{{}, static_cast<double>(state.nodes().size())}}},
                               {"karpenter_scheduler_unschedulable_pods_count",
                                "Pods that no NodePool can place",
                                {{{{"controller", "provisioner"}}, unschedulable}}},
                               pending_by_zone(state, supply, now),
                               utilization(state),
                               limits(state),
                               usage(state),
                               cost(state)};
  add_budgets(state, now, gauges);
  add_offerings(state, now, gauges);
  return gauges;
}

}  // namespace hyperwright::runtime
