// The catalogue of a cluster that is drawn at random: the two types that the nodes of tests stand
// on, and now and then some of the others. What a plan costs grows with the offerings that it looks
// at, and a counterexample needs few.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "hyperpod/instance_type.h"
#include "tests/scheduling/cluster_builder.h"

namespace hyperwright::scheduling {

inline std::vector<hyperpod::InstanceType> draw_types(Random& random) {
  static const std::vector<hyperpod::InstanceType> kKnown = default_types();
  constexpr std::uint32_t kEachOther = 250;  // of 1,000
  std::vector<hyperpod::InstanceType> types;
  for (const hyperpod::InstanceType& type : kKnown) {
    const bool is_stood_on =
        type.name == "default-instance-type" || type.name == "small-instance-type";
    if (is_stood_on || random.chance(kEachOther)) types.push_back(type);
  }
  return types;
}

// One cluster in ten is larger than a counterexample should need.
inline bool draw_is_large(Random& random) { return random.chance(100); }

}  // namespace hyperwright::scheduling
