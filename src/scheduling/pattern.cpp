#include "scheduling/pattern.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "scheduling/min_values.h"
#include "scheduling/wide.h"

namespace hyperwright::scheduling {
namespace {

// What one pod takes of what is free, summed over its resources, in parts of 2^20. Requires: it
// fits.
std::int64_t load_of(const kube::Resources& request, const kube::Resources& free) {
  constexpr std::int64_t kWhole = 1 << 20;
  std::int64_t load = 0;
  for (std::size_t i = 0; i < kube::kResourceCount; ++i) {
    const std::int64_t amount = request.slots()[i];
    if (amount <= 0) continue;
    // Divided first where the product would not fit: terabytes of memory stay exact enough.
    const std::int64_t total = free.slots()[i];
    load += amount < INT64_MAX / kWhole ? amount * kWhole / total
                                        : amount / std::max<std::int64_t>(1, total / kWhole);
  }
  for (const auto& [name, amount] : request.overflow()) {
    if (amount > 0) load += static_cast<std::int64_t>(Wide{amount} * kWhole / free.get(name));
  }
  return std::max<std::int64_t>(1, load);
}

bool is_plain(const OfferingCatalogue& catalogue, const PackingClass& packed) {
  const bool asks_open_keys =
      catalogue.has_open_keys &&
      std::ranges::any_of(packed.fit->alternatives,
                          [](const Fit::Alternative& a) { return !a.open.empty(); });
  return packed.pod->host_ports.empty() && !asks_open_keys && catalogue.min_values.empty();
}

}  // namespace

PatternFiller::PatternFiller(const OfferingCatalogue& catalogue,
                             std::span<const PackingClass> classes,
                             std::span<const std::int64_t> worth)
    : catalogue_(catalogue), classes_(classes), placed_(classes.size(), 0) {
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::int64_t>, std::size_t> known;
  for (std::uint32_t id = 0; id < classes.size(); ++id) {
    is_plain_.push_back(is_plain(catalogue, classes[id]));
    if (classes[id].count == 0) continue;
    const auto [it, is_new] =
        known.try_emplace({classes[id].size, classes[id].fit->id, worth[id]}, racks_.size());
    if (is_new) racks_.push_back({&classes[id].pod->requests, classes[id].fit, worth[id], {}, 0});
    racks_[it->second].classes.push_back(id);
  }
}

const Pattern& PatternFiller::fill(CandidateId candidate) {
  best_.pods.clear();
  best_.racks.clear();
  best_.worth = 0;
  candidate_ = candidate;
  usable_.clear();
  for (std::uint32_t rack = 0; rack < racks_.size(); ++rack) {
    Rack& each = racks_[rack];
    while (each.first < each.classes.size() && classes_[each.classes[each.first]].count == 0)
      ++each.first;
    if (each.first < each.classes.size() && each.fit->fitting.contains(candidate))
      usable_.push_back(rack);
  }
  fill_by_load();
  // Everything that wants to be here is: no order can do better.
  if (usable_.size() > 1 && !is_everything_placed()) fill_by_worth();
  return best_;
}

bool PatternFiller::refill(CandidateId candidate) {
  candidate_ = candidate;
  start();
  for (const auto& [rack, count] : best_.racks) {
    if (put(rack, count) < count) return false;
  }
  collect(best_.pods);
  return true;
}

void PatternFiller::start() {
  free_ = catalogue_.shape_of(candidate_).free;
  for (const std::uint32_t id : touched_) placed_[id] = 0;
  touched_.clear();
  hosts_.clear();
  order_.clear();
  worth_ = 0;
}

bool PatternFiller::is_everything_placed() const {
  return std::ranges::all_of(usable_, [&](std::uint32_t rack) {
    return std::ranges::all_of(racks_[rack].classes,
                               [&](std::uint32_t id) { return classes_[id].count == placed_[id]; });
  });
}

bool PatternFiller::is_allowed(std::uint32_t id) {
  if (is_plain_[id]) return true;
  collect(counts_);
  if (catalogue_.min_values.empty()) return can_share(catalogue_, classes_, counts_, candidate_);
  return keeps_min_values(catalogue_, classes_, counts_, holders(catalogue_, classes_, counts_));
}

std::int64_t PatternFiller::put_kind(std::uint32_t id, std::int64_t count) {
  const PackingClass& kind = classes_[id];
  count = std::min(count, kind.count - placed_[id]);
  if (count <= 0) return 0;
  if (kind.rules != nullptr) count = hosts_.allowed(*kind.rules, count);
  for (; count > 0; count /= 2) {
    if (placed_[id] == 0) touched_.push_back(id);
    placed_[id] += count;
    if (is_allowed(id)) break;
    placed_[id] -= count;
    if (placed_[id] == 0) touched_.pop_back();
  }
  if (count > 0 && kind.rules != nullptr) hosts_.add(*kind.rules, count);
  return count;
}

std::int64_t PatternFiller::put(std::uint32_t rack, std::int64_t count) {
  const Rack& from = racks_[rack];
  std::int64_t put = 0;
  for (std::size_t i = from.first; i < from.classes.size() && put < count; ++i)
    put += put_kind(from.classes[i], count - put);
  if (put == 0) return 0;
  free_ -= from.requests->times(put);
  worth_ += from.worth * put;
  order_.emplace_back(rack, put);
  return put;
}

void PatternFiller::fill_by_load() {
  start();
  std::size_t open = usable_.size();  // those before it may still find room
  while (open > 0) {
    std::size_t best = open;
    std::int64_t best_room = 0;
    std::int64_t best_load = 1;
    for (std::size_t i = 0; i < open;) {
      const Rack& rack = racks_[usable_[i]];
      const std::int64_t room = fit_count(*rack.requests, free_);
      if (room == 0) {  // free space only falls: it will not come back
        std::swap(usable_[i], usable_[--open]);
        continue;
      }
      const std::int64_t load = load_of(*rack.requests, free_);
      const Wide gain = Wide{rack.worth} * best_load;
      const Wide best_gain = best_room == 0 ? -1 : Wide{racks_[usable_[best]].worth} * load;
      if (gain > best_gain || (gain == best_gain && usable_[i] < usable_[best])) {
        best = i;
        best_room = room;
        best_load = load;
      }
      ++i;
    }
    if (best_room == 0) break;
    // A quarter at a time, so that the loads are weighed again while the node fills.
    const std::int64_t step = open == 1 ? best_room : (best_room + 3) / 4;
    if (put(usable_[best], step) == 0) std::swap(usable_[best], usable_[--open]);
  }
  keep_if_better();
}

void PatternFiller::fill_by_worth() {
  start();
  std::ranges::sort(usable_, [&](std::uint32_t a, std::uint32_t b) {
    return racks_[a].worth != racks_[b].worth ? racks_[a].worth > racks_[b].worth : a < b;
  });
  for (const std::uint32_t rack : usable_) {
    while (true) {
      const std::int64_t room = fit_count(*racks_[rack].requests, free_);
      if (room == 0 || put(rack, room) == 0) break;
    }
  }
  keep_if_better();
}

void PatternFiller::collect(Counts& pods) const {
  pods.clear();
  for (const std::uint32_t id : touched_) pods.emplace_back(id, placed_[id]);
  std::ranges::sort(pods);
}

void PatternFiller::keep_if_better() {
  if (worth_ <= best_.worth) return;
  best_.worth = worth_;
  best_.racks = order_;
  collect(best_.pods);
}

}  // namespace hyperwright::scheduling
