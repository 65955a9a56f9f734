// Promise 7: once the world stands still, the loop goes quiet: no effect without a cause.
//
//   under faults  no object is written in a hot loop: at most so many calls for one target in so
//                 long
//   at rest       a look at everything emits nothing
#include <deque>
#include <map>

#include <fmt/format.h>

#include "tests/sim/promises/promise.h"

namespace hyperwright::swarm {
namespace {

constexpr std::size_t kCallsMax = 200;
constexpr Duration kWithin = Duration::minutes(10);

class Quiet : public Promise {
 public:
  Quiet() : Promise("quiet") {}

  void call_arrives(const World& world, const state::Effect& effect) override {
    for (const state::Target& target : state::targets_of(effect.action)) {
      if (target.of == state::Target::Of::Nothing) continue;
      std::deque<Time>& calls = calls_[target];
      calls.push_back(world.now());
      while (calls.front() + kWithin < world.now()) calls.pop_front();
      if (calls.size() != kCallsMax) continue;
      broken(fmt::format("{} calls for {} in {}, the last one {}", kCallsMax, target.name,
                         format_duration(kWithin), state::name_of(effect.action)));
    }
  }

  void at_rest(const World& world) override {
    if (!world.simulation().has_autoscaler()) return;
    runtime::Loop& loop = world.simulation().autoscaler().loop();
    if (loop.next_wake() <= world.now()) return;  // something is due anyhow
    loop.look_at_everything(world.now());
    for (const state::Effect& effect : loop.turn({}, world.now())) {
      std::string targets;
      for (const state::Target& target : state::targets_of(effect.action))
        targets += ' ' + target.name;
      broken(fmt::format("a look at everything emits {}{}, reason \"{}\"",
                         state::name_of(effect.action), targets, effect.reason));
    }
  }

 private:
  std::map<state::Target, std::deque<Time>> calls_;
};

}  // namespace

std::unique_ptr<Promise> quiet() { return std::make_unique<Quiet>(); }

}  // namespace hyperwright::swarm
