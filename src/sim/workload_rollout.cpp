#include "sim/workload_rollout.h"

#include <algorithm>

namespace hyperwright::sim {

std::int64_t next_current_replicas(const Rollout& rollout) {
  const std::int64_t has = rollout.current.replicas;
  if (has >= rollout.replicas) return rollout.replicas;
  std::int64_t total = has;
  for (const RolloutSet& set : rollout.old) total += set.replicas;
  const std::int64_t room = rollout.replicas + rollout.surge_max - total;
  return has + std::clamp(room, std::int64_t{0}, rollout.replicas - has);
}

std::vector<std::int64_t> next_old_replicas(const Rollout& rollout) {
  std::vector<std::int64_t> next;
  std::int64_t total = rollout.current.replicas;
  std::int64_t available = rollout.current.available;
  for (const RolloutSet& set : rollout.old) {
    next.push_back(set.replicas);
    total += set.replicas;
    available += set.available;
  }
  const std::int64_t available_min = rollout.replicas - rollout.unavailable_max;
  // What the new one does not serve yet must be left to the old ones.
  std::int64_t may_go =
      total - available_min - (rollout.current.replicas - rollout.current.available);
  if (may_go <= 0) return next;

  // Those that serve nobody go first: a broken rollout must be able to end.
  for (std::size_t i = 0; i < rollout.old.size() && may_go > 0; ++i) {
    const std::int64_t broken = std::max(std::int64_t{0}, next[i] - rollout.old[i].available);
    const std::int64_t go = std::min(may_go, broken);
    next[i] -= go;
    may_go -= go;
  }
  std::int64_t spare = available - available_min;
  for (std::size_t i = 0; i < rollout.old.size() && spare > 0; ++i) {
    const std::int64_t go = std::min(spare, next[i]);
    next[i] -= go;
    spare -= go;
  }
  return next;
}

}  // namespace hyperwright::sim
