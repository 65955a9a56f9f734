// A plan is tried several times where the constraints between pods do not hold in the end, because
// a limit or a lack of capacity broke the balance, or pods came that others had not counted on: the
// pods are placed again, knowing that. Where that does not end soon, one by one; and where it does
// not end, the best try counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <tuple>

#include "scheduling/topology.h"

namespace hyperwright::scheduling {

// By demand, level and cell: how many pods found a new node there, where not all did.
using Ceilings = std::map<std::tuple<std::size_t, std::size_t, Domains, Sides>, std::int64_t>;

// What a try has shown that did not hold in the end, for the next one.
struct Learned {
  Ceilings ceilings;
  // Demands whose pods must know where others went: how often that was missed. The later ones go
  // last.
  std::map<std::size_t, int> late;

  [[nodiscard]] int lateness_of(std::size_t demand) const {
    const auto it = late.find(demand);
    return it == late.end() ? 0 : it->second;
  }
};

// Together: all pods choose their domains first, and nodes are bought for them together.
// OneByOne: a pod's node is found before the next pod looks, so that nobody counts on a pod that
// finds none; dearer, because few share the choice of a node.
enum class Pace : std::uint8_t { Together, OneByOne };

struct Try {
  Pace pace = Pace::Together;
  Learned learned;
};

// How surely the pods of a plan can be bound where they were planned.
enum class Soundness : std::uint8_t {
  None,       // some constraint between them holds in no order
  SomeOrder,  // in the order in which they were placed; those that come later may break a balance
  InTheEnd,   // and all constraints hold in the end, too
};

// What became of a try.
struct TryOutcome {
  Soundness soundness = Soundness::None;
  bool has_learned = false;  // another try may do better
  std::int64_t left = 0;     // pods without a place
  [[nodiscard]] bool is_better_than(const TryOutcome& other) const {
    return soundness != other.soundness ? soundness > other.soundness : left < other.left;
  }
};

class Tries {
 public:
  // What is to be tried; at first without knowing anything.
  [[nodiscard]] const Try& next() const { return next_; }
  // What became of it, and what it learned. True: it is the plan; false: try the next one.
  bool is_answer(const TryOutcome& outcome, const Learned& learned);

 private:
  Try next_;
  int number_ = 1;
  bool is_best_again_ = false;
  std::optional<Try> best_;
  TryOutcome best_outcome_;
};

}  // namespace hyperwright::scheduling
