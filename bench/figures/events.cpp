// Events a second through the loop, fold and the controllers' turn together, around a cluster that
// is there: its first lists, kubelets that report, pods that come and go.
#include <boost/json.hpp>
#include <fmt/format.h>

#include "bench/figures/figures.h"
#include "bench/figures/snapshot.h"
#include "runtime/calls.h"

namespace hyperwright::bench {
namespace {

void print_rate(const std::string& name, const World& world, const std::string& note) {
  const World::Spent& spent = world.spent();
  print({.name = name,
         .value = number(static_cast<double>(spent.events) / spent.turns.seconds()),
         .unit = "events/s",
         .aim = {},
         .note = fmt::format("{}; longest turn {} ms ({})", note, number(spent.longest_turn_ms),
                             spent.longest_turn)});
}

void measure_decoding() {
  const std::string line = pod_text({.node = "hyperpod-i-0123456789abcdef0"}, 1);
  Stopwatch watch;
  constexpr int kTimes = 5'000;
  watch.go();
  for (int i = 0; i < kTimes; ++i) {
    const auto event = runtime::changed_event(state::Kind::Pod, boost::json::parse(line));
    check(event.has_value(), "a pod can be decoded");
  }
  watch.stop();
  print({.name = "watch lines of pods decoded",
         .value = number(kTimes / watch.seconds()),
         .unit = "events/s",
         .aim = {},
         .note = fmt::format("{} bytes a line; on the client's thread", line.size())});
}

// Every Node once, a few at a time, as they come in.
void measure_heartbeats(World& world) {
  std::vector<kube::Node> nodes;
  for (const auto& [name, record] : world.state().nodes()) nodes.push_back(record.node);
  world.reset_spent();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    nodes[i].meta.resource_version = world.next_version();
    world.put(state::Object(nodes[i]));
    if (i % 8 == 7) world.step();
  }
  world.settle();
  print_rate("loop: kubelets report", world, "8 nodes a turn");
}

// A rolling update: a pod goes, its successor is pending, is bound where the other was, and runs.
void measure_churn(World& world) {
  constexpr std::size_t kPods = 1'000;
  std::vector<kube::Pod> pods;
  for (const auto& [key, record] : world.state().pods()) {
    if (pods.size() == kPods) break;
    pods.push_back(record.pod);
  }
  world.reset_spent();
  for (kube::Pod& pod : pods) {
    world.remove_pod({pod.meta.namespace_, pod.meta.name}, pod.meta.uid);
    world.step();
    pod.meta.name += "-next";
    pod.meta.uid += "-next";
    kube::Pod waiting = pod;
    waiting.node_name.clear();
    waiting.phase = kube::PodPhase::Pending;
    waiting.scheduled_reason = "Unschedulable";
    for (kube::Pod* state : {&waiting, &pod}) {
      state->meta.resource_version = world.next_version();
      world.put(state::Object(*state));
      world.step();
    }
  }
  world.settle();
  print_rate("loop: pods go, come, are bound", world, "1 event a turn");
}

}  // namespace

void measure_events(const std::string& snapshot) {
  measure_decoding();
  progress("listing the cluster");
  World world(plain_cluster());
  list_snapshot(world, snapshot);
  end_progress();
  print({.name = "loop: the first lists of a new process",
         .value = number(world.spent().turns.seconds()),
         .unit = "s",
         .aim = {},
         .note = fmt::format("{} events, {} effects; longest turn {} ms ({})",
                             number(static_cast<double>(world.spent().events)),
                             number(static_cast<double>(world.spent().effects)),
                             number(world.spent().longest_turn_ms), world.spent().longest_turn)});
  measure_heartbeats(world);
  measure_churn(world);
}

}  // namespace hyperwright::bench
