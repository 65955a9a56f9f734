// All that one NodePool can buy, in the one order that the solver walks it: by price, then by name.
// What is reserved is paid for already and comes first, by what it would cost otherwise.
//
// A candidate is an offering under a template; its id is its rank in that order, so the lowest bit
// of a set of candidates is its cheapest one, and two solvers that were told the same things pick
// the same. Prices that are equal are told apart by type, zone, capacity type and group: nothing is
// left to chance.
//
//   shape       what nodes of one (template, type, DaemonSets) have for pods
//   labels      which candidate carries which label, see label_index.h
//   rooms       which candidate has how much for pods, see room_index.h
//   available   candidates that are not marked unavailable, and of which an instance is left where
//               they are reserved
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bitset.h"
#include "hyperpod/offering.h"
#include "kube/pod.h"
#include "kube/resources.h"
#include "scheduling/daemon_overhead.h"
#include "scheduling/label_index.h"
#include "scheduling/reservations.h"
#include "scheduling/room_index.h"
#include "scheduling/templates.h"
#include "state/cluster_state.h"

namespace hyperwright::scheduling {

using CandidateId = std::uint32_t;

struct Shape {
  const hyperpod::InstanceType* type = nullptr;
  kube::Resources capacity;  // with one of "nodes"; what limits count
  kube::Resources free;      // allocatable, less the DaemonSets
  kube::Resources daemon_requests;
  std::vector<kube::HostPort> daemon_ports;
};

struct Candidate {
  hyperpod::Offering offering;
  std::uint32_t template_index = 0;
  std::uint32_t shape = 0;
  // What an instance like it is bought for: of what is reserved, what it saves; else its price.
  hyperpod::MicroDollars worth{};
  bool has_price_overlay = false;
  bool has_capacity_overlay = false;
  [[nodiscard]] bool is_reserved() const { return !offering.reservation.empty(); }
};

// How many distinct values of a key a launch must keep open.
struct MinValues {
  std::string key;
  std::int32_t count = 0;
};

struct OfferingCatalogue {
  const kube::NodePool* pool = nullptr;
  std::vector<Template> templates;
  std::vector<Shape> shapes;
  std::vector<Candidate> candidates;
  CandidateId bought_from = 0;  // those before it are reserved
  LabelIndex labels;
  RoomIndex rooms;
  Bitset available;
  std::vector<Bitset> of_template;  // candidates
  std::vector<Bitset> of_shape;     // candidates
  std::vector<MinValues> min_values;
  state::MinValuesPolicy min_values_policy = state::MinValuesPolicy::Strict;
  bool has_open_keys = false;
  // For messages: groups and types that are left out, and offerings that are without capacity for
  // now.
  std::vector<NotOffered> not_offered;

  [[nodiscard]] Bitset everything() const { return Bitset::all(candidates.size()); }
  [[nodiscard]] const Shape& shape_of(CandidateId id) const { return shapes[candidates[id].shape]; }
  [[nodiscard]] const Template& template_of(CandidateId id) const {
    return templates[candidates[id].template_index];
  }
  [[nodiscard]] hyperpod::MicroDollars price_of(CandidateId id) const {
    return candidates[id].offering.price.per_hour;
  }
  [[nodiscard]] Reservations::Id reservation_of(CandidateId id,
                                                const Reservations& reservations) const {
    return id < bought_from ? reservations.find(candidates[id].offering.reservation)
                            : Reservations::kNone;
  }
  // Whether the values that the candidates of the set have are enough for one pod: strictly, for
  // every key with minValues; by best effort any are.
  [[nodiscard]] bool has_min_values(const Bitset& set) const;
};

OfferingCatalogue catalogue_of(PoolTemplates templates, const state::ClusterState& state,
                               std::span<const Daemon> daemons, Time now);

// Of what is reserved, an instance is there to be had or not: that changes with every claim.
void look_at_reservations(OfferingCatalogue& catalogue, const Reservations& reservations,
                          const state::ClusterState& state, Time now);

// Every label that a Node of this offering will carry from the start, but the open ones.
kube::StringMap labels_of(const Template& made, const hyperpod::Offering& offering,
                          const hyperpod::InstanceType& type);
kube::StringMap labels_of(const OfferingCatalogue& catalogue, const Candidate& candidate);

}  // namespace hyperwright::scheduling
