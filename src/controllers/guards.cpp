#include "controllers/guards.h"

#include <fmt/format.h>

#include "controllers/guard_rules.h"
#include "controllers/pool_usage.h"
#include "controllers/record.h"
#include "disruption/budget.h"
#include "disruption/pool_nodes.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {
namespace {

using Refusal = std::optional<std::string>;

constexpr std::string_view kRefused = "EffectRefused";
constexpr Duration kRefusedQuiet = Duration::minutes(15);

std::optional<disruption::Reason> voluntary_reason(std::string_view reason) {
  if (reason == "empty") return disruption::Reason::Empty;
  return std::nullopt;
}

}  // namespace

kube::Resources Guards::promised(const kube::NodeClaim& claim) {
  if (!overlays_) overlays_.emplace(state_);
  return promised_capacity(state_, claim.meta.labels, *overlays_);
}

Refusal Guards::refuse(const state::CreateNodeClaim& create) {
  const kube::NodeClaim& claim = create.claim;
  if (const state::ClaimRecord* known = state_.find_claim(claim.meta.name)) {
    // Asked for again, because nobody knows whether it was created: it counts already.
    is_repetition_ = known->is_being_created && known->claim == claim;
    if (is_repetition_) return std::nullopt;
    return fmt::format("there is a NodeClaim {} already", claim.meta.name);
  }
  if (auto why = refuse_second_claim(state_, create)) return why;
  const kube::NodePool* pool = state_.find_node_pool(claim.node_pool());
  if (pool == nullptr) return fmt::format("NodePool {} is not there", claim.node_pool());
  if (!pool->limits) return std::nullopt;
  const auto [it, is_new] = usage_.try_emplace(pool->meta.name);
  if (is_new) it->second = pool_usage(state_, pool->meta.name);
  const kube::Resources usage = it->second + promised(claim);
  const auto exceeded = pool->limits->exceeded_by(usage);
  if (!exceeded) return std::nullopt;
  return fmt::format("with NodeClaim {}, NodePool {} would use {} of {}, above its limit of {}",
                     claim.meta.name, pool->meta.name,
                     kube::format_amount(*exceeded, usage.get(*exceeded)), *exceeded,
                     kube::format_amount(*exceeded, pool->limits->get(*exceeded).value_or(0)));
}

// What HyperPod launched for a claim is found by the claim's id alone.
Refusal Guards::refuse(const state::PatchNodeClaim& patch) {
  if (!patch.set_annotations.contains(kube::kNodeLogicalId)) return std::nullopt;
  const std::string id(patch.set_annotations.get(kube::kNodeLogicalId));
  const state::ClaimRecord* claim = state_.find_claim(patch.name);
  if (claim != nullptr && !claim->logical_id.empty() && claim->logical_id != id) {
    return fmt::format("NodeClaim {} has node {} for life, and would get {}", patch.name,
                       claim->logical_id, id.empty() ? "none" : id);
  }
  if (!ids_on_their_way_) {
    ids_on_their_way_.emplace();
    for (const auto& [effect, pending] : state_.pending()) note_id(pending.action);
  }
  std::string owner;
  if (const state::ClaimRecord* other = state_.find_claim_by_logical_id(id)) {
    owner = other->claim.meta.name;
  } else if (const auto stored = ids_on_their_way_->find(id); stored != ids_on_their_way_->end()) {
    owner = stored->second;
  }
  if (owner.empty() || owner == patch.name) return std::nullopt;
  return fmt::format("node {} is NodeClaim {}'s, and {} would get it", id, owner, patch.name);
}

void Guards::note_id(const state::Action& action) {
  const auto* patch = std::get_if<state::PatchNodeClaim>(&action);
  if (patch == nullptr || !patch->set_annotations.contains(kube::kNodeLogicalId)) return;
  ids_on_their_way_->insert_or_assign(std::string(patch->set_annotations.get(kube::kNodeLogicalId)),
                                      patch->name);
}

