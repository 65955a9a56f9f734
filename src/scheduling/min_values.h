// minValues of a NodePool's requirements: how many values of a key must be left to choose from when
// a node is launched. So a launch can fall back on another instance type, or another zone.
//
//   Strict      every node keeps as many as the NodePool asks for, or is not bought
//   BestEffort  a node keeps as many as each of its pods leaves by itself, at most what is asked
//               for: minValues gives way where a pod would get no node at all otherwise, and never
//               for the sake of pods that could stand elsewhere
//
//   minValues 3; 2 types hold pod a, both of them hold a and b, one holds a and c
//     a and b share a node, with minValues 2; c gets one of its own
//
// A NodePool gives way before a lighter one is tried.
//
// Source: Karpenter v1, Concepts > NodePools, Min Values; Settings, min-values-policy.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "kube/requirement.h"
#include "scheduling/packing.h"

namespace hyperwright::scheduling {

// How many values the candidates of the set leave, for each key with minValues.
std::vector<std::size_t> open_values(const OfferingCatalogue& catalogue, const Bitset& set);

// Whether a node of these pods, which `holders` are the candidates for, keeps what it must. Not
// where there is no holder at all.
bool keeps_min_values(const OfferingCatalogue& catalogue, std::span<const PackingClass> classes,
                      const Counts& pods, const Bitset& holders);

// Writes into the requirements of a node which values are left of the keys with minValues, of all
// groups, and by best effort how many. True: that is less than the NodePool asks for.
bool write_min_values(const OfferingCatalogue& catalogue, const Bitset& holders,
                      kube::Requirements& requirements);

// The types that a claim names, cheapest first: at least `count` where there are so many, and those
// that the minValues of all keys take.
std::vector<std::string> types_for_claim(const OfferingCatalogue& catalogue, const Bitset& holders,
                                         std::size_t count);

}  // namespace hyperwright::scheduling
