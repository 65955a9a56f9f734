#include "scheduling/effective_zone.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "kube/well_known.h"
#include "scheduling/cells.h"
#include "scheduling/default_spread.h"
#include "scheduling/demands.h"
#include "scheduling/fit_cache.h"
#include "scheduling/topology.h"
#include "scheduling/volumes.h"

namespace hyperwright::scheduling {
namespace {

std::set<std::string> all_zones(Supply& supply) {
  std::set<std::string> zones;
  for (const OfferingCatalogue& pool : supply.pools()) {
    for (std::string& zone : pool.labels.values(kube::kZone, pool.everything()))
      zones.insert(std::move(zone));
  }
  const NodeLabel& label = supply.nodes().label(kube::kZone);
  zones.insert(label.values.begin(), label.values.end());
  return zones;
}

bool may_require(const std::vector<kube::Requirements>& alternatives, const std::string& zone) {
  return std::ranges::any_of(alternatives, [&](const kube::Requirements& alternative) {
    const kube::Requirement* asked = alternative.find(kube::kZone);
    return asked == nullptr || asked->has(zone);
  });
}

// By the constraints between pods that are about zones, each by itself.
bool may_stand_in(const Demand& demand, const std::string& zone, const Topology& topology) {
  const auto domain_in = [&](const TopologyGroup& group) {
    const std::vector<std::string>& values = topology.values(group.key);
    const auto it = std::ranges::find(values, zone);
    return it == values.end() ? kNoDomain : static_cast<DomainId>(it - values.begin());
  };
  const auto is_about_zones = [&](const TopologyGroup& group) {
    return group.key != kHostKey && topology.key_name(group.key) == kube::kZone;
  };
  const bool is_allowed = std::ranges::all_of(demand.owned.back(), [&](GroupId id) {
    const TopologyGroup& group = topology.group(id);
    return !is_about_zones(group) ||
           allowed_by(group, demand.is_counted_by(id), domain_in(group), 1) > 0;
  });
  return is_allowed && std::ranges::none_of(demand.counted, [&](GroupId id) {
           const TopologyGroup& group = topology.group(id);
           return is_about_zones(group) && is_kept_away(group, domain_in(group));
         });
}

std::string effective_zone(const Demand& demand, const std::set<std::string>& zones,
                           const Topology& topology) {
  if (!demand.requirements.rejection.empty()) return "none";
  std::string only = "none";
  for (const std::string& zone : zones) {
    if (!may_require(demand.requirements.levels.back().alternatives, zone) ||
        !may_stand_in(demand, zone, topology))
      continue;
    if (only != "none") return "flexible";
    only = zone;
  }
  return only;
}

}  // namespace

std::map<std::string, std::vector<const state::PodRecord*>> pods_by_effective_zone(
    Supply& supply, const state::ClusterState& state,
    const std::vector<const state::PodRecord*>& pods, Time now) {
  supply.follow(state, now);
  supply.nodes().begin(state, pods);
  DefaultSpread spread(state);
  Volumes volumes(state, supply.nodes(), pods);
  Topology topology(state, supply.nodes());
  FitCache cache(state, supply.nodes(), topology);
  const std::vector<Demand> demands =
      demands_of(state, pods, /*has_prefer_no_schedule=*/false, spread, volumes, topology, cache);
  std::vector<const OfferingCatalogue*> pools;
  for (const OfferingCatalogue& pool : supply.pools()) pools.push_back(&pool);
  topology.count(pools);

  const std::set<std::string> zones = all_zones(supply);
  std::map<std::string, std::vector<const state::PodRecord*>> by_zone;
  for (const Demand& demand : demands) {
    std::vector<const state::PodRecord*>& list = by_zone[effective_zone(demand, zones, topology)];
    list.insert(list.end(), demand.pods.begin(), demand.pods.end());
  }
  supply.end_plan();
  return by_zone;
}

}  // namespace hyperwright::scheduling
