#include "scheduling/binding_order.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace hyperwright::scheduling {
namespace {

// After so many the rest counts as stuck: the plan is made in another way then.
constexpr int kPassesMax = 100;

}  // namespace

void BindingOrder::add(const Demand& demand, std::size_t d, std::size_t cell, std::uint32_t node,
                       std::int64_t pods) {
  steps_.push_back({d, demand.level, cell, node, pods});
}

void BindingOrder::take_back(const Demand& demand, std::size_t d, std::size_t cell,
                             std::int64_t pods) {
  taken_back_.push_back({d, demand.level, cell, kNoDomain, pods});
}

std::vector<BindingOrder::Step> BindingOrder::kept() const {
  std::map<std::tuple<std::size_t, std::size_t, std::size_t>, std::int64_t> gone;
  for (const Step& step : taken_back_) gone[{step.demand, step.level, step.cell}] += step.pods;
  std::vector<Step> kept = steps_;
  for (auto step = kept.rbegin(); step != kept.rend(); ++step) {
    if (step->node != kNoDomain) continue;
    const auto it = gone.find({step->demand, step->level, step->cell});
    if (it == gone.end()) continue;
    const std::int64_t pods = std::min(step->pods, it->second);
    step->pods -= pods;
    it->second -= pods;
  }
  std::erase_if(kept, [](const Step& step) { return step.pods == 0; });
  return kept;
}

std::set<std::size_t> BindingOrder::stuck(std::vector<Demand>& demands, Topology& topology,
                                          FitCache& cache,
                                          std::span<const OfferingCatalogue* const> pools) const {
  if (taken_back_.empty()) return {};
  std::map<std::pair<std::size_t, std::size_t>, std::vector<Cell>> cells;
  // The demand as it was when the pods of this step were placed.
  const auto demand_of = [&](const Step& step) -> const Demand& {
    Demand& demand = demands[step.demand];
    demand.level = step.level;
    return demand;
  };
  const auto cell_of = [&](const Step& step) -> const Cell& {
    const auto [it, is_new] = cells.try_emplace({step.demand, step.level});
    if (is_new) it->second = cells_of(demand_of(step), topology, cache, pools);
    return it->second[step.cell];
  };
  const auto note = [&](const Step& step, std::int64_t pods) {
    note_placed(demand_of(step), cell_of(step), step.node, topology, pods);
  };

  std::vector<std::size_t> levels;
  for (const Demand& demand : demands) levels.push_back(demand.level);
  std::vector<bool> expects;
  for (GroupId id = 0; id < topology.size(); ++id)
    expects.push_back(std::exchange(topology.group(id).expects_targets, false));

  std::vector<Step> waiting = kept();
  for (const Step& step : waiting) note(step, -step.pods);
  bool has_moved = true;
  for (int pass = 0; has_moved && pass < kPassesMax; ++pass) {
    has_moved = false;
    for (Step& step : waiting) {
      const std::int64_t pods =
          allowed_in(demand_of(step), cell_of(step).domains, topology, step.pods);
      if (pods == 0) continue;
      note(step, pods);
      step.pods -= pods;
      has_moved = true;
    }
    std::erase_if(waiting, [](const Step& step) { return step.pods == 0; });
  }
  for (const Step& step : waiting) note(step, step.pods);

  for (GroupId id = 0; id < topology.size(); ++id) topology.group(id).expects_targets = expects[id];
  for (std::size_t d = 0; d < demands.size(); ++d) demands[d].level = levels[d];
  std::set<std::size_t> stuck;
  for (const Step& step : waiting) stuck.insert(step.demand);
  return stuck;
}

}  // namespace hyperwright::scheduling
