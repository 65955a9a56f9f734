#include "base/time.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/number.h"

namespace hyperwright {
namespace {

// Days from 1970-01-01 to a civil date and back, in the proleptic Gregorian calendar. The year
// starts in March here, so that the leap day is its last day.
constexpr std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

struct Civil {
  std::int64_t year, month, day;
};

constexpr Civil civil_from_days(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t march_month = (5 * day_of_year + 2) / 153;
  const std::int64_t month = march_month + (march_month < 10 ? 3 : -9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * march_month + 2) / 5 + 1};
}

constexpr std::int64_t kMicrosPerDay = 86'400'000'000;

std::string format(Time time, bool micros) {
  std::int64_t days = time.unix_microseconds() / kMicrosPerDay;
  std::int64_t rest = time.unix_microseconds() % kMicrosPerDay;
  if (rest < 0) {
    rest += kMicrosPerDay;
    days -= 1;
  }
  const auto [year, month, day] = civil_from_days(days);
  const std::int64_t seconds = rest / 1'000'000;
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", year, month, day,
                                 seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (micros) text += fmt::format(".{:06}", rest % 1'000'000);
  return text + "Z";
}

Failure not_a_time(std::string_view text) {
  return fail(ErrorCode::Invalid, fmt::format("\"{}\" is no time", text),
              "write RFC 3339, such as 2026-11-24T12:00:00Z");
}

Failure not_a_duration(std::string_view text) {
  return fail(ErrorCode::Invalid, fmt::format("\"{}\" is no duration", text),
              R"(write numbers with units, such as "30s", "10m" or "1h30m")");
}

// A fixed-width decimal field; nullopt if it is not all digits.
std::optional<std::int64_t> field(std::string_view text, std::size_t at, std::size_t width) {
  if (at + width > text.size()) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text.substr(at, width)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Microseconds of the digits after a decimal point, further digits are dropped; moves `at` past
// them.
std::int64_t fraction_micros(std::string_view text, std::size_t& at, std::int64_t unit_micros) {
  std::int64_t value = 0;
  std::int64_t scale = unit_micros;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    scale /= 10;
    value += scale * (text[at] - '0');
  }
  return value;
}

}  // namespace

std::string format_time(Time time) { return format(time, false); }
std::string format_micro_time(Time time) { return format(time, true); }

Result<Time> parse_time(std::string_view text) {
  const auto year = field(text, 0, 4), month = field(text, 5, 2), day = field(text, 8, 2);
  const auto hour = field(text, 11, 2), minute = field(text, 14, 2), second = field(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return not_a_time(text);
  const bool marks = text[4] == '-' && text[7] == '-' && (text[10] == 'T' || text[10] == 't') &&
                     text[13] == ':' && text[16] == ':';
  if (!marks || *month < 1 || *month > 12 || *day < 1 || *day > 31 || *hour > 23 || *minute > 59 ||
      *second > 60) {
    return not_a_time(text);
  }
  std::size_t at = 19;
  std::int64_t micros = 0;
  if (at < text.size() && text[at] == '.') micros = fraction_micros(text, ++at, 1'000'000);
  std::int64_t offset_minutes = 0;
  if (at >= text.size()) return not_a_time(text);
  if (text[at] == '+' || text[at] == '-') {
    const auto hours = field(text, at + 1, 2), minutes = field(text, at + 4, 2);
    if (!hours || !minutes || text.size() != at + 6) return not_a_time(text);
    offset_minutes = (*hours * 60 + *minutes) * (text[at] == '+' ? 1 : -1);
  } else if ((text[at] != 'Z' && text[at] != 'z') || text.size() != at + 1) {
    return not_a_time(text);
  }
  const std::int64_t seconds = days_from_civil(*year, *month, *day) * 86'400 + *hour * 3600 +
                               (*minute - offset_minutes) * 60 + *second;
  return Time::from_unix_microseconds(seconds * 1'000'000 + micros);
}

Result<Duration> parse_duration(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 7> kUnits = {
      {{"h", 3'600'000'000},
       {"ms", 1'000},
       {"m", 60'000'000},
       {"s", 1'000'000},
       {"us", 1},
       {"\u00b5s", 1},
       {"ns", 0}}};
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == "0") return Duration{};
  if (rest.empty()) return not_a_duration(text);
  std::int64_t total = 0;
  while (!rest.empty()) {
    std::size_t digits = 0;
    while (digits < rest.size() && is_digit(rest[digits])) ++digits;
    const auto whole =
        digits == 0 ? std::optional<std::int64_t>(0) : parse_int64(rest.substr(0, digits));
    std::size_t end = digits;
    if (end < rest.size() && rest[end] == '.') {
      ++end;
      while (end < rest.size() && is_digit(rest[end])) ++end;
    }
    if (!whole || end == 0 || (digits == 0 && end == 1)) return not_a_duration(text);
    const std::string_view unit_text = rest.substr(end);
    const auto* const unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const auto& u) {
      return unit_text.starts_with(u.first);
    });
    if (unit == kUnits.end()) return not_a_duration(text);
    std::int64_t part = 0;
    if (unit->first == "ns") {
      part = *whole / 1'000;
    } else if (__builtin_mul_overflow(*whole, unit->second, &part)) {
      return not_a_duration(text);
    }
    std::size_t fraction_at = digits + 1;
    if (end > digits) part += fraction_micros(rest.substr(0, end), fraction_at, unit->second);
    if (__builtin_add_overflow(total, part, &total)) return not_a_duration(text);
    rest.remove_prefix(end + unit->first.size());
  }
  return Duration::microseconds(negative ? -total : total);
}

std::string format_duration(Duration duration) {
  std::int64_t micros = duration.in_microseconds();
  if (micros == 0) return "0s";
  std::string text = micros < 0 ? "-" : "";
  micros = micros < 0 ? -micros : micros;
  if (micros < 1'000) return text + fmt::format("{}us", micros);
  const auto with_fraction = [](std::int64_t value, std::int64_t unit, std::string_view name) {
    std::string number = fmt::format("{}", value / unit);
    if (value % unit != 0) {
      std::string decimals = fmt::format("{}", unit + value % unit).substr(1);
      decimals.erase(decimals.find_last_not_of('0') + 1);
      number += "." + decimals;
    }
    return number + std::string(name);
  };
  if (micros < 1'000'000) return text + with_fraction(micros, 1'000, "ms");
  const std::int64_t minutes = micros / 60'000'000;
  if (minutes >= 60) text += fmt::format("{}h", minutes / 60);
  if (minutes > 0) text += fmt::format("{}m", minutes % 60);
  return text + with_fraction(micros % 60'000'000, 1'000'000, "s");
}

std::string format_age(Duration duration) {
  const std::int64_t s = duration.in_seconds() < 0 ? 0 : duration.in_seconds();
  const std::int64_t m = s / 60, h = m / 60, d = h / 24;
  const auto two = [](std::int64_t big, char big_unit, std::int64_t small, char small_unit) {
    return small == 0 ? fmt::format("{}{}", big, big_unit)
                      : fmt::format("{}{}{}{}", big, big_unit, small, small_unit);
  };
  if (s < 120) return fmt::format("{}s", s);
  if (m < 10) return two(m, 'm', s % 60, 's');
  if (h < 3) return fmt::format("{}m", m);
  if (h < 8) return two(h, 'h', m % 60, 'm');
  if (h < 48) return fmt::format("{}h", h);
  if (d < 8) return two(d, 'd', h % 24, 'h');
  if (d < std::int64_t{2} * 365) return fmt::format("{}d", d);
  return two(d / 365, 'y', d % 365, 'd');
}

}  // namespace hyperwright
