// The truth that promises are judged by: what the two models hold, never what the autoscaler
// thinks.
//
// An autoscaler cannot know what happened a moment ago. So what a promise rests on and others may
// change (a limit that is lowered, a node that falls) is judged by every state that it had within
// the last `kKnownAfter`: longer than any news is on its way.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hyperpod/instance_type.h"
#include "kube/node.h"
#include "kube/node_claim.h"
#include "kube/node_pool.h"
#include "service/control_plane.h"
#include "sim/simulation.h"
#include "sim/workload_changes.h"
#include "state/launch.h"

namespace hyperwright::swarm {

inline constexpr Duration kKnownAfter = Duration::seconds(90);

struct Claim {
  kube::NodeClaim object;
  std::string logical_id;               // "": none is stored
  std::optional<state::Launch> launch;  // the call that it belongs to

  [[nodiscard]] const std::string& name() const { return object.meta.name; }
  [[nodiscard]] const std::string& uid() const { return object.meta.uid; }
  [[nodiscard]] bool is(std::string_view condition) const {
    return kube::is_true(object.conditions, condition);
  }
};

// What a pool was like, from then on.
struct PoolState {
  Time since;
  kube::NodePool pool;
  std::int32_t initialized = 0;  // its claims that budgets count
};

class World {
 public:
  using ClaimChanged = std::function<void(const Claim* before, const Claim* after)>;

  // `simulation` outlives this.
  World(sim::Simulation& simulation, const hyperpod::InstanceTypes& types);
  // Takes in what changed since the last time, and tells of each change of a claim, oldest first:
  // the world is then as it was right after that change.
  void refresh(const ClaimChanged& changed);

  [[nodiscard]] sim::Simulation& simulation() const { return simulation_; }
  [[nodiscard]] Time now() const { return simulation_.now(); }
  [[nodiscard]] const hyperpod::InstanceTypes& types() const { return types_; }
  [[nodiscard]] const service::ClusterRecord& cluster() const {
    return simulation_.hyperpod().state().clusters.at(0);
  }

  // Claims of HyperPod's node classes, by name; and the names of all others.
  [[nodiscard]] const std::map<std::string, Claim, std::less<>>& claims() const { return claims_; }
  [[nodiscard]] const std::set<std::string, std::less<>>& foreign_claims() const {
    return foreign_claims_;
  }
  [[nodiscard]] const std::set<std::string, std::less<>>& foreign_pools() const {
    return foreign_pools_;
  }
  [[nodiscard]] const Claim* find_claim_of(std::string_view logical_id) const;
  [[nodiscard]] const std::map<std::string, kube::NodePool, std::less<>>& pools() const {
    return pools_;
  }
  // What the pool was like within the last `kKnownAfter`, oldest first; empty: it was not there.
  [[nodiscard]] std::vector<PoolState> recent(std::string_view pool) const;
  [[nodiscard]] const std::map<std::string, kube::Node, std::less<>>& nodes() const {
    return nodes_;
  }

  // The client token that asked for this logical id; "": it is not ours.
  [[nodiscard]] std::string_view token_of(std::string_view logical_id) const;
  // The logical id behind a Node; "": none that HyperPod has now.
  [[nodiscard]] std::string_view logical_id_of(const kube::Node& node) const;
  // The Node carries our mark, or its instance is ours.
  [[nodiscard]] bool is_ours(const kube::Node& node) const;

  // What a node of this claim's type has, and one of "nodes".
  [[nodiscard]] kube::Resources capacity_of(const Claim& claim) const;

 private:
  bool take_nodes_and_pools();
  bool take_claims(const ClaimChanged& changed);
  void take_claim(Claim after, const ClaimChanged& changed);
  void forget_claim(const std::string& name, const ClaimChanged& changed);
  void take_tokens();
  void note_pools();

  sim::Simulation& simulation_;
  const hyperpod::InstanceTypes& types_;
  sim::ChangeFollower claim_changes_, node_changes_, pool_changes_;
  std::map<std::string, Claim, std::less<>> claims_;
  std::set<std::pair<std::string, std::string>> claims_by_logical_id_;  // id, name
  std::set<std::string, std::less<>> foreign_claims_, foreign_pools_;
  std::map<std::string, kube::Node, std::less<>> nodes_;
  std::map<std::string, kube::NodePool, std::less<>> pools_;
  std::map<std::string, std::deque<PoolState>, std::less<>> pool_states_;
  std::set<std::string, std::less<>> tokens_;
  std::map<std::string, std::string, std::less<>> token_of_;  // by logical id
};

// Instances that are billed: what a person's own call asked for has no token, or one of theirs.
inline constexpr std::string_view kHumanToken = "human-";

}  // namespace hyperwright::swarm
