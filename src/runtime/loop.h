// The loop: one turn folds the events that have arrived, asks the controllers about every key that
// is due, and hands out the effects. It has no clock, no thread and no I/O: who calls it brings the
// events and the time, and carries the effects out. The same turns give the same effects, bit for
// bit.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "controllers/controller.h"
#include "controllers/guards.h"
#include "state/cluster_state.h"

namespace hyperwright::runtime {

class Loop {
 public:
  Loop(state::ClusterState state, std::uint64_t seed,
       std::span<const controllers::Controller> controllers);

  // One turn. Its effects are pending in the picture when it returns. Requires: `now` never goes
  // back.
  std::vector<state::Effect> turn(std::span<const state::Event> events, Time now);
  // When the next turn is due even if no event arrives; max: never.
  [[nodiscard]] Time next_wake() const;
  [[nodiscard]] const state::ClusterState& state() const { return state_; }
  // What the plans are made on; it changes no decision.
  [[nodiscard]] scheduling::Supply& supply() const { return *supply_; }
  // Marks every key of every controller as due: after a rest, such a pass emits nothing.
  void look_at_everything(Time now);

  struct Refusal {
    state::Effect effect;
    std::string why;
  };
  // What the guards of the promises refused in the last turn.
  [[nodiscard]] std::span<const Refusal> refused() const { return refused_; }
  [[nodiscard]] std::uint64_t turns() const { return turns_; }

 private:
  struct Due {
    std::size_t controller;
    state::Key key;
    auto operator<=>(const Due&) const = default;
  };
  void schedule(const Due& due, Time at);
  void mark_changed(Time now);
  void hand_out(controllers::Guards& guards, state::Effect effect, Time now,
                std::vector<state::Effect>& out);

  state::ClusterState state_;
  Random random_;
  std::unique_ptr<scheduling::Supply> supply_ = std::make_unique<scheduling::Supply>();
  std::span<const controllers::Controller> controllers_;
  std::map<Due, Time> times_;                // when each is looked at next
  std::set<std::pair<Time, Due>> schedule_;  // the same, by time
  state::EffectId next_effect_ = 1;
  std::vector<Refusal> refused_;
  std::uint64_t turns_ = 0;
};

}  // namespace hyperwright::runtime
