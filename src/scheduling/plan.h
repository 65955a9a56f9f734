// What the solver decides for a batch of pending pods: who goes where, what is bought for the rest,
// and who stays without a place and why.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hyperpod/offering.h"
#include "kube/node_claim.h"
#include "kube/requirement.h"
#include "kube/resources.h"
#include "kube/string_map.h"
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
  std::vector<std::string>
      compatible_types;  // cheapest first: what else would have served, for tools
  kube::Requirements
      requirements;  // the pool's, narrowed by the pods, compatible types and their capacity types
  kube::StringMap
      labels;  // that the claim is born with: the template's, the group's, the offering's
  kube::Resources requests;       // of the pods and of the DaemonSets that will run there
  std::vector<std::string> pods;  // UIDs
};

struct Unplaced {
  std::vector<std::string> pods;  // UIDs
  std::string
      verdict;  // "it asks for 16 nvidia.com/gpu; the largest type in NodePool ... has 8 (...)"
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

}  // namespace hyperwright::scheduling
