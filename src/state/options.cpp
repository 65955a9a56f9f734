#include "state/options.h"

namespace hyperwright::state {

std::string_view to_string(PreferencePolicy policy) {
  return policy == PreferencePolicy::Respect ? "Respect" : "Ignore";
}

std::string_view to_string(MinValuesPolicy policy) {
  return policy == MinValuesPolicy::Strict ? "Strict" : "BestEffort";
}

bool Options::watches(Kind kind) const {
  const bool spreads_by_default = !default_spread.empty();
  switch (kind) {
    case Kind::Service:
    case Kind::ReplicationController:
      return spreads_by_default;
    case Kind::ReplicaSet:
    case Kind::StatefulSet:
      return spreads_by_default || gates.capacity_buffer;
    case Kind::Deployment:
    case Kind::PodTemplate:
    case Kind::CapacityBuffer:
      return gates.capacity_buffer;
    case Kind::NodeOverlay:
      return gates.node_overlay;
    default:
      return true;
  }
}

}  // namespace hyperwright::state
