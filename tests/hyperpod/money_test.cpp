#include "hyperpod/money.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hyperwright::hyperpod {
namespace {

std::int64_t micros(std::string_view text) { return parse_dollars(text).value().micros(); }

TEST(Money, ReadsUpToSixDecimalsAndRoundsFurtherOnes) {
  EXPECT_EQ(micros("66.048"), 66'048'000);
  EXPECT_EQ(micros("0"), 0);
  EXPECT_EQ(micros("1.0000004"), 1'000'000);
  EXPECT_EQ(micros("1.0000005"), 1'000'001);
  EXPECT_EQ(micros("9223372036854.775807"), INT64_MAX);
}

TEST(Money, RefusesWhatIsNoPlainAmount) {
  for (const char* text :
       {"", ".", "1.", ".5", "-1", "+1", "$1", "1e3", "1,5", " 1", "1.5x", "1.0000000x"}) {
    EXPECT_FALSE(parse_dollars(text)) << text;
  }
  EXPECT_FALSE(parse_dollars("9223372036854.775808"));
  EXPECT_FALSE(parse_dollars("9223372036854.7758075"));
  EXPECT_EQ(parse_dollars("abc").error().code(), ErrorCode::Invalid);
}

TEST(Money, FormatRoundsHalfUp) {
  EXPECT_EQ(format_dollars(MicroDollars(66'048'000)), "$66.05");
  EXPECT_EQ(format_dollars(MicroDollars(5'000)), "$0.01");
  EXPECT_EQ(format_dollars(MicroDollars(4'999)), "$0.00");
  EXPECT_EQ(format_dollars(MicroDollars(999'999)), "$1.00");
  EXPECT_EQ(format_dollars(MicroDollars(1'500'000), 0), "$2");
  EXPECT_EQ(format_dollars(MicroDollars(1'234'567), 6), "$1.234567");
  EXPECT_EQ(format_dollars(MicroDollars(-1'005'000)), "-$1.01");
  EXPECT_EQ(format_dollars(MicroDollars(-1)), "$0.00");
}

RC_GTEST_PROP(Money, SixDecimalsAreExact, ()) {
  const MicroDollars amount(*rc::gen::inRange<std::int64_t>(0, INT64_MAX));
  RC_ASSERT(parse_dollars(format_dollars(amount, 6).substr(1)).value() == amount);
}

}  // namespace
}  // namespace hyperwright::hyperpod
