#include "service/scenario.h"

#include <algorithm>

namespace hyperwright::service {
namespace {

bool names(const std::string& own, std::string_view asked) { return own.empty() || own == asked; }

}  // namespace

std::optional<std::int32_t> available(const Scenario& scenario, std::string_view type,
                                      std::string_view zone, Duration since_start) {
  std::optional<std::int32_t> limit;
  for (const CapacityLine& line : scenario.capacity) {
    if (names(line.type, type) && names(line.zone, zone) && line.when.contains(since_start))
      limit = line.available;
  }
  return limit;
}

bool is_faulty(const std::vector<Fault>& faults, std::string_view group, std::string_view type,
               Duration since_start) {
  return std::ranges::any_of(faults, [&](const Fault& fault) {
    return names(fault.group, group) && names(fault.type, type) && fault.when.contains(since_start);
  });
}

Duration draw_delay(const Delays& delays, Duration delay, Random& random) {
  const std::int64_t reach = delay.in_microseconds() / 100 * delays.jitter_percent;
  if (reach <= 0) return delay;
  const auto drawn =
      static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(2 * reach + 1)));
  return Duration::microseconds(delay.in_microseconds() - reach + drawn);
}

}  // namespace hyperwright::service
