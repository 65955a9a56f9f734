#include "scheduling/worth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::scheduling {
namespace {

using testing::ElementsAre;

constexpr std::int64_t kDollar = 1'000'000 * kWorthUnit;

// Two kinds of pods, and a node for each of them alone and for one of each.
class WorthTest : public testing::Test {
 protected:
  WorthTest() {
    add_candidate(1, 2, hyperpod::MicroDollars(3'000'000));
    add_candidate(2, 1, hyperpod::MicroDollars(2'000'000));
    add_candidate(3, 3, hyperpod::MicroDollars(4'000'000));
    hungry_.requests = amounts(1, 2);
    lean_.requests = amounts(2, 1);
    for (const CandidateId id : {0U, 2U}) hungry_fit_.fitting.insert(id);
    for (const CandidateId id : {1U, 2U}) lean_fit_.fitting.insert(id);
    lean_fit_.id = 1;
    classes_.push_back({.pod = &hungry_,
                        .fit = &hungry_fit_,
                        .rules = nullptr,
                        .size = 0,
                        .count = 1,
                        .open_values = {}});
    classes_.push_back({.pod = &lean_,
                        .fit = &lean_fit_,
                        .rules = nullptr,
                        .size = 1,
                        .count = 1,
                        .open_values = {}});
  }

  static kube::Resources amounts(std::int64_t cpu, std::int64_t memory) {
    kube::Resources resources;
    resources.set(kube::Resource::Cpu, cpu);
    resources.set(kube::Resource::Memory, memory);
    return resources;
  }
  Worths worths() { return {catalogue_, classes_, {0, 3}}; }

  std::vector<PackingClass> classes_;

 private:
  void add_candidate(std::int64_t cpu, std::int64_t memory, hyperpod::MicroDollars price) {
    Candidate candidate;
    candidate.shape = static_cast<std::uint32_t>(catalogue_.shapes.size());
    candidate.worth = price;
    catalogue_.candidates.push_back(candidate);
    catalogue_.shapes.emplace_back().free = amounts(cpu, memory);
  }
  OfferingCatalogue catalogue_;
  kube::Scheduling hungry_, lean_;
  Fit hungry_fit_, lean_fit_;
};

TEST_F(WorthTest, IsAtFirstThePriceWhereThePodIsAlone) {
  EXPECT_THAT(worths().by_class(), ElementsAre(3 * kDollar, 2 * kDollar));
}

TEST_F(WorthTest, ComesHalfWayToTheSharesOfWhatThePodsNodesCost) {
  Worths corrected = worths();
  corrected.correct(std::vector<PackedNode>{{2, 1, {{0, 1}, {1, 1}}}});
  EXPECT_THAT(corrected.by_class(), ElementsAre(27 * kDollar / 10, 18 * kDollar / 10));
}

TEST_F(WorthTest, StaysWhereEveryNodeCostsWhatItsPodsAreWorth) {
  Worths corrected = worths();
  corrected.correct(std::vector<PackedNode>{{0, 5, {{0, 1}}}, {1, 7, {{1, 1}}}});
  EXPECT_THAT(corrected.by_class(), ElementsAre(3 * kDollar, 2 * kDollar));
}

TEST_F(WorthTest, IsNothingWhereNoPodIsLeft) {
  classes_[0].count = 0;
  EXPECT_THAT(worths().by_class(), ElementsAre(0, 2 * kDollar));
}

}  // namespace
}  // namespace hyperwright::scheduling
