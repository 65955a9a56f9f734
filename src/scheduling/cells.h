// Where the pods of a demand may stand: one cell for each combination of domains that their
// constraints tell apart (a zone; a zone and a capacity type; or just "anywhere"), with the nodes
// that are there and what each pool could buy there.
//
//   demand with a zone spread      cell us-east-1a | cell us-east-1b | cell us-east-1c
//   demand without constraints     one cell
//
// A pod gets a cell first, and a node there afterwards: so each question about domains is one about
// counts, and new nodes are bought for all demands together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scheduling/demands.h"
#include "scheduling/fit_cache.h"
#include "scheduling/topology.h"

namespace hyperwright::scheduling {

struct Cell {
  PlaceId place = 0;
  Domains domains;               // by key; kNoDomain where it is not looked at
  Sides sides;                   // of the spreads that count its pods on some nodes only
  std::vector<const Fit*> fits;  // by pool
  bool can_buy = false;
  std::int64_t price = 0;  // of the cheapest offering that takes one pod, in micro-dollars
  NodeQueue* queue = nullptr;
  std::size_t next = 0;     // of the queue, for what only these pods mind
  bool is_closed = false;   // nothing more can be bought here in this round
  std::int64_t wanted = 0;  // pods that new nodes are to be bought for
  std::int64_t bought = 0;  // pods that have theirs
  std::int64_t most = 0;    // of both together
};

// The cells of a demand at its present level; empty: there is no node for it anywhere.
std::vector<Cell> cells_of(const Demand& demand, const Topology& topology, FitCache& cache,
                           std::span<const OfferingCatalogue* const> pools);

// How many pods that carry this constraint it lets into a domain (not one of the hostname), at most
// `wanted`; and whether pods that carry it keep those away that it counts: because they repel them,
// or because one waits alone for company elsewhere.
std::int64_t allowed_by(const TopologyGroup& group, bool counts_itself, DomainId domain,
                        std::int64_t wanted);
bool is_kept_away(const TopologyGroup& group, DomainId domain);
// How many pods of the demand the constraints let into these domains at once, at most `wanted`.
std::int64_t allowed_in(const Demand& demand, const Domains& domains, const Topology& topology,
                        std::int64_t wanted);
// How many of these may come until pods of this batch that spread over domains are off balance.
std::int64_t balanced_room(const Demand& demand, const Cell& cell, const Topology& topology,
                           std::int64_t wanted);
// Whether the demand's pods keep within the skews of their spreads over domains, and stand where
// what they want to be near to is, now that the others have their places.
bool are_constraints_kept(const Demand& demand, const Topology& topology);
// The same as allowed_in for one existing node, as a domain of the hostname.
std::int64_t allowed_on(const Demand& demand, std::size_t node, const Topology& topology,
                        std::int64_t wanted);
// Pods were placed (or taken back, `pods` below zero). `node`: an existing one, or kNoDomain.
void note_placed(const Demand& demand, const Cell& cell, std::uint32_t node, Topology& topology,
                 std::int64_t pods);
// The same where only the domains are known.
void note_placed(const Demand& demand, const Domains& domains, std::uint32_t node,
                 Topology& topology, std::int64_t pods);

// What the packing of new nodes must know of the demand's constraints on the hostname.
HostRules host_rules_of(const Demand& demand, const Topology& topology);

// Pods that the spreads counted in these domains, summed: those that the demand owns, or those that
// count it.
std::int64_t crowd_in(const Demand& demand, const Domains& domains, const Topology& topology,
                      bool of_owned);

}  // namespace hyperwright::scheduling
