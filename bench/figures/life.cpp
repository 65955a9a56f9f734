// A cluster that grows from nothing to all its nodes at once, and goes back to nothing: every event
// that this brings, through fold and controllers.
#include <vector>

#include <fmt/format.h>

#include "bench/figures/figures.h"
#include "bench/figures/snapshot.h"

namespace hyperwright::bench {
namespace {

constexpr std::size_t kPodsPerNode = 10;
constexpr std::size_t kWorkloads = 40;

void print_spent(const std::string& name, const World& world) {
  const World::Spent& spent = world.spent();
  print({.name = name,
         .value = number(static_cast<double>(spent.events) / spent.turns.seconds()),
         .unit = "events/s",
         .aim = {},
         .note = fmt::format("{} events, {} effects in {:.1f} s; longest turn {} ms ({})",
                             number(static_cast<double>(spent.events)),
                             number(static_cast<double>(spent.effects)), spent.turns.seconds(),
                             number(spent.longest_turn_ms), spent.longest_turn)});
}

std::size_t initialized(const World& world) {
  std::size_t count = 0;
  for (const auto& [name, record] : world.state().claims())
    count += kube::is_true(record.claim.conditions, "Initialized") ? 1U : 0U;
  return count;
}

}  // namespace

void measure_life(std::size_t nodes, const std::string& snapshot) {
  World world(plain_cluster());
  world.put(state::Object(node_class(plain_cluster())));
  world.put(state::Object(node_pool("general", {"general"})));
  world.end_lists();
  world.settle();

  std::vector<PodShape> pods;
  for (std::size_t i = 0; i < nodes * kPodsPerNode; ++i) {
    pods.push_back({.index = i, .workload = i % kWorkloads, .node = {}});
    world.put_pod(pods.back());
  }
  const std::string size = number(static_cast<double>(nodes)) + " nodes";
  world.reset_spent();
  world.run_until("growing", [&] {
    return world.state().pending_pods().empty() && !world.state().claims().empty() &&
           initialized(world) == world.state().claims().size();
  });
  world.settle();
  print_spent(fmt::format("loop: from zero to {}", size), world);
  if (world.state().nodes().size() != nodes)
    fmt::print("  (that were {} nodes)\n", world.state().nodes().size());
  if (!snapshot.empty()) write_snapshot(world, pods, snapshot);

  for (const auto& [key, record] : world.state().pods()) world.remove_pod(key, record.pod.meta.uid);
  world.reset_spent();
  world.run_until("shrinking", [&] {
    return world.state().pods().empty() && world.state().claims().empty() &&
           world.state().nodes().empty();
  });
  print_spent(fmt::format("loop: from {} back to zero", size), world);
}

}  // namespace hyperwright::bench
