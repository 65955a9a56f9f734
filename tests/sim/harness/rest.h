// What is not finished yet, when no fault stands in its way any more. Empty: the world is at rest.
#pragma once

#include <string>
#include <vector>

#include "tests/sim/harness/world.h"

namespace hyperwright::swarm {

// One sentence each: pods that could run and do not, claims that are coming, going or will expire,
// nodes that nobody needs and nothing keeps, instances that end, effects that are under way.
std::vector<std::string> unfinished(const World& world);

}  // namespace hyperwright::swarm
