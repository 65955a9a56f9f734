#include "runtime/loop.h"

#include <algorithm>

#include <fmt/format.h>

namespace hyperwright::runtime {
namespace {

// Looks of one turn; what is due beyond stays due, so that the events that came meanwhile are seen
// soon.
constexpr std::size_t kLooksPerTurn = 20'000;

// A controller that asks to be woken "now" is woken a moment later: it cannot spin within one turn.
constexpr Duration kShortestWait = Duration::milliseconds(1);

bool watches(const controllers::Controller& controller, state::Key::Of of) {
  return std::ranges::find(controller.watches, of) != controller.watches.end();
}

}  // namespace

Loop::Loop(state::ClusterState state, std::uint64_t seed,
           std::span<const controllers::Controller> controllers)
    : state_(std::move(state)), random_(seed), controllers_(controllers) {
  for (std::size_t i = 0; i < controllers_.size(); ++i) {
    if (watches(controllers_[i], state::Key::Of::HyperPod))
      schedule({i, {state::Key::Of::HyperPod, {}}}, Time{});
  }
}

void Loop::schedule(const Due& due, Time at) {
  const auto [it, is_new] = times_.try_emplace(due, at);
  if (!is_new) {
    if (it->second <= at) return;
    schedule_.erase({it->second, due});
    it->second = at;
  }
  schedule_.emplace(at, due);
}

void Loop::mark_changed(Time now) {
  for (const state::Key& key : state_.take_changed()) {
    for (std::size_t i = 0; i < controllers_.size(); ++i) {
      if (watches(controllers_[i], key.of)) schedule({i, key}, now);
    }
  }
}

void Loop::look_at_everything(Time now) {
  using Of = state::Key::Of;
  std::vector<state::Key> keys = {{Of::PendingPods, {}}, {Of::HyperPod, {}}};
  for (const auto& [name, node] : state_.nodes()) keys.push_back({Of::Node, name});
  for (const auto& [name, pool] : state_.node_pools()) keys.push_back({Of::NodePool, name});
  for (const auto& [name, node_class] : state_.node_classes())
    keys.push_back({Of::NodeClass, name});
  for (const auto& [key, buffer] : state_.objects<kube::CapacityBuffer>())
    keys.push_back({Of::CapacityBuffer, key.namespace_ + '/' + key.name});
  keys.push_back({Of::NodeOverlays, {}});
  for (const auto& [name, claim] : state_.claims()) {
    keys.push_back({Of::NodeClaim, name});
    if (claim.launch) keys.push_back({Of::Launch, claim.launch->call.batch});
  }
  for (const state::Key& key : keys) {
    for (std::size_t i = 0; i < controllers_.size(); ++i) {
      if (watches(controllers_[i], key.of)) schedule({i, key}, now);
    }
  }
}

void Loop::hand_out(controllers::Guards& guards, state::Effect effect, Time now,
                    std::vector<state::Effect>& out) {
  effect.id = next_effect_++;
  if (auto why = guards.refusal(effect, now)) {
    state_.fold_refused(effect, now);
    auto event = guards.event_of(effect, *why, now);
    refused_.push_back({std::move(effect), std::move(*why)});
    if (!event) return;
    effect = {.id = next_effect_++, .reason = "refused", .action = std::move(*event)};
  }
  state_.fold_emitted(effect, now);
  guards.note(effect);
  out.push_back(std::move(effect));
}

std::vector<state::Effect> Loop::turn(std::span<const state::Event> events, Time now) {
  ++turns_;
  refused_.clear();
  std::vector<state::Effect> effects;
  state_.fold_time(now);
  for (const state::Event& event : events) state_.fold(event, now);
  mark_changed(now);
  controllers::Guards guards(state_);
  for (looks_ = 0; looks_ < kLooksPerTurn && !schedule_.empty() && schedule_.begin()->first <= now;
       ++looks_) {
    const Due due = schedule_.begin()->second;
    schedule_.erase(schedule_.begin());
    times_.erase(due);
    // Until every kind was listed, only what completes the picture may act. Completion marks every
    // key.
    if (!state_.is_synced() && due.key.of != state::Key::Of::HyperPod) continue;
    const controllers::Controller& controller = controllers_[due.controller];
    controllers::Decision decision(state_, now);
    controller.reconcile({state_, now, random_, *supply_}, due.key, decision);
    if (decision.next_look() != Time::max())
      schedule(due, std::max(decision.next_look(), now + kShortestWait));
    for (const state::Effect& effect : decision.effects()) hand_out(guards, effect, now, effects);
    mark_changed(now);
  }
  return effects;
}

Loop::Memory Loop::memory() const {
  Memory memory{.random = random_.state(), .due = {}, .next_effect = next_effect_, .turns = turns_};
  memory.due.reserve(times_.size());
  for (const auto& [due, at] : times_)
    memory.due.push_back({std::string(controllers_[due.controller].name), due.key, at});
  return memory;
}

Result<std::unique_ptr<Loop>> Loop::resume(state::ClusterState state, const Memory& memory,
                                           std::span<const controllers::Controller> controllers) {
  auto loop = std::make_unique<Loop>(std::move(state), /*seed=*/0, controllers);
  loop->random_.set_state(memory.random);
  loop->times_.clear();
  loop->schedule_.clear();
  for (const Memory::Look& look : memory.due) {
    const auto found =
        std::ranges::find(controllers, look.controller, &controllers::Controller::name);
    if (found == controllers.end()) {
      return fail(ErrorCode::Invalid, fmt::format("there is no controller \"{}\"", look.controller),
                  "use the version that wrote it");
    }
    loop->schedule({static_cast<std::size_t>(found - controllers.begin()), look.key}, look.at);
  }
  loop->next_effect_ = memory.next_effect;
  loop->turns_ = memory.turns;
  return loop;
}

Time Loop::next_wake() const { return schedule_.empty() ? Time::max() : schedule_.begin()->first; }

}  // namespace hyperwright::runtime
