// What one instance costs for an hour. HyperPod has a list for on-demand; for Spot it has none, and
// a share of the on-demand price is assumed and marked as estimated. Reserved capacity is paid for
// already, used or not: it costs nothing more.
#pragma once

#include <optional>
#include <string_view>

#include "hyperpod/cluster.h"
#include "hyperpod/discount.h"
#include "hyperpod/instance_type.h"

namespace hyperwright::hyperpod {

// nullopt: the list has no price for the type.
std::optional<Price> price_of(const InstanceType& type, CapacityType capacity_type);
// What is paid for it in this group.
std::optional<Price> price_of(const InstanceType& type, std::string_view group,
                              CapacityType capacity_type, const Discounts& discounts);

}  // namespace hyperwright::hyperpod
