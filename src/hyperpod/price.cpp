#include "hyperpod/price.h"

namespace hyperwright::hyperpod {

std::optional<Price> price_of(const InstanceType& type, CapacityType capacity_type) {
  if (capacity_type == CapacityType::Reserved) return Price{};
  if (!type.on_demand || capacity_type == CapacityType::OnDemand) return type.on_demand;
  return Price{MicroDollars(type.on_demand->per_hour.micros() * kSpotPercentOfOnDemand / 100),
               true};
}

}  // namespace hyperwright::hyperpod
