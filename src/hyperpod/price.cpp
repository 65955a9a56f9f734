#include "hyperpod/price.h"

namespace hyperwright::hyperpod {

std::optional<Price> price_of(const InstanceType& type, CapacityType capacity_type) {
  if (capacity_type == CapacityType::Reserved) return Price{};
  if (!type.on_demand || capacity_type == CapacityType::OnDemand) return type.on_demand;
  return Price{MicroDollars(type.on_demand->per_hour.micros() * kSpotPercentOfOnDemand / 100),
               true};
}

std::optional<Price> price_of(const InstanceType& type, std::string_view group,
                              CapacityType capacity_type, const Discounts& discounts) {
  auto price = price_of(type, capacity_type);
  if (price)
    price->per_hour = discounts.applied_to(price->per_hour, type.name, group, capacity_type);
  return price;
}

}  // namespace hyperwright::hyperpod
