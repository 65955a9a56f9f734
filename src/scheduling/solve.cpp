// One pass of the solver. Rounds go from the strictest reading of the pods' wishes to the loosest;
// in each one
//
//   1. every pod gets a cell (cells.h): on a node that is there or on its way where constraints and
//      room allow, else where a new one can be bought,
//   2. pods for new nodes go to nodes that this pass has planned already, then to new ones of the
//      heaviest pool that takes them, then of the next one,
//   3. pods that must stand beside others join the nodes that were planned for those,
//
// until nothing moves any more. What a cell did not get goes back and tries another one.
//
// Pods that no node and no pool could ever take at a level start at the next one, so that they are
// packed together with those that stand there already.
#include <algorithm>
#include <deque>
#include <map>
#include <tuple>

#include "scheduling/cells.h"
#include "scheduling/demands.h"
#include "scheduling/existing_nodes.h"
#include "scheduling/fit_cache.h"
#include "scheduling/host_ports.h"
#include "scheduling/limits.h"
#include "scheduling/plan.h"
#include "scheduling/pool_plan.h"
#include "scheduling/templates.h"
#include "scheduling/topology.h"
#include "scheduling/verdict.h"

namespace hyperwright::scheduling {
namespace {

// By demand, level and domains: how many pods found a new node there, where not all did.
using Ceilings = std::map<std::tuple<std::size_t, std::size_t, Domains>, std::int64_t>;

class Solver {
 public:
  Solver(const state::ClusterState& state, const std::vector<const state::PodRecord*>& pods,
         Time now, Ceilings ceilings)
      : state_(state),
        ceilings_(std::move(ceilings)),
        daemons_(daemons_of(state)),
        existing_(state, daemons_, pods),
        topology_(state, existing_),
        cache_(state, existing_, topology_),
        placed_on_(existing_.list().size()) {
    Templates templates = templates_of(state, now);
    not_offered_ = std::move(templates.not_offered);
    const PoolUsage usage = usage_of_pools(state);
    bool has_prefer_no_schedule = existing_.has_prefer_no_schedule();
    for (PoolTemplates& pool : templates.pools) {
      for (const Template& made : pool.templates) has_prefer_no_schedule |= is_preferring(made);
      LimitCounter limits = limits_of(*pool.pool, usage);
      pools_.emplace_back(catalogue_of(std::move(pool), state, daemons_, now), std::move(limits));
      catalogues_.push_back(&pools_.back().catalogue());
      cache_.add_pool(pools_.back().catalogue());
    }
    demands_ = demands_of(state, pods, has_prefer_no_schedule, topology_, cache_);
    std::vector<const state::PodRecord*> batch = pods;
    std::ranges::sort(batch);
    topology_.count(batch, catalogues_);
    cells_.resize(demands_.size());
  }

  void place() {
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
  }

  // Pods were promised a domain, others chose theirs by that, and then it had no node for them.
  [[nodiscard]] bool is_off_balance() const {
    return has_taken_back_ && !are_constraints_kept(demands_, topology_);
  }
  [[nodiscard]] const Ceilings& ceilings() const { return ceilings_; }

  // Once, after place().
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
      unplaced.verdict = verdict_of(demand, pools_, not_offered_, topology_, state_);
      demand.name_pods(demand.left, unplaced.pods);
    }
    return plan;
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

  // --- a round ---

  // Pods that nothing binds go first, because those that must keep a distance look where they went.
  // Those that repel and those that are repelled take turns by size. Pods that want to be near to
  // others go last.
  [[nodiscard]] int turn_of(const Demand& demand) const {
    const std::vector<GroupId>& owned = demand.owned[demand.level];
    const auto has_affinity = [&](GroupId id) {
      return topology_.group(id).term.kind == TopologyKind::Affinity;
    };
    const auto is_repelled = [&](GroupId id) {
      const TopologyGroup& group = topology_.group(id);
      return group.key != kHostKey && group.term.kind == TopologyKind::AntiAffinity &&
             group.has_owners_in_batch;
    };
    if (std::ranges::any_of(owned, has_affinity)) return 2;
    return owned.empty() && std::ranges::none_of(demand.counted, is_repelled) ? 0 : 1;
  }

  void round(const std::vector<std::size_t>& looking) {
    std::vector<std::size_t> order = looking;
    for (const std::size_t d : looking) {
      Demand& demand = demands_[d];
      cells_[d] = cells_of(demand, topology_, cache_, catalogues_);
      while (cells_[d].empty() && demand.level + 1 < demand.requirements.levels.size()) {
        ++demand.level;
        cells_[d] = cells_of(demand, topology_, cache_, catalogues_);
      }
      for (Cell& cell : cells_[d]) {
        const auto ceiling = ceilings_.find({d, demand.level, cell.domains});
        cell.most = ceiling == ceilings_.end() ? INT64_MAX : ceiling->second;
      }
    }
    std::ranges::stable_sort(order, {}, [&](std::size_t d) { return turn_of(demands_[d]); });
    while (true) {
      bool has_moved = false;
      while (choose_cells(order)) has_moved = true;
      has_moved |= buy(order);
      has_moved |= join(order);
      if (!has_moved) return;
    }
  }

