// Promise 1: a NodePool's limits are never exceeded by what was created plus what is in flight.
//
// Judged whenever a claim appears: the claims of its pool, going ones among them, are counted with
// what a node of their types has. A limit that was lowered under what exists is exceeded by nobody.
#include <algorithm>

#include <fmt/format.h>

#include "tests/sim/promises/promise.h"

namespace hyperwright::swarm {
namespace {

class Limits : public Promise {
 public:
  Limits() : Promise("limits") {}

  void claim_changed(const World& world, const Claim* before, const Claim* after) override {
    if (before != nullptr || after == nullptr) return;
    const std::string pool(after->object.node_pool());
    kube::Resources usage;
    for (const auto& [name, claim] : world.claims()) {
      if (claim.object.node_pool() == pool) usage += world.capacity_of(claim);
    }
    const std::vector<PoolState> states = world.recent(pool);
    const bool is_allowed = std::ranges::any_of(states, [&](const PoolState& state) {
      return !state.pool.limits || !state.pool.limits->exceeded_by(usage);
    });
    if (states.empty() || is_allowed) return;
    const auto name = states.back().pool.limits->exceeded_by(usage).value_or("a resource");
    broken(fmt::format("with NodeClaim {}, NodePool {} uses {} of {}", after->name(), pool,
                       kube::format_amount(name, usage.get(name)), name));
  }
};

}  // namespace

std::unique_ptr<Promise> limits() { return std::make_unique<Limits>(); }

}  // namespace hyperwright::swarm
