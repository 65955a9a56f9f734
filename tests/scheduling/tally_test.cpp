#include "scheduling/tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::scheduling {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Bitset set_of(std::initializer_list<std::size_t> members) {
  Bitset set;
  for (const std::size_t member : members) set.insert(member);
  return set;
}

TEST(Tally, EveryMemberStandsInTheOutcomeOfWhatItFails) {
  TallyBuilder builder(4);
  builder.add({.rule = Rule::Taint}, set_of({0, 1}));
  builder.add({.rule = Rule::Resource}, set_of({1, 2}));
  const Tally tally = std::move(builder).finish().tally;
  EXPECT_EQ(tally.total, 4U);
  ASSERT_THAT(tally.outcomes, SizeIs(4));
  std::size_t sum = 0;
  for (const Outcome& outcome : tally.outcomes) sum += outcome.count;
  EXPECT_EQ(sum, 4U);
  EXPECT_EQ(tally.rules[0].count, 2U);
  EXPECT_EQ(tally.rules[1].count, 2U);
}

TEST(Tally, ARuleThatNobodyFailsIsDropped) {
  TallyBuilder builder(2);
  builder.add({.rule = Rule::Taint}, {});
  builder.add({.rule = Rule::Resource}, set_of({1}));
  const TallyBuilder::Made made = std::move(builder).finish();
  ASSERT_THAT(made.tally.rules, SizeIs(1));
  EXPECT_THAT(made.moved, ElementsAre(SIZE_MAX, 0U));
}

TEST(Tally, AKindStandsWhereItsNearestMemberDoes) {
  TallyBuilder builder(3);  // the first two are of one kind
  builder.add({.rule = Rule::Taint}, set_of({0, 2}));
  builder.add({.rule = Rule::Resource}, set_of({0, 1}));
  builder.add({.rule = Rule::Limit}, set_of({0}));
  const std::vector<std::uint32_t> kinds = {0, 0, 1};
  const Tally tally = std::move(builder).finish(kinds).tally;
  EXPECT_EQ(tally.total, 2U);
  EXPECT_EQ(tally.offerings, 3U);
  EXPECT_EQ(tally.rules[0].count, 1U) << "the second kind";
  EXPECT_EQ(tally.rules[0].offerings, 2U);
  EXPECT_EQ(tally.rules[1].count, 1U) << "the first kind, by its second member";
  EXPECT_EQ(tally.rules[2].count, 0U);
  EXPECT_EQ(tally.rules[2].offerings, 1U);
}

TEST(Tally, OfEquallyNearMembersTheFirstCounts) {
  TallyBuilder builder(2);
  builder.add({.rule = Rule::Resource}, set_of({1}));
  builder.add({.rule = Rule::Limit}, set_of({0}));
  const std::vector<std::uint32_t> kinds = {0, 0};
  const Tally tally = std::move(builder).finish(kinds).tally;
  EXPECT_EQ(tally.rules[0].count, 0U);
  EXPECT_EQ(tally.rules[1].count, 1U);
}

TEST(Tally, OfNobodyThereIsNothing) {
  const Tally tally = TallyBuilder(0).finish().tally;
  EXPECT_EQ(tally.total, 0U);
  EXPECT_THAT(tally.outcomes, IsEmpty());
}

}  // namespace
}  // namespace hyperwright::scheduling
