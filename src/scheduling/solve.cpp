// One pass of the solver. Rounds go from the strictest reading of the pods' wishes to the loosest;
// in each one
//
//   1. every pod gets a cell (cells.h): on a node that is there or on its way where constraints and
//      room allow, else where a new one can be bought,
//   2. pods for new nodes go to nodes that this pass has planned already, then to new ones of the
//      heaviest pool that takes them, then of the next one,
//   3. pods that must stand beside others join the nodes that were planned for those,
//
// until nothing moves any more. What a cell did not get goes back and tries another one. Where a
// limit may bind, the more important pods go through all their rounds before the others begin.
//
// Pods that no node and no pool could ever take at a level start at the next one, so that they are
// packed together with those that stand there already.
#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "scheduling/bands.h"
#include "scheduling/binding_order.h"
#include "scheduling/cells.h"
#include "scheduling/company.h"
#include "scheduling/default_spread.h"
#include "scheduling/demands.h"
#include "scheduling/existing_nodes.h"
#include "scheduling/fit_cache.h"
#include "scheduling/host_ports.h"
#include "scheduling/limits.h"
#include "scheduling/plan.h"
#include "scheduling/pool_plan.h"
#include "scheduling/reservations.h"
#include "scheduling/supply.h"
#include "scheduling/templates.h"
#include "scheduling/topology.h"
#include "scheduling/tries.h"
#include "scheduling/verdict.h"
#include "scheduling/volumes.h"

namespace hyperwright::scheduling {
namespace {

class Solver {
 public:
  Solver(Supply& supply, const state::ClusterState& state,
         const std::vector<const state::PodRecord*>& pods, const Try& given)
      : state_(state),
        begins_(given.pace),
        pace_(given.pace),
        learned_(given.learned),
        existing_(supply.nodes()),
        spread_(state),
        volumes_(state, existing_, pods),
        topology_(state, existing_),
        cache_(state, existing_, topology_),
        not_offered_(supply.not_offered()),
        reservations_(supply.reservations()) {
    bool has_prefer_no_schedule = existing_.has_prefer_no_schedule();
    for (const OfferingCatalogue& pool : supply.pools()) {
      has_prefer_no_schedule |= std::ranges::any_of(pool.templates, is_preferring);
      const kube::NodePool& node_pool = *pool.pool;
      pools_.emplace_back(pool,
                          node_pool.limits
                              ? LimitCounter(*node_pool.limits, supply.usage(node_pool.meta.name))
                              : LimitCounter(),
                          reservations_);
      catalogues_.push_back(&pool);
      cache_.add_pool(pool);
    }
    demands_ =
        demands_of(state, pods, has_prefer_no_schedule, spread_, volumes_, topology_, cache_);
    topology_.count(catalogues_);
    expect_targets();
    cells_.resize(demands_.size());
  }

  void place() {
    std::vector<std::size_t> seen;
    for (const std::vector<std::size_t>& band : bands()) {
      // Those that found nothing before may join these, and go first.
      std::vector<std::size_t> looking = leftovers(seen);
      looking.insert(looking.end(), band.begin(), band.end());
      place(std::move(looking));
      seen.insert(seen.end(), band.begin(), band.end());
      place_leftovers(seen);
    }
  }

  // Pods were promised a domain and then had no node there, or others came to it later: whose
  // constraints do not hold in the end, or in any order of binding, is to be placed after the
  // others. Pods for whom others wait in vain might go after those as well.
  TryOutcome learn() {
    TryOutcome outcome;
    std::set<std::size_t> too_early;
    for (std::size_t d = 0; d < demands_.size(); ++d) {
      if (!are_constraints_kept(demands_[d], topology_)) too_early.insert(d);
      outcome.left += demands_[d].left;
    }
    // One by one nobody counts on a promise.
    std::set<std::size_t> stuck;
    if (begins_ == Pace::Together) stuck = binding_.stuck(demands_, topology_, cache_, catalogues_);
    if (stuck.empty())
      outcome.soundness = too_early.empty() ? Soundness::InTheEnd : Soundness::SomeOrder;
    too_early.merge(stuck);
    // Others wait for a place beside them, and might find theirs first. Tried once a demand.
    for (const std::size_t d : whom_others_cannot_join(demands_, cells_, topology_)) {
      if (!learned_.late.contains(d)) too_early.insert(d);
    }
    outcome.has_learned = !too_early.empty();
    for (const std::size_t d : too_early) ++learned_.late[d];
    for (const std::size_t d : too_early) delay_less_important(d);
    return outcome;
  }
  [[nodiscard]] const Learned& learned() const { return learned_; }

