// What a run cost and how long pods waited: the figures that a person wants at the end.
//
// Instances are paid from the moment they exist until they are terminating, as HyperPod bills them.
// Time in which no workload pod runs on an instance (booting, waiting for pods, empty) is idle.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "hyperpod/cluster.h"
#include "hyperpod/money.h"
#include "sim/simulation.h"
#include "sim/workload_changes.h"

namespace hyperwright::sim {

struct BillSummary {
  std::int64_t pods_run = 0;        // that ever ran, DaemonSet pods left out
  std::int64_t pods_never_run = 0;  // whether they are there still or not
  Duration median_wait;             // from creation until running
  Duration worst_wait;
  Duration node_time;
  hyperpod::MicroDollars cost;
  std::int32_t idle_percent = 0;  // of the cost
};

struct Standing {
  std::int64_t nodes_ready = 0;
  std::int64_t nodes_coming = 0;
  std::int64_t pods_running = 0;
  std::int64_t pods_pending = 0;
  hyperpod::MicroDollars per_hour;
  auto operator<=>(const Standing&) const = default;
};

class Bill {
 public:
  // `simulation` outlives the bill.
  explicit Bill(const Simulation& simulation, const hyperpod::InstanceTypes& types);
  // Time is about to pass from the simulation's present instant to `to`.
  void pass(Time to);
  // Takes in what happened at the present instant.
  void look();
  [[nodiscard]] Standing standing() const;
  [[nodiscard]] hyperpod::MicroDollars cost() const;
  [[nodiscard]] BillSummary summary() const;

 private:
  struct PodLife {
    Time created;
    bool is_running = false;
    bool has_run = false;
    bool is_gone = false;
    Duration wait;
  };

  const Simulation& simulation_;
  const hyperpod::InstanceTypes& types_;
  ChangeFollower pods_;
  std::map<std::string, PodLife> lives_;  // by UID
  // Micro-dollars x microseconds / hour would overflow in a long run: whole micro-dollars and the
  // rest.
  using Bought = std::pair<std::string, hyperpod::CapacityType>;  // instance type
  std::map<Bought, std::int64_t> busy_micros_, idle_micros_;      // paid time
  std::int64_t node_micros_ = 0;
};

}  // namespace hyperwright::sim
