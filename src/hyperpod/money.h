// Money in whole micro-dollars: exact sums, exact comparisons, no floating point in a decision.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hyperwright::hyperpod {

class MicroDollars {
 public:
  constexpr MicroDollars() = default;
  explicit constexpr MicroDollars(std::int64_t micros) : micros_(micros) {}
  [[nodiscard]] constexpr std::int64_t micros() const { return micros_; }
  constexpr auto operator<=>(const MicroDollars&) const = default;
  constexpr MicroDollars operator+(MicroDollars other) const {
    return MicroDollars(micros_ + other.micros_);
  }
  constexpr MicroDollars operator-(MicroDollars other) const {
    return MicroDollars(micros_ - other.micros_);
  }
  constexpr MicroDollars operator*(std::int64_t n) const { return MicroDollars(micros_ * n); }
  constexpr MicroDollars& operator+=(MicroDollars other) { return *this = *this + other; }

 private:
  std::int64_t micros_ = 0;
};

// "66.048" to 66,048,000; at most six decimals count, more are rounded. Fails with Invalid.
Result<MicroDollars> parse_dollars(std::string_view text);
// "$66.05" with `decimals` decimals, rounded half up.
std::string format_dollars(MicroDollars amount, int decimals = 2);

}  // namespace hyperwright::hyperpod
