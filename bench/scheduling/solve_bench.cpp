// One pass of the solver over Karpenter's own benchmark: one NodePool, 400 types of k cpu and 2k Gi
// in three zones, spot and on-demand, an empty cluster. Its "diverse" workload has five blocks;
// what is here is its generic one (30 sizes under 7 labels, uniformly drawn), because spreads and
// affinities between pods are not placed yet. "plain" is the same number of pods of one size: a
// large job. "mixed" is a cluster of 500 nodes, 30 of them with room, that 1,000 pods come to.
//
// Beside the time: nodes bought, what they cost an hour, and `over`, the cost over a bound that no
// plan can beat (cpu and memory as if nodes could be cut to size), in per cent. Prices are alike
// for spot and on-demand, as there.
#include <algorithm>
#include <string>

#include <benchmark/benchmark.h>

#include "base/random.h"
#include "tests/scheduling/cluster_builder.h"
#include "tests/scheduling/plan_check.h"

namespace hyperwright::scheduling {
namespace {

constexpr std::int64_t kCpuMillis[] = {100, 250, 500, 1000, 1500};
constexpr std::int64_t kMemoryMib[] = {100, 256, 512, 1024, 2048, 4096};

kube::Pod draw(const ClusterBuilder& cluster, Random& random, std::int64_t index) {
  kube::Pod pod = cluster.pod("pod-" + std::to_string(index));
  pod.meta.labels.set("my-label", std::string(1, static_cast<char>('a' + random.below(7))));
  pod.scheduling.requests.set(kube::Resource::Cpu, kCpuMillis[random.below(std::size(kCpuMillis))]);
  pod.scheduling.requests.set(kube::Resource::Memory,
                              kMemoryMib[random.below(std::size(kMemoryMib))] << 20);
  return pod;
}

ClusterBuilder karpenters_world() {
  ClusterBuilder cluster(incremental_types(400));
  cluster.groups().pop_back();  // spot costs the same there, and nothing else sets it apart
  cluster.put_pool(cluster.pool("default"));
  return cluster;
}

// The cheapest way to buy this much cpu and memory, if one could buy any part of the largest node.
std::int64_t bound_micros(const std::vector<const state::PodRecord*>& pods) {
  kube::Resources sum;
  for (const state::PodRecord* pod : pods) sum += pod->pod.scheduling.requests;
  const std::int64_t cpu = sum.get(kube::Resource::Cpu) * 314'748 / 1000;
  const std::int64_t memory = (sum.get(kube::Resource::Memory) >> 20) * 314'748 / 2048;
  return std::max(cpu, memory);
}

void measure(benchmark::State& state, ClusterBuilder& cluster) {
  const auto pods = cluster.waiting();
  const state::ClusterState& picture = cluster.state();
  Plan plan;
  for (auto _ : state) {
    plan = solve(picture, pods, cluster.now());
    benchmark::DoNotOptimize(plan);
  }
  const std::int64_t price = price_of(plan).micros();
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(pods.size()));
  state.counters["nodes"] = static_cast<double>(plan.new_nodes.size());
  state.counters["dollars"] = static_cast<double>(price) / 1e6;
  state.counters["over_%"] =
      static_cast<double>(price) / static_cast<double>(bound_micros(pods)) * 100 - 100;
  state.counters["unplaced"] = static_cast<double>(pods.size() - placed_pods(plan));
}

void solve_generic(benchmark::State& state) {
  ClusterBuilder cluster = karpenters_world();
  Random random(42);
  for (std::int64_t i = 0; i < state.range(0); ++i) cluster.put_pod(draw(cluster, random, i));
  measure(state, cluster);
}
BENCHMARK(solve_generic)
    ->Arg(50)
    ->Arg(100)
    ->Arg(500)
    ->Arg(1000)
    ->Arg(2000)
    ->Arg(5000)
    ->Arg(10000)
    ->Arg(20000)
    ->Unit(benchmark::kMillisecond);

void solve_plain(benchmark::State& state) {
  ClusterBuilder cluster = karpenters_world();
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    kube::Pod pod = cluster.pod("pod-" + std::to_string(i));
    pod.scheduling.requests.set(kube::Resource::Cpu, 250);
    pod.scheduling.requests.set(kube::Resource::Memory, std::int64_t{512} << 20);
    cluster.put_pod(std::move(pod));
  }
  measure(state, cluster);
}
BENCHMARK(solve_plain)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);

void solve_mixed(benchmark::State& state) {
  ClusterBuilder cluster = karpenters_world();
  Random random(42);
  for (int n = 0; n < 500; ++n) {
    const std::string node = "node-" + std::to_string(n);
    cluster.put_node({.name = node, .pool = "default", .type = "fake-it-15"});
    kube::Pod pod = cluster.pod("on-" + node);
    pod.scheduling.requests.set(kube::Resource::Cpu, n % 17 == 0 ? 8000 : 15'900);
    pod.node_name = node;
    pod.phase = kube::PodPhase::Running;
    pod.scheduled_reason.clear();
    cluster.put_pod(std::move(pod));
  }
  for (std::int64_t i = 0; i < 1000; ++i) cluster.put_pod(draw(cluster, random, i));
  measure(state, cluster);
}
BENCHMARK(solve_mixed)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hyperwright::scheduling
