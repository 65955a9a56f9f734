#include "scheduling/fit_cache.h"

#include "scheduling/volumes.h"

namespace hyperwright::scheduling {
namespace {

void keep_side(LabelFit& fit, const Bitset& looked_at, bool is_looked_at) {
  const auto keep = [&](Bitset& candidates) {
    if (is_looked_at) {
      candidates &= looked_at;
    } else {
      candidates -= looked_at;
    }
  };
  keep(fit.matching);
  for (LabelFit::Alternative& alternative : fit.alternatives) keep(alternative.matching);
}

}  // namespace

QuestionId FitCache::question(const Level& level,
                              const std::vector<kube::Toleration>& tolerations) {
  const auto [it, is_new] = question_ids_.try_emplace(
      {level.alternatives, tolerations, level.tolerates_prefer_no_schedule},
      static_cast<QuestionId>(questions_.size()));
  if (is_new) questions_.push_back(&it->first);
  return it->second;
}

SizeId FitCache::size(const kube::Resources& requests, const std::vector<kube::HostPort>& ports) {
  const auto [it, is_new] =
      size_ids_.try_emplace({requests, ports}, static_cast<SizeId>(sizes_.size()));
  if (is_new) sizes_.push_back(&it->first);
  return it->second;
}

PlaceId FitCache::place(const Domains& domains, const Sides& sides) {
  const auto [it, is_new] =
      place_ids_.try_emplace({domains, sides}, static_cast<PlaceId>(places_.size()));
  if (is_new) places_.push_back(&it->first);
  return it->second;
}

const HostRules* FitCache::rules(HostRules rules) {
  if (rules.rules.empty()) return nullptr;
  std::unique_ptr<const HostRules>& known = rules_[rules];
  if (!known) known = std::make_unique<const HostRules>(std::move(rules));
  return known.get();
}

const Fit& FitCache::fit(std::size_t pool, QuestionId question, PlaceId place, SizeId size,
                         std::span<const state::PodClassId> pod_classes) {
  const std::uint32_t whose = state_.has_misfits() ? pod_classes.front() : UINT32_MAX;
  const auto [it, is_new] = fits_.try_emplace({pool, question, place, size, whose});
  if (!is_new) return it->second;
  const auto [labels, is_first] = labels_.try_emplace({pool, question, place});
  if (is_first) {
    auto [alternatives, tolerations, tolerates_prefer] = *questions_[question];
    const auto& [domains, sides] = *places_[place];
    for (KeyId key = 0; key < domains.size(); ++key) {
      if (domains[key] == kNoDomain) continue;
      const auto there =
          kube::Requirement::in(topology_.key_name(key), {topology_.value(key, domains[key])});
      for (kube::Requirements& alternative : alternatives) alternative.add(there);
    }
    for (const auto& [group, is_looked_at] : sides) {
      const auto& filter = topology_.group(group).term.node_alternatives;
      if (is_looked_at && !filter.empty())
        alternatives = within(alternatives, filter, kNodeAlternativesMax);
    }
    labels->second = fit_labels(alternatives, &tolerations, tolerates_prefer, *pools_[pool]);
    labels->second.id = static_cast<std::uint32_t>(labels_.size());
    for (const auto& [group, is_looked_at] : sides)
      keep_side(labels->second, topology_.group(group).looked_at[pool], is_looked_at);
  }
  const auto [takers_it, is_unknown] = takers_.try_emplace({pool, size});
  if (is_unknown)
    takers_it->second = takers(sizes_[size]->first, sizes_[size]->second, *pools_[pool]);
  it->second = fit_of(labels->second, takers_it->second, pod_classes, *pools_[pool], state_);
  it->second.id = static_cast<std::uint32_t>(fits_.size());
  return it->second;
}

const Bitset& FitCache::nodes(QuestionId question) {
  const auto [it, is_new] = suitable_.try_emplace(question);
  if (is_new) {
    const auto& [alternatives, tolerations, tolerates_prefer] = *questions_[question];
    it->second = nodes_.tolerated(tolerations, tolerates_prefer);
    if (!it->second.empty()) it->second &= nodes_.matching(alternatives);
  }
  return it->second;
}

NodeQueue& FitCache::queue(QuestionId question, PlaceId place, SizeId size) {
  const auto [it, is_new] = queues_.try_emplace({question, place, size});
  if (!is_new) return it->second;
  const auto [list, is_first] = lists_.try_emplace({question, place});
  if (is_first) {
    const Domains& domains = places_[place]->first;
    nodes(question).for_each([&](std::size_t node) {
      for (KeyId key = 0; key < domains.size(); ++key) {
        if (domains[key] != kNoDomain && topology_.domain_of_node(key, node) != domains[key])
          return;
      }
      list->second.push_back(static_cast<std::uint32_t>(node));
    });
  }
  it->second.nodes = &list->second;
  return it->second;
}

}  // namespace hyperwright::scheduling
