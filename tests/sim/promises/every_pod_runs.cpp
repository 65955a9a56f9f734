// When the faults stop, within a bounded time every pod that can run runs, what was begun is
// finished, and no node is left that nobody needs. What "finished" means is in harness/rest.h.
#include "tests/sim/harness/rest.h"
#include "tests/sim/promises/promise.h"

namespace hyperwright::swarm {
namespace {

class EveryPodRuns : public Promise {
 public:
  EveryPodRuns() : Promise("every pod runs") {}

  void at_rest(const World& world) override {
    for (std::string& what : unfinished(world)) broken(std::move(what));
  }
};

}  // namespace

std::unique_ptr<Promise> every_pod_runs() { return std::make_unique<EveryPodRuns>(); }

}  // namespace hyperwright::swarm
