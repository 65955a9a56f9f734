#include "scheduling/feasibility.h"

#include <algorithm>

#include "scheduling/host_ports.h"

namespace hyperwright::scheduling {
namespace {

Bitset tolerated(const std::vector<kube::Toleration>& tolerations,
                 bool tolerates_prefer_no_schedule, const OfferingCatalogue& catalogue) {
  Bitset found;
  for (std::size_t i = 0; i < catalogue.templates.size(); ++i) {
    if (first_untolerated(catalogue.templates[i].taints, tolerations,
                          tolerates_prefer_no_schedule) == nullptr)
      found |= catalogue.of_template[i];
  }
  return found;
}

// Candidates without a label of the key: their template leaves its value open, or they will never
// have it.
Bitset unlabelled(const kube::Requirement& asked, const OfferingCatalogue& catalogue,
                  bool& is_open) {
  Bitset found;
  const Bitset without = catalogue.labels.without_key(asked.key());
  if (without.empty()) return found;
  for (std::size_t i = 0; i < catalogue.templates.size(); ++i) {
    const kube::Requirement* choice = catalogue.templates[i].open.find(asked.key());
    is_open |= choice != nullptr;
    const bool is_met =
        choice == nullptr ? asked.allows_absence() : is_possible(choice->intersection(asked));
    if (!is_met) continue;
    Bitset of_template = catalogue.of_template[i];
    found |= of_template &= without;
  }
  return found;
}

LabelFit::Alternative match(const kube::Requirements& asked, const OfferingCatalogue& catalogue,
                            const Bitset& among) {
  LabelFit::Alternative result{.matching = among, .asked = asked, .open = {}};
  for (const kube::Requirement& requirement : asked) {
    bool is_open = false;
    Bitset met = catalogue.labels.with_value(requirement);
    met |= unlabelled(requirement, catalogue, is_open);
    result.matching &= met;
    if (is_open) result.open.add(requirement);
  }
  return result;
}

bool was_misfit(std::span<const state::PodClassId> pod_classes,
                const hyperpod::OfferingKey& offering, const state::ClusterState& state) {
  return std::ranges::any_of(pod_classes, [&](state::PodClassId pod_class) {
    return state.is_misfit(pod_class, offering.group, offering.type);
  });
}

}  // namespace

LabelFit fit_labels(const std::vector<kube::Requirements>& alternatives,
                    const std::vector<kube::Toleration>* tolerations,
                    bool tolerates_prefer_no_schedule, const OfferingCatalogue& catalogue) {
  LabelFit result;
  result.tolerated = tolerations == nullptr
                         ? catalogue.everything()
                         : tolerated(*tolerations, tolerates_prefer_no_schedule, catalogue);
  for (const kube::Requirements& asked : alternatives) {
    result.alternatives.push_back(match(asked, catalogue, result.tolerated));
    result.matching |= result.alternatives.back().matching;
  }
  return result;
}

Bitset takers(const kube::Resources& requests, const std::vector<kube::HostPort>& ports,
              const OfferingCatalogue& catalogue) {
  Bitset found;
  for (std::size_t shape = 0; shape < catalogue.shapes.size(); ++shape) {
    if (requests.fits(catalogue.shapes[shape].free) &&
        !do_conflict(ports, catalogue.shapes[shape].daemon_ports))
      found |= catalogue.of_shape[shape];
  }
  return found;
}

Fit fit_of(const LabelFit& labels, const Bitset& takers,
           std::span<const state::PodClassId> pod_classes, const OfferingCatalogue& catalogue,
           const state::ClusterState& state) {
  Fit result{.tolerated = labels.tolerated,
             .matching = labels.matching,
             .available = labels.matching,
             .fitting = {},
             .alternatives = {},
             .id = 0,
             .labels = labels.id};
  result.available &= catalogue.available;
  result.fitting = result.available;
  result.fitting &= takers;
  if (state.has_misfits()) {
    Bitset misfits;
    result.fitting.for_each([&](std::size_t id) {
      if (was_misfit(pod_classes, catalogue.candidates[id].offering.key, state)) misfits.insert(id);
    });
    result.fitting -= misfits;
  }
  for (const LabelFit::Alternative& alternative : labels.alternatives) {
    result.alternatives.push_back({alternative.matching, alternative.asked, alternative.open});
    result.alternatives.back().fitting &= result.fitting;
  }
  return result;
}

Fit fit(const kube::Scheduling& pod, const Level& level,
        std::span<const state::PodClassId> pod_classes, const OfferingCatalogue& catalogue,
        const state::ClusterState& state) {
  return fit_of(fit_labels(level.alternatives, &pod.tolerations, level.tolerates_prefer_no_schedule,
                           catalogue),
                takers(pod.requests, pod.host_ports, catalogue), pod_classes, catalogue, state);
}

std::int64_t fit_count(const kube::Resources& request, const kube::Resources& free) {
  std::int64_t count = kFitCountMax;
  for (std::size_t i = 0; i < kube::kResourceCount; ++i) {
    if (free.slots()[i] < 0) return 0;
    if (request.slots()[i] > 0) count = std::min(count, free.slots()[i] / request.slots()[i]);
  }
  if (request.overflow().empty() && free.overflow().empty()) return count;
  for (const auto& [name, amount] : free.overflow()) {
    if (amount < 0) return 0;
  }
  for (const auto& [name, amount] : request.overflow()) {
    if (amount > 0) count = std::min(count, free.get(name) / amount);
  }
  return count;
}

}  // namespace hyperwright::scheduling
