#include "scheduling/pattern.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <tuple>

#include "scheduling/min_values.h"
#include "scheduling/wide.h"

namespace hyperwright::scheduling {
namespace {

// An inverse is in parts of this, so that an amount that fits times its inverse is one at most.
constexpr int kInverseBits = 62;
constexpr int kLoadBits = 20;

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
  is_plain_.resize(classes.size());
  for (std::uint32_t id = 0; id < classes.size(); ++id) {
    if (classes[id].count == 0) continue;
    is_plain_[id] = is_plain(catalogue, classes[id]);
    const auto [it, is_new] =
        known.try_emplace({classes[id].size, classes[id].fit->id, worth[id]}, racks_.size());
    if (is_new) {
      racks_.push_back({.requests = &classes[id].pod->requests,
                        .fit = classes[id].fit,
                        .worth = worth[id],
                        .classes = {}});
    }
    racks_[it->second].classes.push_back(id);
  }
  std::ranges::stable_sort(racks_, std::ranges::greater{}, &Rack::worth);
  for (const Rack& rack : racks_) worth_of_.push_back(rack.worth);
  choose_columns();
}

void PatternFiller::choose_columns() {
  std::array<bool, kube::kResourceCount> is_asked{};
  for (const Rack& rack : racks_) {
    for (std::size_t i = 0; i < kube::kResourceCount; ++i)
      is_asked[i] = is_asked[i] || rack.requests->slots()[i] > 0;
    for (const auto& [name, amount] : rack.requests->overflow()) {
      if (amount > 0 && std::ranges::find(overflow_, name) == overflow_.end())
        overflow_.push_back(name);
    }
  }
  for (std::size_t i = 0; i < kube::kResourceCount; ++i) {
    if (is_asked[i]) slots_.push_back(i);
  }
  for (const Rack& rack : racks_) {
    for (const std::size_t slot : slots_)
      amounts_.push_back(std::max<std::int64_t>(0, rack.requests->slots()[slot]));
    for (const std::string& name : overflow_)
      amounts_.push_back(std::max<std::int64_t>(0, rack.requests->get(name)));
  }
  free_.resize(slots_.size() + overflow_.size());
  inverse_.resize(free_.size());
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
  const kube::Resources& free = catalogue_.shape_of(candidate_).free;
  for (std::size_t i = 0; i < slots_.size(); ++i) free_[i] = free.slots()[slots_[i]];
  for (std::size_t i = 0; i < overflow_.size(); ++i)
    free_[slots_.size() + i] = free.get(overflow_[i]);
  for (const std::uint32_t id : touched_) placed_[id] = 0;
  touched_.clear();
  hosts_.clear();
  order_.clear();
  worth_ = 0;
  ++filling_;
}

std::int64_t PatternFiller::room_for(std::uint32_t rack) const {
  const std::int64_t* amounts = amounts_of(rack);
  std::int64_t room = kFitCountMax;
  for (std::size_t i = 0; i < free_.size(); ++i) {
    if (amounts[i] > 0) room = std::min(room, free_[i] / amounts[i]);
  }
  return room;
}

void PatternFiller::turn_free_upside_down() {
  for (std::size_t i = 0; i < free_.size(); ++i)
    inverse_[i] = free_[i] == 0 ? 0 : (std::int64_t{1} << kInverseBits) / free_[i];
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
  Rack& from = racks_[rack];
  if (from.filling != filling_) {
    from.filling = filling_;
    from.next = from.first;
  }
  std::int64_t put = 0;
  for (std::size_t i = from.next; i < from.classes.size() && put < count; ++i) {
    const std::uint32_t id = from.classes[i];
    const std::int64_t went = put_kind(id, count - put);
    put += went;
    // What the node takes no more of now, it will not take later: it only becomes fuller. (Of what
    // is not plain, fewer were tried than might have gone.)
    const bool is_over = put < count && (went == 0 || is_plain_[id]);
    if (is_over && i == from.next) ++from.next;
  }
  if (put == 0) return 0;
  const std::int64_t* amounts = amounts_of(rack);
  for (std::size_t i = 0; i < free_.size(); ++i) free_[i] -= amounts[i] * put;
  worth_ += from.worth * put;
  order_.emplace_back(rack, put);
  return put;
}

template <std::size_t kColumns>
std::size_t PatternFiller::weigh_open() {
  const std::size_t columns = kColumns == 0 ? free_.size() : kColumns;
  const std::int64_t* const free = free_.data();
  const std::int64_t* const inverse = inverse_.data();
  std::size_t best = 0;
  std::int64_t best_load = 1;
  std::int64_t best_worth = 0;
  std::size_t kept = 0;  // the others have no room: free space only falls
  for (const std::uint32_t rack : open_) {
    const std::int64_t* const amounts = amounts_.data() + rack * columns;
    std::int64_t load = 1;
    bool fits = true;
    for (std::size_t i = 0; i < columns; ++i) {
      fits &= amounts[i] <= free[i];
      // Of what does not fit it may be more than there are bits for, and is not looked at.
      const std::uint64_t part =
          static_cast<std::uint64_t>(amounts[i]) * static_cast<std::uint64_t>(inverse[i]);
      load += static_cast<std::int64_t>(part >> (kInverseBits - kLoadBits));
    }
    if (!fits) continue;
    const std::int64_t worth = worth_of_[rack];
    if (Wide{worth} * best_load > Wide{best_worth} * load) {
      best = kept;
      best_load = load;
      best_worth = worth;
    }
    open_[kept++] = rack;
  }
  open_.resize(kept);
  return best;
}

// The compiler unrolls what is asked for most: cpu, memory and pods, and one more.
std::size_t PatternFiller::weigh_open() {
  switch (free_.size()) {
    case 2:
      return weigh_open<2>();
    case 3:
      return weigh_open<3>();
    case 4:
      return weigh_open<4>();
    default:
      return weigh_open<0>();
  }
}

void PatternFiller::fill_by_load() {
  start();
  open_ = usable_;
  while (!open_.empty()) {
    turn_free_upside_down();
    steps_ += std::ssize(open_);
    const std::size_t best = weigh_open();
    if (open_.empty()) break;
    const std::int64_t room = room_for(open_[best]);
    // A quarter at a time, so that the loads are weighed again while the node fills.
    const std::int64_t step = open_.size() == 1 ? room : (room + 3) / 4;
    if (put(open_[best], step) == 0) open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(best));
  }
  keep_if_better();
}

// The racks stand in this order.
void PatternFiller::fill_by_worth() {
  start();
  steps_ += std::ssize(usable_);
  for (const std::uint32_t rack : usable_) {
    while (const std::int64_t room = room_for(rack)) {
      if (put(rack, room) == 0) break;
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
