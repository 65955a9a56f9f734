// What one NodePool is going to buy in this pass: demands ask it for places, it uses the room on
// nodes that it has planned already, and buys for the rest.
//
// Demands that ask for the same (size, fit, host rules) are one kind to it; which pods of which
// demand stand where is settled when the plan is written.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "scheduling/cells.h"
#include "scheduling/demands.h"
#include "scheduling/feasibility.h"
#include "scheduling/limits.h"
#include "scheduling/offering_catalogue.h"
#include "scheduling/packing.h"
#include "scheduling/plan.h"
#include "scheduling/reservations.h"

namespace hyperwright::scheduling {

// A part of a demand that asked for places, and how many it got.
struct Portion {
  std::size_t demand = 0;
  std::size_t cell = 0;
  std::int64_t asked = 0;
  std::int64_t placed = 0;
};

class PoolPlan {
 public:
  // `catalogue` and `reservations`, which pools share, must outlive this.
  PoolPlan(const OfferingCatalogue& catalogue, LimitCounter limits, Reservations& reservations)
      : catalogue_(catalogue), limits_(std::move(limits)), reservations_(reservations) {}
  PoolPlan(const PoolPlan&) = delete;
  PoolPlan& operator=(const PoolPlan&) = delete;

  [[nodiscard]] const OfferingCatalogue& catalogue() const { return catalogue_; }
  [[nodiscard]] const LimitCounter& limits() const { return limits_; }
  // There may be less than everybody would take: it matters who is asked first.
  [[nodiscard]] bool is_limited() const {
    return limits_.is_limited() || catalogue_.bought_from > 0;
  }

  void ask(const Portion& portion, const Demand& demand, const Fit& fit, const HostRules* rules);
  // Room on nodes that are planned already; then new nodes; as long as somebody gets a place.
  void find_places();
  // Pods that must stand beside pods that `counts` is true of: they join planned nodes, which
  // become larger where they must.
  void join(const Portion& portion, const Demand& demand, const Fit& fit, const HostRules* rules,
            const std::vector<bool>& is_counted_demand);
  // Ends a turn of asking: what each portion got.
  std::vector<Portion> take_placed();

  // The nodes that are to be bought; each is given its pods by name.
  std::vector<NewNode> new_nodes(std::vector<Demand>& demands) const;

 private:
  std::uint32_t kind_of(const Demand& demand, const Fit& fit, const HostRules* rules);
  void top_up();
  [[nodiscard]] bool is_anybody_left() const;
  void take(CandidateId candidate, std::int64_t nodes);
  [[nodiscard]] std::int64_t room_on(const PackedNode& node, std::uint32_t id) const;
  // What the candidates that hold a node's pods make of its claim. There are few sets of them,
  // however many nodes.
  struct Choice {
    Shared<std::vector<std::string>> types;
    Shared<kube::Requirements> requirements;
    bool is_min_values_relaxed = false;
    std::map<CandidateId, Shared<kube::StringMap>> labels;  // by what is bought
  };
  // What pods that ask the same labels make of a template's requirements, and the candidates that
  // meet that.
  struct Narrowed {
    kube::Requirements requirements;
    Bitset meeting;
    std::map<std::vector<std::uint64_t>, Choice> choices;  // by the candidates' words
  };
  // By template, candidate (where the pods have alternatives) and Fit::labels.
  using NarrowedBy =
      std::map<std::tuple<std::uint32_t, CandidateId, std::vector<std::uint32_t>>, Narrowed>;
  Narrowed& narrowed_for(const PackedNode& node, NarrowedBy& known) const;
  [[nodiscard]] Choice make_choice(const Narrowed& narrow, const Bitset& compatible) const;
  [[nodiscard]] kube::StringMap labels_for(const Candidate& candidate,
                                           const kube::Requirements& requirements) const;
  [[nodiscard]] NewNode make_node(const PackedNode& node, NarrowedBy& known) const;

  const OfferingCatalogue& catalogue_;
  LimitCounter limits_;
  Reservations& reservations_;
  std::vector<PackingClass> classes_;
  std::vector<std::vector<Portion>>
      portions_;  // by class; those before `settled_` have their places
  std::vector<std::size_t> settled_;
  std::set<std::uint32_t> open_;  // classes that were asked for, and not taken since
  std::map<std::tuple<std::uint32_t, std::uint32_t, const HostRules*>, std::uint32_t> kinds_;
  std::vector<PackedNode> nodes_;
};

}  // namespace hyperwright::scheduling
