#include "client/renewal.h"

#include <algorithm>

#include "client/retry.h"

namespace hyperwright::client {
namespace {

constexpr Duration kEarlyMost = Duration::minutes(15);
constexpr Duration kLateMost = Duration::minutes(5);
constexpr Duration kFirstWait = Duration::seconds(1);
constexpr Duration kLongestWait = Duration::minutes(1);

}  // namespace

RenewalTimes renewal_times(Time obtained, Time expires, Random& random) {
  if (expires == Time::max()) return {};
  const Duration life = std::max(Duration(), expires - obtained);
  const Duration early = std::min(kEarlyMost, life / 4);
  return {expires - early - drawn_up_to(early / 4, random),
          expires - std::min(kLateMost, life / 10)};
}

Duration wait_after_failures(std::int32_t failures, Random& random) {
  Duration wait = kFirstWait;
  for (std::int32_t i = 1; i < failures && wait < kLongestWait; ++i)
    wait = std::min(wait * 2, kLongestWait);
  // Half of it for certain: callers that ask all the time must not make a storm of it.
  return wait / 2 + drawn_up_to(wait / 2, random);
}

}  // namespace hyperwright::client
