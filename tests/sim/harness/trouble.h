// What people and machines do to the cluster beside the autoscaler, while it works.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "tests/sim/harness/swarm.h"
#include "tests/sim/harness/world.h"

namespace hyperwright::swarm {

enum class Trouble : std::uint8_t {
  Crash,
  LeaderChange,
  DeletedClaim,
  DeletedNode,
  EditedObject,
  DeletedPod,
  DeadNode,
  ReplacedNode,
  WithdrawnNode,
  ForeignNode,
  BusyGroup,
  DeletedNewClaim,
};
std::string_view to_string(Trouble trouble);

// When each of them happens, in order.
std::vector<std::pair<Duration, Trouble>> draw_troubles(const Swarm& swarm, Random& random);

// Makes one of them happen, to something that the generator picks; nothing where there is nothing
// to do it to. Crash, LeaderChange and DeletedNewClaim are the runner's. Says what happened.
std::string cause(Trouble trouble, const World& world, const Swarm& swarm, Random& random);
// What fell silent comes back.
void revive_everything(const World& world);

}  // namespace hyperwright::swarm