  // Once, after place().
  Plan plan() {
    Plan plan;
    for (const auto& [n, pods] : placed_on_) {
      const ExistingNode& node = existing_.list()[n];
      PlacedOnNode& placed = plan.placed.emplace_back();
      placed.node = node.node;
      placed.claim = node.claim;
      for (const auto& [d, count] : pods) demands_[d].name_pods(count, placed.pods);
    }
    for (const PoolPlan& pool : pools_) {
      std::vector<NewNode> nodes = pool.new_nodes(demands_);
      plan.new_nodes.insert(plan.new_nodes.end(), std::move_iterator(nodes.begin()),
                            std::move_iterator(nodes.end()));
    }
    std::optional<Settled> settled;
    for (Demand& demand : demands_) {
      if (demand.left == 0) continue;
      if (!settled) settled.emplace(this->settled());
      Unplaced& unplaced = plan.unplaced.emplace_back();
      unplaced.why = explanation_of(demand, *settled);
      demand.name_pods(demand.left, unplaced.pods);
    }
    return plan;
  }

  // After place().
  [[nodiscard]] Settled settled() {
    Settled settled{.demands = demands_,
                    .nodes = existing_,
                    .volumes = volumes_,
                    .topology = topology_,
                    .pools = catalogues_,
                    .limits = {},
                    .reservations = reservations_,
                    .not_offered = not_offered_,
                    .state = state_};
    for (const PoolPlan& pool : pools_) settled.limits.push_back(pool.limits());
    return settled;
  }

 private:
  static bool is_preferring(const Template& made) {
    return std::ranges::any_of(made.taints, [](const kube::Taint& t) {
      return t.effect == kube::TaintEffect::PreferNoSchedule;
    });
  }

  [[nodiscard]] bool is_scarce() const {
    return std::ranges::any_of(pools_, &PoolPlan::is_limited);
  }

  [[nodiscard]] std::vector<std::vector<std::size_t>> bands() const {
    return bands_of(demands_, learned_, is_scarce());
  }

  void place(std::vector<std::size_t> looking) {
    while (!looking.empty()) {
      round(looking);
      std::erase_if(looking, [&](std::size_t d) {
        return demands_[d].left == 0 ||
               ++demands_[d].level >= demands_[d].requirements.levels.size();
      });
    }
  }

  // Those of them that other pods' places may have opened one to; with their loosest wishes.
  std::vector<std::size_t> leftovers(const std::vector<std::size_t>& among) {
    std::vector<std::size_t> found;
    for (const std::size_t d : among) {
      Demand& demand = demands_[d];
      if (demand.left == 0) continue;
      if (demand.counted.empty() && demand.owned.back().empty()) continue;
      demand.level = demand.requirements.levels.size() - 1;
      found.push_back(d);
    }
    return found;
  }

  // What was kept free for others may be free after all, once all of them have their places.
  void place_leftovers(const std::vector<std::size_t>& among) {
    const std::vector<std::size_t> looking = leftovers(among);
    if (looking.empty()) return;
    pace_ = Pace::OneByOne;
    round(looking);
    pace_ = begins_;
    for (const std::size_t d : looking) {
      if (demands_[d].left > 0) ++demands_[d].level;
    }
  }

  // Pods that differ from these in nothing but that must not take the place that they wait for.
  void delay_less_important(std::size_t d) {
    for (std::size_t other = 0; other < demands_.size(); ++other) {
      if (demands_[other].pod->priority >= demands_[d].pod->priority ||
          !demands_[other].could_replace(demands_[d]))
        continue;
      int& late = learned_.late[other];
      late = std::max(late, learned_.late[d]);
    }
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
        const auto ceiling = learned_.ceilings.find({d, demand.level, cell.domains, cell.sides});
        const bool is_capped = pace_ == Pace::Together && ceiling != learned_.ceilings.end();
        cell.most = is_capped ? ceiling->second : INT64_MAX;
      }
    }
    // Pods that a CapacityBuffer only imagines take what the others leave. Within a turn and a
    // priority, those with the least choice go first: above all those for whom nothing can be
    // bought. Where nothing is scarce, these also go before more important ones, which get a new
    // node.
    const bool is_scarce = this->is_scarce();
    std::ranges::stable_sort(order, {}, [&](std::size_t d) {
      const bool can_buy = std::ranges::any_of(cells_[d], &Cell::can_buy);
      return std::tuple(learned_.lateness_of(d), is_imagined(demands_[d]), turn_of(demands_[d]),
                        !is_scarce && can_buy, -std::int64_t{demands_[d].pod->priority}, can_buy,
                        cells_[d].size());
    });
    const auto place_all = [&] {
      while (pace_ == Pace::Together ? step(order) : step_one_by_one(order)) {
      }
    };
    place_all();
    // Those whom the others waited for do not come, or wait for these.
    while (stop_expecting(order)) place_all();
  }

