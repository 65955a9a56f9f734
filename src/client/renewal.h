// When keys that end are renewed. Pure: time and randomness are passed in.
//
//   from `early` on  they are renewed in the background; calls go on with those that work
//   from `late` on   a call waits for the renewal; if that fails, it goes on with them to their end
//
// Both lie before the end by a share of the life that was left when they came, so that keys of
// fifteen minutes are not renewed all the time; at most 15 and 5 minutes. `early` is moved forward
// a little by chance: controllers that started together must not come together.
//
// Source: botocore (advisory and mandatory refresh windows).
#pragma once

#include <cstdint>

#include "base/random.h"
#include "base/time.h"

namespace hyperwright::client {

struct RenewalTimes {
  Time early = Time::max();
  Time late = Time::max();
};

// Of keys that came at `obtained`. Keys that never end are never renewed.
RenewalTimes renewal_times(Time obtained, Time expires, Random& random);

// How long after a failure no further attempt is made; `failures` in a row, this one counted.
Duration wait_after_failures(std::int32_t failures, Random& random);

}  // namespace hyperwright::client
