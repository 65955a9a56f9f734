// The autoscaler as an inhabitant of the simulated world: the same loop as in the real one, its
// watches read from the API model's change log, its effects carried out on the models in this
// process, and its answers brought back after a latency.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/random.h"
#include "runtime/loop.h"
#include "service/hyperpod_service.h"
#include "sim/kubernetes_api.h"

namespace hyperwright::sim {

struct Latency {
  Duration kubernetes = Duration::milliseconds(5);
  Duration hyperpod = Duration::milliseconds(200);
};

class Autoscaler {
 public:
  Autoscaler(KubernetesApi& kubernetes, service::HyperPodService& hyperpod, state::Options options,
             hyperpod::InstanceTypes types, std::uint64_t seed, Latency latency);

  // Folds what came, takes a turn if anything is due, carries the effects out. Says whether it did
  // anything.
  bool step(Time now);
  [[nodiscard]] Time next_wake() const;
  // It is killed in the next turn that has calls. They go out together, so that any of them may
  // have landed, and the others not: `random` says which.
  void kill_in_next_turn(Random random) { dying_ = random; }
  [[nodiscard]] bool is_dead() const { return is_dead_; }
  [[nodiscard]] const runtime::Loop& loop() const { return loop_; }
  [[nodiscard]] runtime::Loop& loop() { return loop_; }

  // Told of each effect as it is handed out, and of each answer as it comes back.
  std::function<void(const state::Effect& effect, Time now)> on_effect;
  std::function<void(const state::Answered& answered, Time now)> on_answer;

 private:
  void read_watches(std::vector<state::Event>& events);
  void carry_out(const state::Effect& effect, Time now);

  KubernetesApi& kubernetes_;
  service::HyperPodService& hyperpod_;
  runtime::Loop loop_;
  Latency latency_;
  std::optional<Random> dying_;
  bool is_dead_ = false;
  struct WatchPosition {
    bool is_listed = false;
    bool is_told_missing = false;
    std::uint64_t resource_version = 0;
  };
  std::array<WatchPosition, state::kKindCount> watches_;
  std::map<std::pair<Time, state::EffectId>, state::Answered> answers_;  // by when they come
};

}  // namespace hyperwright::sim
