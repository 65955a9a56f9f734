#include "runtime/loop.h"

#include <algorithm>

#include <fmt/format.h>

namespace hyperwright::runtime {
namespace {

// What one turn does, counted in looks. An effect, with its fold and its guard, takes as long as a
// few of them.
constexpr std::size_t kWorkPerTurn = 300;
constexpr std::size_t kLooksPerEffect = 3;
// Changed keys that one turn passes on to the controllers that watch them. More than the events of
// one turn mark: only what marks everything, as the completion of the picture, takes several turns.
constexpr std::size_t kMarksPerTurn = 4'000;
// Nodes and claims that one turn looks at for the plans to come.
constexpr std::size_t kPreparedPerTurn = 250;

// A controller that asks to be woken "now" is woken a moment later: it cannot spin within one turn.
constexpr Duration kShortestWait = Duration::milliseconds(1);

}  // namespace

Loop::Loop(state::ClusterState state, std::uint64_t seed,
           std::span<const controllers::Controller> controllers)
    : state_(std::move(state)), random_(seed), controllers_(controllers) {
  for (std::size_t i = 0; i < controllers_.size(); ++i) {
    for (const state::Key::Of of : controllers_[i].watches)
      watchers_.at(static_cast<std::size_t>(of)).push_back(i);
  }
  mark({state::Key::Of::HyperPod, {}}, Time{});
}

Loop::Loop(Loop&&) noexcept = default;
Loop& Loop::operator=(Loop&&) noexcept = default;
Loop::~Loop() = default;

void Loop::schedule(std::size_t controller, const state::Key& key, Time at) {
  const auto [it, is_new] = times_.try_emplace(key);
  if (is_new) it->second.assign(controllers_.size(), Time::max());
  Time& known = it->second[controller];
  if (known <= at) return;
  if (known != Time::max()) schedule_.erase(Due{known, controller, &it->first});
  known = at;
  schedule_.insert(Due{at, controller, &it->first});
}

state::Key Loop::take(const Due& due) {
  state::Key key = *due.key;
  const auto times = times_.find(key);
  times->second[due.controller] = Time::max();
  schedule_.erase(due);
  const bool is_idle =
      std::ranges::all_of(times->second, [](Time at) { return at == Time::max(); });
  if (is_idle) times_.erase(times);
  return key;
}

void Loop::mark(const state::Key& key, Time now) {
  for (const std::size_t controller : watchers_[static_cast<std::size_t>(key.of)])
    schedule(controller, key, now);
}

void Loop::mark_changed(Time now) {
  const std::vector<state::Key> keys = state_.take_changed(marks_left_);
  marks_left_ -= keys.size();
  // Until every kind was listed, only what completes the picture may act. Completion marks every
  // key.
  const bool is_synced = state_.is_synced();
  for (const state::Key& key : keys) {
    if (is_synced || key.of == state::Key::Of::HyperPod) mark(key, now);
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
  for (const state::Key& key : keys) mark(key, now);
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
  marks_left_ = kMarksPerTurn;
  mark_changed(now);
  controllers::Guards guards(state_);
  looks_ = 0;
  for (std::size_t work = 0;
       work < kWorkPerTurn && !schedule_.empty() && schedule_.begin()->at <= now; ++work) {
    const Due due = *schedule_.begin();
    const state::Key key = take(due);
    ++looks_;
    if (!state_.is_synced() && key.of != state::Key::Of::HyperPod) continue;
    controllers::Decision decision(state_, now);
    controllers_[due.controller].reconcile({state_, now, random_, *supply_}, key, decision);
    if (decision.next_look() != Time::max())
      schedule(due.controller, key, std::max(decision.next_look(), now + kShortestWait));
    work += decision.effects().size() * kLooksPerEffect;
    for (state::Effect& effect : decision.take_effects())
      hand_out(guards, std::move(effect), now, effects);
    mark_changed(now);
  }
  is_preparing_ = state_.is_synced() && supply_->prepare(state_, kPreparedPerTurn);
  return effects;
}

Loop::Memory Loop::memory() const {
  Memory memory{.random = random_.state(), .due = {}, .next_effect = next_effect_, .turns = turns_};
  memory.due.reserve(schedule_.size());
  for (std::size_t i = 0; i < controllers_.size(); ++i) {
    for (const auto& [key, times] : times_) {
      if (times[i] != Time::max())
        memory.due.push_back({std::string(controllers_[i].name), key, times[i]});
    }
  }
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
    loop->schedule(static_cast<std::size_t>(found - controllers.begin()), look.key, look.at);
  }
  loop->next_effect_ = memory.next_effect;
  loop->turns_ = memory.turns;
  return loop;
}

Time Loop::next_wake() const {
  if (state_.has_changed() || is_preparing_) return Time{};
  // What ends in the picture by itself, as a back-off does, is news to its controllers.
  return std::min(state_.next_time(), schedule_.empty() ? Time::max() : schedule_.begin()->at);
}

}  // namespace hyperwright::runtime
