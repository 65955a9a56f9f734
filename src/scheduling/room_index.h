// Which candidates have room for an amount of resources, as a bitset: asked for thousands of nodes,
// it must not look at thousands of candidates each time.
//
// Of every resource the index keeps the amounts that occur, smallest first, and for each of them
// the candidates that have as much or more:
//
//   cpu   2 -> {a b c d}   4 -> {b c d}   8 -> {d}        room for 3 cpu: {b c d}
//
// Cost: resources that are asked for x (log amounts + candidates / 64). Memory: as many bitsets as
// amounts differ.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/bitset.h"
#include "kube/resources.h"

namespace hyperwright::scheduling {

class RoomIndex {
 public:
  // Candidates that have the same room.
  struct Group {
    const kube::Resources* free = nullptr;
    const Bitset* candidates = nullptr;
  };
  RoomIndex() = default;
  explicit RoomIndex(std::span<const Group> groups);

  // Takes out of the set what has no room for all of `total` (Resources::fits).
  void keep(const kube::Resources& total, Bitset& candidates) const;

 private:
  // Of one resource. `with[i]` have `amounts[i]` or more.
  struct Amounts {
    std::vector<std::int64_t> amounts;
    std::vector<Bitset> with;
  };
  template <typename AmountOf>
  static Amounts amounts_of(std::span<const Group> groups, AmountOf amount_of);
  static void keep(std::int64_t amount, const Amounts& amounts, Bitset& candidates);

  Bitset sound_;  // nothing is over-committed: others have room for nothing
  std::array<Amounts, kube::kResourceCount> slots_;
  std::vector<std::pair<std::string, Amounts>> overflow_;  // by name, sorted
};

}  // namespace hyperwright::scheduling
