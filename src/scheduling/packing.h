// Which new nodes of one pool to buy for pods of several kinds: cheap, and quick to find.
//
// The idea. A node is a *pattern*: a candidate and how many pods of each kind stand on it. Each
// kind of pod has a worth (worth.h): at first the price per pod where it is packed alone on the
// candidate that is best for it. A pattern is good when its price is low for the worth that it
// covers. The search takes the best pattern, as often as the counts allow, and goes on with what is
// left; a large node wins while there is enough to fill it, and small ones win at the end. Every
// node is bought as the cheapest candidate that holds what was put on it, and the last nodes, where
// the rounding hurts, are packed again exactly (repacking.h). Then the worths are corrected by what
// came of them, and it is all searched again, as long as that is cheap; the cheapest plan is kept.
//
//   10 pods of 1 cpu; large: 8 cpu, $8; small: 2 cpu, $2.20     worth of a pod: $1 (large, full)
//   8 on a large one: $8 for a worth of 8 = 1.00; 2 on a small one: $2.20 for 2 = 1.10     large x
//   1 2 are left: large: $8 for 2 = 4.00; small: 1.10                                        small
//   x 1: $10.20
//
// What is reserved is paid for already and is used first, as long as there is some: of it the
// search takes the patterns that save the most. Pods that can run nowhere else go before those that
// can.
//
// What one pattern costs to find: sizes of pods x steps of filling, see pattern.h. Candidates are
// kept in a heap by their last ratio; pods only become fewer, so a ratio only rises, and few are
// computed anew for each pattern. A pattern is bought as long as it can be repeated.
//
// Source: the greedy set cover of Chvatal (1979), with the fractional prices of a knapsack
// relaxation as worth.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "scheduling/feasibility.h"
#include "scheduling/host_rules.h"
#include "scheduling/limits.h"
#include "scheduling/offering_catalogue.h"
#include "scheduling/reservations.h"

namespace hyperwright::scheduling {

// Pods of one kind that look for a place on new nodes.
struct PackingClass {
  const kube::Scheduling* pod = nullptr;
  const Fit* fit = nullptr;
  const HostRules* rules = nullptr;  // nullptr: they mind nobody
  std::uint32_t size = 0;            // equal for equal requests
  std::int64_t count = 0;
  std::vector<std::size_t> open_values;  // by key with minValues: what one pod leaves by itself
};

using Counts =
    std::vector<std::pair<std::uint32_t, std::int64_t>>;  // (class, pods), by class, no zeros

struct PackedNode {
  CandidateId candidate = 0;
  std::int64_t copies = 1;
  Counts pods;  // on each copy
};

// Takes off `classes` what it places, and off `limits` and `reservations` what it takes for that.
std::vector<PackedNode> pack(const OfferingCatalogue& catalogue, std::span<PackingClass> classes,
                             LimitCounter& limits, Reservations& reservations);

// The sum of the pods' requests.
kube::Resources total_requests(std::span<const PackingClass> classes, const Counts& pods);

// The cheapest candidate that can hold these pods together, is within limits, and leaves minValues
// open; nullopt: none can. `from`: a rank below which none does. `reservations` nullptr: none that
// is reserved.
std::optional<CandidateId> cheapest_holder(const OfferingCatalogue& catalogue,
                                           std::span<const PackingClass> classes,
                                           const Counts& pods, const LimitCounter& limits,
                                           CandidateId from = 0,
                                           const Reservations* reservations = nullptr);
// Host ports, constraints between pods and open keys let these pods share a node of this candidate;
// whether they fit is not asked.
bool can_share(const OfferingCatalogue& catalogue, std::span<const PackingClass> classes,
               const Counts& pods, CandidateId candidate);
// All that can hold them, whatever the limits are: what else would serve.
Bitset holders(const OfferingCatalogue& catalogue, std::span<const PackingClass> classes,
               const Counts& pods);

// The template's requirements, narrowed by what the pods ask, each by the first alternative that
// goes with the others; nullopt: they cannot share a node of this candidate.
std::optional<kube::Requirements> narrowed(const OfferingCatalogue& catalogue,
                                           std::span<const PackingClass> classes,
                                           const Counts& pods, CandidateId candidate);

}  // namespace hyperwright::scheduling
