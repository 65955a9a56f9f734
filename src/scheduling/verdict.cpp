#include "scheduling/verdict.h"

#include <algorithm>

#include <fmt/format.h>

namespace hyperwright::scheduling {
namespace {

// "us-east-1a has 3, us-east-1b has 0"
std::string counts_of(const TopologyGroup& group, const Topology& topology) {
  if (group.key == kHostKey) return {};
  std::vector<std::string> texts;
  for (DomainId domain = 0; domain < topology.values(group.key).size(); ++domain) {
    const std::int32_t count = domain < group.counted.size() ? group.counted[domain] : 0;
    texts.push_back(fmt::format("{} has {}", topology.value(group.key, domain), count));
  }
  return list_of(texts);
}

}  // namespace

std::size_t level_of(const Demand& demand) {
  return std::min(demand.level, demand.requirements.levels.size() - 1);
}

Explanation explanation_of(const Demand& demand, const Settled& settled) {
  Explanation made;
  made.requests = demand.pod->requests;
  made.rejection = demand.requirements.rejection;
  if (!made.rejection.empty()) return made;
  made.not_offered = settled.not_offered;
  for (std::size_t pool = 0; pool < settled.pools.size(); ++pool)
    made.pools.push_back(explanation_of_pool(demand, pool, settled));
  for (const GroupId id : demand.owned[level_of(demand)]) {
    made.between_pods.push_back(
        constraint_of(settled.topology.group(id), &demand, settled.topology));
  }
  for (const GroupId id : repelling(demand, settled.topology)) {
    made.between_pods.push_back(
        constraint_of(settled.topology.group(id), nullptr, settled.topology));
  }
  return made;
}

RuledOut constraint_of(const TopologyGroup& group, const Demand* owner, const Topology& topology) {
  RuledOut made;
  made.key = group.term.key;
  made.found = counts_of(group, topology);
  made.note = owner != nullptr ? "its" : "other pods'";
  switch (group.term.kind) {
    case TopologyKind::Spread:
      made.rule = Rule::Spread;
      // The pod's manifest does not show a default.
      if (owner != nullptr && owner->pods.front()->pod.scheduling.topology_spread.empty())
        made.note = "the cluster's default";
      made.wanted = fmt::format("maxSkew {}", group.term.max_skew);
      if (group.term.min_domains > 0)
        made.wanted += fmt::format(", minDomains {}", group.term.min_domains);
      break;
    case TopologyKind::Affinity:
      made.rule = Rule::Affinity;
      made.wanted =
          owner != nullptr ? "a pod that it selects" : "to stay beside the pod that carries it";
      break;
    case TopologyKind::AntiAffinity:
      made.rule = Rule::AntiAffinity;
      made.wanted = owner != nullptr ? "no pod that it selects" : "no pod that carries it";
      break;
  }
  return made;
}

std::vector<GroupId> repelling(const Demand& demand, const Topology& topology) {
  std::vector<GroupId> found;
  for (const GroupId id : demand.counted) {
    const TopologyGroup& group = topology.group(id);
    const bool is_own = std::ranges::binary_search(demand.owned[level_of(demand)], id);
    if (group.is_lone() && !is_own) found.push_back(id);
    const bool has_owners = std::ranges::any_of(group.owners, [](auto n) { return n > 0; });
    if (group.term.kind == TopologyKind::AntiAffinity && !group.term.is_preferred && has_owners)
      found.push_back(id);
  }
  return found;
}

std::vector<AskedRequirement> of_nearest_alternative(
    std::size_t members, std::vector<std::vector<AskedRequirement>> alternatives) {
  if (alternatives.size() == 1) return std::move(alternatives.front());
  std::vector<AskedRequirement> made;
  const auto entry_of = [&](const RuledOut& rule) -> Bitset& {
    const auto known = std::ranges::find_if(
        made, [&](const AskedRequirement& each) { return each.rule.wanted == rule.wanted; });
    if (known != made.end()) return known->failing;
    return made.emplace_back(AskedRequirement{rule, {}}).failing;
  };
  for (std::size_t member = 0; member < members; ++member) {
    const auto distance = [&](const std::vector<AskedRequirement>& alternative) {
      return std::ranges::count_if(
          alternative, [&](const AskedRequirement& each) { return each.failing.contains(member); });
    };
    const auto nearest = std::ranges::min_element(alternatives, {}, distance);
    if (nearest == alternatives.end()) break;
    for (const AskedRequirement& each : *nearest) {
      if (each.failing.contains(member)) entry_of(each.rule).insert(member);
    }
  }
  return made;
}

std::string list_of(const std::vector<std::string>& names) {
  constexpr std::size_t kNamed = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamed); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", names[i]);
  if (names.size() > kNamed) text += fmt::format(" and {} others", names.size() - kNamed);
  return text;
}

}  // namespace hyperwright::scheduling
