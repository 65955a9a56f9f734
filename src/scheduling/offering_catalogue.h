// All that one NodePool can buy, in the one order that the solver walks it: by price, then by name.
//
// A candidate is an offering under a template; its id is its rank in that order, so the lowest bit
// of a set of candidates is its cheapest one, and two solvers that were told the same things pick
// the same. Prices that are equal are told apart by type, zone, capacity type and group: nothing is
// left to chance.
//
//   shape       what nodes of one (template, type, DaemonSets) have for pods
//   labels      which candidate carries which label, see label_index.h
//   available   candidates that are not marked unavailable
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
  LabelIndex labels;
  Bitset available;
  std::vector<Bitset> of_template;  // candidates
  std::vector<Bitset> of_shape;     // candidates
  std::vector<MinValues> min_values;
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
  // Strict: the values that the candidates of the set have are enough for every key with minValues.
  [[nodiscard]] bool has_min_values(const Bitset& set) const;
};

OfferingCatalogue catalogue_of(PoolTemplates templates, const state::ClusterState& state,
                               std::span<const Daemon> daemons, Time now);

// Every label that a Node of this candidate will carry from the start, but the open ones.
kube::StringMap labels_of(const OfferingCatalogue& catalogue, const Candidate& candidate);

}  // namespace hyperwright::scheduling
