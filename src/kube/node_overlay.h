// karpenter.sh/v1alpha1 NodeOverlay: other prices and more capacity for the types that its
// requirements select.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kube/condition.h"
#include "kube/object_meta.h"
#include "kube/requirement.h"
#include "kube/resources.h"

namespace hyperwright::kube {

struct NodeOverlay {
  ObjectMeta meta;
  std::vector<NodeRequirement> requirements;
  // As written, so that a typo can be told: "42.5", and "+0.5", "-10", "+10%", "-100%".
  std::string price;
  std::string price_adjustment;
  Resources capacity;
  std::int32_t weight = 0;  // 0: not set
  // What could not be read, one sentence a field: the overlay is then invalid, the others go on.
  std::vector<std::string> decode_problems;
  // status
  Conditions conditions;
  bool operator==(const NodeOverlay&) const = default;
};

namespace node_overlay_condition {
inline constexpr std::string_view kValidationSucceeded = "ValidationSucceeded";
inline constexpr std::string_view kReady = "Ready";
inline constexpr std::string_view kDependents[] = {kValidationSucceeded};
}  // namespace node_overlay_condition

}  // namespace hyperwright::kube
