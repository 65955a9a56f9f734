// Fills one new node: which pods of several kinds go onto a candidate so that much worth is
// covered.
//
// A knapsack of several dimensions, filled greedily. Each step adds pods of the size with the most
// worth per load; the load of a pod is what it takes of what is still free, summed over its
// resources. So a resource that runs short becomes dear while the node fills, and pods that need
// the other one go first: cpu-heavy and memory-heavy pods end up side by side. A second filling,
// most worth first, is tried as well, and the better one of the two is kept: where pods are large
// and fit exactly, it wins.
//
// Kinds of one size, worth and fit stand in one rack: which of them goes next is a matter of what
// they mind (ports, open keys, host rules), not of price. There are few racks, however many kinds.
// Their amounts stand side by side, in columns for the resources that somebody asks for, and what
// is free is turned upside down once a step: to weigh a rack costs no division.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "scheduling/packing.h"

namespace hyperwright::scheduling {

struct Pattern {
  Counts pods;
  std::vector<std::pair<std::uint32_t, std::int64_t>>
      racks;  // (rack, pods), in the order of filling
  std::int64_t worth = 0;
};

// Scratch space that fillings share, so that they allocate nothing once it has grown.
class PatternFiller {
 public:
  // `worth`: by class, what one of its pods is worth.
  PatternFiller(const OfferingCatalogue& catalogue, std::span<const PackingClass> classes,
                std::span<const std::int64_t> worth);

  // The result is valid until the next call; empty: nothing fits.
  const Pattern& fill(CandidateId candidate);
  // As many pods of each rack as the last pattern has, from what is left now; false: there are not
  // enough that go together.
  bool refill(CandidateId candidate);
  // Racks that were weighed so far: the measure of what was spent.
  [[nodiscard]] std::int64_t steps() const { return steps_; }

 private:
  struct Rack {
    const kube::Resources* requests = nullptr;
    const Fit* fit = nullptr;
    std::int64_t worth = 0;
    std::vector<std::uint32_t> classes;
    std::size_t first = 0;      // those before it have no pods left
    std::size_t next = 0;       // those before it have none for this filling
    std::uint64_t filling = 0;  // that `next` is of
  };
  void choose_columns();
  [[nodiscard]] const std::int64_t* amounts_of(std::uint32_t rack) const {
    return amounts_.data() + rack * free_.size();
  }
  // How often a pod of the rack goes into what is free.
  [[nodiscard]] std::int64_t room_for(std::uint32_t rack) const;
  void turn_free_upside_down();
  // Drops those of `open_` that do not fit any more, and says where the one with the most worth per
  // load stands. A load is what one pod takes of what is free, summed over its resources, in parts
  // of 2^20. `kColumns`: how many there are; 0: any number.
  std::size_t weigh_open();
  template <std::size_t kColumns>
  std::size_t weigh_open();
  void fill_by_load();
  void fill_by_worth();
  void start();
  // Puts up to `count` pods of the rack onto the node and says how many went.
  std::int64_t put(std::uint32_t rack, std::int64_t count);
  std::int64_t put_kind(std::uint32_t id, std::int64_t count);
  bool is_allowed(std::uint32_t id);
  void keep_if_better();
  void collect(Counts& pods) const;
  [[nodiscard]] bool is_everything_placed() const;

  const OfferingCatalogue& catalogue_;
  std::span<const PackingClass> classes_;
  std::vector<Rack> racks_;             // most worth first
  std::vector<std::int64_t> worth_of_;  // by rack, for those who look at nothing else
  std::vector<bool> is_plain_;          // by class: neither ports nor open keys nor minValues
  std::vector<std::uint32_t> usable_;   // racks, for the candidate
  std::vector<std::uint32_t> open_;     // those of them that may still find room
  CandidateId candidate_ = 0;
  std::vector<std::size_t> slots_;     // the columns: known resources first,
  std::vector<std::string> overflow_;  // then the others
  std::vector<std::int64_t> amounts_;  // by rack, then by column
  std::vector<std::int64_t> free_;     // by column
  std::vector<std::int64_t> inverse_;  // by column: 2^62 / free
  std::uint64_t filling_ = 0;
  std::int64_t steps_ = 0;
  HostCounts hosts_;
  std::vector<std::int64_t> placed_;                           // by class
  std::vector<std::uint32_t> touched_;                         // classes with pods placed
  std::vector<std::pair<std::uint32_t, std::int64_t>> order_;  // (rack, pods)
  std::int64_t worth_ = 0;
  Counts counts_;
  Pattern best_;
};

}  // namespace hyperwright::scheduling
