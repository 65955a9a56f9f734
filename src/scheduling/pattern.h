// Fills one new node: which pods of several kinds go onto a candidate so that much worth is
// covered.
//
// A knapsack of several dimensions, filled greedily. Each step adds pods of the kind with the most
// worth per load; the load of a pod is what it takes of what is still free, summed over its
// resources. So a resource that runs short becomes dear while the node fills, and pods that need
// the other one go first: cpu-heavy and memory-heavy pods end up side by side. A second filling,
// most worth first, is tried as well, and the better one of the two is kept: where pods are large
// and fit exactly, it wins.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "scheduling/packing.h"

namespace hyperwright::scheduling {

// Fixed-point money: micro-dollars times kWorthUnit.
inline constexpr std::int64_t kWorthUnit = 1 << 16;

struct Pattern {
  Counts pods;
  std::int64_t worth = 0;
};

// Scratch space that fillings share, so that they allocate nothing once it has grown.
class PatternFiller {
 public:
  // `worth`: by class, what one of its pods is worth.
  PatternFiller(const OfferingCatalogue& catalogue, std::span<const PackingClass> classes,
                std::span<const std::int64_t> worth);

  // The result is valid until the next call; empty: nothing fits.
  const Pattern& fill(CandidateId candidate);

 private:
  struct Slot {  // a class on the node that is being filled
    std::uint32_t id;
    std::int64_t left;
    std::int64_t placed;
  };
  void fill_by_load(CandidateId candidate);
  void fill_by_worth(CandidateId candidate);
  void start(CandidateId candidate);
  // How many pods of this class still go onto the node, at most those that are left.
  [[nodiscard]] std::int64_t room_for(const Slot& slot) const;
  // Puts up to `count` there and says how many went: ports, open keys and minValues may be against
  // it.
  std::int64_t put(Slot& slot, std::int64_t count, CandidateId candidate);
  bool is_allowed(const Slot& slot, CandidateId candidate);
  void keep_if_better();
  void collect(Counts& pods) const;

  const OfferingCatalogue& catalogue_;
  std::span<const PackingClass> classes_;
  std::span<const std::int64_t> worth_;
  std::vector<bool>
      is_plain_;  // by class: neither ports nor open keys nor minValues, room is all that counts
  kube::Resources free_;
  std::vector<Slot> slots_;
  Counts counts_;
  Pattern best_;
};

}  // namespace hyperwright::scheduling