// The nodes of the claim's pool, with the claim itself as in service.
disruption::PoolNodes Guards::nodes_without(const state::ClaimRecord& claim) {
  const std::string pool(claim.claim.node_pool());
  const auto [it, is_new] = nodes_.try_emplace(pool);
  if (is_new) it->second = disruption::pool_nodes(state_, pool);
  disruption::PoolNodes nodes = it->second;
  const bool is_out =
      disruption::is_out_of_service(state_, claim) || disruption::is_being_marked(state_, claim);
  if (disruption::is_counted(claim) && is_out) --nodes.out_of_service;
  return nodes;
}

Refusal Guards::refuse_disruption(std::string_view name, std::string_view why, Time now) {
  const auto reason = voluntary_reason(why);
  const state::ClaimRecord* claim = state_.find_claim(name);
  if (!reason || claim == nullptr || disruption::is_marked(state_, *claim)) return std::nullopt;
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
  is_repetition_ = false;
  if (const auto* create = std::get_if<state::CreateNodeClaim>(&effect.action))
    return refuse(*create);
  if (auto why = refusal_of(state_, effect.action, now)) return why;
  if (const auto* patch = std::get_if<state::PatchNodeClaim>(&effect.action)) {
    if (auto why = refuse(*patch)) return why;
  }
  return refuse_disruption(disruption::claim_marked_by(effect.action), effect.reason, now);
}

std::optional<state::RecordEvent> Guards::event_of(const state::Effect& effect,
                                                   const std::string& why, Time now) const {
  const std::string message = fmt::format("{} ({}) is not done, it would break a promise: {}",
                                          name_of(effect.action), effect.reason, why);
  const auto on = [&](const auto* object) -> std::optional<state::RecordEvent> {
    if (object == nullptr) return std::nullopt;
    auto event = warning(*object, std::string(kRefused), message, kRefusedQuiet);
    return state_.was_recorded(event, now) ? std::nullopt : std::optional(std::move(event));
  };
  if (const auto* create = std::get_if<state::CreateNodeClaim>(&effect.action))
    return on(state_.find_node_pool(create->claim.node_pool()));
  for (const state::Target& target : state::targets_of(effect.action)) {
    const state::ClaimRecord* claim = nullptr;
    if (target.of == state::Target::Of::NodeClaim) claim = state_.find_claim(target.name);
    if (target.of == state::Target::Of::Instance)
      claim = state_.find_claim_by_logical_id(target.name);
    if (target.of == state::Target::Of::Launch) {
      const auto claims = state_.claims_of_launch(target.name);
      claim = claims.empty() ? nullptr : claims.front();
    }
    if (target.of == state::Target::Of::Node) {
      const state::NodeRecord* node = state_.find_node(target.name);
      return on(node == nullptr ? nullptr : &node->node);
    }
    if (target.of == state::Target::Of::Pod) {
      const std::size_t slash = target.name.find('/');
      const auto pod =
          state_.pods().find({target.name.substr(0, slash), target.name.substr(slash + 1)});
      return on(pod == state_.pods().end() ? nullptr : &pod->second.pod);
    }
    if (claim != nullptr && !claim->claim.meta.uid.empty()) return on(&claim->claim);
  }
  return std::nullopt;
}

void Guards::note(const state::Effect& effect) {
  if (is_repetition_) return;
  if (const auto* create = std::get_if<state::CreateNodeClaim>(&effect.action)) {
    const auto usage = usage_.find(create->claim.node_pool());
    if (usage != usage_.end()) usage->second += promised(create->claim);
    return;
  }
  if (ids_on_their_way_) note_id(effect.action);
  const std::string_view name = disruption::claim_marked_by(effect.action);
  if (name.empty()) return;
  const state::ClaimRecord* claim = state_.find_claim(name);
  const auto nodes = claim == nullptr ? nodes_.end() : nodes_.find(claim->claim.node_pool());
  // Nothing else was under way on the claim, or this would not have been emitted.
  const bool is_news = nodes != nodes_.end() && disruption::is_counted(*claim) &&
                       !disruption::is_out_of_service(state_, *claim);
  if (is_news) ++nodes->second.out_of_service;
}

}  // namespace hyperwright::controllers
