// Timestamps as AWS JSON 1.1 writes them: seconds since 1970 as a JSON number, with decimals. This
// is the one place where time is a floating-point number; it is exact to the microsecond in both
// directions, because a double holds 53 bits and microseconds since 1970 need 51.
#pragma once

#include <optional>

#include <boost/json/fwd.hpp>

#include "base/time.h"

namespace hyperwright::hyperpod {

boost::json::value to_epoch_seconds(Time time);
// nullopt: it is no number, or none that a Time can hold.
std::optional<Time> from_epoch_seconds(const boost::json::value& number);

}  // namespace hyperwright::hyperpod
