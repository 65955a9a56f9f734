// Points and spans of time, in whole microseconds: what Kubernetes' MicroTime can hold, and enough
// for every clock here. There is no clock in this file: time is always passed in.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hyperwright {

class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration microseconds(std::int64_t n) { return Duration(n); }
  static constexpr Duration milliseconds(std::int64_t n) { return Duration(n * 1'000); }
  static constexpr Duration seconds(std::int64_t n) { return Duration(n * 1'000'000); }
  static constexpr Duration minutes(std::int64_t n) { return seconds(n * 60); }
  static constexpr Duration hours(std::int64_t n) { return seconds(n * 3600); }
  static constexpr Duration max() { return Duration(INT64_MAX); }

  [[nodiscard]] constexpr std::int64_t in_microseconds() const { return microseconds_; }
  [[nodiscard]] constexpr std::int64_t in_milliseconds() const { return microseconds_ / 1'000; }
  [[nodiscard]] constexpr std::int64_t in_seconds() const { return microseconds_ / 1'000'000; }

  constexpr auto operator<=>(const Duration&) const = default;
  constexpr Duration operator+(Duration other) const {
    return Duration(microseconds_ + other.microseconds_);
  }
  constexpr Duration operator-(Duration other) const {
    return Duration(microseconds_ - other.microseconds_);
  }
  constexpr Duration operator*(std::int64_t n) const { return Duration(microseconds_ * n); }
  constexpr Duration operator/(std::int64_t n) const { return Duration(microseconds_ / n); }
  constexpr Duration& operator+=(Duration other) { return *this = *this + other; }

 private:
  explicit constexpr Duration(std::int64_t microseconds) : microseconds_(microseconds) {}
  std::int64_t microseconds_ = 0;
};

// Since 1970-01-01T00:00:00Z. Time{} is "never set": is_zero().
class Time {
 public:
  constexpr Time() = default;
  static constexpr Time from_unix_microseconds(std::int64_t n) { return Time(n); }
  static constexpr Time from_unix_seconds(std::int64_t n) { return Time(n * 1'000'000); }
  static constexpr Time max() { return Time(INT64_MAX); }

  [[nodiscard]] constexpr std::int64_t unix_microseconds() const { return microseconds_; }
  [[nodiscard]] constexpr std::int64_t unix_seconds() const { return microseconds_ / 1'000'000; }
  [[nodiscard]] constexpr bool is_zero() const { return microseconds_ == 0; }

  constexpr auto operator<=>(const Time&) const = default;
  // Saturates: "never" plus anything is "never".
  constexpr Time operator+(Duration d) const {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(microseconds_, d.in_microseconds(), &sum)) return max();
    return Time(sum);
  }
  constexpr Time operator-(Duration d) const { return Time(microseconds_ - d.in_microseconds()); }
  constexpr Duration operator-(Time other) const {
    return Duration::microseconds(microseconds_ - other.microseconds_);
  }

 private:
  explicit constexpr Time(std::int64_t microseconds) : microseconds_(microseconds) {}
  std::int64_t microseconds_ = 0;
};

// RFC 3339 in UTC, as Kubernetes' Time ("2026-11-24T12:00:00Z") and MicroTime (six decimals).
std::string format_time(Time time);
std::string format_micro_time(Time time);
// Reads both, and offsets ("+01:00").
Result<Time> parse_time(std::string_view text);

// Go's duration text, as in Kubernetes and Karpenter: "1h30m", "90s", "500ms", "0s", "1.5h".
Result<Duration> parse_duration(std::string_view text);
// "1h30m0s" as Go prints it; parts of a second as "1.5s", "20ms", "5µs" is written "5us".
std::string format_duration(Duration duration);
// As kubectl's AGE column: "42s", "5m", "3m20s", "2h", "36h", "12d".
std::string format_age(Duration duration);

}  // namespace hyperwright
