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

// A list tells what has gone by its silence: the names that were known and are not in it.
template <typename Known>
std::vector<std::string> missing(const Known& known, const sim::ChangeFollower::News& news) {
  std::vector<std::string> names;
  if (!news.is_relist) return names;
  std::set<std::string, std::less<>> listed;
  for (const sim::Change& change : news.changes) listed.insert(name_of(change));
  for (const auto& [name, object] : known) {
    if (!listed.contains(name)) names.push_back(name);
  }
  return names;
}

}  // namespace

World::World(sim::Simulation& simulation, const hyperpod::InstanceTypes& types)
    : simulation_(simulation),
      types_(types),
      claim_changes_(simulation.kubernetes(), "nodeclaims.karpenter.sh"),
      node_changes_(simulation.kubernetes(), "nodes"),
      pool_changes_(simulation.kubernetes(), "nodepools.karpenter.sh") {}

void World::refresh(const ClaimChanged& changed) {
  const bool has_pool_news = take_nodes_and_pools();
  take_tokens();
  const bool has_claim_news = take_claims(changed);
  if (has_pool_news || has_claim_news) note_pools();
}

// Says whether anything of a pool is new.
bool World::take_nodes_and_pools() {
  const sim::ChangeFollower::News nodes = node_changes_.take();
  for (const std::string& name : missing(nodes_, nodes)) nodes_.erase(name);
  for (const sim::Change& change : nodes.changes) {
    nodes_.erase(name_of(change));
    if (change.kind != sim::ChangeKind::Deleted)
      nodes_.emplace(name_of(change), kube::decode_node(json::value(*change.object)).value());
  }
  const sim::ChangeFollower::News pools = pool_changes_.take();
  for (const std::string& name : missing(pools_, pools)) pools_.erase(name);
  if (pools.is_relist) foreign_pools_.clear();
  for (const sim::Change& change : pools.changes) {
    pools_.erase(name_of(change));
    foreign_pools_.erase(name_of(change));
    if (change.kind == sim::ChangeKind::Deleted) continue;
    auto pool = kube::decode_node_pool(json::value(*change.object)).value();
    if (pool.template_spec.node_class_ref.is_hyperpod()) {
      pools_.emplace(name_of(change), std::move(pool));
    } else {
      foreign_pools_.insert(name_of(change));
    }
  }
  return pools.is_relist || !pools.changes.empty();
}

bool World::take_claims(const ClaimChanged& changed) {
  const sim::ChangeFollower::News news = claim_changes_.take();
  if (news.is_relist) foreign_claims_.clear();
  for (const std::string& name : missing(claims_, news)) forget_claim(name, changed);
  for (const sim::Change& change : news.changes) {
    const std::string name = name_of(change);
    const bool is_gone = change.kind == sim::ChangeKind::Deleted;
    if (is_gone && foreign_claims_.erase(name) > 0) continue;
    if (is_gone) {
      forget_claim(name, changed);
      continue;
    }
    Claim after = claim_of(*change.object);
    if (after.object.spec.node_class_ref.is_hyperpod()) {
      take_claim(std::move(after), changed);
    } else {
      foreign_claims_.insert(name);
    }
  }
  return news.is_relist || !news.changes.empty();
}

void World::take_claim(Claim after, const ClaimChanged& changed) {
  const std::string name = after.name();
  const auto known = claims_.find(name);
  // Another object of the same name: that the first one went was missed.
  if (known != claims_.end() && known->second.uid() != after.uid()) {
    forget_claim(name, changed);
    return take_claim(std::move(after), changed);
  }
  std::optional<Claim> before;
  if (known != claims_.end()) {
    before = std::move(known->second);
    claims_by_logical_id_.erase({before->logical_id, name});
  }
  claims_by_logical_id_.emplace(after.logical_id, name);
  const Claim& stored = claims_.insert_or_assign(name, std::move(after)).first->second;
  changed(before ? &*before : nullptr, &stored);
}

void World::forget_claim(const std::string& name, const ClaimChanged& changed) {
  const auto known = claims_.find(name);
  if (known == claims_.end()) return;  // it came and went unseen
  const Claim before = std::move(known->second);
  claims_by_logical_id_.erase({before.logical_id, name});
  claims_.erase(known);
  changed(&before, nullptr);
}

// The newest calls stand last.
void World::take_tokens() {
  const auto& calls = cluster().add_calls;
  for (auto call = calls.rbegin(); call != calls.rend(); ++call) {
    if (!tokens_.insert(call->token).second) return;
    if (call->token.starts_with(kHumanToken)) continue;
    for (const hyperpod::NodeAddition& added : call->result.successful)
      token_of_.emplace(added.logical_id, call->token);
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
  const auto it = claims_by_logical_id_.lower_bound({std::string(logical_id), {}});
  if (it == claims_by_logical_id_.end() || it->first != logical_id) return nullptr;
  return &claims_.at(it->second);
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
