// What one NodePool is going to buy in this pass: kinds of pods ask it for places, it uses the room
// on nodes that it has planned already, and buys for the rest.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "scheduling/demands.h"
#include "scheduling/feasibility.h"
#include "scheduling/limits.h"
#include "scheduling/offering_catalogue.h"
#include "scheduling/packing.h"
#include "scheduling/plan.h"

namespace hyperwright::scheduling {

class PoolPlan {
 public:
  PoolPlan(OfferingCatalogue catalogue, LimitCounter limits)
      : catalogue_(std::move(catalogue)), limits_(std::move(limits)) {}

  [[nodiscard]] const OfferingCatalogue& catalogue() const { return catalogue_; }
  [[nodiscard]] const LimitCounter& limits() const { return limits_; }

  // Pods of this demand look for a place here, at its present level.
  void ask(std::size_t demand, const kube::Scheduling& pod, Fit fit, std::int64_t count);
  // Room on nodes that were planned in an earlier round.
  void top_up();
  void buy();
  // Ends the round: (demand, pods placed in it), of each that asked.
  std::vector<std::pair<std::size_t, std::int64_t>> take_placed();

  // The nodes that are to be bought; each is given its pods by name.
  std::vector<NewNode> new_nodes(std::vector<Demand>& demands) const;

 private:
  [[nodiscard]] std::int64_t room_on(const PackedNode& node, std::uint32_t id) const;
  [[nodiscard]] NewNode make_node(const PackedNode& node) const;

  OfferingCatalogue catalogue_;
  LimitCounter limits_;
  std::vector<PackingClass>
      classes_;  // one for each ask, those of earlier rounds with nothing left
  std::deque<Fit> fits_;
  std::vector<std::size_t> demand_of_;  // by class
  std::vector<std::int64_t> asked_;     // by class
  std::size_t round_begin_ = 0;         // the first class of this round
  std::vector<PackedNode> nodes_;
};

}  // namespace hyperwright::scheduling
