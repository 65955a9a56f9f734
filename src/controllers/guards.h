// Guards of the promises that hold at every instant: an effect that would break one is refused, and
// the refusal says why. The controllers keep the promises by themselves; a guard is the second lock
// on the same door.
//
//   1. A NodePool's limits are never exceeded by what was created plus what is in flight.
//   2. A disruption budget is never exceeded.
//   3. No instance is asked for without its claims, and none twice for one claim.
//   4. Nothing is deleted at HyperPod that is not ours.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "disruption/pool_nodes.h"
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

 private:
  std::optional<std::string> refuse(const state::CreateNodeClaim& create);
  std::optional<std::string> refuse(const state::DeleteNodeClaim& deletion, std::string_view why,
                                    Time now);
  disruption::PoolNodes nodes_without(const state::ClaimRecord& claim);

  const state::ClusterState& state_;
  std::map<std::string, kube::Resources, std::less<>> usage_;  // by pool
  std::optional<disruption::ClaimNames> being_marked_;
  std::map<std::string, disruption::PoolNodes, std::less<>> nodes_;  // by pool
};

}  // namespace hyperwright::controllers
