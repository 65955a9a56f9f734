// A Kubernetes quantity, exact: "100m", "1.5Gi", "2e3", "0.5", "128974848", "12E".
//
// Held as a whole number of nano-units. Text finer than a nano-unit is rounded up, as Kubernetes
// does; a value beyond 2^63 - 1 units is an error here (Kubernetes caps it), because no real
// resource is that large and a silent cap hides a typo.
//
// Source: k8s.io/apimachinery, pkg/api/resource, Quantity.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hyperwright::kube {

__extension__ using Int128 = __int128;

class Quantity {
 public:
  constexpr Quantity() = default;
  static Quantity units(std::int64_t n) { return Quantity(static_cast<Int128>(n) * kNano); }
  static Quantity millis(std::int64_t n) {
    return Quantity(static_cast<Int128>(n) * (kNano / 1000));
  }

  // Whole units and milli-units, rounded up (towards plus infinity), as Quantity.Value and
  // MilliValue. milli_value saturates at the ends of int64.
  [[nodiscard]] std::int64_t value() const;
  [[nodiscard]] std::int64_t milli_value() const;

  constexpr auto operator<=>(const Quantity&) const = default;

 private:
  friend Result<Quantity> parse_quantity(std::string_view text);
  static constexpr std::int64_t kNano = 1'000'000'000;
  explicit constexpr Quantity(Int128 nano) : nano_(nano) {}
  Int128 nano_ = 0;
};

// Fails with Invalid: names the text, and the suffixes that there are.
Result<Quantity> parse_quantity(std::string_view text);

// Canonical texts: bytes by the largest binary suffix that leaves no rest ("1536Mi", "2Gi",
// "1000"), milli-units as "1500m" or "2", plain counts as decimal.
std::string format_bytes(std::int64_t bytes);
std::string format_millis(std::int64_t millis);

}  // namespace hyperwright::kube
