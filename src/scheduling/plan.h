// What the solver decides for a batch of pending pods: who goes where, what is bought for the rest,
// and who stays without a place and why.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/shared.h"
#include "hyperpod/offering.h"
#include "kube/node_claim.h"
#include "kube/requirement.h"
#include "kube/resources.h"
#include "kube/string_map.h"
#include "scheduling/explanation.h"
#include "state/cluster_state.h"

namespace hyperwright::scheduling {

struct PlacedOnNode {
  std::string node;               // a Node that is there; "" if it is still to come, then:
  std::string claim;              // a NodeClaim on its way
  std::vector<std::string> pods;  // UIDs
};

struct NewNode {
  std::string node_pool;
  hyperpod::Offering offering;  // the one that is bought
  bool is_flexible = false;     // its group is: type and zone go with the call
  // What equal nodes share. Cheapest first: what else would have served, for tools.
  Shared<std::vector<std::string>> compatible_types;
  // The pool's, narrowed by the pods, compatible types and their capacity types.
  Shared<kube::Requirements> requirements;
  bool has_price_overlay = false;      // a NodeOverlay set its price,
  bool has_capacity_overlay = false;   // some of its resources
  bool is_min_values_relaxed = false;  // by best effort: fewer values are left than the pool asks
  // That the claim is born with: the template's, the group's, the offering's.
  Shared<kube::StringMap> labels;
  kube::Resources requests;       // of the pods and of the DaemonSets that will run there
  std::vector<std::string> pods;  // UIDs
};

struct Unplaced {
  std::vector<std::string> pods;  // UIDs
  Explanation why;
  // "it asks for 16 nvidia.com/gpu; the largest type in NodePool ... has 8 (...)"; made when asked
  // for.
  [[nodiscard]] std::string verdict() const { return sentence_of(why); }
};

struct Plan {
  std::vector<PlacedOnNode> placed;
  std::vector<NewNode> new_nodes;
  std::vector<Unplaced> unplaced;
};

// Places `pods` (pending, without a nomination) on nodes that exist, on claims that are coming, and
// on new ones. What is nominated already keeps its place: newcomers use what is left. The same
// input gives the same plan. Cost grows with pod classes and nodes, not with their product with
// pods.
Plan solve(const state::ClusterState& state, const std::vector<const state::PodRecord*>& pods,
           Time now);
// The same, on a supply that is kept from plan to plan: the cost of a few pods does not grow with
// the pods and nodes that are there.
class Supply;
Plan solve(Supply& supply, const state::ClusterState& state,
           const std::vector<const state::PodRecord*>& pods, Time now);

// Why the pod has the place that it is bound to, or that the plan for `pods` and it gives it, or
// none. Existing nodes are counted too.
Explanation explain(const state::ClusterState& state,
                    const std::vector<const state::PodRecord*>& pods, const state::PodRecord& pod,
                    Time now);

}  // namespace hyperwright::scheduling
