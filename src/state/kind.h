// The kinds of objects that the loop may watch; which of them it does, Options says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hyperwright::state {

enum class Kind : std::uint8_t {
  Pod,
  Node,
  NodePool,
  NodeClaim,
  NodeClass,
  // Those that follow are only read, but for a status.
  DaemonSet,
  PodDisruptionBudget,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  CsiNode,
  Namespace,
  Service,
  ReplicaSet,
  StatefulSet,
  ReplicationController,
  Deployment,
  PodTemplate,
  NodeOverlay,
  CapacityBuffer
};
inline constexpr std::size_t kKindCount = 20;
// Its definition need not be installed: where it is not, there is none of it.
inline bool may_be_missing(Kind kind) {
  return kind == Kind::NodeOverlay || kind == Kind::CapacityBuffer;
}
std::string_view to_string(Kind kind);  // as Kubernetes spells it: "HyperpodNodeClass"

}  // namespace hyperwright::state
