// The bound by area; lower_bound.h tells what it is.
#include <algorithm>
#include <map>

#include "bench/scheduling/lower_bound.h"
#include "kube/well_known.h"

namespace hyperwright::bench {
namespace {

constexpr std::int64_t kNodeCpuMillis = 100;  // what every node keeps for itself
constexpr std::int64_t kNodeMemoryMib = 10;
constexpr std::int64_t kMemoryMibPerCpu = 2048;

std::int64_t mib(std::int64_t bytes) { return bytes >> 20; }

}  // namespace

bool repels_its_like(const kube::Pod& pod) {
  return std::ranges::any_of(pod.scheduling.required_pod_anti_affinity,
                             [&](const kube::PodAffinityTerm& term) {
                               return term.topology_key == kube::kHostname && term.selector &&
                                      term.selector->matches(pod.meta.labels);
                             });
}

std::optional<double> area_bound(const Workload& workload) {
  if (workload.micro_dollars_per_cpu == 0) return std::nullopt;
  std::int64_t cpu_millis = 0;
  std::int64_t memory_mib = 0;
  std::int64_t lone = 0;
  for (const std::size_t shape : workload.pods) {
    const kube::Pod& pod = workload.shapes[shape];
    cpu_millis += pod.scheduling.requests.get(kube::Resource::Cpu);
    memory_mib += mib(pod.scheduling.requests.get(kube::Resource::Memory));
    lone += repels_its_like(pod) ? 1 : 0;
  }
  // Each node that is there already may take one of them.
  lone = std::max<std::int64_t>(0, lone - static_cast<std::int64_t>(workload.nodes.size()));
  cpu_millis += lone * kNodeCpuMillis;
  memory_mib += lone * kNodeMemoryMib;
  // What is free on nodes that are there costs nothing, and the pods may have all of it.
  std::map<std::string, const hyperpod::InstanceType*> types;
  for (const TypeOnSale& sold : workload.types) types[sold.type.name] = &sold.type;
  for (const StandingNode& node : workload.nodes) {
    kube::Resources free = types.at(node.type)->allocatable();
    for (const std::size_t shape : node.pods) free -= workload.shapes[shape].scheduling.requests;
    cpu_millis -= free.get(kube::Resource::Cpu);
    memory_mib -= mib(free.get(kube::Resource::Memory));
  }
  const auto up = [](std::int64_t amount, std::int64_t unit) {
    return std::max<std::int64_t>(0, (amount + unit - 1) / unit);
  };
  const std::int64_t cpus = std::max(up(cpu_millis, 1000), up(memory_mib, kMemoryMibPerCpu));
  return static_cast<double>(cpus * workload.micro_dollars_per_cpu) / 1e6;
}

}  // namespace hyperwright::bench
