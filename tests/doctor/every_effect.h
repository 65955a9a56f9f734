// One effect of every kind that there is, so that a list of what they call can be held against all
// of them: a new kind is in it by itself.
#pragma once

#include <utility>
#include <variant>
#include <vector>

#include "state/effect.h"

namespace hyperwright::doctor::test {

inline void name(kube::ObjectMeta& meta) {
  meta.name = "some";
  meta.resource_version = 7;
}

template <typename Action>
void name_objects_of(Action& action) {
  if constexpr (requires { action.claim.meta; }) name(action.claim.meta);
  if constexpr (requires { action.pool.meta; }) name(action.pool.meta);
  if constexpr (requires { action.node_class.meta; }) name(action.node_class.meta);
  if constexpr (requires { action.overlay.meta; }) name(action.overlay.meta);
  if constexpr (requires { action.buffer.meta; }) {
    name(action.buffer.meta);
    action.buffer.meta.namespace_ = "default";
  }
}

template <std::size_t... Kinds>
std::vector<state::Effect> effects_of(std::index_sequence<Kinds...>) {
  std::vector<state::Effect> effects;
  const auto add = [&](auto action) {
    name_objects_of(action);
    effects.push_back({.id = effects.size() + 1, .reason = {}, .action = std::move(action)});
  };
  (add(std::variant_alternative_t<Kinds, state::Action>{}), ...);
  return effects;
}

inline std::vector<state::Effect> every_effect() {
  return effects_of(std::make_index_sequence<std::variant_size_v<state::Action>>());
}

}  // namespace hyperwright::doctor::test
