// One seed, from its beginning to its rest: the whole system in the simulated world, with every
// promise watched at every instant.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "controllers/controller.h"
#include "runtime/leadership.h"
#include "runtime/loop.h"
#include "tests/sim/harness/swarm.h"

namespace hyperwright::swarm {

struct Violation {
  Duration at;  // since the beginning
  std::string promise;
  std::string why;
};

struct Outcome {
  std::vector<Violation> violations;  // of the first instant that had any
  std::uint64_t digest = 0;           // of every effect, with its time
  Duration lasted;
  std::size_t claims = 0;  // that were created
  std::set<std::string>
      reached;  // "effect BatchAddClusterNodes: provisioned", "answer Conflict"...
};

struct RunOptions {
  std::span<const controllers::Controller> controllers = controllers::all_controllers();
  std::function<void(std::vector<state::Effect>& effects, const runtime::Loop& loop)> after_turn;
  std::string only;  // the one promise that counts; "": all of them
  runtime::LeaseTimings lease;
  // Told, a line each, what happens: for people, and to compare two runs. Costs time.
  std::function<void(const std::string& line)> trace;
};

Outcome run(const Swarm& swarm, const RunOptions& options = {});

}  // namespace hyperwright::swarm
