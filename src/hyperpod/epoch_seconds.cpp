#include "hyperpod/epoch_seconds.h"

#include <cmath>

#include <boost/json.hpp>

namespace hyperwright::hyperpod {

boost::json::value to_epoch_seconds(Time time) {
  // A whole number is written without a fraction: shorter, and exact by itself.
  if (time.unix_microseconds() % 1'000'000 == 0) return time.unix_seconds();
  return static_cast<double>(time.unix_microseconds()) / 1e6;
}

std::optional<Time> from_epoch_seconds(const boost::json::value& number) {
  if (!number.is_number()) return std::nullopt;
  const double micros = number.to_number<double>() * 1e6;
  if (!(std::abs(micros) < 9e18)) return std::nullopt;
  return Time::from_unix_microseconds(std::llround(micros));
}

}  // namespace hyperwright::hyperpod
