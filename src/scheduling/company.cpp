#include "scheduling/company.h"

#include <algorithm>
#include <set>

namespace hyperwright::scheduling {
namespace {

bool is_host_affinity(const TopologyGroup& group) {
  return group.key == kHostKey && group.term.kind == TopologyKind::Affinity;
}

const std::vector<GroupId>& owned_by(const Demand& demand) { return demand.owned[demand.level]; }

// At the last level: what is required is kept at every one. Pods that are rejected have none.
bool carries(const Demand& demand, GroupId group) {
  return !demand.owned.empty() && std::ranges::binary_search(demand.owned.back(), group);
}

// Its own constraints allow one more of its pods on a new node there.
bool lets_itself_go(const Demand& demand, const Cell& cell, const Topology& topology) {
  return std::ranges::all_of(demand.owned.back(), [&](GroupId id) {
    const TopologyGroup& group = topology.group(id);
    const bool counts_itself = demand.is_counted_by(id);
    if (is_host_affinity(group)) return group.total == 0 && counts_itself;
    return group.key == kHostKey ||
           allowed_by(group, counts_itself, cell.domains[group.key], 1) > 0;
  });
}

}  // namespace

bool needs_company(const Demand& demand, const Topology& topology) {
  return is_called(demand, topology) || std::ranges::any_of(owned_by(demand), [&](GroupId id) {
           return is_host_affinity(topology.group(id));
         });
}

bool is_called(const Demand& demand, const Topology& topology) {
  return std::ranges::any_of(demand.counted, [&](GroupId id) {
    const TopologyGroup& group = topology.group(id);
    return group.key == kHostKey && group.is_lone();
  });
}

bool is_first_of_its_kind(const Demand& demand, const Topology& topology) {
  if (is_called(demand, topology)) return false;
  return std::ranges::all_of(owned_by(demand), [&](GroupId id) {
    const TopologyGroup& group = topology.group(id);
    return !is_host_affinity(group) ||
           (group.total == 0 && !group.expects_targets && demand.is_counted_by(id));
  });
}

std::vector<bool> company_of(const Demand& demand, std::span<const Demand> demands,
                             const Topology& topology) {
  std::vector<bool> company(demands.size(), true);
  const auto keep = [&](auto is_company) {
    for (std::size_t other = 0; other < demands.size(); ++other)
      company[other] = company[other] && is_company(demands[other]);
  };
  for (const GroupId id : owned_by(demand)) {
    if (is_host_affinity(topology.group(id)))
      keep([&](const Demand& other) { return other.is_counted_by(id); });
  }
  for (const GroupId id : demand.counted) {
    const TopologyGroup& group = topology.group(id);
    if (group.key == kHostKey && group.is_lone())
      keep([&](const Demand& other) { return other.is_counted_by(id) && carries(other, id); });
  }
  return company;
}

std::vector<std::size_t> whom_others_cannot_join(std::span<const Demand> demands,
                                                 std::span<const std::vector<Cell>> cells,
                                                 const Topology& topology) {
  std::set<GroupId> calling;
  for (std::size_t d = 0; d < demands.size(); ++d) {
    if (demands[d].left == 0 || !demands[d].requirements.rejection.empty()) continue;
    for (const Cell& cell : cells[d]) {
      if (!cell.can_buy || cell.is_closed || !lets_itself_go(demands[d], cell, topology)) continue;
      for (const GroupId id : demands[d].counted) {
        const TopologyGroup& group = topology.group(id);
        if (!group.is_lone() || carries(demands[d], id)) continue;
        if (group.key == kHostKey || is_kept_away(group, cell.domains[group.key]))
          calling.insert(id);
      }
    }
  }
  std::vector<std::size_t> found;
  for (std::size_t d = 0; d < demands.size(); ++d) {
    if (std::ranges::any_of(calling, [&](GroupId id) { return carries(demands[d], id); }))
      found.push_back(d);
  }
  return found;
}

}  // namespace hyperwright::scheduling
