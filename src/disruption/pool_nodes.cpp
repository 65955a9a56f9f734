#include "disruption/pool_nodes.h"

#include <variant>

#include "kube/condition.h"
#include "kube/well_known.h"

namespace hyperwright::disruption {
namespace {

namespace condition = kube::node_claim_condition;

const kube::Taint kDisrupted{.key = std::string(kube::kTaintDisrupted),
                             .value = {},
                             .effect = kube::TaintEffect::NoSchedule};

}  // namespace

std::string_view claim_marked_by(const state::Action& action) {
  if (const auto* deletion = std::get_if<state::DeleteNodeClaim>(&action)) return deletion->name;
  const auto* update = std::get_if<state::UpdateNodeClaimStatus>(&action);
  const bool marks =
      update != nullptr && kube::is_true(update->claim.conditions, condition::kDisruptionReason);
  return marks ? std::string_view(update->claim.meta.name) : std::string_view{};
}

bool is_being_marked(const state::ClusterState& state, const state::ClaimRecord& claim) {
  const state::Pending* pending =
      state.pending_on({state::Target::Of::NodeClaim, claim.claim.meta.name});
  return pending != nullptr && !claim_marked_by(pending->action).empty();
}

bool is_marked(const state::ClusterState& state, const state::ClaimRecord& claim) {
  if (claim.is_deleting() || kube::is_true(claim.claim.conditions, condition::kDisruptionReason))
    return true;
  const state::NodeRecord* node = state.find_node(claim.node_name);
  return node != nullptr && kube::contains_taint(node->node.taints, kDisrupted);
}

bool is_counted(const state::ClaimRecord& claim) {
  return kube::is_true(claim.claim.conditions, condition::kInitialized) &&
         !kube::is_true(claim.claim.conditions, condition::kInstanceTerminating);
}

bool is_out_of_service(const state::ClusterState& state, const state::ClaimRecord& claim) {
  const state::NodeRecord* node = state.find_node(claim.node_name);
  return node == nullptr || !kube::is_ready(node->node) || is_marked(state, claim);
}

PoolNodes pool_nodes(const state::ClusterState& state, std::string_view pool) {
  PoolNodes nodes;
  for (const auto& [name, record] : state.claims()) {
    if (record.claim.node_pool() != pool || !is_counted(record)) continue;
    ++nodes.initialized;
    if (is_out_of_service(state, record) || is_being_marked(state, record)) ++nodes.out_of_service;
  }
  return nodes;
}

}  // namespace hyperwright::disruption
