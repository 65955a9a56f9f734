// One pass of the solver. Rounds go from the strictest reading of the pods' wishes to the loosest;
// in each one
//
//   1. pods go to nodes that are there or on their way, in the order of existing_nodes.h,
//   2. to nodes that this pass has planned in an earlier round,
//   3. to new nodes of the heaviest pool that takes them, then of the next one.
//
// Pods that no node and no pool could ever take at a level start at the next one, so that they are
// packed together with those that stand there already.
#include <deque>

#include "scheduling/demands.h"
#include "scheduling/existing_nodes.h"
#include "scheduling/host_ports.h"
#include "scheduling/limits.h"
#include "scheduling/plan.h"
#include "scheduling/pool_plan.h"
#include "scheduling/templates.h"
#include "scheduling/verdict.h"

namespace hyperwright::scheduling {
namespace {

class Solver {
 public:
  Solver(const state::ClusterState& state, const std::vector<const state::PodRecord*>& pods,
         Time now)
      : state_(state),
        daemons_(daemons_of(state)),
        existing_(state, daemons_, pods),
        placed_on_(existing_.list().size()) {
    Templates templates = templates_of(state, now);
    not_offered_ = std::move(templates.not_offered);
    const PoolUsage usage = usage_of_pools(state);
    bool has_prefer_no_schedule = existing_.has_prefer_no_schedule();
    for (PoolTemplates& pool : templates.pools) {
      for (const Template& made : pool.templates) has_prefer_no_schedule |= is_preferring(made);
      LimitCounter limits = limits_of(*pool.pool, usage);
      pools_.emplace_back(catalogue_of(std::move(pool), state, daemons_, now), std::move(limits));
    }
    demands_ = demands_of(state, pods, has_prefer_no_schedule);
  }

  Plan solve() {
    std::vector<std::size_t> looking;  // demands that still look for a place
    for (std::size_t d = 0; d < demands_.size(); ++d) {
      if (demands_[d].requirements.rejection.empty()) looking.push_back(d);
    }
    while (!looking.empty()) {
      round(looking);
      std::erase_if(looking, [&](std::size_t d) {
        return demands_[d].left == 0 ||
               ++demands_[d].level >= demands_[d].requirements.levels.size();
      });
    }
    return plan();
  }

 private:
  static bool is_preferring(const Template& made) {
    return std::ranges::any_of(made.taints, [](const kube::Taint& t) {
      return t.effect == kube::TaintEffect::PreferNoSchedule;
    });
  }

  static LimitCounter limits_of(const kube::NodePool& pool, const PoolUsage& usage) {
    if (!pool.limits) return {};
    const auto used = usage.find(pool.meta.name);
    return LimitCounter(*pool.limits, used == usage.end() ? kube::Resources{} : used->second);
  }

  // What a demand finds at its level, before anything is placed in this round.
  struct Chance {
    Bitset nodes;           // suitable ones that exist
    std::vector<Fit> fits;  // by pool
    [[nodiscard]] bool is_empty() const {
      return nodes.empty() &&
             std::ranges::all_of(fits, [](const Fit& fit) { return fit.fitting.empty(); });
    }
  };

  Chance chance_of(const Demand& demand) {
    const Level& level = demand.requirements.levels[demand.level];
    Chance chance;
    chance.nodes = existing_.suitable(*demand.pod, level);
    for (const PoolPlan& pool : pools_) {
      chance.fits.push_back(fit(*demand.pod, level, demand.pod_classes, pool.catalogue(), state_));
    }
    return chance;
  }

  void round(const std::vector<std::size_t>& looking) {
    std::vector<Chance> chances;
    for (const std::size_t d : looking) {
      Chance chance = chance_of(demands_[d]);
      while (chance.is_empty() && demands_[d].level + 1 < demands_[d].requirements.levels.size()) {
        ++demands_[d].level;
        chance = chance_of(demands_[d]);
      }
      chances.push_back(std::move(chance));
    }
    for (std::size_t i = 0; i < looking.size(); ++i)
      place_on_existing(looking[i], chances[i].nodes);
    for (std::size_t p = 0; p < pools_.size(); ++p) {
      for (std::size_t i = 0; i < looking.size(); ++i) {
        const Demand& demand = demands_[looking[i]];
        if (demand.left > 0)
          pools_[p].ask(looking[i], *demand.pod, std::move(chances[i].fits[p]), demand.left);
      }
      pools_[p].top_up();
      pools_[p].buy();
      for (const auto& [d, count] : pools_[p].take_placed()) demands_[d].left -= count;
    }
  }

  void place_on_existing(std::size_t d, const Bitset& suitable) {
    Demand& demand = demands_[d];
    suitable.for_each([&](std::size_t n) {
      if (demand.left == 0) return;
      ExistingNode& node = existing_.list()[n];
      const std::int64_t count = room_on(node, demand);
      if (count == 0) return;
      node.free -= demand.pod->requests.times(count);
      node.ports.insert(node.ports.end(), demand.pod->host_ports.begin(),
                        demand.pod->host_ports.end());
      placed_on_[n].emplace_back(d, count);
      demand.left -= count;
    });
  }

  [[nodiscard]] std::int64_t room_on(const ExistingNode& node, const Demand& demand) const {
    std::int64_t count = std::min(demand.left, fit_count(demand.pod->requests, node.free));
    if (count == 0) return 0;
    if (!demand.pod->host_ports.empty()) {
      if (do_conflict(demand.pod->host_ports, node.ports)) return 0;
      count = 1;
    }
    // A node of this shape did not take such pods although they should have fitted: it is not tried
    // again.
    const bool is_misfit =
        !node.type.empty() && std::ranges::any_of(demand.pod_classes, [&](state::PodClassId id) {
          return state_.is_misfit(id, node.group, node.type);
        });
    return is_misfit ? 0 : count;
  }

  Plan plan() {
    Plan plan;
    for (std::size_t n = 0; n < placed_on_.size(); ++n) {
      if (placed_on_[n].empty()) continue;
      const ExistingNode& node = existing_.list()[n];
      PlacedOnNode& placed = plan.placed.emplace_back();
      placed.node = node.node;
      placed.claim = node.claim;
      for (const auto& [d, count] : placed_on_[n]) demands_[d].name_pods(count, placed.pods);
    }
    for (const PoolPlan& pool : pools_) {
      for (NewNode& node : pool.new_nodes(demands_)) plan.new_nodes.push_back(std::move(node));
    }
    for (Demand& demand : demands_) {
      if (demand.left == 0) continue;
      Unplaced& unplaced = plan.unplaced.emplace_back();
      unplaced.verdict = verdict_of(demand, pools_, not_offered_, state_);
      demand.name_pods(demand.left, unplaced.pods);
    }
    return plan;
  }

  const state::ClusterState& state_;
  std::vector<Daemon> daemons_;
  ExistingNodes existing_;
  std::vector<Counts> placed_on_;  // by existing node: (demand, pods)
  std::vector<NotOffered> not_offered_;
  std::deque<PoolPlan> pools_;
  std::vector<Demand> demands_;
};

}  // namespace

Plan solve(const state::ClusterState& state, const std::vector<const state::PodRecord*>& pods,
           Time now) {
  return Solver(state, pods, now).solve();
}

}  // namespace hyperwright::scheduling
