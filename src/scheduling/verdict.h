// Makes the explanation of a demand (explanation.h) from what the solver knows when it is done.
//
// The rules are asked in the order of Rule. `found` is told of the offerings that came that far: of
// those that are tolerated, match and are available, the largest type is named.
#pragma once

#include <span>
#include <vector>

#include "scheduling/demands.h"
#include "scheduling/existing_nodes.h"
#include "scheduling/explanation.h"
#include "scheduling/limits.h"
#include "scheduling/offering_catalogue.h"
#include "scheduling/plan.h"
#include "scheduling/reservations.h"
#include "scheduling/topology.h"
#include "scheduling/volumes.h"
#include "state/cluster_state.h"

namespace hyperwright::scheduling {

// What the solver knows when it is done.
struct Settled {
  std::span<Demand> demands;
  ExistingNodes& nodes;
  const Volumes& volumes;
  Topology& topology;
  std::span<const OfferingCatalogue* const> pools;
  std::vector<LimitCounter> limits;  // by pool: what the plan leaves
  Reservations reservations;         // likewise
  const std::vector<NotOffered>& not_offered;
  const state::ClusterState& state;
};

// At the level at which the demand was looked at last; nodes are not looked at.
Explanation explanation_of(const Demand& demand, const Settled& settled);
// Of a pod of the batch: with the nodes, and as if its place were not taken yet. A node that was
// planned for it alone or with others is not bought. Changes what is settled.
Explanation explanation_of(const state::PodRecord& pod, const Plan& plan, Settled& settled);

std::size_t level_of(const Demand& demand);
PoolExplanation explanation_of_pool(const Demand& demand, std::size_t pool, const Settled& settled);
Tally tally_of_nodes(const Demand& demand, Settled& settled);

// --- for all of them ---

// What one constraint between pods says; no counts. `owner`: who has it; nullptr: other pods.
RuledOut constraint_of(const TopologyGroup& group, const Demand* owner, const Topology& topology);
// Constraints of other pods that may keep these away.
std::vector<GroupId> repelling(const Demand& demand, const Topology& topology);

// The requirements of several alternatives: a member falls to those of the alternative of which it
// fails the fewest.
struct AskedRequirement {
  RuledOut rule;
  Bitset failing;
};
std::vector<AskedRequirement> of_nearest_alternative(
    std::size_t members, std::vector<std::vector<AskedRequirement>> alternatives);

// "z1, z2, z3 and 4 others"
std::string list_of(const std::vector<std::string>& names);

}  // namespace hyperwright::scheduling
