// What can be bought: instance group x instance type x zone x capacity type, at HyperPod's price
// less the discount.
// What a group offers that draws on a training plan is reserved: it is paid for already, and there
// are as many instances of it as the plan has.
//
// A call for a group of one type cannot name a zone: HyperPod picks among the group's subnets. Such
// a group over several zones is therefore one offering without a promised zone (zone ""), which no
// pod that asks for a zone can use; HyperPod's guide asks for one zone a group, and then the zone
// is known. A flexible group is one offering per type and zone, because its calls name both.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hyperpod/cluster.h"
#include "hyperpod/discount.h"
#include "hyperpod/instance_type.h"
#include "hyperpod/money.h"

namespace hyperwright::hyperpod {

// Names an offering; what was found unavailable is remembered by it.
struct OfferingKey {
  std::string group{};
  std::string type{};
  std::string zone{};
  auto operator<=>(const OfferingKey&) const = default;
};

struct Offering {
  OfferingKey key{};
  std::string zone_id{};
  CapacityType capacity_type = CapacityType::OnDemand;
  Price price{};
  std::string reservation{};  // whose instance it would be: the training plan's name; "": nobody's
  bool operator==(const Offering&) const = default;
};

struct Offerings {
  std::vector<Offering> list{};  // sorted by price, then key
  std::vector<std::string>
      types_without_price{};  // known to the group, not to the list: left out, and told
};
Offerings offerings_of(const InstanceGroup& group, const Cluster& cluster,
                       std::span<const Subnet> subnets, const InstanceTypes& types,
                       const Discounts& discounts = {});

}  // namespace hyperwright::hyperpod
