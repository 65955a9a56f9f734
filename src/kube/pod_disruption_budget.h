// policy/v1 PodDisruptionBudget.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "kube/object_meta.h"
#include "kube/pod.h"
#include "kube/selector.h"

namespace hyperwright::kube {

struct PodDisruptionBudget {
  ObjectMeta meta;
  std::optional<LabelSelector>
      selector;               // absent matches nothing, empty everything in the namespace
  std::string min_available;  // as written; "" if not set
  std::string max_unavailable;
  bool always_allow_unhealthy = false;  // unhealthyPodEvictionPolicy: AlwaysAllow
  std::int32_t disruptions_allowed = 0;
  bool operator==(const PodDisruptionBudget&) const = default;
};

bool covers(const PodDisruptionBudget& budget, const Pod& pod);
// maxUnavailable 0 or "0%", minAvailable "100%": no eviction will ever be allowed.
bool is_fully_blocking(const PodDisruptionBudget& budget);

}  // namespace hyperwright::kube
