#include "tests/sim/harness/world.h"

#include <algorithm>

#include <boost/json.hpp>

#include "kube/json.h"
#include "kube/well_known.h"
#include "sim/kubernetes_fields.h"

namespace hyperwright::swarm {
namespace json = boost::json;
namespace {

namespace condition = kube::node_claim_condition;

Claim claim_of(const json::object& object) {
  Claim claim{.object = kube::decode_node_claim(json::value(object)).value(),
              .logical_id = {},
              .launch = {}};
  claim.logical_id = claim.object.meta.annotations.get(kube::kNodeLogicalId);
  if (auto launch = state::decode_launch(claim.object.meta.annotations.get(kube::kLaunch)))
    claim.launch = std::move(*launch);
  return claim;
}

bool is_counted(const Claim& claim) {
  return claim.is(condition::kInitialized) && !claim.is(condition::kInstanceTerminating);
}

std::string name_of(const sim::Change& change) { return std::string(sim::name_of(*change.object)); }

}  // namespace

World::World(sim::Simulation& simulation, const hyperpod::InstanceTypes& types)
    : simulation_(simulation),
      types_(types),
      claim_changes_(simulation.kubernetes(), "nodeclaims.karpenter.sh"),
      node_changes_(simulation.kubernetes(), "nodes"),
      pool_changes_(simulation.kubernetes(), "nodepools.karpenter.sh") {}

void World::refresh(const ClaimChanged& changed) {
  for (const sim::Change& change : node_changes_.take().changes) {
    nodes_.erase(name_of(change));
    if (change.kind != sim::ChangeKind::Deleted)
      nodes_.emplace(name_of(change), kube::decode_node(json::value(*change.object)).value());
  }
  for (const sim::Change& change : pool_changes_.take().changes) {
    pools_.erase(name_of(change));
    if (change.kind == sim::ChangeKind::Deleted) continue;
    auto pool = kube::decode_node_pool(json::value(*change.object)).value();
    if (pool.template_spec.node_class_ref.is_hyperpod())
      pools_.emplace(name_of(change), std::move(pool));
  }
  take_tokens();
  take_claims(changed);
  note_pools();
}

void World::take_claims(const ClaimChanged& changed) {
  for (const sim::Change& change : claim_changes_.take().changes) {
    const std::string name = name_of(change);
    Claim after = claim_of(*change.object);
    if (!after.object.spec.node_class_ref.is_hyperpod()) {
      foreign_claims_.insert(name);
      continue;
    }
    const auto known = claims_.find(name);
    std::optional<Claim> before;
    if (known != claims_.end()) before = std::move(known->second);
    if (change.kind == sim::ChangeKind::Deleted) {
      claims_.erase(name);
      changed(before ? &*before : nullptr, nullptr);
    } else {
      const Claim& stored = claims_.insert_or_assign(name, std::move(after)).first->second;
      changed(before ? &*before : nullptr, &stored);
    }
  }
}

void World::take_tokens() {
  for (const service::AddCall& call : cluster().add_calls) {
    if (call.token.starts_with(kHumanToken) || !tokens_.insert(call.token).second) continue;
    for (const hyperpod::NodeAddition& added : call.result.successful)
      token_of_.emplace(added.logical_id, call.token);
  }
}

void World::note_pools() {
  std::map<std::string_view, std::int32_t> initialized;
  for (const auto& [name, claim] : claims_) {
    if (is_counted(claim)) ++initialized[claim.object.node_pool()];
  }
  for (const auto& [name, pool] : pools_) {
    std::deque<PoolState>& states = pool_states_[name];
    const std::int32_t count = initialized[name];
    const bool is_news = states.empty() || states.back().initialized != count ||
                         states.back().pool.limits != pool.limits ||
                         states.back().pool.disruption != pool.disruption;
    if (is_news) states.push_back({now(), pool, count});
    // The first of those that are left was in force when the time that counts began.
    while (states.size() > 1 && states[1].since <= now() - kKnownAfter) states.pop_front();
  }
}

const Claim* World::find_claim_of(std::string_view logical_id) const {
  const auto it = std::ranges::find_if(
      claims_, [&](const auto& entry) { return entry.second.logical_id == logical_id; });
  return it == claims_.end() ? nullptr : &it->second;
}

std::vector<PoolState> World::recent(std::string_view pool) const {
  const auto it = pool_states_.find(pool);
  if (it == pool_states_.end()) return {};
  std::vector<PoolState> states(it->second.begin(), it->second.end());
  std::erase_if(states, [&](const PoolState& state) {
    const auto next = std::ranges::upper_bound(it->second, state.since, {}, &PoolState::since);
    return next != it->second.end() && next->since <= now() - kKnownAfter;
  });
  return states;
}

std::string_view World::token_of(std::string_view logical_id) const {
  const auto it = token_of_.find(logical_id);
  return it == token_of_.end() ? std::string_view{} : std::string_view(it->second);
}

std::string_view World::logical_id_of(const kube::Node& node) const {
  const auto instance =
      hyperpod::instance_id_of(node.provider_id, hyperpod::cluster_id(cluster().arn));
  if (!instance) return {};
  const service::NodeRecord* record = service::find_instance(cluster(), *instance);
  return record == nullptr ? std::string_view{} : std::string_view(record->logical_id);
}

bool World::is_ours(const kube::Node& node) const {
  if (node.meta.annotations.contains(kube::kNodeClaimUid)) return true;
  const std::string_view id = logical_id_of(node);
  return !id.empty() && !token_of(id).empty();
}

kube::Resources World::capacity_of(const Claim& claim) const {
  const hyperpod::InstanceType* type =
      types_.find(claim.object.meta.labels.get(kube::kInstanceType));
  kube::Resources capacity = type == nullptr ? kube::Resources{} : type->capacity();
  capacity.set(kube::Resource::Nodes, 1);
  return capacity;
}

}  // namespace hyperwright::swarm
