#include "scheduling/bands.h"

#include <cstdint>
#include <limits>
#include <set>
#include <utility>

namespace hyperwright::scheduling {

bool is_imagined(const Demand& demand) {
  return demand.pod->priority == std::numeric_limits<std::int32_t>::min();
}

std::vector<std::vector<std::size_t>> bands_of(const std::vector<Demand>& demands,
                                               const std::map<std::size_t, int>& late,
                                               bool is_scarce) {
  std::map<std::pair<int, std::int64_t>, std::vector<std::size_t>> bands;
  std::vector<std::size_t> all;
  std::set<std::int32_t> priorities;
  for (std::size_t d = 0; d < demands.size(); ++d) {
    if (!demands[d].requirements.rejection.empty()) continue;
    const std::int32_t priority = demands[d].pod->priority;
    const auto it = late.find(d);
    bands[{it == late.end() ? 0 : it->second, -std::int64_t{priority}}].push_back(d);
    all.push_back(d);
    priorities.insert(priority);
  }
  if (!is_scarce || priorities.size() < 2) return {std::move(all)};
  std::vector<std::vector<std::size_t>> list;
  for (auto& [rank, band] : bands) list.push_back(std::move(band));
  return list;
}

}  // namespace hyperwright::scheduling
