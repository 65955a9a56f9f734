// What a pod is worth to the search for new nodes (packing.h): a price for each pod, such that a
// node is good when its pods are worth as much as it costs.
//
//   at first     the price per pod on the candidate that is best for it alone
//   corrected    by a plan that was made with the worths before: what a node costs is shared out
//                among its pods by their worth, and a pod is worth the mean of what it was worth
//                and of its shares. Pods that find good company become cheap, pods that spoil
//                their nodes dear: next time the good company is given to them
//
//   1 memory-hungry pod alone: $3, 1 lean pod alone: $2, a node of both: $4
//     5 = worth of the node: it costs 0.8 of that. Next time they are worth $2.70 and $1.80
//
// So worths come near to the dual values of the linear program over node patterns, which nobody has
// to solve.
//
// Source: sequential value correction: Mukhacheva, Belov, Kartak and Mukhacheva, Linear
// one-dimensional cutting-packing problems (2000).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "scheduling/packing.h"

namespace hyperwright::scheduling {

// Fixed-point money: micro-dollars times kWorthUnit.
inline constexpr std::int64_t kWorthUnit = 1 << 16;

// Either what is reserved, or what is bought.
struct CandidateRange {
  CandidateId from = 0;
  CandidateId to = 0;
  [[nodiscard]] bool contains(CandidateId id) const { return from <= id && id < to; }
};

// What a node of this candidate costs, in the units of worths; above zero.
std::int64_t price_units(const OfferingCatalogue& catalogue, CandidateId id);

class Worths {
 public:
  // On what is reserved, a pod saves what it would cost elsewhere; one that can run nowhere else
  // goes before all of those.
  Worths(const OfferingCatalogue& catalogue, std::span<const PackingClass> classes,
         CandidateRange range);

  // What one pod is worth; 0: no candidate of the range takes it, or none are left.
  [[nodiscard]] std::span<const std::int64_t> by_class() const { return by_class_; }
  // `nodes`: a plan that was made with these worths.
  void correct(std::span<const PackedNode> nodes);

 private:
  const OfferingCatalogue& catalogue_;
  std::vector<std::uint32_t> kinds_;  // by class: equal for pods that are worth the same
  std::vector<std::int64_t> by_kind_;
  std::vector<std::int64_t> by_class_;
};

}  // namespace hyperwright::scheduling
