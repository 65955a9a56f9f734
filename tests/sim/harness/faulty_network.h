// The network of a seed: calls that are slow, refused, or lost on the way there or back, and
// watches that are late, repeat themselves, break or are forgotten, at the seed's rates.
#pragma once

#include "base/random.h"
#include "sim/network.h"
#include "tests/sim/harness/swarm.h"

namespace hyperwright::swarm {

class FaultyNetwork : public sim::Network {
 public:
  FaultyNetwork(const Swarm& swarm, Random random) : swarm_(swarm), random_(random) {}
  sim::CallFate fate_of(const state::Effect& effect, Time now) override;
  sim::ChangeFate fate_of(state::Kind kind, Time now) override;
  // From now on nothing goes wrong any more.
  void heal() { is_healed_ = true; }

 private:
  sim::CallFate draw(const Rates& rates, bool is_kubernetes, sim::CallFate fate);
  Duration up_to(Duration longest);

  const Swarm& swarm_;
  Random random_;
  bool is_healed_ = false;
};

}  // namespace hyperwright::swarm
