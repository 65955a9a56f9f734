// Counts what fell to which rules: every member (an offering, a node) to the set of rules that it
// fails, every kind of members (an instance type) to that of its nearest member. See explanation.h.
//
// Cost: members / 64 x rules x outcomes.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/bitset.h"
#include "scheduling/explanation.h"

namespace hyperwright::scheduling {

class TallyBuilder {
 public:
  // Members are 0 to `members` - 1.
  explicit TallyBuilder(std::size_t members) : members_(members) {}

  // Says at which index of the rules it stands; one that nobody fails is kept until finish(), which
  // drops it.
  std::size_t add(RuledOut rule, Bitset failing);
  [[nodiscard]] const Bitset& failing(std::size_t rule) const { return failing_[rule]; }
  [[nodiscard]] RuledOut& rule(std::size_t rule) { return rules_[rule]; }

  struct Made {
    Tally tally;
    std::vector<std::size_t> moved;  // by index of add(): where the rule stands; SIZE_MAX: dropped
    std::vector<Bitset> members;     // by outcome
  };
  // `kind_of`: by member, dense; lower members are nearer. Empty: each member is a kind of its own,
  // and there are no offerings to count.
  [[nodiscard]] Made finish(std::span<const std::uint32_t> kind_of = {}) &&;

 private:
  std::size_t members_;
  std::vector<RuledOut> rules_;
  std::vector<Bitset> failing_;
};

}  // namespace hyperwright::scheduling
