#include "scheduling/pattern.h"

#include <algorithm>

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
    : catalogue_(catalogue), classes_(classes), worth_(worth) {
  for (const PackingClass& packed : classes) is_plain_.push_back(is_plain(catalogue, packed));
}

const Pattern& PatternFiller::fill(CandidateId candidate) {
  best_.pods.clear();
  best_.worth = 0;
  fill_by_load(candidate);
  // Everything that wants to be here is: no order can do better.
  if (std::ranges::all_of(slots_, [](const Slot& slot) { return slot.left == 0; })) return best_;
  if (slots_.size() > 1) fill_by_worth(candidate);
  return best_;
}

void PatternFiller::start(CandidateId candidate) {
  free_ = catalogue_.shape_of(candidate).free;
  slots_.clear();
  for (std::uint32_t id = 0; id < classes_.size(); ++id) {
    if (classes_[id].count > 0 && classes_[id].fit->fitting.contains(candidate))
      slots_.push_back({id, classes_[id].count, 0});
  }
}

std::int64_t PatternFiller::room_for(const Slot& slot) const {
  return std::min(slot.left, fit_count(classes_[slot.id].pod->requests, free_));
}

bool PatternFiller::is_allowed(const Slot& slot, CandidateId candidate) {
  if (is_plain_[slot.id]) return true;
  collect(counts_);
  if (catalogue_.min_values.empty()) return can_share(catalogue_, classes_, counts_, candidate);
  return catalogue_.has_min_values(holders(catalogue_, classes_, counts_));
}

std::int64_t PatternFiller::put(Slot& slot, std::int64_t count, CandidateId candidate) {
  for (; count > 0; count /= 2) {
    slot.placed += count;
    if (is_allowed(slot, candidate)) {
      slot.left -= count;
      free_ -= classes_[slot.id].pod->requests.times(count);
      return count;
    }
    slot.placed -= count;
  }
  return 0;
}

void PatternFiller::fill_by_load(CandidateId candidate) {
  start(candidate);
  std::size_t open = slots_.size();  // those before it may still find room
  while (open > 0) {
    std::size_t best = open;
    std::int64_t best_room = 0;
    std::int64_t best_load = 1;
    for (std::size_t i = 0; i < open;) {
      const Slot& slot = slots_[i];
      const std::int64_t room = room_for(slot);
      if (room == 0) {  // free space only falls: it will not come back
        std::swap(slots_[i], slots_[--open]);
        continue;
      }
      const std::int64_t load = load_of(classes_[slot.id].pod->requests, free_);
      const Wide gain = Wide{worth_[slot.id]} * best_load;
      const Wide best_gain = best_room == 0 ? -1 : Wide{worth_[slots_[best].id]} * load;
      if (gain > best_gain || (gain == best_gain && slot.id < slots_[best].id)) {
        best = i;
        best_room = room;
        best_load = load;
      }
      ++i;
    }
    if (best_room == 0) break;
    // A quarter at a time, so that the loads are weighed again while the node fills.
    const std::int64_t step = open == 1 ? best_room : (best_room + 3) / 4;
    if (put(slots_[best], step, candidate) == 0) std::swap(slots_[best], slots_[--open]);
  }
  keep_if_better();
}

void PatternFiller::fill_by_worth(CandidateId candidate) {
  start(candidate);
  std::ranges::sort(slots_, [&](const Slot& a, const Slot& b) {
    return worth_[a.id] != worth_[b.id] ? worth_[a.id] > worth_[b.id] : a.id < b.id;
  });
  for (Slot& slot : slots_) {
    while (put(slot, room_for(slot), candidate) > 0) {
    }
  }
  keep_if_better();
}

void PatternFiller::collect(Counts& pods) const {
  pods.clear();
  for (const Slot& slot : slots_) {
    if (slot.placed > 0) pods.emplace_back(slot.id, slot.placed);
  }
  std::ranges::sort(pods);
}

void PatternFiller::keep_if_better() {
  std::int64_t worth = 0;
  for (const Slot& slot : slots_) worth += worth_[slot.id] * slot.placed;
  if (worth <= best_.worth) return;
  best_.worth = worth;
  collect(best_.pods);
}

}  // namespace hyperwright::scheduling
