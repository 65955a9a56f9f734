#include "controllers/guard_rules.h"

#include <algorithm>

#include <fmt/format.h>

#include "controllers/launch_batch.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {
namespace {

using Refusal = std::optional<std::string>;

namespace condition = kube::node_claim_condition;

// --- launches and instances ---

Refusal launch_refusal(const state::ClusterState& state, const state::BatchAddClusterNodes& add) {
  const auto claims = state.claims_of_launch(add.client_token);
  if (claims.empty()) return fmt::format("no NodeClaim belongs to launch {}", add.client_token);
  const state::LaunchCall& call = claims.front()->launch->call;
  if (add.specifications != call.add_specifications())
    return fmt::format("launch {} is not the call that its NodeClaims carry", add.client_token);
  const bool has_ids = std::ranges::any_of(
      claims, [](const state::ClaimRecord* claim) { return !claim->logical_id.empty(); });
  const bool is_answered = state.launch_answer(add.client_token) != nullptr;
  for (const state::ClaimRecord* claim : claims) {
    if (claim->is_being_created)
      return fmt::format("NodeClaim {} of launch {} is not created yet", claim->claim.meta.name,
                         add.client_token);
  }
  const auto count = static_cast<std::int32_t>(claims.size());
  // Once it was called, the token gives the same nodes again, however many claims are left.
  if (!has_ids && !is_answered && count < call.nodes()) {
    return fmt::format("launch {} asks for {} nodes and has {} NodeClaims", add.client_token,
                       call.nodes(), count);
  }
  return std::nullopt;
}

bool is_of_our_answers(const state::ClusterState& state, const std::string& logical_id) {
  for (const auto& [name, claim] : state.claims()) {
    const state::LaunchAnswer* answer =
        claim.launch ? state.launch_answer(claim.launch->call.batch) : nullptr;
    if (answer == nullptr) continue;
    const auto& added = answer->result.successful;
    if (std::ranges::find(added, logical_id, &hyperpod::NodeAddition::logical_id) != added.end())
      return true;
  }
  return false;
}

bool has_our_node(const state::ClusterState& state, const std::string& logical_id) {
  const state::HyperPodView::NodeRecord* instance = state.hyperpod().find_node(logical_id);
  if (instance == nullptr || instance->node.instance_id.empty()) return false;
  return std::ranges::any_of(state.nodes_of_instance(instance->node.instance_id),
                             [](const state::NodeRecord* node) {
                               return node->node.meta.annotations.contains(kube::kNodeClaimUid);
                             });
}

Refusal withdrawal_refusal(const state::ClusterState& state,
                           const state::BatchDeleteClusterNodes& deletion) {
  if (deletion.logical_ids.empty() || deletion.logical_ids.size() > hyperpod::kDeleteNodesMax) {
    return fmt::format("a deletion names 1 to {} nodes, not {}", hyperpod::kDeleteNodesMax,
                       deletion.logical_ids.size());
  }
  for (const std::string& id : deletion.logical_ids) {
    if (const state::ClaimRecord* claim = state.find_claim_by_logical_id(id)) {
      if (!claim->is_deleting())
        return fmt::format("node {} belongs to NodeClaim {}, which is not deleted", id,
                           claim->claim.meta.name);
      continue;
    }
    if (!state.orphaned_instances().contains(id) && !is_of_our_answers(state, id) &&
        !has_our_node(state, id))
      return fmt::format("node {} is not ours", id);
  }
  return std::nullopt;
}

// --- claims ---

// Only claims of ours are in the picture as claims.
Refusal claim_refusal(const state::ClusterState& state, const std::string& name) {
  if (state.find_claim(name) != nullptr || !state.foreign_claims().contains(name))
    return std::nullopt;
  return fmt::format("NodeClaim {} is another Karpenter's", name);
}

// Only NodePools of our class are in the picture.
Refusal pool_refusal(const state::ClusterState& state, const std::string& name) {
  if (state.find_node_pool(name) != nullptr) return std::nullopt;
  return fmt::format("NodePool {} is another Karpenter's, or gone", name);
}

// Without its finalizer the claim goes, and with it the only word of its instance.
Refusal release_refusal(const state::ClusterState& state, const state::PatchNodeClaim& patch,
                        Time now) {
  const state::ClaimRecord* claim = state.find_claim(patch.name);
  if (claim == nullptr) return claim_refusal(state, patch.name);
  const bool releases =
      patch.finalizers && claim->claim.meta.has_finalizer(kube::kTerminationFinalizer) &&
      std::ranges::find(*patch.finalizers, kube::kTerminationFinalizer) == patch.finalizers->end();
  if (!releases) return std::nullopt;
  if (!claim->is_deleting()) return fmt::format("NodeClaim {} is not deleted", patch.name);
  if (claim->logical_id.empty()) {
    if (is_launch_settled(state, *claim, now)) return std::nullopt;
    return fmt::format("an instance may have been asked for NodeClaim {}", patch.name);
  }
  const state::Deletion* deletion = state.find_deletion(claim->logical_id);
  if (deletion != nullptr && deletion->is_gone) return std::nullopt;
  return fmt::format("HyperPod may still have node {} of NodeClaim {}", claim->logical_id,
                     patch.name);
}

// --- Nodes and their pods ---

Refusal node_refusal(const state::ClusterState& state, std::string_view name) {
  const state::NodeRecord* node = state.find_node(name);
  const bool is_ours = node == nullptr || !node->claim.empty() ||
                       node->node.meta.annotations.contains(kube::kNodeClaimUid) ||
                       node->node.meta.labels.contains(kube::kNodeClassLabel);
  return is_ours ? std::nullopt : Refusal(fmt::format("Node {} is not ours", name));
}

// nullptr: pod or node are gone, and nothing can happen to them.
const state::NodeRecord* node_of(const state::ClusterState& state, const state::PodRecord* pod) {
  return pod == nullptr ? nullptr : state.find_node(pod->pod.node_name);
}

Refusal drain_refusal(const state::ClusterState& state, std::string_view uid) {
  const state::PodRecord* pod = state.find_pod(uid);
  const state::NodeRecord* node = node_of(state, pod);
  if (node == nullptr) return std::nullopt;
  const std::string& name = node->node.meta.name;
  if (auto why = node_refusal(state, name)) return why;
  const state::ClaimRecord* claim = state.find_claim(node->claim);
  if (node->node.meta.is_deleting() || (claim != nullptr && claim->is_deleting()))
    return std::nullopt;
  return fmt::format("Node {} stays: pod {} has its place there", name, pod->pod.meta.name);
}

// A deletion passes PodDisruptionBudgets by: only a node that goes by a deadline may ask for it.
Refusal pod_deletion_refusal(const state::ClusterState& state, const state::DeletePod& deletion,
                             Time now) {
  if (auto why = drain_refusal(state, deletion.uid)) return why;
  const state::PodRecord* pod = state.find_pod(deletion.uid);
  const state::NodeRecord* node = node_of(state, pod);
  if (node == nullptr) return std::nullopt;
  const state::ClaimRecord* claim = state.find_claim(node->claim);
  const auto deadline =
      parse_time(claim == nullptr ? std::string_view{}
                                  : claim->claim.meta.annotations.get(kube::kTerminationTimestamp));
  if (!deadline)
    return fmt::format("pod {} must be evicted: Node {} has no deadline", pod->pod.meta.name,
                       node->node.meta.name);
  const Duration grace = Duration::seconds(pod->pod.termination_grace_seconds);
  if (now + grace >= *deadline || pod->pod.meta.is_deleting()) return std::nullopt;
  return fmt::format("pod {} must be evicted: it has until {}", pod->pod.meta.name,
                     format_time(*deadline - grace));
}

}  // namespace

