#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bitset.h"
#include "base/error.h"
#include "base/interner.h"
#include "base/random.h"
#include "base/text.h"

namespace hyperwright {
namespace {

TEST(Text, IsCutBetweenTwoCharacters) {
  EXPECT_EQ(first_bytes("abc", 3), "abc");
  EXPECT_EQ(first_bytes("abcd", 3), "abc");
  EXPECT_EQ(first_bytes("ab\u00e9", 4), "ab\u00e9");
  EXPECT_EQ(first_bytes("ab\u00e9", 3), "ab");
  EXPECT_EQ(first_bytes("\U0001F680", 3), "");
}

TEST(Text, IsTrimmedOfTheSpaceAroundItAlone) {
  EXPECT_EQ(trimmed(" \t a b\r\n"), "a b");
  EXPECT_EQ(trimmed("a"), "a");
  EXPECT_EQ(trimmed(" \n"), "");
  EXPECT_EQ(trimmed(""), "");
}

TEST(Text, LettersAreLowerInAsciiAlone) { EXPECT_EQ(lower("AZaz09_ \u00c4"), "azaz09_ \u00c4"); }

Result<int> too_big() { return fail(ErrorCode::Invalid, "count is 9", "write at most 5"); }

TEST(Error, AnUpperLevelKeepsCodeAndRemedyAndPutsItsSentenceFirst) {
  const Error error(too_big().error(), "NodePool \"gpu\"");
  EXPECT_EQ(error.code(), ErrorCode::Invalid);
  EXPECT_EQ(error.text(), "NodePool \"gpu\": count is 9");
  EXPECT_EQ(error.remedy(), "write at most 5");
}

TEST(Error, ABrokenPromiseStopsTheProcess) {
  EXPECT_DEATH(check(false, "two is two"), "broken promise: two is two");
}

TEST(Random, TheSameSeedDrawsTheSame) {
  Random a(7), b(7);
  EXPECT_EQ(a.name_suffix(), b.name_suffix());
  EXPECT_EQ(a.uuid(), b.uuid());
  EXPECT_NE(a.next(), Random(8).next());
}

TEST(Random, UuidsSayTheirVersionAndVariant) {
  const std::string uuid = Random(1).uuid();
  ASSERT_EQ(uuid.size(), 36U);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
}

RC_GTEST_PROP(Random, ABoundedDrawStaysBelowItsBound, (std::uint64_t seed)) {
  const auto bound = *rc::gen::inRange<std::uint64_t>(1, 1000);
  RC_ASSERT(Random(seed).below(bound) < bound);
}

TEST(Interner, OneTextHasOneId) {
  Interner interner;
  const InternId a = interner.intern("a");
  EXPECT_NE(interner.intern("b"), a);
  EXPECT_EQ(interner.intern("a"), a);
  EXPECT_EQ(interner.text(a), "a");
  EXPECT_EQ(interner.find("c"), nullptr);
}

RC_GTEST_PROP(Bitset, BehavesAsASetOfNumbers,
              (const std::set<std::uint8_t>& left, const std::set<std::uint8_t>& right)) {
  Bitset a, b;
  for (const auto id : left) a.insert(id);
  for (const auto id : right) b.insert(id);
  Bitset both = a, either = a, less = a;
  both &= b;
  either |= b;
  less -= b;
  for (std::size_t id = 0; id < 300; ++id) {
    const bool in_left = left.contains(static_cast<std::uint8_t>(id)) && id < 256;
    const bool in_right = right.contains(static_cast<std::uint8_t>(id)) && id < 256;
    RC_ASSERT(both.contains(id) == (in_left && in_right));
    RC_ASSERT(either.contains(id) == (in_left || in_right));
    RC_ASSERT(less.contains(id) == (in_left && !in_right));
  }
  RC_ASSERT(a.intersects(b) == !both.empty());
  RC_ASSERT(a.count() == left.size());
}

}  // namespace
}  // namespace hyperwright
