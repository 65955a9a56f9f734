#include "scheduling/worth.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "scheduling/wide.h"

namespace hyperwright::scheduling {
namespace {

// No two of these pods can share a node.
bool is_one_a_node(const PackingClass& packed) {
  if (!packed.pod->host_ports.empty()) return true;
  return packed.rules != nullptr &&
         std::ranges::any_of(packed.rules->rules, [](const HostRules::Rule& rule) {
           return rule.is_carried && rule.is_counted && (!rule.is_spread || rule.max_skew == 1);
         });
}

// The price per pod on the candidate of the range that is best for it alone; 0: none takes it.
std::int64_t worth_alone(const OfferingCatalogue& catalogue, const PackingClass& packed,
                         CandidateRange range) {
  std::int64_t worth = INT64_MAX;
  std::vector<bool> is_seen(catalogue.shapes.size(),
                            false);  // the first candidate of a shape is its cheapest
  packed.fit->fitting.for_each([&](std::size_t i) {
    const auto id = static_cast<CandidateId>(i);
    const std::uint32_t shape = catalogue.candidates[id].shape;
    if (!range.contains(id) || is_seen[shape]) return;
    is_seen[shape] = true;
    const std::int64_t count =
        is_one_a_node(packed) ? 1 : fit_count(packed.pod->requests, catalogue.shapes[shape].free);
    if (count > 0) worth = std::min(worth, price_units(catalogue, id) / count);
  });
  return worth == INT64_MAX ? 0 : std::max<std::int64_t>(1, worth);
}

std::int64_t first_worth(const OfferingCatalogue& catalogue, const PackingClass& packed,
                         CandidateRange range) {
  constexpr std::int64_t kNowhereElse = 64;
  const std::int64_t here = worth_alone(catalogue, packed, range);
  const bool is_reserved = range.to <= catalogue.bought_from;
  if (!is_reserved || here == 0) return here;
  const auto end = static_cast<CandidateId>(catalogue.candidates.size());
  const std::int64_t elsewhere = worth_alone(catalogue, packed, {catalogue.bought_from, end});
  return elsewhere > 0 ? elsewhere : here * kNowhereElse;
}

}  // namespace

std::int64_t price_units(const OfferingCatalogue& catalogue, CandidateId id) {
  // What is free of charge is still worth something, or nothing could be compared.
  return std::max<std::int64_t>(1, catalogue.candidates[id].worth.micros()) * kWorthUnit;
}

Worths::Worths(const OfferingCatalogue& catalogue, std::span<const PackingClass> classes,
               CandidateRange range)
    : catalogue_(catalogue), kinds_(classes.size()), by_class_(classes.size()) {
  std::map<std::tuple<std::uint32_t, std::uint32_t, bool>, std::uint32_t> known;
  for (std::size_t id = 0; id < classes.size(); ++id) {
    const PackingClass& packed = classes[id];
    if (packed.count == 0) continue;
    const auto [it, is_new] =
        known.try_emplace({packed.size, packed.fit->id, is_one_a_node(packed)},
                          static_cast<std::uint32_t>(by_kind_.size()));
    if (is_new) by_kind_.push_back(first_worth(catalogue, packed, range));
    kinds_[id] = it->second;
    by_class_[id] = by_kind_[it->second];
  }
}

void Worths::correct(std::span<const PackedNode> nodes) {
  struct Shares {
    Wide sum = 0;
    std::int64_t pods = 0;
  };
  std::vector<Shares> shares(by_kind_.size());
  for (const PackedNode& node : nodes) {
    Wide worth = 0;
    for (const auto& [id, count] : node.pods) worth += Wide{by_class_[id]} * count;
    const std::int64_t price = price_units(catalogue_, node.candidate);
    for (const auto& [id, count] : node.pods) {
      Shares& share = shares[kinds_[id]];
      share.sum += Wide{by_class_[id]} * price / worth * count * node.copies;
      share.pods += count * node.copies;
    }
  }
  for (std::size_t kind = 0; kind < by_kind_.size(); ++kind) {
    const auto& [sum, pods] = shares[kind];
    if (pods == 0) continue;
    const auto mean = static_cast<std::int64_t>((by_kind_[kind] + sum / pods) / 2);
    by_kind_[kind] = std::max<std::int64_t>(1, mean);
  }
  for (std::size_t id = 0; id < by_class_.size(); ++id) {
    if (by_class_[id] > 0) by_class_[id] = by_kind_[kinds_[id]];
  }
}

}  // namespace hyperwright::scheduling
