// A whole world in one process, on a virtual clock: the Kubernetes API with its scheduler, kubelets
// and controllers, the HyperPod control plane, and the autoscaler.
//
// Time stands still while anything is left to do at the present instant, and then jumps to the next
// instant at which something is due. Computing costs no virtual time, so a run is the same at any
// speed, and the same seed gives the same run, to the byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/random.h"
#include "base/time.h"
#include "hyperpod/instance_type.h"
#include "service/hyperpod_service.h"
#include "sim/autoscaler.h"
#include "sim/cluster.h"
#include "sim/kubernetes_api.h"
#include "state/options.h"

namespace hyperwright::sim {

struct SimulationSettings {
  std::uint64_t seed = 1;
  Time start = Time::from_unix_seconds(1'790'000'000);
  state::Options autoscaler;
  service::ServiceOptions hyperpod;
  hyperpod::InstanceTypes types = hyperpod::InstanceTypes::shipped();
  ClusterOptions cluster;
  Latency latency;
  // Changes of each resource that Kubernetes remembers: who is further behind must list again.
  std::size_t log_length = KubernetesStore::kLogLength;
  // Outlives the simulation; nullptr: nothing gets lost between the autoscaler and the models.
  Network* network = nullptr;
  std::span<const controllers::Controller> controllers = controllers::all_controllers();
};

class Simulation {
 public:
  explicit Simulation(SimulationSettings settings);

  [[nodiscard]] Time now() const { return now_; }
  [[nodiscard]] KubernetesApi& kubernetes() { return kubernetes_; }
  [[nodiscard]] const KubernetesApi& kubernetes() const { return kubernetes_; }
  [[nodiscard]] service::HyperPodService& hyperpod() { return hyperpod_; }
  [[nodiscard]] const service::HyperPodService& hyperpod() const { return hyperpod_; }
  [[nodiscard]] Cluster& cluster() { return cluster_; }
  // Requires: one is running.
  [[nodiscard]] Autoscaler& autoscaler() { return *autoscaler_; }
  [[nodiscard]] const Autoscaler& autoscaler() const { return *autoscaler_; }

  // Does everything that is due now, until nothing more happens at this instant.
  void settle();
  // The next instant at which something is due by itself.
  [[nodiscard]] Time next_wake() const;
  // Goes through every instant up to `until`, and stands there, settled.
  void advance_to(Time until);
  // Kills the autoscaler between two turns, and starts a new one that knows nothing but what
  // Kubernetes and HyperPod hold.
  void restart_autoscaler();
  // The two halves of it: nobody acts between them. What was to be told of is told of again.
  void stop_autoscaler();
  void start_autoscaler();
  [[nodiscard]] bool has_autoscaler() const { return autoscaler_ != nullptr; }
  // The same, in the midst of its next turn that has calls: some of them land, drawn by the seed.
  void kill_autoscaler_in_next_turn() { autoscaler_->kill_in_next_turn(random_.fork()); }

 private:
  bool apply_outputs();
  std::unique_ptr<Autoscaler> new_autoscaler();

  SimulationSettings settings_;
  Random random_;
  Time now_;
  KubernetesApi kubernetes_;
  service::HyperPodService hyperpod_;
  Cluster cluster_;
  std::unique_ptr<Autoscaler> autoscaler_;
  std::unique_ptr<Autoscaler> stopped_;  // the last one: who was told of what it did
};

}  // namespace hyperwright::sim
