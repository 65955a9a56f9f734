// What a controller is asked to look at: one thing that changed.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace hyperwright::state {

struct Key {
  enum class Of : std::uint8_t {
    PendingPods,  // the batch of pods without a place; no name
    Node,         // a Node, or the pods on it
    NodeClaim,
    NodePool,
    NodeClass,
    NodeOverlays,    // the overlays are judged together; no name
    CapacityBuffer,  // "namespace/name"
    Launch,          // a batch id: the claims that are launched by one call
    HyperPod,        // what is known of the cluster; no name
  };
  Of of = Of::PendingPods;
  std::string name;
  auto operator<=>(const Key&) const = default;
};

}  // namespace hyperwright::state
