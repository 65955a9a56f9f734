// Disruption: nodes that are not needed go, within their pool's budgets.
//
//   1. The node is tainted and the claim gets DisruptionReason, so that no new pod comes and
//   budgets count it.
//   2. When both are there, and the node still is what it was chosen for, the claim is deleted.
//   3. Else (a pod came first; or this process was restarted and thinks otherwise) both are taken
//   back.
//
// Today this is emptiness alone. The dearest nodes go first.
//
// Source: Karpenter v1, Concepts > Disruption; events DisruptionTerminating, DisruptionBlocked.
// Differs: the choice is checked again after the taint, and not by waiting 15 seconds before it.
#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "controllers/claim_price.h"
#include "controllers/controllers.h"
#include "controllers/record.h"
#include "disruption/budget.h"
#include "disruption/consolidatable.h"
#include "disruption/emptiness.h"
#include "disruption/pool_nodes.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {
namespace {

namespace condition = kube::node_claim_condition;
using disruption::Emptiness;
using disruption::Reason;
using Of = state::ClaimIndex::Of;
using Claims = std::vector<const state::ClaimRecord*>;

constexpr Duration kPoll = Duration::seconds(10);
// Those that are chosen by one look: a large job may leave thousands of nodes empty at once.
constexpr std::size_t kChosenPerLook = 250;
// A closed budget may stand for days: it is told now and then, not every minute.
constexpr Duration kBlockedQuiet = Duration::minutes(15);

const kube::Taint kDisrupted{.key = std::string(kube::kTaintDisrupted),
                             .value = {},
                             .effect = kube::TaintEffect::NoSchedule};

struct Look {
  const Context& context;
  const state::ClaimRecord& claim;
  const kube::Node& node;
  Decision& decision;
};

bool has_reason(const kube::NodeClaim& claim) {
  return kube::is_true(claim.conditions, condition::kDisruptionReason);
}

void write_reason(const Look& look, bool is_disrupted) {
  if (has_reason(look.claim.claim) == is_disrupted) return;
  kube::NodeClaim next = look.claim.claim;
  kube::ConditionWriter writer(next.conditions, condition::kDependents, next.meta.generation,
                               next.meta.creation_time, look.context.now);
  if (is_disrupted) {
    writer.set_true(condition::kDisruptionReason);
    // Karpenter's: reason and message are the reason of the disruption.
    const auto it =
        std::ranges::find(next.conditions, condition::kDisruptionReason, &kube::Condition::type);
    it->reason = disruption::to_string(Reason::Empty);
    it->message = it->reason;
  } else {
    writer.clear(condition::kDisruptionReason);
  }
  look.decision.emit(state::UpdateNodeClaimStatus{std::move(next)},
                     is_disrupted ? "empty" : "kept");
}

void write_taint(const Look& look, bool is_disrupted) {
  if (kube::contains_taint(look.node.taints, kDisrupted) == is_disrupted) return;
  state::PatchNode patch = patch_of(look.node);
  patch.taints = look.node.taints;
  std::erase_if(*patch.taints,
                [](const kube::Taint& taint) { return taint.key == kube::kTaintDisrupted; });
  if (is_disrupted) patch.taints->push_back(kDisrupted);
  look.decision.emit(std::move(patch), is_disrupted ? "empty" : "kept");
}

void end(const Look& look) {
  if (!look.decision.emit(deletion_of(look.claim.claim), "empty")) return;
  look.decision.emit(normal(look.node, "DisruptionTerminating", "Disrupting Node: Empty"), "empty");
  look.decision.emit(
      normal(look.claim.claim, "DisruptionTerminating", "Disrupting NodeClaim: Empty"), "empty");
}

// A claim that was chosen: it goes on, or is taken back.
void go_on(const Look& look, const Emptiness& emptiness) {
  const bool goes = emptiness.verdict == Emptiness::Verdict::Empty;
  if (goes && has_reason(look.claim.claim) && kube::contains_taint(look.node.taints, kDisrupted))
    return end(look);
  write_taint(look, goes);
  write_reason(look, goes);
}

// How long a batch of pods may be open: its longest window, and a moment to plan it.
Duration longest_batch(const Context& context) {
  return context.state.options().batch_max + Duration::seconds(1);
}

// Pods whose place is not decided yet may be meant for this very node.
bool is_batch_open(const Context& context) {
  const state::ClusterState& state = context.state;
  const Time recent = context.now - longest_batch(context);
  return std::ranges::any_of(state.unplaced_pods(), [&](const auto& entry) {
    return entry.second->verdict_version == 0 && entry.second->pending_since > recent;
  });
}

void tell_blocked(const kube::NodePool& pool, const std::string& message, Decision& decision) {
  decision.emit(normal(pool, "DisruptionBlocked", message, kBlockedQuiet), "disruption_blocked");
}

void tell_blocked(const Look& look, const Emptiness& emptiness) {
  look.decision.emit(normal(look.claim.claim, "DisruptionBlocked", emptiness.why, kBlockedQuiet),
                     "disruption_blocked");
  look.decision.emit(normal(look.node, "DisruptionBlocked", emptiness.why, kBlockedQuiet),
                     "disruption_blocked");
}

// The dearest first.
std::vector<const state::ClaimRecord*> ranked(const Context& context, const Claims& claims) {
  using Rank = std::tuple<hyperpod::MicroDollars, std::string_view, const state::ClaimRecord*>;
  std::vector<Rank> ranks;
  ranks.reserve(claims.size());
  for (const state::ClaimRecord* claim : claims) {
    ranks.emplace_back(hyperpod::MicroDollars{} - price_of(context.state, *claim),
                       claim->claim.meta.name, claim);
  }
  std::ranges::sort(ranks);
  Claims sorted;
  sorted.reserve(ranks.size());
  for (const Rank& rank : ranks) sorted.push_back(std::get<2>(rank));
  return sorted;
}

void choose(const Context& context, const kube::NodePool& pool, const Claims& empty,
            Decision& decision) {
  const auto budgets = disruption::read_budgets(pool.disruption);
  std::int32_t allowed = 0;
  if (budgets) {
    const disruption::PoolNodes nodes = disruption::pool_nodes(context.state, pool.meta.name);
    allowed = disruption::allowed_disruptions(*budgets, Reason::Empty, nodes, context.now)
                  .value_or(INT32_MAX);
    decision.look_again(disruption::next_window_change(*budgets, context.now));
  } else {
    tell_blocked(pool,
                 fmt::format("No disruptions are allowed: {}; {}", budgets.error().text(),
                             budgets.error().remedy()),
                 decision);
  }
  std::size_t chosen = 0;
  for (const state::ClaimRecord* claim : ranked(context, empty)) {
    // The pool is looked at again when what was chosen is marked.
    if (chosen++ == kChosenPerLook) return decision.look_again(context.now + kPoll);
    if (allowed == 0) {
      if (budgets)
        tell_blocked(pool,
                     "No allowed disruptions for disruption reason Empty due to blocking budget",
                     decision);
      return decision.look_again(context.now + kPoll);
    }
    --allowed;
    const Look look{context, *claim, context.state.find_node(claim->node_name)->node, decision};
    write_taint(look, true);
    write_reason(look, true);
  }
}

void look_at_pool(const Context& context, const kube::NodePool& pool, Decision& decision) {
  const state::ClusterState& state = context.state;
  Claims empty;
  const auto look_at = [&](const std::string& name, bool is_marked) {
    const state::ClaimRecord& claim = *state.find_claim(name);
    if (claim.claim.node_pool() != pool.meta.name || claim.is_being_created) return;
    const state::NodeRecord* node = state.find_node(claim.node_name);
    if (node == nullptr || node->node.meta.is_deleting()) return;
    const Emptiness emptiness = disruption::emptiness(state, claim, context.now);
    decision.look_again(emptiness.look_again);
    if (is_marked) {
      go_on({context, claim, node->node, decision}, emptiness);
    } else if (emptiness.verdict == Emptiness::Verdict::Empty) {
      empty.push_back(&claim);
    } else if (emptiness.verdict == Emptiness::Verdict::Blocked) {
      tell_blocked({context, claim, node->node, decision}, emptiness);
    }
  };
  for (const std::string& name : state.claim_index().of(Of::Marked)) look_at(name, true);
  for (const std::string& name : state.claim_index().of(Of::Idle)) look_at(name, false);
  if (!empty.empty() && is_batch_open(context)) {
    // A node that was empty for a whole batch was not taken by it; pods that trickle in without end
    // must not keep it.
    std::erase_if(empty, [&](const state::ClaimRecord* claim) {
      const auto since = disruption::consolidatable_from(context.state, *claim, pool);
      return !since || *since + longest_batch(context) > context.now;
    });
    decision.look_again(context.now + Duration::seconds(1));
  }
  if (!empty.empty()) choose(context, pool, empty, decision);
}

bool is_under_way(const Context& context, const state::ClaimRecord& claim) {
  return context.state.next_try({state::Target::Of::NodeClaim, claim.claim.meta.name}) ==
         Time::max();
}

// Empty claims of a pool compete for its budget, so one of them asks for all: the first by name.
bool is_first_empty(const Context& context, const state::ClaimRecord& claim) {
  const auto is_empty = [&](const state::ClaimRecord& other) {
    return other.claim.node_pool() == claim.claim.node_pool() &&
           disruption::emptiness(context.state, other, context.now).verdict ==
               Emptiness::Verdict::Empty;
  };
  for (const std::string& name : context.state.claim_index().of(Of::Idle)) {
    const state::ClaimRecord* other = context.state.find_claim(name);
    if (other == &claim) return true;
    if (is_empty(*other)) return false;
  }
  return true;
}

// A look at one claim is cheap, and the whole pool is looked at only to choose among its nodes:
// when a large job ends, thousands of nodes ask at once.
void look_at_claim(const Context& context, const kube::NodePool& pool,
                   const state::ClaimRecord& claim, Decision& decision) {
  const state::NodeRecord* node = context.state.find_node(claim.node_name);
  if (claim.is_deleting() || claim.is_being_created || node == nullptr ||
      node->node.meta.is_deleting() || is_under_way(context, claim))
    return;
  const Emptiness emptiness = disruption::emptiness(context.state, claim, context.now);
  decision.look_again(emptiness.look_again);
  if (disruption::is_marked(context.state, claim))
    return go_on({context, claim, node->node, decision}, emptiness);
  if (emptiness.verdict == Emptiness::Verdict::Blocked)
    return tell_blocked({context, claim, node->node, decision}, emptiness);
  if (emptiness.verdict != Emptiness::Verdict::Empty) return;
  if (is_first_empty(context, claim)) return look_at_pool(context, pool, decision);
  decision.look_again(context.now + kPoll);
}

}  // namespace

void disruption(const Context& context, const state::Key& key, Decision& decision) {
  const state::ClusterState& state = context.state;
  if (!state.is_synced()) return;
  const auto pool_of = [&](std::string_view name) -> const kube::NodePool* {
    const kube::NodePool* pool = state.find_node_pool(name);
    return pool == nullptr || pool->meta.is_deleting() ? nullptr : pool;
  };
  if (key.of == state::Key::Of::NodePool) {
    if (const kube::NodePool* pool = pool_of(key.name)) look_at_pool(context, *pool, decision);
    return;
  }
  const state::NodeRecord* node =
      key.of == state::Key::Of::Node ? state.find_node(key.name) : nullptr;
  const state::ClaimRecord* claim = key.of == state::Key::Of::NodeClaim ? state.find_claim(key.name)
                                    : node == nullptr                   ? nullptr
                                                      : state.find_claim(node->claim);
  if (claim == nullptr) return;
  if (const kube::NodePool* pool = pool_of(claim->claim.node_pool()))
    look_at_claim(context, *pool, *claim, decision);
}

}  // namespace hyperwright::controllers
