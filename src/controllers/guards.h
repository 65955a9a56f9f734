// Guards of the promises that hold at every instant: an effect that would break one is refused, and
// the refusal says why. The controllers keep the promises by themselves; a guard is the second lock
// on the same door.
//
//   1. A NodePool's limits are never exceeded by what was created plus what is in flight.
//   2. A disruption budget is never exceeded: it is asked when a claim is marked to go, and not
//      again of one that was marked, as in Karpenter. A PodDisruptionBudget is passed by only where
//      the node's deadline says so.
//   3. No instance is asked for without its claims, and none twice for one claim; a claim keeps its
//      logical id, and no other claim gets it; no claim goes before its instance.
//   4. No pod is evicted from a node that stays.
//   5. No claim is made for a pod that has its place on a claim that is coming.
//   6. Nothing is touched that is not ours.
//
// For the seventh, quiet, there is none: each call of a hot loop is right by itself, and one that
// is held back may be the one that is needed. What bounds such a loop is that a target has one
// effect under way at a time, that failures wait (state/cluster_state.h), and that calls have a
// rate (client/call_window.h, client/call_rate.h).
//
// A refusal is counted and logged (runtime/reporter.h), and told in an event on the object that it
// is about. The effect is tried again after a growing while.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "disruption/pool_nodes.h"
#include "scheduling/node_overlay.h"
#include "state/cluster_state.h"
#include "state/effect.h"

namespace hyperwright::controllers {

// Stands at the door for one turn of the loop. Each effect is asked about before it goes out, and
// noted when it has: then it is in the picture, and nothing else changes the picture meanwhile. So
// what is counted over all claims is counted once a turn, and not for each of the thousands of
// claims that a plan may create, or the end of a large job may delete.
class Guards {
 public:
  explicit Guards(const state::ClusterState& state) : state_(state) {}
  // nullopt: it may go.
  std::optional<std::string> refusal(const state::Effect& effect, Time now);
  void note(const state::Effect& effect);
  // The event that tells of a refusal; nullopt: there is no object to tell it on, or it was told.
  [[nodiscard]] std::optional<state::RecordEvent> event_of(const state::Effect& effect,
                                                           const std::string& why, Time now) const;

 private:
  std::optional<std::string> refuse(const state::CreateNodeClaim& create);
  std::optional<std::string> refuse(const state::PatchNodeClaim& patch);
  std::optional<std::string> refuse_disruption(std::string_view claim, std::string_view why,
                                               Time now);
  void note_id(const state::Action& action);
  kube::Resources promised(const kube::NodeClaim& claim);
  disruption::PoolNodes nodes_without(const state::ClaimRecord& claim);

  const state::ClusterState& state_;
  bool is_repetition_ = false;  // the effect that was asked about last
  std::map<std::string, kube::Resources, std::less<>> usage_;  // by pool
  std::optional<scheduling::NodeOverlays> overlays_;
  std::map<std::string, disruption::PoolNodes, std::less<>> nodes_;  // by pool
  // Logical ids that are being stored, and on which claims.
  std::optional<std::map<std::string, std::string, std::less<>>> ids_on_their_way_;
};

}  // namespace hyperwright::controllers