  // Says whether any pod got a cell.
  bool choose_cells(const std::vector<std::size_t>& order) {
    bool has_moved = false;
    for (const std::size_t d : order) {
      while (demands_[d].left > 0 && choose_cell(d)) has_moved = true;
    }
    return has_moved;
  }

  struct Choice {
    std::tuple<bool, bool, std::int64_t, std::int64_t, std::int64_t> cost;  // least is best
    Cell* cell = nullptr;
    std::int64_t pods = 0;
  };

  // Puts some pods of the demand into the best cell that constraints allow.
  bool choose_cell(std::size_t d) {
    Demand& demand = demands_[d];
    const bool needs_company = has_host_affinity(demand, topology_);
    Choice best;
    for (Cell& cell : cells_[d]) {
      std::int64_t allowed = allowed_in(demand, cell.domains, topology_, demand.left);
      if (allowed == 0) continue;
      const bool is_there = find_node(demand, cell, needs_company) != nullptr;
      const std::int64_t left = cell.most - cell.wanted - cell.bought;
      bool may_buy = cell.can_buy && !cell.is_closed && left > 0;
      if (needs_company && may_buy) may_buy = is_first_of_its_kind(demand, topology_);
      if (!is_there && !may_buy) continue;
      if (!is_there) allowed = std::min(allowed, left);
      const std::int64_t balanced = balanced_room(demand, cell.domains, topology_, allowed);
      if (balanced > 0) allowed = balanced;
      const Choice choice{
          {balanced == 0, !is_there, crowd_in(demand, cell.domains, topology_, true),
           is_there ? 0 : cell.price, crowd_in(demand, cell.domains, topology_, false)},
          &cell,
          allowed};
      if (best.cell == nullptr || choice.cost < best.cost) best = choice;
    }
    if (best.cell == nullptr) return false;
    if (!std::get<1>(best.cost)) {
      place_on_existing(d, *best.cell, best.pods, needs_company);
    } else {
      // One goes first; the others join it.
      const std::int64_t pods = needs_company ? 1 : best.pods;
      best.cell->wanted += pods;
      demand.left -= pods;
      note_placed(demand, best.cell->domains, kNoDomain, topology_, pods);
    }
    return true;
  }

  // The next existing node of the cell that takes a pod; nullptr: none does.
  const std::uint32_t* find_node(const Demand& demand, Cell& cell, bool needs_company) {
    NodeQueue& queue = *cell.queue;
    const std::vector<std::uint32_t>& nodes = *queue.nodes;
    const auto is_full = [&](std::uint32_t n) {
      return fit_count(demand.pod->requests, existing_.list()[n].free) == 0;
    };
    while (queue.next < nodes.size() && is_full(nodes[queue.next])) ++queue.next;
    // What an affinity waits for may come to a node that was passed by.
    std::size_t i = needs_company ? queue.next : std::max(queue.next, cell.next);
    for (; i < nodes.size(); ++i) {
      if (room_on(nodes[i], demand, 1) > 0) break;
    }
    cell.next = i;
    return i == nodes.size() ? nullptr : &nodes[i];
  }

  void place_on_existing(std::size_t d, Cell& cell, std::int64_t pods, bool needs_company) {
    Demand& demand = demands_[d];
    const std::uint32_t n = *find_node(demand, cell, needs_company);
    const std::int64_t count = room_on(n, demand, pods);
    ExistingNode& node = existing_.list()[n];
    node.free -= demand.pod->requests.times(count);
    node.ports.insert(node.ports.end(), demand.pod->host_ports.begin(),
                      demand.pod->host_ports.end());
    placed_on_[n].emplace_back(d, count);
    demand.left -= count;
    note_placed(demand, cell.domains, n, topology_, count);
  }

  [[nodiscard]] std::int64_t room_on(std::size_t n, const Demand& demand,
                                     std::int64_t wanted) const {
    const ExistingNode& node = existing_.list()[n];
    std::int64_t count = std::min(wanted, fit_count(demand.pod->requests, node.free));
    if (count == 0) return 0;
    if (!demand.pod->host_ports.empty()) {
      if (do_conflict(demand.pod->host_ports, node.ports)) return 0;
      count = 1;
    }
    // A node of this shape did not take such pods although they should have fitted: it is not tried
    // again.
    const bool is_misfit = state_.has_misfits() && !node.type.empty() &&
                           std::ranges::any_of(demand.pod_classes, [&](state::PodClassId id) {
                             return state_.is_misfit(id, node.group, node.type);
                           });
    return is_misfit ? 0 : allowed_on(demand, n, topology_, count);
  }

