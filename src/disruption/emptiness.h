// Empty nodes: those that no pod needs, and that may go at once.
//
//   in use    a pod runs there that would have to move, or one is planned to go there, or room for
//             virtual pods of a CapacityBuffer is kept there; or the node is not initialized, of a
//             static pool, or of one that never consolidates
//   not yet   consolidateAfter is not over
//   blocked   somebody forbids it: the node's or a pod's karpenter.sh/do-not-disrupt, a budget of
//   pods, HyperPod empty     it may go, within the pool's budgets for the reason Empty
//
// DaemonSet pods, mirror pods and terminating pods do not keep a node; a terminating pod of a
// StatefulSet does, because it comes back under the same name.
//
// Source: Karpenter v1, Concepts > Disruption > Consolidation (Empty Node Consolidation).
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "state/cluster_state.h"

namespace hyperwright::disruption {

struct Emptiness {
  enum class Verdict : std::uint8_t { InUse, NotYet, Blocked, Empty };
  Verdict verdict = Verdict::InUse;
  Time look_again =
      Time::max();  // NotYet, Blocked: when it may be otherwise without any change of an object
  std::string why;  // Blocked
};

Emptiness emptiness(const state::ClusterState& state, const state::ClaimRecord& claim, Time now);

}  // namespace hyperwright::disruption
