// Promise 2, of NodePools: a disruption budget is never exceeded.
//
// Judged whenever a claim is deleted for a reason that budgets count: of its pool's initialized
// claims, those that were deleted so before it, and are not ended, may be no more than the budgets
// allow.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "disruption/budget.h"
#include "tests/sim/promises/promise.h"

namespace hyperwright::swarm {
namespace {

namespace condition = kube::node_claim_condition;

class DisruptionBudgets : public Promise {
 public:
  DisruptionBudgets() : Promise("disruption budgets") {}

  void call_arrives(const World& world, const state::Effect& effect) override {
    const auto* deletion = std::get_if<state::DeleteNodeClaim>(&effect.action);
    if (deletion == nullptr || effect.reason != "empty") return;
    const auto found = world.claims().find(deletion->name);
    if (found == world.claims().end() || found->second.object.meta.is_deleting() ||
        !found->second.is(condition::kInitialized))
      return;
    const std::string pool(found->second.object.node_pool());
    std::int32_t going = 0;
    for (const auto& [name, claim] : world.claims()) {
      if (claim.object.node_pool() == pool && claim.object.meta.is_deleting() &&
          claim.is(condition::kInitialized) && !claim.is(condition::kInstanceTerminating) &&
          disrupted_.contains(claim.uid()))
        ++going;
    }
    disrupted_.insert(deletion->uid);
    const std::vector<PoolState> states = world.recent(pool);
    const bool is_allowed =
        states.empty() || std::ranges::any_of(states, [&](const PoolState& state) {
          return allows(state, going, world.now());
        });
    if (!is_allowed) {
      broken(fmt::format("NodeClaim {} is disrupted while {} others of NodePool {} are",
                         deletion->name, going, pool));
    }
  }

 private:
  static bool allows(const PoolState& state, std::int32_t going, Time now) {
    const auto budgets = disruption::read_budgets(state.pool.disruption);
    if (!budgets) return false;
    const auto allowed = disruption::allowed_disruptions(
        *budgets, disruption::Reason::Empty,
        {.initialized = state.initialized, .out_of_service = going}, now);
    return !allowed || *allowed > 0;
  }

  std::set<std::string> disrupted_;  // UIDs
};

}  // namespace

std::unique_ptr<Promise> disruption_budgets() { return std::make_unique<DisruptionBudgets>(); }

}  // namespace hyperwright::swarm
