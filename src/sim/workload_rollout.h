// The arithmetic of a rolling update: how many replicas the new ReplicaSet and the old ones should
// have next. Pure integers in and out.
//
// Source: kube-controller-manager, pkg/controller/deployment, rolling.
#pragma once

#include <cstdint>
#include <vector>

namespace hyperwright::sim {

struct RolloutSet {
  std::int64_t replicas = 0;   // spec
  std::int64_t available = 0;  // status
};

struct Rollout {
  std::int64_t replicas = 0;  // of the Deployment
  std::int64_t surge_max = 0;
  std::int64_t unavailable_max = 0;
  RolloutSet current;
  std::vector<RolloutSet> old;  // oldest first
};

// Replicas that the new ReplicaSet should have now.
std::int64_t next_current_replicas(const Rollout& rollout);
// Replicas that each old one should have now, in the same order.
std::vector<std::int64_t> next_old_replicas(const Rollout& rollout);

}  // namespace hyperwright::sim
