#include "kube/quantity.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/number.h"

namespace hyperwright::kube {
namespace {

constexpr Int128 kNanoPerUnit = 1'000'000'000;
constexpr Int128 kNanoMax = static_cast<Int128>(INT64_MAX) * kNanoPerUnit;

// What a suffix multiplies with: ten to a power, or two to a power.
struct Scale {
  std::int64_t ten = 0;
  int two = 0;
};

std::optional<Scale> parse_suffix(std::string_view suffix) {
  struct Named {
    std::string_view text;
    Scale scale;
  };
  static constexpr std::array<Named, 16> kSuffixes = {{{"", {}},
                                                       {"m", {-3, 0}},
                                                       {"Ki", {0, 10}},
                                                       {"Mi", {0, 20}},
                                                       {"Gi", {0, 30}},
                                                       {"Ti", {0, 40}},
                                                       {"Pi", {0, 50}},
                                                       {"Ei", {0, 60}},
                                                       {"k", {3, 0}},
                                                       {"M", {6, 0}},
                                                       {"G", {9, 0}},
                                                       {"T", {12, 0}},
                                                       {"P", {15, 0}},
                                                       {"E", {18, 0}},
                                                       {"u", {-6, 0}},
                                                       {"n", {-9, 0}}}};
  for (const Named& named : kSuffixes) {
    if (named.text == suffix) return named.scale;
  }
  if (suffix[0] != 'e' && suffix[0] != 'E') return std::nullopt;
  suffix.remove_prefix(1);
  if (suffix.starts_with('+') && !suffix.starts_with("+-")) suffix.remove_prefix(1);
  const auto exponent = parse_int64(suffix);
  // Beyond this the value is zero, more than any quantity, or the smallest one: the sum with a
  // count of digits must not overflow.
  constexpr std::int64_t kExponentMax = INT64_MAX / 4;
  if (!exponent) return std::nullopt;
  return Scale{std::clamp(*exponent, -kExponentMax, kExponentMax), 0};
}

// A decimal number without sign: the digits, and where the point stands (value = 0.DIGITS *
// 10^point).
struct Decimal {
  std::vector<std::uint8_t> digits;
  std::int64_t point = 0;
};

// Multiplies by two to a power that is a multiple of ten, digit by digit.
void multiply_by_power_of_two(Decimal& number, int power) {
  for (; power > 0; power -= 10) {
    unsigned carry = 0;
    for (auto digit = number.digits.rbegin(); digit != number.digits.rend(); ++digit) {
      const unsigned product = *digit * 1024U + carry;
      *digit = static_cast<std::uint8_t>(product % 10);
      carry = product / 10;
    }
    std::vector<std::uint8_t> front;
    for (; carry != 0; carry /= 10) front.push_back(static_cast<std::uint8_t>(carry % 10));
    number.digits.insert(number.digits.begin(), front.rbegin(), front.rend());
    number.point += static_cast<std::int64_t>(front.size());
  }
}

// The number in nano-units, any rest rounded away from zero; nullopt: too large.
std::optional<Int128> to_nano(const Decimal& number) {
  const auto first =
      std::ranges::find_if(number.digits, [](std::uint8_t digit) { return digit != 0; });
  if (first == number.digits.end()) return 0;
  const std::int64_t point = number.point - (first - number.digits.begin());
  const std::int64_t whole_digits = point + 9;  // of the number in nano-units
  if (whole_digits > 28) return std::nullopt;   // 2^63 - 1 units have 19 + 9 of them
  Int128 nano = 0;
  auto digit = first;
  for (std::int64_t i = 0; i < whole_digits; ++i) {
    nano = nano * 10 + (digit == number.digits.end() ? 0 : *digit++);
  }
  if (std::any_of(digit, number.digits.end(), [](std::uint8_t rest) { return rest != 0; })) ++nano;
  if (nano > kNanoMax) return std::nullopt;
  return nano;
}

std::size_t count_digits(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
  return count;
}

// Most quantities are a few digits with a suffix that makes them no smaller; nullopt: not that
// simple.
std::optional<Int128> simple_nano(std::string_view digits, Scale scale) {
  if (digits.empty() || digits.size() > 15 || scale.ten < -9 || scale.ten > 9 || scale.two > 40)
    return std::nullopt;
  Int128 nano = 0;
  for (const char digit : digits) nano = nano * 10 + (digit - '0');
  for (std::int64_t ten = -9; ten < scale.ten; ++ten) nano *= 10;
  nano <<= scale.two;
  if (nano > kNanoMax) return std::nullopt;
  return nano;
}

Failure no_quantity(std::string_view text) {
  return fail(ErrorCode::Invalid, fmt::format("\"{}\" is no quantity", text),
              "write a number with at most one suffix, such as 2, 500m, 1.5Gi or 2e3; "
              "there are n u m k M G T P E, and Ki Mi Gi Ti Pi Ei");
}

}  // namespace

Result<Quantity> parse_quantity(std::string_view text) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);

  const std::string_view whole = rest.substr(0, count_digits(rest));
  rest.remove_prefix(whole.size());
  std::string_view fraction;
  const bool has_point = rest.starts_with('.');
  if (has_point) {
    rest.remove_prefix(1);
    fraction = rest.substr(0, count_digits(rest));
    rest.remove_prefix(fraction.size());
  }
  if (whole.empty() && fraction.empty()) return no_quantity(text);
  const auto scale = parse_suffix(rest);
  if (!scale) return no_quantity(text);

  auto nano = fraction.empty() ? simple_nano(whole, *scale) : std::nullopt;
  if (!nano) {
    Decimal number;
    for (const std::string_view part : {whole, fraction}) {
      for (const char digit : part) number.digits.push_back(static_cast<std::uint8_t>(digit - '0'));
    }
    number.point = static_cast<std::int64_t>(whole.size()) + scale->ten;
    multiply_by_power_of_two(number, scale->two);
    nano = to_nano(number);
  }
  if (!nano) {
    return fail(ErrorCode::Invalid, fmt::format("\"{}\" is too large a quantity", text),
                fmt::format("write at most {}", INT64_MAX));
  }
  return Quantity(negative ? -*nano : *nano);
}

std::int64_t Quantity::value() const {
  const Int128 units = nano_ / kNano;
  return static_cast<std::int64_t>(nano_ % kNano > 0 ? units + 1 : units);
}

std::int64_t Quantity::milli_value() const {
  constexpr std::int64_t kNanoPerMilli = kNano / 1000;
  const Int128 millis = nano_ / kNanoPerMilli + (nano_ % kNanoPerMilli > 0 ? 1 : 0);
  return static_cast<std::int64_t>(std::clamp<Int128>(millis, INT64_MIN, INT64_MAX));
}

std::string format_bytes(std::int64_t bytes) {
  static constexpr std::array<std::string_view, 7> kSuffixes = {"",   "Ki", "Mi", "Gi",
                                                                "Ti", "Pi", "Ei"};
  std::size_t power = 0;
  while (bytes != 0 && bytes % 1024 == 0 && power + 1 < kSuffixes.size()) {
    bytes /= 1024;
    ++power;
  }
  return fmt::format("{}{}", bytes, kSuffixes[power]);
}

std::string format_millis(std::int64_t millis) {
  return millis % 1000 == 0 ? fmt::format("{}", millis / 1000) : fmt::format("{}m", millis);
}

}  // namespace hyperwright::kube
