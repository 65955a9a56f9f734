// Discounts on HyperPod's list prices, as a contract or a savings plan gives them: per instance
// type, per instance group, per capacity type.
//
//   instance_type,instance_group,capacity_type,percent
//   ml.p5.48xlarge,,on-demand,35
//   ,research,,12.5
//   ,,,5
//
// An empty field fits everything. The first line that fits an offering counts, and no other: what
// is particular stands first. Capacity that is reserved costs nothing more, and has no discount.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "hyperpod/cluster.h"
#include "hyperpod/instance_type.h"
#include "hyperpod/money.h"

namespace hyperwright::hyperpod {

struct Discount {
  std::string type{};
  std::string group{};
  std::string capacity_type{};      // on-demand or spot, as in the node's label
  std::int32_t millionths_off = 0;  // of the price: 12.5 % are 125,000
  bool operator==(const Discount&) const = default;
};

struct Discounts {
  std::vector<Discount> list{};
  bool operator==(const Discounts&) const = default;

  // Fails with Invalid, the line and the field. `types` are those that may be named.
  static Result<Discounts> parse(std::string_view csv, const InstanceTypes& types);
  // What is paid; rounded half up to whole micro-dollars.
  [[nodiscard]] MicroDollars applied_to(MicroDollars price, std::string_view type,
                                        std::string_view group, CapacityType capacity_type) const;
};

}  // namespace hyperwright::hyperpod