  // --- new nodes ---

  // Pods whose cells are settled ask the pools for nodes there. Says whether anything changed: pods
  // got a place, or a cell turned out to have none.
  bool buy(const std::vector<std::size_t>& order) {
    bool has_moved = false;
    for (std::size_t p = 0; p < pools_.size(); ++p) {
      bool is_asked = false;
      const auto settle = [&] {
        if (!is_asked) return;
        is_asked = false;
        pools_[p].top_up();
        pools_[p].buy();
        for (const Portion& portion : pools_[p].take_placed()) {
          Cell& cell = cells_[portion.demand][portion.cell];
          cell.wanted -= portion.placed;
          cell.bought += portion.placed;
          has_moved |= portion.placed > 0;
        }
      };
      std::int32_t priority = 0;
      for (const std::size_t d : order) {
        for (std::size_t c = 0; c < cells_[d].size(); ++c) {
          Cell& cell = cells_[d][c];
          if (cell.wanted == 0 || cell.fits[p]->fitting.empty()) continue;
          // Where a limit may bind, the more important pods have theirs first.
          if (pools_[p].limits().is_limited() && demands_[d].pod->priority != priority) settle();
          priority = demands_[d].pod->priority;
          pools_[p].ask({d, c, cell.wanted, 0}, demands_[d], *cell.fits[p], rules_of(demands_[d]));
          is_asked = true;
        }
      }
      settle();
    }
    for (const std::size_t d : order) {
      for (Cell& cell : cells_[d]) {
        if (cell.wanted == 0) continue;
        note_placed(demands_[d], cell.domains, kNoDomain, topology_, -cell.wanted);
        demands_[d].left += cell.wanted;
        ceilings_[{d, demands_[d].level, cell.domains}] = cell.bought;
        has_taken_back_ = true;
        cell.wanted = 0;
        cell.is_closed = true;
        has_moved = true;
      }
    }
    return has_moved;
  }

  const HostRules* rules_of(const Demand& demand) {
    return cache_.rules(host_rules_of(demand, topology_));
  }

  // Pods with affinity on the hostname, beside planned nodes' pods that they want to be near to.
  bool join(const std::vector<std::size_t>& order) {
    bool has_moved = false;
    for (const std::size_t d : order) {
      Demand& demand = demands_[d];
      if (demand.left == 0 || !has_host_affinity(demand, topology_)) continue;
      std::vector<bool> company(demands_.size(), true);
      for (const GroupId id : demand.owned[demand.level]) {
        const TopologyGroup& group = topology_.group(id);
        if (group.key != kHostKey || group.term.kind != TopologyKind::Affinity) continue;
        for (std::size_t other = 0; other < demands_.size(); ++other)
          company[other] = company[other] && demands_[other].is_counted_by(id);
      }
      for (std::size_t c = 0; c < cells_[d].size() && demand.left > 0; ++c) {
        Cell& cell = cells_[d][c];
        const std::int64_t allowed = allowed_in(demand, cell.domains, topology_, demand.left);
        for (std::size_t p = 0; p < pools_.size() && allowed > 0; ++p) {
          if (cell.fits[p]->fitting.empty()) continue;
          pools_[p].join({d, c, allowed, 0}, demand, *cell.fits[p], rules_of(demand), company);
          std::int64_t placed = 0;
          for (const Portion& portion : pools_[p].take_placed()) placed += portion.placed;
          if (placed == 0) continue;
          demand.left -= placed;
          note_placed(demand, cell.domains, kNoDomain, topology_, placed);
          has_moved = true;
          break;
        }
      }
    }
    return has_moved;
  }

  const state::ClusterState& state_;
  Ceilings ceilings_;
  bool has_taken_back_ = false;
  std::vector<Daemon> daemons_;
  ExistingNodes existing_;
  Topology topology_;
  FitCache cache_;
  std::vector<Counts> placed_on_;  // by existing node: (demand, pods)
  std::vector<NotOffered> not_offered_;
  std::deque<PoolPlan> pools_;
  std::vector<const OfferingCatalogue*> catalogues_;
  std::vector<Demand> demands_;
  std::vector<std::vector<Cell>> cells_;  // by demand, at its level
};

}  // namespace

Plan solve(const state::ClusterState& state, const std::vector<const state::PodRecord*>& pods,
           Time now) {
  // Where a limit or a lack of capacity broke the balance, the pods are placed again, knowing how
  // many can be had where; each time fewer.
  constexpr int kTriesMax = 8;
  Ceilings ceilings;
  for (int tries = 1;; ++tries) {
    Solver solver(state, pods, now, std::move(ceilings));
    solver.place();
    if (tries == kTriesMax || !solver.is_off_balance()) return solver.plan();
    ceilings = solver.ceilings();
  }
}

}  // namespace hyperwright::scheduling
