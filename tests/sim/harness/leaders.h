// Two controllers and the Lease between them: one acts, the other waits; the first is cut off from
// the API, dies, or steps down, and the other takes over with a picture of its own.
//
// Who may act is decided by runtime::Leadership, as in the real controller; here its reads and
// writes go to the API model. The autoscaler of the simulation runs while one of the two leads.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/random.h"
#include "runtime/leadership.h"
#include "sim/simulation.h"

namespace hyperwright::swarm {

class Leaders {
 public:
  // `simulation` outlives this; its autoscaler stops until one of the two leads.
  Leaders(sim::Simulation& simulation, runtime::LeaseTimings timings, Random random);

  void step();
  [[nodiscard]] Time next_wake() const;
  // The leader loses its leadership in one of the three ways. Says which.
  std::string change();
  // Nobody is cut off any more; and once somebody leads, that does not change again.
  void heal();
  // Why there were two at once, each time.
  [[nodiscard]] const std::vector<std::string>& broken() const { return broken_; }

 private:
  struct Candidate {
    runtime::Leadership leadership;
    Time next_step;
    Time cut_off_until;
    bool leads = false;
  };
  void step(Candidate& candidate);
  void renew(Candidate& candidate);
  Candidate begin_anew();

  sim::Simulation& simulation_;
  runtime::LeaseTimings timings_;
  Random random_;
  std::array<Candidate, 2> candidates_;
  bool is_healed_ = false;
  std::vector<std::string> broken_;
};

}  // namespace hyperwright::swarm
