#include "scheduling/cells.h"

#include <algorithm>
#include <limits>

namespace hyperwright::scheduling {
namespace {

std::int32_t at(const std::vector<std::int32_t>& counts, std::size_t i) {
  return i < counts.size() ? counts[i] : 0;
}

const std::vector<GroupId>& owned_by(const Demand& demand) { return demand.owned[demand.level]; }

std::int64_t least_count(const TopologyGroup& group) {
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int32_t domains = 0;
  group.domains.for_each([&](std::size_t domain) {
    ++domains;
    least = std::min<std::int64_t>(least, at(group.counted, domain));
  });
  return domains < group.term.min_domains || domains == 0 ? 0 : least;
}

// A planned node in these domains is one that the spread looks at.
bool may_be_looked_at(const TopologyGroup& group, const Domains& domains,
                      const Topology& topology) {
  const auto& alternatives = group.term.node_alternatives;
  if (alternatives.empty()) return true;
  return std::ranges::any_of(alternatives, [&](const kube::Requirements& alternative) {
    for (KeyId key = 0; key < domains.size(); ++key) {
      if (domains[key] == kNoDomain) continue;
      const kube::Requirement* asked = alternative.find(topology.key_name(key));
      if (asked != nullptr && !asked->has(topology.value(key, domains[key]))) return false;
    }
    return true;
  });
}

// The spread counts pods on a planned node of this cell.
bool is_looked_at(GroupId id, const Cell& cell, const Topology& topology) {
  const TopologyGroup& group = topology.group(id);
  const auto side = std::ranges::find(cell.sides, id, &Sides::value_type::first);
  return side == cell.sides.end() ? may_be_looked_at(group, cell.domains, topology) : side->second;
}

bool keeps_others_away(const TopologyTerm& term) {
  return term.kind == TopologyKind::AntiAffinity && !term.is_preferred;
}

// The keys whose domains must be known for the demand: those of its own constraints, and of others'
// that count it.
std::vector<KeyId> keys_of(const Demand& demand, const Topology& topology) {
  std::vector<KeyId> keys;
  for (const GroupId id : owned_by(demand)) {
    if (topology.group(id).key != kHostKey) keys.push_back(topology.group(id).key);
  }
  for (const GroupId id : demand.counted) {
    const TopologyGroup& group = topology.group(id);
    if (group.key == kHostKey) continue;
    if (group.has_owners_in_batch || (keeps_others_away(group.term) && !group.owners.empty()))
      keys.push_back(group.key);
  }
  // By name: ids depend on which pod came first.
  std::ranges::sort(keys, {}, [&](KeyId key) { return topology.key_name(key); });
  const auto same = std::ranges::unique(keys);
  keys.erase(same.begin(), same.end());
  return keys;
}

// A place becomes two cells where a spread that counts these pods looks at some of the nodes that
// could be bought there and at others not: how many it counts must not be left to chance.
void add_sides(const Demand& demand, Domains domains, const Topology& topology, FitCache& cache,
               std::span<const OfferingCatalogue* const> pools, std::vector<Cell>& cells) {
  constexpr std::size_t kGroupsMax = 4;  // each may double the cells
  const QuestionId question = demand.questions[demand.level];
  std::vector<GroupId> filtered;
  for (const GroupId id : demand.counted) {
    const TopologyGroup& group = topology.group(id);
    const bool is_own = std::ranges::binary_search(owned_by(demand), id);
    if (group.key != kHostKey && group.is_filtered() && !is_own && group.has_owners_in_batch)
      filtered.push_back(id);
  }
  // By what they say: ids depend on which pod came first.
  std::ranges::sort(filtered, {}, [&](GroupId id) { return topology.group(id).term; });
  std::vector<Sides> restrictions(1);
  Sides known;
  std::size_t split = 0;
  for (const GroupId id : filtered) {
    const TopologyGroup& group = topology.group(id);
    bool has_in = false;
    bool has_out = false;
    const PlaceId place = cache.place(domains);
    for (std::size_t pool = 0; pool < pools.size(); ++pool) {
      const Fit& fit = cache.fit(pool, question, place, demand.size, demand.pod_classes);
      Bitset out = fit.fitting;
      out -= group.looked_at[pool];
      has_out |= !out.empty();
      has_in |= fit.fitting.intersects(group.looked_at[pool]);
    }
    if (has_in != has_out && !(has_in && group.is_open)) {
      known.emplace_back(id, has_in);
    } else if (has_in && ++split <= kGroupsMax) {
      std::vector<Sides> more;
      for (const Sides& sides : restrictions) {
        for (const bool side : {true, false}) {
          if (!side && !has_out) continue;
          more.push_back(sides);
          more.back().emplace_back(id, side);
        }
      }
      restrictions = std::move(more);
    }
  }
  for (Sides& sides : restrictions) {
    Cell& cell = cells.emplace_back();
    cell.place = cache.place(domains, sides);
    cell.domains = domains;
    cell.sides = std::move(sides);
    cell.sides.insert(cell.sides.end(), known.begin(), known.end());
  }
}

}  // namespace

std::vector<Cell> cells_of(const Demand& demand, const Topology& topology, FitCache& cache,
                           std::span<const OfferingCatalogue* const> pools) {
  std::vector<Domains> places = {Domains(topology.keys(), kNoDomain)};
  for (const KeyId key : keys_of(demand, topology)) {
    // A label that nobody has tells no nodes apart.
    if (topology.values(key).empty()) continue;
    std::vector<Domains> more;
    for (const Domains& place : places) {
      for (DomainId domain = 0; domain < topology.values(key).size(); ++domain) {
        more.push_back(place);
        more.back()[key] = domain;
      }
    }
    places = std::move(more);
  }
  std::vector<Cell> split;
  for (Domains& domains : places)
    add_sides(demand, std::move(domains), topology, cache, pools, split);
  std::vector<Cell> cells;
  const QuestionId question = demand.questions[demand.level];
  for (Cell& cell : split) {
    cell.price = std::numeric_limits<std::int64_t>::max();
    for (std::size_t pool = 0; pool < pools.size(); ++pool) {
      const Fit& fit = cache.fit(pool, question, cell.place, demand.size, demand.pod_classes);
      cell.fits.push_back(&fit);
      if (fit.fitting.empty() || cell.can_buy) continue;
      cell.can_buy = true;
      cell.price = pools[pool]->price_of(static_cast<CandidateId>(fit.fitting.first())).micros();
    }
    cell.queue = &cache.queue(question, cell.place, demand.size);
    if (cell.can_buy || !cell.queue->nodes->empty()) cells.push_back(std::move(cell));
  }
  return cells;
}

std::int64_t allowed_by(const TopologyGroup& group, bool counts_itself, DomainId domain,
                        std::int64_t wanted) {
  if (group.term.kind == TopologyKind::AntiAffinity) {
    if (domain == kNoDomain) return wanted;
    if (at(group.counted, domain) > 0) return 0;
    return counts_itself ? std::min<std::int64_t>(wanted, 1) : wanted;
  }
  if (domain == kNoDomain) return 0;
  if (group.term.kind == TopologyKind::Affinity) {
    const bool is_first = counts_itself && group.total == 0 && !group.expects_targets;
    return at(group.counted, domain) == 0 && !is_first ? 0 : wanted;
  }
  const std::int64_t left = group.term.max_skew + least_count(group) - at(group.counted, domain);
  if (counts_itself ? left <= 0 : left < 0) return 0;
  return counts_itself ? std::min(wanted, left) : wanted;
}

bool is_kept_away(const TopologyGroup& group, DomainId domain) {
  if (group.is_lone()) return domain == kNoDomain || at(group.counted, domain) == 0;
  return keeps_others_away(group.term) && domain != kNoDomain && at(group.owners, domain) > 0;
}

std::int64_t allowed_in(const Demand& demand, const Domains& domains, const Topology& topology,
                        std::int64_t wanted) {
  for (const GroupId id : owned_by(demand)) {
    const TopologyGroup& group = topology.group(id);
    if (group.key == kHostKey) continue;
    wanted = allowed_by(group, demand.is_counted_by(id), domains[group.key], wanted);
    if (wanted == 0) return 0;
  }
  for (const GroupId id : demand.counted) {
    const TopologyGroup& group = topology.group(id);
    if (group.key != kHostKey && is_kept_away(group, domains[group.key])) return 0;
  }
  return wanted;
}

std::int64_t balanced_room(const Demand& demand, const Cell& cell, const Topology& topology,
                           std::int64_t wanted) {
  for (const GroupId id : demand.counted) {
    const TopologyGroup& group = topology.group(id);
    if (group.key == kHostKey || group.term.kind != TopologyKind::Spread) continue;
    const DomainId domain = cell.domains[group.key];
    if (domain == kNoDomain || at(group.owners, domain) == 0) continue;
    if (!is_looked_at(id, cell, topology)) continue;
    const std::int64_t room = group.term.max_skew + least_count(group) - at(group.counted, domain);
    wanted = std::clamp<std::int64_t>(room, 0, wanted);
  }
  return wanted;
}

bool are_constraints_kept(const Demand& demand, const Topology& topology) {
  if (!demand.requirements.rejection.empty()) return true;
  return std::ranges::all_of(demand.owned.back(), [&](GroupId id) {
    const TopologyGroup& group = topology.group(id);
    if (group.key == kHostKey || group.term.kind == TopologyKind::AntiAffinity) return true;
    const bool is_spread = group.term.kind == TopologyKind::Spread;
    const std::int64_t least = is_spread ? least_count(group) : 0;
    for (std::size_t domain = 0; domain < group.owners.size(); ++domain) {
      if (group.owners[domain] == 0) continue;
      const std::int64_t counted = at(group.counted, domain);
      if (is_spread ? counted - least > group.term.max_skew : counted == 0) return false;
    }
    return true;
  });
}

std::int64_t allowed_on(const Demand& demand, std::size_t node, const Topology& topology,
                        std::int64_t wanted) {
  for (const GroupId id : owned_by(demand)) {
    const TopologyGroup& group = topology.group(id);
    if (group.key != kHostKey) continue;
    const std::int64_t counted = at(group.counted, node);
    const bool counts_itself = demand.is_counted_by(id);
    switch (group.term.kind) {
      case TopologyKind::Affinity:
        if (counted == 0 && !(counts_itself && group.total == 0 && !group.expects_targets))
          return 0;
        break;
      case TopologyKind::AntiAffinity:
        if (counted > 0) return 0;
        if (counts_itself) wanted = std::min<std::int64_t>(wanted, 1);
        break;
      case TopologyKind::Spread: {
        const std::int64_t left = group.term.max_skew - counted;
        if (counts_itself ? left <= 0 : left < 0) return 0;
        if (counts_itself) wanted = std::min(wanted, left);
        break;
      }
    }
  }
  for (const GroupId id : demand.counted) {
    const TopologyGroup& group = topology.group(id);
    if (group.key != kHostKey) continue;
    if (is_kept_away(group, static_cast<DomainId>(node))) return 0;
    if (at(group.owners, node) == 0) continue;
    // Pods of this batch that spread over hosts stand there: their skew is kept, whoever is bound
    // first.
    if (group.term.kind == TopologyKind::Spread)
      wanted = std::clamp<std::int64_t>(group.term.max_skew - at(group.counted, node), 0, wanted);
  }
  return wanted;
}

void note_placed(const Demand& demand, const Domains& domains, std::uint32_t node,
                 Topology& topology, std::int64_t pods) {
  Cell cell;
  cell.domains = domains;
  note_placed(demand, cell, node, topology, pods);
}

void note_placed(const Demand& demand, const Cell& cell, std::uint32_t node, Topology& topology,
                 std::int64_t pods) {
  const auto domain_in = [&](const TopologyGroup& group) {
    if (group.key == kHostKey) return node;
    return node == kNoDomain ? cell.domains[group.key] : topology.domain_of_node(group.key, node);
  };
  for (const GroupId id : demand.counted) {
    TopologyGroup& group = topology.group(id);
    const DomainId domain = domain_in(group);
    const bool counts =
        node != kNoDomain ? group.nodes.contains(node) : is_looked_at(id, cell, topology);
    if (!counts) continue;
    group.total += pods;
    if (domain != kNoDomain) add_at(group.counted, domain, pods);
  }
  for (const GroupId id : owned_by(demand)) {
    TopologyGroup& group = topology.group(id);
    if (const DomainId domain = domain_in(group); domain != kNoDomain)
      add_at(group.owners, domain, pods);
    const bool is_affinity = group.term.kind == TopologyKind::Affinity && !group.term.is_preferred;
    if (is_affinity && demand.is_counted_by(id)) group.own += pods;
  }
}

HostRules host_rules_of(const Demand& demand, const Topology& topology) {
  HostRules rules;
  // Nobody minds pods that want company, or whose company is wanted: an affinity is a spread
  // without bounds. They are told apart all the same, so that it is known on which nodes they
  // stand.
  const auto add = [&](GroupId id, bool is_carried, bool is_counted) {
    const TopologyTerm& term = topology.group(id).term;
    const bool is_affinity = term.kind == TopologyKind::Affinity;
    rules.rules.push_back(
        {.group = id,
         .is_spread = is_affinity || term.kind == TopologyKind::Spread,
         .max_skew = is_affinity ? std::numeric_limits<std::int32_t>::max() : term.max_skew,
         .is_carried = is_carried,
         .is_counted = is_counted});
  };
  for (const GroupId id : owned_by(demand)) {
    if (topology.group(id).key == kHostKey) add(id, true, demand.is_counted_by(id));
  }
  for (const GroupId id : demand.counted) {
    const TopologyGroup& group = topology.group(id);
    const bool is_own = std::ranges::binary_search(owned_by(demand), id);
    if (group.key == kHostKey && group.has_owners_in_batch && !is_own) add(id, false, true);
  }
  std::ranges::sort(rules.rules);
  return rules;
}

std::int64_t crowd_in(const Demand& demand, const Domains& domains, const Topology& topology,
                      bool of_owned) {
  std::int64_t sum = 0;
  for (const GroupId id : of_owned ? owned_by(demand) : demand.counted) {
    const TopologyGroup& group = topology.group(id);
    if (group.key == kHostKey || group.term.kind != TopologyKind::Spread) continue;
    if (domains[group.key] != kNoDomain) sum += at(group.counted, domains[group.key]);
  }
  return sum;
}

}  // namespace hyperwright::scheduling
