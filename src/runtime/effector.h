// Carries effects out. It holds no policy: it makes the call that an effect stands for and brings
// the answer back as one Answered event, through an inbox or whatever the world has.
#pragma once

#include "state/effect.h"

namespace hyperwright::runtime {

class Effector {
 public:
  Effector() = default;
  Effector(const Effector&) = delete;
  Effector& operator=(const Effector&) = delete;
  virtual ~Effector() = default;
  // Starts it and returns at once. Exactly one answer follows for each effect that is_answered.
  virtual void carry_out(const state::Effect& effect) = 0;
};

}  // namespace hyperwright::runtime
