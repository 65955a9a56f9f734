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

ClaimNames claims_being_marked(const state::ClusterState& state) {
  ClaimNames names;
  for (const auto& [id, pending] : state.pending()) {
    if (const auto* deletion = std::get_if<state::DeleteNodeClaim>(&pending.action))
      names.insert(deletion->name);
    const auto* update = std::get_if<state::UpdateNodeClaimStatus>(&pending.action);
    if (update != nullptr &&
        kube::is_true(update->claim.conditions, condition::kDisruptionReason)) {
      names.insert(update->claim.meta.name);
    }
  }
  return names;
}

bool is_marked(const state::ClusterState& state, const state::ClaimRecord& claim) {
  if (claim.is_deleting() || kube::is_true(claim.claim.conditions, condition::kDisruptionReason))
    return true;
  const state::NodeRecord* node = state.find_node(claim.node_name);
  return node != nullptr && kube::contains_taint(node->node.taints, kDisrupted);
}

PoolNodes pool_nodes(const state::ClusterState& state, std::string_view pool,
                     const ClaimNames& being_marked, std::string_view except) {
  PoolNodes nodes;
  for (const auto& [name, record] : state.claims()) {
    if (record.claim.node_pool() != pool ||
        !kube::is_true(record.claim.conditions, condition::kInitialized) ||
        kube::is_true(record.claim.conditions, condition::kInstanceTerminating)) {
      continue;
    }
    ++nodes.initialized;
    if (name == except) continue;
    const state::NodeRecord* node = state.find_node(record.node_name);
    const bool is_ready = node != nullptr && kube::is_ready(node->node);
    if (!is_ready || is_marked(state, record) || being_marked.contains(name))
      ++nodes.out_of_service;
  }
  return nodes;
}

}  // namespace hyperwright::disruption