Refusal refuse_second_claim(const state::ClusterState& state,
                            const state::CreateNodeClaim& create) {
  for (const std::string& uid : create.pods) {
    const state::PodRecord* pod = state.find_pod(uid);
    if (pod == nullptr || !pod->nomination) continue;
    const state::ClaimRecord* claim = state.find_claim(pod->nomination->claim);
    const bool is_coming = claim != nullptr && !claim->is_deleting() &&
                           !kube::is_true(claim->claim.conditions, condition::kInitialized);
    if (is_coming) {
      return fmt::format("pod {} has its place on NodeClaim {}, which is coming",
                         pod->pod.meta.name, claim->claim.meta.name);
    }
  }
  return std::nullopt;
}

Refusal refusal_of(const state::ClusterState& state, const state::Action& action, Time now) {
  if (const auto* add = std::get_if<state::BatchAddClusterNodes>(&action))
    return launch_refusal(state, *add);
  if (const auto* remove = std::get_if<state::BatchDeleteClusterNodes>(&action))
    return withdrawal_refusal(state, *remove);
  if (const auto* patch = std::get_if<state::PatchNodeClaim>(&action))
    return release_refusal(state, *patch, now);
  if (const auto* update = std::get_if<state::UpdateNodeClaimStatus>(&action))
    return claim_refusal(state, update->claim.meta.name);
  if (const auto* deletion = std::get_if<state::DeleteNodeClaim>(&action))
    return claim_refusal(state, deletion->name);
  if (const auto* patch = std::get_if<state::PatchNodePool>(&action))
    return pool_refusal(state, patch->name);
  if (const auto* update = std::get_if<state::UpdateNodePoolStatus>(&action))
    return pool_refusal(state, update->pool.meta.name);
  if (const auto* patch = std::get_if<state::PatchNode>(&action))
    return node_refusal(state, patch->name);
  if (const auto* deletion = std::get_if<state::DeleteNode>(&action))
    return node_refusal(state, deletion->name);
  if (const auto* eviction = std::get_if<state::EvictPod>(&action))
    return drain_refusal(state, eviction->uid);
  if (const auto* deletion = std::get_if<state::DeletePod>(&action))
    return pod_deletion_refusal(state, *deletion, now);
  return std::nullopt;
}

}  // namespace hyperwright::controllers
