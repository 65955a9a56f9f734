// Rules broken on purpose: proof that the harness sees what it is there for.
//
// A mutant is a controller that is wrong, put in the place of the right one, or a hand on the
// effects between the loop, whose guards have let them pass, and the world. Nothing in the
// production code knows of them.
#pragma once

#include <string_view>
#include <vector>

#include "tests/sim/harness/run.h"

namespace hyperwright::swarm {

struct Mutant {
  std::string_view promise;  // that it breaks
  std::string_view name;     // the rule that does not hold any more
  // Called for each run: a mutant may remember what it saw.
  RunOptions (*options)();
};

const std::vector<Mutant>& all_mutants();

}  // namespace hyperwright::swarm