  // Pods that want to be near to others do not go first as long as there are such others to come:
  // the scheduler may bind those before them.
  void expect_targets() {
    for (const Demand& demand : demands_) {
      if (!demand.requirements.rejection.empty()) continue;
      for (const GroupId id : demand.counted) {
        TopologyGroup& group = topology_.group(id);
        const bool owns = std::ranges::any_of(demand.owned, [&](const auto& of_level) {
          return std::ranges::binary_search(of_level, id);
        });
        if (group.term.kind == TopologyKind::Affinity && !owns) group.expects_targets = true;
      }
    }
  }

  // For the first of these that still waits for others; false: none does.
  bool stop_expecting(const std::vector<std::size_t>& order) {
    for (const std::size_t d : order) {
      if (demands_[d].left == 0) continue;
      bool has_stopped = false;
      for (const GroupId id : demands_[d].owned[demands_[d].level])
        has_stopped |= std::exchange(topology_.group(id).expects_targets, false);
      if (has_stopped) return true;
    }
    return false;
  }

  // Each says whether anything moved.
  bool step(const std::vector<std::size_t>& order) {
    bool has_moved = false;
    while (choose_cells(order)) has_moved = true;
    has_moved |= buy(order);
    has_moved |= join(order);
    return has_moved;
  }

  bool step_one_by_one(const std::vector<std::size_t>& order) {
    bool has_moved = false;
    for (const std::size_t d : order) {
      const std::vector<std::size_t> one = {d};
      while (demands_[d].left > 0 && choose_cell(d)) {
        has_moved = true;
        buy(one);
      }
      has_moved |= join(one);
    }
    return has_moved;
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
    const bool needs_company = scheduling::needs_company(demand, topology_);
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
      const std::int64_t balanced = balanced_room(demand, cell, topology_, allowed);
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
      note_promised(d, *best.cell, kNoDomain, pods);
    }
    return true;
  }

  void note_promised(std::size_t d, const Cell& cell, std::uint32_t node, std::int64_t pods) {
    binding_.add(demands_[d], d, static_cast<std::size_t>(&cell - cells_[d].data()), node, pods);
    note_placed(demands_[d], cell, node, topology_, pods);
  }

  // The next existing node of the cell that takes a pod; nullptr: none does.
  const std::uint32_t* find_node(const Demand& demand, Cell& cell, bool needs_company) {
    NodeQueue& queue = *cell.queue;
    const std::vector<std::uint32_t>& nodes = *queue.nodes;
    const auto is_full = [&](std::uint32_t n) {
      return !existing_.may_fit(n, demand.pod->requests) ||
             fit_count(demand.pod->requests, existing_.list()[n].free) == 0;
    };
    while (queue.next < nodes.size() && is_full(nodes[queue.next])) ++queue.next;
    // What an affinity waits for may come to a node that was passed by.
    std::size_t i = needs_company ? queue.next : std::max(queue.next, cell.next);
    for (; i < nodes.size(); ++i) {
      if (room_on(nodes[i], demand, 1) > 0) break;
    }
    if (!needs_company) cell.next = i;
    return i == nodes.size() ? nullptr : &nodes[i];
  }

  void place_on_existing(std::size_t d, Cell& cell, std::int64_t pods, bool needs_company) {
    Demand& demand = demands_[d];
    const std::uint32_t n = *find_node(demand, cell, needs_company);
    const std::int64_t count = room_on(n, demand, pods);
    ExistingNode& node = existing_.change(n);
    node.free -= demand.pod->requests.times(count);
    node.ports.insert(node.ports.end(), demand.pod->host_ports.begin(),
                      demand.pod->host_ports.end());
    if (!demand.attached.empty()) volumes_.limits().attach(n, demand.attached, count);
    placed_on_[n].emplace_back(d, count);
    demand.left -= count;
    note_promised(d, cell, n, count);
  }

  [[nodiscard]] std::int64_t room_on(std::size_t n, const Demand& demand,
                                     std::int64_t wanted) const {
    if (!existing_.may_fit(n, demand.pod->requests)) return 0;
    const ExistingNode& node = existing_.list()[n];
    std::int64_t count = std::min(wanted, fit_count(demand.pod->requests, node.free));
    if (count == 0) return 0;
    if (!demand.pod->host_ports.empty()) {
      if (do_conflict(demand.pod->host_ports, node.ports)) return 0;
      count = 1;
    }
    if (!demand.attached.empty()) count = volumes_.limits().room_on(n, demand.attached, count);
    if (count == 0) return 0;
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
        pools_[p].find_places();
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
          // Where a limit or a reservation may bind, the more important pods have theirs first.
          if (pools_[p].is_limited() && demands_[d].pod->priority != priority) settle();
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
        note_placed(demands_[d], cell, kNoDomain, topology_, -cell.wanted);
        binding_.take_back(demands_[d], d, static_cast<std::size_t>(&cell - cells_[d].data()),
                           cell.wanted);
        demands_[d].left += cell.wanted;
        learned_.ceilings[{d, demands_[d].level, cell.domains, cell.sides}] = cell.bought;
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

  // Pods that need company, on planned nodes that have it.
  bool join(const std::vector<std::size_t>& order) {
    bool has_moved = false;
    for (const std::size_t d : order) {
      const Demand& demand = demands_[d];
      if (demand.left == 0 || !needs_company(demand, topology_)) continue;
      const std::vector<bool> company = company_of(demand, demands_, topology_);
      // First where that leaves the spreads that count them in balance.
      for (const bool in_balance : {true, false}) {
        for (std::size_t c = 0; c < cells_[d].size(); ++c) {
          if (demand.left > 0 && needs_company(demand, topology_))
            has_moved |= join_in(d, c, in_balance, company);
        }
      }
    }
    return has_moved;
  }

  bool join_in(std::size_t d, std::size_t c, bool in_balance, const std::vector<bool>& company) {
    Demand& demand = demands_[d];
    Cell& cell = cells_[d][c];
    std::int64_t allowed = allowed_in(demand, cell.domains, topology_, demand.left);
    // Where one is called for, one is enough.
    if (is_called(demand, topology_)) allowed = std::min<std::int64_t>(allowed, 1);
    if (in_balance) allowed = balanced_room(demand, cell, topology_, allowed);
    for (std::size_t p = 0; p < pools_.size() && allowed > 0; ++p) {
      if (cell.fits[p]->fitting.empty()) continue;
      pools_[p].join({d, c, allowed, 0}, demand, *cell.fits[p], rules_of(demand), company);
      std::int64_t placed = 0;
      for (const Portion& portion : pools_[p].take_placed()) placed += portion.placed;
      if (placed == 0) continue;
      demand.left -= placed;
      note_promised(d, cell, kNoDomain, placed);
      return true;
    }
    return false;
  }

  const state::ClusterState& state_;
  const Pace begins_;
  Pace pace_;
  Learned learned_;
  ExistingNodes& existing_;
  DefaultSpread spread_;
  Volumes volumes_;
  Topology topology_;
  FitCache cache_;
  BindingOrder binding_;
  std::map<std::uint32_t, Counts> placed_on_;  // by existing node: (demand, pods)
  const std::vector<NotOffered>& not_offered_;
  Reservations reservations_;  // what this plan leaves of them
  std::deque<PoolPlan> pools_;
  std::vector<const OfferingCatalogue*> catalogues_;
  std::vector<Demand> demands_;
  std::vector<std::vector<Cell>> cells_;  // by demand, at its level
};

