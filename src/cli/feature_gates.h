// Karpenter's feature gates, as its flag writes them: "StaticCapacity=true,CapacityBuffer=false".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "state/options.h"

namespace hyperwright::cli {

struct ParsedFeatureGates {
  state::FeatureGates gates;         // those that are not named keep their default
  std::vector<std::string> unknown;  // named, but of nothing that is built here; in their order
};

// Fails with Invalid where a gate has no boolean; of a gate that is named twice the last one
// counts.
Result<ParsedFeatureGates> parse_feature_gates(std::string_view text);

}  // namespace hyperwright::cli
