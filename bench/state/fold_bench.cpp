// What it costs to fold a whole cluster, and to keep it: events a second, and resident memory.
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <malloc.h>

#include "bench/state/load.h"
#include "state/cluster_state.h"

namespace hyperwright::bench {
namespace {

// VmRSS of this process, after what was freed has been given back.
double resident_mib() {
  malloc_trim(0);
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

state::ClusterState empty_picture() {
  return {state::Options{.cluster = "ml"}, hyperpod::InstanceTypes::of({})};
}

state::EffectId ask(state::ClusterState& picture, state::Action action, state::Payload payload) {
  static state::EffectId id = 0;
  picture.fold_emitted({.id = ++id, .reason = "bench", .action = std::move(action)}, kStart);
  picture.fold(state::Answered{.effect = id,
                               .outcome = state::Outcome::Done,
                               .message = {},
                               .payload = std::move(payload)},
               kStart);
  return id;
}

void describe_and_list(state::ClusterState& picture) {
  hyperpod::Cluster cluster;
  cluster.name = "ml";
  cluster.arn = kClusterArn;
  cluster.groups.push_back({.name = "gpu", .instance_types = {"ml.p5.48xlarge"}});
  ask(picture, state::DescribeCluster{}, cluster);
  hyperpod::Page<hyperpod::Node> page;
  for (std::size_t i = 0; i < kNodes; ++i) page.items.push_back(instance(i));
  ask(picture, state::ListClusterNodes{}, std::move(page));
  for (std::size_t kind = 0; kind < state::kKindCount; ++kind)
    picture.fold(state::Synced{static_cast<state::Kind>(kind)}, kStart);
}

// One after the other, as they come in: none is kept beside the picture.
template <typename Take>
void for_each_object(const Take& take) {
  std::uint64_t version = 1;
  for (std::size_t i = 0; i < kNodes; ++i) take(node(i, version++));
  for (std::size_t i = 0; i < kNodes; ++i) take(claim(i, version++));
  for (std::size_t i = 0; i < kPods; ++i) take(pod(i, version++));
}

// Memory with 5,000 nodes, their claims and instances, and 50,000 pods. The rival keeps the objects
// in plain maps, without any index: the difference is what the picture costs.
void resident_memory_of_the_picture(benchmark::State& state) {
  for (auto _ : state) {
    const double before = resident_mib();
    state::ClusterState picture = empty_picture();
    for_each_object([&](auto object) { picture.fold(state::Changed{std::move(object)}, kStart); });
    describe_and_list(picture);
    picture.take_changed();
    state.counters["resident_MiB"] = resident_mib() - before;
    benchmark::DoNotOptimize(picture);
  }
}
void resident_memory_of_plain_maps(benchmark::State& state) {
  for (auto _ : state) {
    const double before = resident_mib();
    std::map<std::string, state::Object> objects;
    for_each_object([&](auto object) {
      std::string name = object.meta.name;
      objects.emplace(std::move(name), std::move(object));
    });
    state.counters["resident_MiB"] = resident_mib() - before;
    benchmark::DoNotOptimize(objects);
  }
}

std::vector<state::Event> all_events() {
  std::vector<state::Event> events;
  events.reserve(2 * kNodes + kPods);
  for_each_object([&](auto object) { events.emplace_back(state::Changed{std::move(object)}); });
  return events;
}

// The start of a process: everything is new.
void fold_the_first_lists(benchmark::State& state) {
  const std::vector<state::Event> events = all_events();
  for (auto _ : state) {
    state::ClusterState picture = empty_picture();
    for (const state::Event& event : events) picture.fold(event, kStart);
    describe_and_list(picture);
    benchmark::DoNotOptimize(picture.take_changed());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(events.size()));
}
void copy_the_first_lists_into_a_map(benchmark::State& state) {
  const std::vector<state::Event> events = all_events();
  for (auto _ : state) {
    std::map<std::string, state::Object> objects;
    for (const state::Event& event : events) {
      const state::Object& object = std::get<state::Changed>(event).object;
      objects.insert_or_assign(state::meta_of(object).name, object);
    }
    benchmark::DoNotOptimize(objects);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(events.size()));
}

state::ClusterState full_picture() {
  state::ClusterState picture = empty_picture();
  describe_and_list(picture);
  for_each_object([&](auto object) { picture.fold(state::Changed{std::move(object)}, kStart); });
  picture.take_changed();
  return picture;
}

// A quiet hour: kubelets report, nothing else happens.
void fold_heartbeats(benchmark::State& state) {
  state::ClusterState picture = full_picture();
  std::uint64_t version = 1'000'000;
  std::vector<kube::Node> nodes;
  for (std::size_t i = 0; i < kNodes; ++i) nodes.push_back(node(i, 0));
  for (auto _ : state) {
    for (kube::Node& beats : nodes) {
      beats.meta.resource_version = ++version;
      picture.fold(state::Changed{beats}, kStart);
    }
    benchmark::DoNotOptimize(picture.take_changed());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kNodes));
}

// A busy minute: pods of one workload go, and come back, are found unschedulable, and are bound.
void fold_pods_that_come_and_go(benchmark::State& state) {
  state::ClusterState picture = full_picture();
  std::uint64_t version = 1'000'000;
  constexpr std::size_t kChanging = 1'000;
  for (auto _ : state) {
    for (std::size_t i = 0; i < kChanging; ++i) {
      const kube::Pod bound = pod(i, ++version);
      const kube::ObjectKey key{bound.meta.namespace_, bound.meta.name};
      picture.fold(state::Gone{state::Kind::Pod, key, bound.meta.uid, ++version}, kStart);
      kube::Pod waiting = bound;
      waiting.node_name.clear();
      waiting.phase = kube::PodPhase::Pending;
      waiting.scheduled_reason = "Unschedulable";
      waiting.meta.resource_version = ++version;
      picture.fold(state::Changed{std::move(waiting)}, kStart);
      picture.fold(state::Changed{pod(i, ++version)}, kStart);
    }
    benchmark::DoNotOptimize(picture.take_changed());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(3 * kChanging));
}

// Memory first, while the process is still small.
BENCHMARK(resident_memory_of_the_picture)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(resident_memory_of_plain_maps)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(fold_the_first_lists)->Unit(benchmark::kMillisecond);
BENCHMARK(copy_the_first_lists_into_a_map)->Unit(benchmark::kMillisecond);
BENCHMARK(fold_heartbeats)->Unit(benchmark::kMillisecond);
BENCHMARK(fold_pods_that_come_and_go)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hyperwright::bench