// Places the pods, and asks the solver what came of it.
template <typename Ask>
auto after_placing(Supply& supply, const state::ClusterState& state,
                   const std::vector<const state::PodRecord*>& pods, Time now, Ask ask) {
  supply.follow(state, now);
  supply.nodes().begin(state, pods);
  Tries tries;
  for (;;) {
    Solver solver(supply, state, pods, tries.next());
    solver.place();
    const TryOutcome outcome = solver.learn();
    if (tries.is_answer(outcome, solver.learned())) {
      auto answer = ask(solver);
      supply.end_plan();
      return answer;
    }
    supply.nodes().reset();
  }
}

}  // namespace

Plan solve(Supply& supply, const state::ClusterState& state,
           const std::vector<const state::PodRecord*>& pods, Time now) {
  return after_placing(supply, state, pods, now, [](Solver& solver) { return solver.plan(); });
}

Plan solve(const state::ClusterState& state, const std::vector<const state::PodRecord*>& pods,
           Time now) {
  Supply supply;
  return solve(supply, state, pods, now);
}

Explanation explain(const state::ClusterState& state,
                    const std::vector<const state::PodRecord*>& pods, const state::PodRecord& pod,
                    Time now) {
  Supply supply;
  if (!pod.pod.node_name.empty()) {  // it has its place: nothing is to be planned
    const std::vector<const state::PodRecord*> alone = {&pod};
    supply.follow(state, now);
    supply.nodes().begin(state, alone);
    Solver solver(supply, state, alone, Try{});
    Settled settled = solver.settled();
    return explanation_of(pod, Plan{}, settled);
  }
  std::vector<const state::PodRecord*> batch = pods;
  if (std::ranges::find(batch, &pod) == batch.end()) batch.push_back(&pod);
  return after_placing(supply, state, batch, now, [&](Solver& solver) {
    const Plan plan = solver.plan();
    Settled settled = solver.settled();
    return explanation_of(pod, plan, settled);
  });
}

}  // namespace hyperwright::scheduling
