#include "scheduling/feasibility.h"

#include <algorithm>

#include "scheduling/host_ports.h"

namespace hyperwright::scheduling {
namespace {

Bitset tolerated(const kube::Scheduling& pod, const Level& level,
                 const OfferingCatalogue& catalogue) {
  Bitset found;
  for (std::size_t i = 0; i < catalogue.templates.size(); ++i) {
    if (first_untolerated(catalogue.templates[i].taints, pod, level.tolerates_prefer_no_schedule) ==
        nullptr) {
      found |= catalogue.of_template[i];
    }
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

Fit::Alternative match(const kube::Requirements& asked, const OfferingCatalogue& catalogue,
                       const Bitset& among) {
  Fit::Alternative result{.fitting = among, .asked = asked, .open = {}};
  for (const kube::Requirement& requirement : asked) {
    bool is_open = false;
    Bitset met = catalogue.labels.with_value(requirement);
    met |= unlabelled(requirement, catalogue, is_open);
    result.fitting &= met;
    if (is_open) result.open.add(requirement);
  }
  return result;
}

bool takes_one(const kube::Scheduling& pod, const Shape& shape) {
  return pod.requests.fits(shape.free) && !do_conflict(pod.host_ports, shape.daemon_ports);
}

bool was_misfit(std::span<const state::PodClassId> pod_classes,
                const hyperpod::OfferingKey& offering, const state::ClusterState& state) {
  return std::ranges::any_of(pod_classes, [&](state::PodClassId pod_class) {
    return state.is_misfit(pod_class, offering.group, offering.type);
  });
}

Bitset takers(const kube::Scheduling& pod, std::span<const state::PodClassId> pod_classes,
              const OfferingCatalogue& catalogue, const state::ClusterState& state,
              const Bitset& among) {
  Bitset found;
  // Per shape: 0 not asked yet, 1 yes, 2 no.
  std::vector<std::uint8_t> known(catalogue.shapes.size(), 0);
  among.for_each([&](std::size_t id) {
    const Candidate& candidate = catalogue.candidates[id];
    std::uint8_t& answer = known[candidate.shape];
    if (answer == 0) {
      const bool takes = takes_one(pod, catalogue.shapes[candidate.shape]) &&
                         !was_misfit(pod_classes, candidate.offering.key, state);
      answer = takes ? 1 : 2;
    }
    if (answer == 1) found.insert(id);
  });
  return found;
}

}  // namespace

Fit fit(const kube::Scheduling& pod, const Level& level,
        std::span<const state::PodClassId> pod_classes, const OfferingCatalogue& catalogue,
        const state::ClusterState& state) {
  Fit result;
  result.tolerated = tolerated(pod, level, catalogue);
  for (const kube::Requirements& asked : level.alternatives) {
    result.alternatives.push_back(match(asked, catalogue, result.tolerated));
    result.matching |= result.alternatives.back().fitting;
  }
  result.available = result.matching;
  result.available &= catalogue.available;
  result.fitting = takers(pod, pod_classes, catalogue, state, result.available);
  for (Fit::Alternative& alternative : result.alternatives) alternative.fitting &= result.fitting;
  return result;
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
