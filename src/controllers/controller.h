// What a controller is: a pure function of the picture, one key that changed, and the time. It
// looks at what is, not at what happened: running it twice does nothing more.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "scheduling/supply.h"
#include "state/cluster_state.h"
#include "state/effect.h"
#include "state/key.h"

namespace hyperwright::controllers {

// Collects what one look at one key decides.
class Decision {
 public:
  Decision(const state::ClusterState& state, Time now) : state_(state), now_(now) {}

  // Emits the action, unless an effect on one of its targets is under way (its answer will mark the
  // key) or must wait (then the key is looked at again when it may be tried). Says whether it was
  // emitted. A RecordEvent that was said within its quiet time is dropped.
  bool emit(state::Action action, std::string reason);
  // The key is looked at again no later than this.
  void look_again(Time at) { next_look_ = std::min(next_look_, at); }

  [[nodiscard]] const std::vector<state::Effect>& effects() const { return effects_; }
  [[nodiscard]] std::vector<state::Effect> take_effects() { return std::move(effects_); }
  [[nodiscard]] Time next_look() const { return next_look_; }

 private:
  const state::ClusterState& state_;
  Time now_;
  std::vector<state::Effect> effects_;
  std::set<state::Target> targets_;
  Time next_look_ = Time::max();
};

struct Context {
  const state::ClusterState& state;
  Time now;
  Random& random;              // for names and ids; drawn from only when something is emitted
  scheduling::Supply& supply;  // kept from look to look, to be quick; it changes no decision
};

struct Controller {
  std::string_view name;                // Karpenter's: "nodeclaim.lifecycle"
  std::vector<state::Key::Of> watches;  // the keys that it is asked to look at
  void (*reconcile)(const Context& context, const state::Key& key, Decision& decision);
};

// All of them, in the order in which they look at one change.
std::span<const Controller> all_controllers();

}  // namespace hyperwright::controllers
