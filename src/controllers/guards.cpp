#include "controllers/guards.h"

#include <algorithm>

#include <fmt/format.h>

#include "controllers/pool_usage.h"
#include "disruption/budget.h"
#include "disruption/pool_nodes.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {
namespace {

using Refusal = std::optional<std::string>;

std::optional<disruption::Reason> voluntary_reason(std::string_view reason) {
  if (reason == "empty") return disruption::Reason::Empty;
  return std::nullopt;
}

Refusal refuse(const state::ClusterState& state, const state::BatchAddClusterNodes& add) {
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
  const auto& cluster = state.hyperpod().cluster();
  if (instance == nullptr || instance->node.instance_id.empty() || !cluster) return false;
  for (const auto& [name, node] : state.nodes()) {
    if (!node.node.meta.annotations.contains(kube::kNodeClaimUid)) continue;
    const auto id =
        hyperpod::instance_id_of(node.node.provider_id, hyperpod::cluster_id(cluster->arn));
    if (id && *id == instance->node.instance_id) return true;
  }
  return false;
}

Refusal refuse(const state::ClusterState& state, const state::BatchDeleteClusterNodes& deletion) {
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
    if (!is_of_our_answers(state, id) && !has_our_node(state, id))
      return fmt::format("node {} is not ours", id);
  }
  return std::nullopt;
}

}  // namespace

Refusal Guards::refuse(const state::CreateNodeClaim& create) {
  const kube::NodeClaim& claim = create.claim;
  if (state_.find_claim(claim.meta.name) != nullptr)
    return fmt::format("there is a NodeClaim {} already", claim.meta.name);
  const kube::NodePool* pool = state_.find_node_pool(claim.node_pool());
  if (pool == nullptr) return fmt::format("NodePool {} is not there", claim.node_pool());
  if (!pool->limits) return std::nullopt;
  const auto [it, is_new] = usage_.try_emplace(pool->meta.name);
  if (is_new) it->second = pool_usage(state_, pool->meta.name);
  const kube::Resources usage = it->second + promised_capacity(state_, claim.meta.labels);
  const auto exceeded = pool->limits->exceeded_by(usage);
  if (!exceeded) return std::nullopt;
  return fmt::format("with NodeClaim {}, NodePool {} would use {} of {}, above its limit of {}",
                     claim.meta.name, pool->meta.name,
                     kube::format_amount(*exceeded, usage.get(*exceeded)), *exceeded,
                     kube::format_amount(*exceeded, pool->limits->get(*exceeded).value_or(0)));
}

// The nodes of the claim's pool, with the claim itself as in service.
disruption::PoolNodes Guards::nodes_without(const state::ClaimRecord& claim) {
  if (!being_marked_) being_marked_ = disruption::claims_being_marked(state_);
  const std::string pool(claim.claim.node_pool());
  const auto [it, is_new] = nodes_.try_emplace(pool);
  if (is_new) it->second = disruption::pool_nodes(state_, pool, *being_marked_);
  disruption::PoolNodes nodes = it->second;
  if (disruption::is_counted(claim) && disruption::is_out_of_service(state_, claim, *being_marked_))
    --nodes.out_of_service;
  return nodes;
}

Refusal Guards::refuse(const state::DeleteNodeClaim& deletion, std::string_view why, Time now) {
  const auto reason = voluntary_reason(why);
  const state::ClaimRecord* claim = state_.find_claim(deletion.name);
  if (!reason || claim == nullptr) return std::nullopt;
  const kube::NodePool* pool = state_.find_node_pool(claim->claim.node_pool());
  if (pool == nullptr) return fmt::format("NodePool {} is not there", claim->claim.node_pool());
  const auto budgets = disruption::read_budgets(pool->disruption);
  if (!budgets)
    return fmt::format("the budgets of NodePool {} cannot be read: {}", pool->meta.name,
                       budgets.error().text());
  const disruption::PoolNodes nodes = nodes_without(*claim);
  const auto allowed = disruption::allowed_disruptions(*budgets, *reason, nodes, now);
  if (!allowed || *allowed > 0) return std::nullopt;
  return fmt::format(
      "the budgets of NodePool {} allow no disruption for {} now: {} of its {} nodes are out of "
      "service",
      pool->meta.name, to_string(*reason), nodes.out_of_service, nodes.initialized);
}

Refusal Guards::refusal(const state::Effect& effect, Time now) {
  if (const auto* create = std::get_if<state::CreateNodeClaim>(&effect.action))
    return refuse(*create);
  if (const auto* deletion = std::get_if<state::DeleteNodeClaim>(&effect.action))
    return refuse(*deletion, effect.reason, now);
  if (const auto* add = std::get_if<state::BatchAddClusterNodes>(&effect.action))
    return controllers::refuse(state_, *add);
  if (const auto* remove = std::get_if<state::BatchDeleteClusterNodes>(&effect.action))
    return controllers::refuse(state_, *remove);
  return std::nullopt;
}

void Guards::note(const state::Effect& effect) {
  if (const auto* create = std::get_if<state::CreateNodeClaim>(&effect.action)) {
    const auto usage = usage_.find(create->claim.node_pool());
    if (usage != usage_.end())
      usage->second += promised_capacity(state_, create->claim.meta.labels);
    return;
  }
  const std::string_view name = disruption::claim_marked_by(effect.action);
  if (name.empty() || !being_marked_) return;
  const state::ClaimRecord* claim = state_.find_claim(name);
  const auto nodes = claim == nullptr ? nodes_.end() : nodes_.find(claim->claim.node_pool());
  const bool is_news = nodes != nodes_.end() && disruption::is_counted(*claim) &&
                       !disruption::is_out_of_service(state_, *claim, *being_marked_);
  if (is_news) ++nodes->second.out_of_service;
  being_marked_->emplace(name);
}

}  // namespace hyperwright::controllers
