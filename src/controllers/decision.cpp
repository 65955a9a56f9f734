#include <algorithm>

#include "controllers/controller.h"

namespace hyperwright::controllers {

bool Decision::emit(state::Action action, std::string reason) {
  if (const auto* event = std::get_if<state::RecordEvent>(&action)) {
    const auto is_same = [&](const state::Effect& effect) { return effect.action == action; };
    if (state_.was_recorded(*event, now_) || std::ranges::any_of(effects_, is_same)) return false;
  }
  const std::vector<state::Target> targets = state::targets_of(action);
  for (const state::Target& target : targets) {
    if (targets_.contains(target)) return false;
    const Time free_at = state_.next_try(target);
    if (free_at == Time::max()) return false;
    if (free_at > now_) {
      look_again(free_at);
      return false;
    }
  }
  targets_.insert(targets.begin(), targets.end());
  effects_.push_back({.id = 0, .reason = std::move(reason), .action = std::move(action)});
  return true;
}

}  // namespace hyperwright::controllers
