#include "sim/network.h"

#include <algorithm>

namespace hyperwright::sim {

bool is_for_hyperpod(const state::Action& action) {
  const auto targets = state::targets_of(action);
  return std::ranges::any_of(targets, [](const state::Target& target) {
    return target.of == state::Target::Of::Launch || target.of == state::Target::Of::Instance ||
           target.of == state::Target::Of::Reading;
  });
}

}  // namespace hyperwright::sim
