// Whether the pods of a plan can be bound one after the other, each at a moment at which its
// constraints with others hold.
//
// The order in which the solver found the places is such an order, as long as everybody came who
// was promised a domain:
//
//   db in z2, web in z1 (a spread: z2 has one, so z1 may have two), nobody taken back   it holds
//   db in z2, web in z1, db taken back: no node in z2; another pod comes to z2 later,
//   because it wants to be near to web                                                  z1 must
//   wait
//                                                                   for z2, and z2 for z1
//
// So nothing is looked at unless somebody was taken back. Then the pods are bound again, those that
// were placed first go first, and who cannot go waits until others went.
//
// Cost: places x the passes that somebody has to wait for; mostly one.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "scheduling/cells.h"
#include "scheduling/demands.h"
#include "scheduling/fit_cache.h"
#include "scheduling/topology.h"

namespace hyperwright::scheduling {

class BindingOrder {
 public:
  // Pods of a demand at its present level got a place in the cell: on an existing node, or on a new
  // one (kNoDomain), which they may only be promised.
  void add(const Demand& demand, std::size_t d, std::size_t cell, std::uint32_t node,
           std::int64_t pods);
  // So many of the last that were promised a new node there have none.
  void take_back(const Demand& demand, std::size_t d, std::size_t cell, std::int64_t pods);

  // Demands with pods that no order lets in that was found. `topology` counts what was added, and
  // is left as it was.
  [[nodiscard]] std::set<std::size_t> stuck(std::vector<Demand>& demands, Topology& topology,
                                            FitCache& cache,
                                            std::span<const OfferingCatalogue* const> pools) const;

 private:
  struct Step {
    std::size_t demand = 0;
    std::size_t level = 0;
    std::size_t cell = 0;
    std::uint32_t node = kNoDomain;
    std::int64_t pods = 0;
  };
  [[nodiscard]] std::vector<Step> kept() const;

  std::vector<Step> steps_;
  std::vector<Step> taken_back_;
};

}  // namespace hyperwright::scheduling
