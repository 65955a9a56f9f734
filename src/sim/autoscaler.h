// The autoscaler as an inhabitant of the simulated world: the same loop as in the real one, its
// watches read from the API model's change log, its effects carried out on the models in this
// process, and its answers brought back after a latency, or as the network wants it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "runtime/loop.h"
#include "service/hyperpod_service.h"
#include "sim/kubernetes_api.h"
#include "sim/network.h"

namespace hyperwright::runtime {
class Journal;
}

namespace hyperwright::sim {

struct Latency {
  Duration kubernetes = Duration::milliseconds(5);
  Duration hyperpod = Duration::milliseconds(200);
};

class Autoscaler {
 public:
  // `network` outlives it; nullptr: calls are carried out at once and nothing gets lost.
  Autoscaler(KubernetesApi& kubernetes, service::HyperPodService& hyperpod, state::Options options,
             hyperpod::InstanceTypes types, std::uint64_t seed, Latency latency,
             Network* network = nullptr,
             std::span<const controllers::Controller> controllers = controllers::all_controllers());

  // Folds what came, takes a turn if anything is due, carries the effects out. Says whether it did
  // anything.
  bool step(Time now);
  [[nodiscard]] Time next_wake() const;
  // It is killed in the next turn that has calls. They go out together, so that any of them may
  // have landed, and the others not: `random` says which.
  void kill_in_next_turn(Random random) { dying_ = random; }
  [[nodiscard]] bool is_dead() const { return is_dead_; }
  // It is gone. Of its calls that are on their way, some arrive: `random` says which.
  void end(Random random, Time now);
  [[nodiscard]] const runtime::Loop& loop() const { return loop_; }
  [[nodiscard]] runtime::Loop& loop() { return loop_; }

  // Told of each effect as it is handed out, of each call as it is about to be carried out, and of
  // each answer as it comes back.
  std::function<void(const state::Effect& effect, Time now)> on_effect;
  std::function<void(const state::Effect& effect, Time now)> on_arrival;
  std::function<void(const state::Answered& answered, Time now)> on_answer;
  // Its turns are written there; nullptr: nowhere.
  runtime::Journal* journal = nullptr;
  // Sees the effects of a turn before they are handed out, and may change them: a test's way to
  // break what the loop does right.
  std::function<void(std::vector<state::Effect>& effects, const runtime::Loop& loop)> after_turn;

 private:
  struct WatchPosition {
    bool is_listed = false;
    bool is_told_missing = false;
    std::uint64_t resource_version = 0;
    // With a network only:
    Time down_until;
    Time last_comes;
    std::deque<std::pair<Time, state::Event>> coming;
    std::map<kube::ObjectKey, std::string> known;  // UIDs of what the loop was told of
  };
  struct Sent {
    state::Effect effect;
    CallFate fate;
  };
  void read_watches(std::vector<state::Event>& events, Time now);
  void list(state::Kind kind, WatchPosition& watch, std::vector<state::Event>& events);
  void follow(state::Kind kind, WatchPosition& watch, std::vector<state::Event>& events, Time now);
  void tell(WatchPosition& watch, state::Event event, std::vector<state::Event>& events);
  void send(const state::Effect& effect, Time now);
  void arrive(const Sent& sent, Time now);
  state::Answered carry_out(const state::Effect& effect, Time now);

  KubernetesApi& kubernetes_;
  service::HyperPodService& hyperpod_;
  runtime::Loop loop_;
  Latency latency_;
  Network* network_;
  std::optional<Random> dying_;
  bool is_dead_ = false;
  std::array<WatchPosition, state::kKindCount> watches_;
  using When = std::pair<Time, state::EffectId>;
  std::map<When, Sent> sent_;                // by when they are carried out
  std::map<When, state::Answered> answers_;  // by when they come
};

}  // namespace hyperwright::sim
