// Which candidates can hold a given set of pods on one node.
#include <algorithm>
#include <bit>

#include "scheduling/host_ports.h"
#include "scheduling/min_values.h"
#include "scheduling/packing.h"

namespace hyperwright::scheduling {
namespace {

// Candidates on which each of the kinds may run, and that have room for all of them.
Bitset roomy(const OfferingCatalogue& catalogue, std::span<const PackingClass> classes,
             const Counts& pods) {
  if (pods.empty()) return {};
  Bitset set = classes[pods.front().first].fit->fitting;
  for (const auto& [id, count] : pods) set &= classes[id].fit->fitting;
  catalogue.rooms.keep(total_requests(classes, pods), set);
  return set;
}

// The first of the set, from `from` on, that `is_wanted`.
template <typename IsWanted>
std::optional<CandidateId> first_of(const Bitset& set, CandidateId from, IsWanted is_wanted) {
  for (std::size_t i = from / 64; i < set.words().size(); ++i) {
    std::uint64_t word = set.words()[i];
    if (i == from / 64) word &= ~std::uint64_t{0} << (from % 64);
    for (; word != 0; word &= word - 1) {
      const auto id =
          static_cast<CandidateId>(i * 64) + static_cast<CandidateId>(std::countr_zero(word));
      if (is_wanted(id)) return id;
    }
  }
  return std::nullopt;
}

bool have_conflicting_ports(std::span<const PackingClass> classes, const Counts& pods) {
  for (std::size_t i = 0; i < pods.size(); ++i) {
    const std::vector<kube::HostPort>& ports = classes[pods[i].first].pod->host_ports;
    if (ports.empty()) continue;
    if (pods[i].second > 1) return true;
    for (std::size_t j = 0; j < i; ++j) {
      if (do_conflict(ports, classes[pods[j].first].pod->host_ports)) return true;
    }
  }
  return false;
}

// The host rules of all of them hold when they stand on one node.
bool do_mind_each_other(std::span<const PackingClass> classes, const Counts& pods) {
  HostCounts counts;
  for (const auto& [id, count] : pods) {
    const HostRules* rules = classes[id].rules;
    if (rules == nullptr) continue;
    if (counts.allowed(*rules, count) < count) return true;
    counts.add(*rules, count);
  }
  return false;
}

bool do_clash(std::span<const PackingClass> classes, const Counts& pods) {
  return have_conflicting_ports(classes, pods) || do_mind_each_other(classes, pods);
}

// Open keys are rare, and most pods do not ask for them: then nothing needs to be compared.
bool has_open_questions(const OfferingCatalogue& catalogue, std::span<const PackingClass> classes,
                        const Counts& pods) {
  return catalogue.has_open_keys && std::ranges::any_of(pods, [&](const auto& entry) {
           return std::ranges::any_of(classes[entry.first].fit->alternatives,
                                      [](const Fit::Alternative& a) { return !a.open.empty(); });
         });
}

bool go_together(const kube::Requirements& chosen, const kube::Requirements& asked) {
  return std::ranges::all_of(asked, [&](const kube::Requirement& requirement) {
    const kube::Requirement* other = chosen.find(requirement.key());
    return other == nullptr || is_possible(other->intersection(requirement));
  });
}

}  // namespace

kube::Resources total_requests(std::span<const PackingClass> classes, const Counts& pods) {
  kube::Resources total;
  for (const auto& [id, count] : pods) total += classes[id].pod->requests.times(count);
  return total;
}

std::optional<kube::Requirements> narrowed(const OfferingCatalogue& catalogue,
                                           std::span<const PackingClass> classes,
                                           const Counts& pods, CandidateId candidate) {
  kube::Requirements chosen = catalogue.template_of(candidate).requirements;
  for (const auto& [id, count] : pods) {
    const auto& alternatives = classes[id].fit->alternatives;
    const auto it = std::ranges::find_if(alternatives, [&](const Fit::Alternative& alternative) {
      return alternative.fitting.contains(candidate) && go_together(chosen, alternative.asked);
    });
    if (it == alternatives.end()) return std::nullopt;
    chosen.add(it->asked);
  }
  return chosen;
}

bool can_share(const OfferingCatalogue& catalogue, std::span<const PackingClass> classes,
               const Counts& pods, CandidateId candidate) {
  if (do_clash(classes, pods)) return false;
  return !has_open_questions(catalogue, classes, pods) ||
         narrowed(catalogue, classes, pods, candidate).has_value();
}

Bitset holders(const OfferingCatalogue& catalogue, std::span<const PackingClass> classes,
               const Counts& pods) {
  if (do_clash(classes, pods)) return {};
  Bitset set = roomy(catalogue, classes, pods);
  if (!has_open_questions(catalogue, classes, pods)) return set;
  Bitset found;
  set.for_each([&](std::size_t id) {
    if (narrowed(catalogue, classes, pods, static_cast<CandidateId>(id))) found.insert(id);
  });
  return found;
}

std::optional<CandidateId> cheapest_holder(const OfferingCatalogue& catalogue,
                                           std::span<const PackingClass> classes,
                                           const Counts& pods, const LimitCounter& limits,
                                           CandidateId from, const Reservations* reservations) {
  if (reservations == nullptr) from = std::max(from, catalogue.bought_from);
  const auto can_be_had = [&](CandidateId id) {
    return limits.affordable(catalogue.shape_of(id).capacity, 1) == 1 &&
           (id >= catalogue.bought_from ||
            reservations->left(catalogue.reservation_of(id, *reservations)) > 0);
  };
  if (!catalogue.min_values.empty()) {
    const Bitset all = holders(catalogue, classes, pods);
    if (!keeps_min_values(catalogue, classes, pods, all)) return std::nullopt;
    return first_of(all, from, can_be_had);
  }
  if (do_clash(classes, pods)) return std::nullopt;
  const bool has_questions = has_open_questions(catalogue, classes, pods);
  return first_of(roomy(catalogue, classes, pods), from, [&](CandidateId id) {
    return can_be_had(id) && (!has_questions || narrowed(catalogue, classes, pods, id));
  });
}

}  // namespace hyperwright::scheduling
