// The promises, guarded at run time: an effect that would break one is refused before it goes out.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "state/cluster_state.h"
#include "state/effect.h"

namespace hyperwright::controllers {

// Why this effect must not go out; nullopt: it may.
std::optional<std::string> refusal(const state::ClusterState& state, const state::Effect& effect, Time now);

}  // namespace hyperwright::controllers
