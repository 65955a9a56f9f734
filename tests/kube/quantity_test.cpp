#include "kube/quantity.h"

#include <boost/multiprecision/cpp_int.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hyperwright::kube {
namespace {

std::int64_t units(std::string_view text) { return parse_quantity(text).value().value(); }
std::int64_t millis(std::string_view text) { return parse_quantity(text).value().milli_value(); }

TEST(Quantity, EverySuffixHasItsFactor) {
  EXPECT_EQ(units("2"), 2);
  EXPECT_EQ(units("2k"), 2'000);
  EXPECT_EQ(units("2M"), 2'000'000);
  EXPECT_EQ(units("2G"), 2'000'000'000);
  EXPECT_EQ(units("2T"), 2'000'000'000'000);
  EXPECT_EQ(units("2P"), 2'000'000'000'000'000);
  EXPECT_EQ(units("2E"), 2'000'000'000'000'000'000);
  EXPECT_EQ(units("2Ki"), std::int64_t{2} << 10);
  EXPECT_EQ(units("2Mi"), std::int64_t{2} << 20);
  EXPECT_EQ(units("2Gi"), std::int64_t{2} << 30);
  EXPECT_EQ(units("2Ti"), std::int64_t{2} << 40);
  EXPECT_EQ(units("2Pi"), std::int64_t{2} << 50);
  EXPECT_EQ(units("2Ei"), std::int64_t{2} << 60);
  EXPECT_EQ(millis("1500m"), 1500);
  EXPECT_EQ(millis("1500000u"), 1500);
  EXPECT_EQ(millis("1500000000n"), 1500);
}

TEST(Quantity, ALetterEBeforeDigitsIsAnExponent) {
  EXPECT_EQ(units("9E"), 9'000'000'000'000'000'000);
  EXPECT_EQ(units("12E2"), 1'200);
  EXPECT_EQ(units("12e2"), 1'200);
  EXPECT_EQ(units("1.5e+3"), 1'500);
  EXPECT_EQ(millis("1500e-3"), 1'500);
}

TEST(Quantity, AFractionNeedsADigitOnOneSideOfItsPoint) {
  EXPECT_EQ(millis("0.5"), 500);
  EXPECT_EQ(millis(".5"), 500);
  EXPECT_EQ(millis("5."), 5000);
  EXPECT_EQ(units("1.5Gi"), std::int64_t{3} << 29);
  EXPECT_FALSE(parse_quantity("."));
}

TEST(Quantity, SignsStandInFront) {
  EXPECT_EQ(units("-3"), -3);
  EXPECT_EQ(units("+3"), 3);
  EXPECT_FALSE(parse_quantity("--3"));
  EXPECT_FALSE(parse_quantity("+-3"));
}

TEST(Quantity, AnythingElseIsNone) {
  for (const char* text : {"", " ", "10x", "1 Gi", "Gi", "-", "1e", "1e+-3", "1ki", "1mi", "1KI",
                           "1.2.3", "0x10", "1i", "1_000", "1e1.5", "NaN", "\xC2\xB5"}) {
    EXPECT_FALSE(parse_quantity(text)) << text;
  }
}

TEST(Quantity, TheErrorNamesTheTextAndTheSuffixes) {
  const auto quantity = parse_quantity("10x");
  EXPECT_EQ(quantity.error().code(), ErrorCode::Invalid);
  EXPECT_EQ(quantity.error().text(), "\"10x\" is no quantity");
  EXPECT_NE(quantity.error().remedy().find("Ki Mi Gi"), std::string::npos);
}

TEST(Quantity, TwoToThe63IsTooLargeAndOneLessIsNot) {
  EXPECT_EQ(units("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(units("9223372036854775807000000000n"), INT64_MAX);
  EXPECT_EQ(units("9223372036854775807000000000000000000e-18"), INT64_MAX);
  EXPECT_EQ(units("-9223372036854775807"), -INT64_MAX);
  for (const char* text : {"9223372036854775808", "8Ei", "9.3E", "1e19", "1e9999999999999999999",
                           "1e999999999999", "9223372036854775807.000000001"}) {
    EXPECT_FALSE(parse_quantity(text)) << text;
  }
}

TEST(Quantity, FinerThanANanoRoundsUp) {
  EXPECT_EQ(parse_quantity("0.1n").value(), parse_quantity("1n").value());
  EXPECT_EQ(parse_quantity("1e-999999999999").value(), parse_quantity("1n").value());
  EXPECT_EQ(parse_quantity("0e-999999999999").value(), Quantity{});
  EXPECT_EQ(parse_quantity("0e999999999999").value(), Quantity{});
}

TEST(Quantity, UnitsAndMillisRoundUp) {
  EXPECT_EQ(units("1n"), 1);
  EXPECT_EQ(units("1.0001"), 2);
  EXPECT_EQ(units("-1.5"), -1);
  EXPECT_EQ(millis("1u"), 1);
  EXPECT_EQ(millis("9E"), INT64_MAX);
}

TEST(Quantity, BytesTakeTheLargestSuffixWithoutRest) {
  EXPECT_EQ(format_bytes(0), "0");
  EXPECT_EQ(format_bytes(1000), "1000");
  EXPECT_EQ(format_bytes(1024), "1Ki");
  EXPECT_EQ(format_bytes(std::int64_t{1536} << 20), "1536Mi");
  EXPECT_EQ(format_bytes(std::int64_t{2} << 30), "2Gi");
  EXPECT_EQ(format_bytes(std::int64_t{1} << 60), "1Ei");
  EXPECT_EQ(format_bytes(-2048), "-2Ki");
}

TEST(Quantity, MillisAreWholeUnitsWhereTheyCan) {
  EXPECT_EQ(format_millis(2000), "2");
  EXPECT_EQ(format_millis(1500), "1500m");
  EXPECT_EQ(format_millis(0), "0");
}

RC_GTEST_PROP(Quantity, TextsRoundTrip, (std::int64_t n)) {
  RC_PRE(n != INT64_MIN);
  RC_ASSERT(units(format_bytes(n)) == n);
  RC_ASSERT(millis(format_millis(n)) == n);
}

// The slow twin: a fraction of unbounded whole numbers, one factor after the other.
std::optional<boost::multiprecision::cpp_int> twin_nano(std::string_view whole,
                                                        std::string_view fraction,
                                                        std::string_view suffix) {
  using boost::multiprecision::cpp_int;
  // A leading zero would make it octal.
  std::string digits = fmt::format("{}{}", whole, fraction);
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  cpp_int above(digits);
  cpp_int below = 1;
  for (std::size_t i = 0; i < fraction.size(); ++i) below *= 10;
  above *= 1'000'000'000;
  const auto times = [](cpp_int& number, int base, int power) {
    for (int i = 0; i < power; ++i) number *= base;
  };
  const std::string_view up = "kMGTPE", down = "mun";
  if (suffix.ends_with("i")) {
    times(above, 1024, static_cast<int>(std::string_view("KMGTPE").find(suffix[0])) + 1);
  } else if (suffix.size() == 1 && up.find(suffix) != std::string_view::npos) {
    times(above, 1000, static_cast<int>(up.find(suffix)) + 1);
  } else if (suffix.size() == 1 && down.find(suffix) != std::string_view::npos) {
    times(below, 1000, static_cast<int>(down.find(suffix)) + 1);
  } else if (!suffix.empty()) {
    const int exponent = std::stoi(std::string(suffix.substr(1)));
    times(exponent > 0 ? above : below, 10, std::abs(exponent));
  }
  cpp_int nano = (above + below - 1) / below;
  if (nano > cpp_int(INT64_MAX) * 1'000'000'000) return std::nullopt;
  return nano;
}

RC_GTEST_PROP(Quantity, AgreesWithUnboundedArithmetic, ()) {
  const auto digits = [](int most) {
    return rc::gen::resize(most, rc::gen::container<std::string>(rc::gen::inRange('0', ':')));
  };
  std::string whole = *digits(30);
  const std::string fraction = *digits(30);
  if (whole.empty() && fraction.empty()) whole = "0";
  const std::string suffix = *rc::gen::element<std::string>(
      "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e0",
      "e3", "E-3", "e+17", "e-40", "e40");
  const std::string text = fmt::format("{}.{}{}", whole, fraction, suffix);
  const auto twin = twin_nano(whole, fraction, suffix);
  const auto quantity = parse_quantity(text);
  RC_ASSERT(quantity.has_value() == twin.has_value());
  if (!twin) return;
  RC_ASSERT(boost::multiprecision::cpp_int(quantity->value()) ==
            (*twin + 999'999'999) / 1'000'000'000);
  // Nano by nano: the same quantity, written in nano-units.
  RC_ASSERT(parse_quantity(fmt::format("{}n", twin->str())).value() == *quantity);
  // The short way for whole numbers and the long way agree.
  if (fraction.empty())
    RC_ASSERT(parse_quantity(fmt::format("{}{}", whole, suffix)).value() == *quantity);
}

}  // namespace
}  // namespace hyperwright::kube
