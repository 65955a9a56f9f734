#include "scheduling/room_index.h"

#include <algorithm>

namespace hyperwright::scheduling {
namespace {

bool is_sound(const kube::Resources& free) {
  return std::ranges::all_of(free.slots(), [](std::int64_t amount) { return amount >= 0; }) &&
         std::ranges::all_of(free.overflow(), [](const auto& entry) { return entry.second >= 0; });
}

}  // namespace

template <typename AmountOf>
RoomIndex::Amounts RoomIndex::amounts_of(std::span<const Group> groups, AmountOf amount_of) {
  std::vector<std::pair<std::int64_t, const Bitset*>> sorted;
  for (const Group& group : groups) sorted.emplace_back(amount_of(*group.free), group.candidates);
  std::ranges::stable_sort(sorted, std::ranges::greater{},
                           [](const auto& each) { return each.first; });
  Amounts made;
  Bitset so_far;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    so_far |= *sorted[i].second;
    if (i + 1 < sorted.size() && sorted[i + 1].first == sorted[i].first) continue;
    made.amounts.push_back(sorted[i].first);
    made.with.push_back(so_far);
  }
  std::ranges::reverse(made.amounts);
  std::ranges::reverse(made.with);
  return made;
}

RoomIndex::RoomIndex(std::span<const Group> groups) {
  std::vector<Group> sound;
  std::vector<std::string> names;
  for (const Group& group : groups) {
    if (!is_sound(*group.free)) continue;
    sound.push_back(group);
    sound_ |= *group.candidates;
    for (const auto& [name, amount] : group.free->overflow()) names.push_back(name);
  }
  for (std::size_t i = 0; i < kube::kResourceCount; ++i)
    slots_[i] = amounts_of(sound, [&](const kube::Resources& free) { return free.slots()[i]; });
  std::ranges::sort(names);
  const auto same = std::ranges::unique(names);
  names.erase(same.begin(), same.end());
  for (const std::string& name : names) {
    overflow_.emplace_back(
        name, amounts_of(sound, [&](const kube::Resources& free) { return free.get(name); }));
  }
}

void RoomIndex::keep(std::int64_t amount, const Amounts& amounts, Bitset& candidates) {
  const auto least = std::ranges::lower_bound(amounts.amounts, amount);
  if (least == amounts.amounts.begin()) return;  // all of them have as much
  if (least == amounts.amounts.end()) return candidates.clear();
  candidates &= amounts.with[static_cast<std::size_t>(least - amounts.amounts.begin())];
}

void RoomIndex::keep(const kube::Resources& total, Bitset& candidates) const {
  candidates &= sound_;
  for (std::size_t i = 0; i < kube::kResourceCount; ++i) {
    if (total.slots()[i] > 0) keep(total.slots()[i], slots_[i], candidates);
  }
  for (const auto& [name, amount] : total.overflow()) {
    if (amount <= 0) continue;
    const auto known =
        std::ranges::lower_bound(overflow_, name, {}, &decltype(overflow_)::value_type::first);
    if (known == overflow_.end() || known->first != name) return candidates.clear();
    keep(amount, known->second, candidates);
  }
}

}  // namespace hyperwright::scheduling
