#include "scheduling/bands.h"

#include <cstdint>
#include <map>
#include <utility>

#include "state/capacity_buffers.h"

namespace hyperwright::scheduling {

bool is_imagined(const Demand& demand) { return demand.pod->priority == state::kBufferPodPriority; }

std::vector<std::vector<std::size_t>> bands_of(const std::vector<Demand>& demands,
                                               const Learned& learned, bool is_scarce) {
  std::map<std::pair<int, std::int64_t>, std::vector<std::size_t>> bands;
  for (std::size_t d = 0; d < demands.size(); ++d) {
    if (!demands[d].requirements.rejection.empty()) continue;
    const std::int64_t rank = is_scarce ? -std::int64_t{demands[d].pod->priority} : 0;
    bands[{learned.lateness_of(d), rank}].push_back(d);
  }
  std::vector<std::vector<std::size_t>> list;
  for (auto& [rank, band] : bands) list.push_back(std::move(band));
  return list;
}

}  // namespace hyperwright::scheduling
