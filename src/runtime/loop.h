// The loop: one turn folds the events that have arrived, asks the controllers about every key that
// is due, and hands out the effects. It has no clock, no thread and no I/O: who calls it brings the
// events and the time, and carries the effects out. The same turns give the same effects, bit for
// bit.
//
// No turn takes long, however much changes at once: a turn makes so many looks and effects and no
// more, and what is due beyond that is due in the next. It is counted, and not timed, so that a
// replay does the same. First come those that are due longest.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
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
  // In the .cpp, as ClusterState's.
  Loop(Loop&&) noexcept;
  Loop& operator=(Loop&&) noexcept;
  ~Loop();

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
  // Keys that controllers were asked about in the last turn.
  [[nodiscard]] std::size_t looks() const { return looks_; }

  // What a loop needs beside the picture to go on as this one does, turn by turn.
  struct Memory {
    struct Look {
      std::string controller;  // its name
      state::Key key;
      Time at;
      bool operator==(const Look&) const = default;
    };
    Random::State random{};
    std::vector<Look> due;  // sorted by controller, as they look, and key
    state::EffectId next_effect = 1;
    std::uint64_t turns = 0;
    bool operator==(const Memory&) const = default;
  };
  [[nodiscard]] Memory memory() const;
  // Goes on where another loop stood. Fails with Invalid where it names a controller that is not
  // among these.
  static Result<std::unique_ptr<Loop>> resume(state::ClusterState state, const Memory& memory,
                                              std::span<const controllers::Controller> controllers);

 private:
  static constexpr std::size_t kKindsOfKeys =
      static_cast<std::size_t>(state::Key::Of::HyperPod) + 1;
  // A look that is due. The key is one of `times_`.
  struct Due {
    Time at;
    std::size_t controller = 0;
    const state::Key* key = nullptr;
    bool operator<(const Due& other) const {
      if (at != other.at) return at < other.at;
      if (controller != other.controller) return controller < other.controller;
      return *key < *other.key;
    }
  };
  void schedule(std::size_t controller, const state::Key& key, Time at);
  state::Key take(const Due& due);
  void mark(const state::Key& key, Time now);
  void mark_changed(Time now);
  void hand_out(controllers::Guards& guards, state::Effect effect, Time now,
                std::vector<state::Effect>& out);

  state::ClusterState state_;
  Random random_;
  std::unique_ptr<scheduling::Supply> supply_ = std::make_unique<scheduling::Supply>();
  std::span<const controllers::Controller> controllers_;
  std::array<std::vector<std::size_t>, kKindsOfKeys> watchers_;  // controllers, by kind of key
  // When each controller looks at the key next; max: it does not.
  std::map<state::Key, std::vector<Time>> times_;
  std::set<Due> schedule_;      // the same, by time
  std::size_t marks_left_ = 0;  // of this turn
  bool is_preparing_ = false;   // the supply has much to look at before the next plan
  state::EffectId next_effect_ = 1;
  std::vector<Refusal> refused_;
  std::uint64_t turns_ = 0;
  std::size_t looks_ = 0;
};

}  // namespace hyperwright::runtime
