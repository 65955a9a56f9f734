#include "hyperpod/money.h"

#include <optional>

#include <fmt/format.h>

namespace hyperwright::hyperpod {
namespace {

constexpr std::int64_t kMicrosPerDollar = 1'000'000;
constexpr std::size_t kDecimals = 6;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The digits of `text` as a number of millionths; nullopt: it is no amount, or too large.
std::optional<std::int64_t> parse_micros(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() || (point != std::string_view::npos && fraction.empty())) return std::nullopt;
  std::int64_t micros = 0;
  const auto append = [&micros](char c) {
    return is_digit(c) && !__builtin_mul_overflow(micros, std::int64_t{10}, &micros) &&
           !__builtin_add_overflow(micros, std::int64_t{c - '0'}, &micros);
  };
  for (const char c : whole) {
    if (!append(c)) return std::nullopt;
  }
  for (std::size_t i = 0; i < kDecimals; ++i) {
    if (!append(i < fraction.size() ? fraction[i] : '0')) return std::nullopt;
  }
  for (std::size_t i = kDecimals; i < fraction.size(); ++i) {
    if (!is_digit(fraction[i])) return std::nullopt;
  }
  if (fraction.size() > kDecimals && fraction[kDecimals] >= '5' &&
      __builtin_add_overflow(micros, std::int64_t{1}, &micros)) {
    return std::nullopt;
  }
  return micros;
}

}  // namespace

Result<MicroDollars> parse_dollars(std::string_view text) {
  const auto micros = parse_micros(text);
  if (!micros) {
    return fail(ErrorCode::Invalid, fmt::format("\"{}\" is no amount of dollars", text),
                R"(write a plain number such as "66.048", without a sign or a currency)");
  }
  return MicroDollars(*micros);
}

std::string format_dollars(MicroDollars amount, int decimals) {
  check(decimals >= 0 && decimals <= static_cast<int>(kDecimals), "an amount has 0 to 6 decimals");
  std::int64_t unit = kMicrosPerDollar;
  for (int i = 0; i < decimals; ++i) unit /= 10;
  const bool is_negative = amount.micros() < 0;
  // As unsigned: the smallest amount of all has no positive twin.
  const auto size = is_negative ? 0 - static_cast<std::uint64_t>(amount.micros())
                                : static_cast<std::uint64_t>(amount.micros());
  const auto divisor = static_cast<std::uint64_t>(unit);
  const std::uint64_t rounded = (size + divisor / 2) / divisor;
  const std::uint64_t units_per_dollar = kMicrosPerDollar / divisor;
  std::string text =
      fmt::format("{}${}", is_negative && rounded > 0 ? "-" : "", rounded / units_per_dollar);
  if (decimals > 0) text += fmt::format(".{:0{}}", rounded % units_per_dollar, decimals);
  return text;
}

}  // namespace hyperwright::hyperpod
