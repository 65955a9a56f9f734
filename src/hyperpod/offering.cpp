#include "hyperpod/offering.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "hyperpod/price.h"

namespace hyperwright::hyperpod {
namespace {

struct Zone {
  std::string name;
  std::string id;
  auto operator<=>(const Zone&) const = default;
};

// The zones of the group's subnets, each once, sorted. A subnet that is not in the list has a zone
// that nobody knows: it counts as the zone "".
std::vector<Zone> zones_of(const InstanceGroup& group, const Cluster& cluster,
                           std::span<const Subnet> subnets) {
  std::vector<Zone> zones;
  for (const std::string& id : subnets_of(group, cluster)) {
    const auto subnet = std::ranges::find(subnets, id, &Subnet::id);
    zones.push_back(subnet == subnets.end() ? Zone{} : Zone{subnet->zone, subnet->zone_id});
  }
  std::ranges::sort(zones);
  const auto doubles = std::ranges::unique(zones);
  zones.erase(doubles.begin(), doubles.end());
  return zones;
}

// Where calls for this group can place a node.
std::vector<Zone> places_of(const InstanceGroup& group, const Cluster& cluster,
                            std::span<const Subnet> subnets) {
  std::vector<Zone> zones = zones_of(group, cluster, subnets);
  if (group.is_flexible) {
    std::erase_if(zones, [](const Zone& zone) { return zone.name.empty(); });
  } else if (zones.size() > 1) {
    zones = {Zone{}};
  }
  return zones;
}

}  // namespace

Offerings offerings_of(const InstanceGroup& group, const Cluster& cluster,
                       std::span<const Subnet> subnets, const InstanceTypes& types,
                       const Discounts& discounts) {
  Offerings offerings;
  const std::vector<Zone> places = places_of(group, cluster, subnets);
  const CapacityType capacity_type = capacity_type_of(group);
  const std::string reservation = reservation_id_of(group);
  for (const std::string& name : group.instance_types) {
    const InstanceType* type = types.find(name);
    const auto price =
        type == nullptr ? std::nullopt : price_of(*type, group.name, capacity_type, discounts);
    if (!price) {
      offerings.types_without_price.push_back(name);
      continue;
    }
    for (const Zone& zone : places) {
      offerings.list.push_back(Offering{.key = {group.name, name, zone.name},
                                        .zone_id = zone.id,
                                        .capacity_type = capacity_type,
                                        .price = *price,
                                        .reservation = reservation});
    }
  }
  std::ranges::sort(offerings.list, {},
                    [](const Offering& o) { return std::tie(o.price.per_hour, o.key); });
  std::ranges::sort(offerings.types_without_price);
  return offerings;
}

}  // namespace hyperwright::hyperpod
