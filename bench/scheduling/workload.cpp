#include "bench/scheduling/workload.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "base/number.h"
#include "base/random.h"
#include "kube/well_known.h"
#include "tests/scheduling/cluster_builder.h"

namespace hyperwright::bench {
namespace {

constexpr std::uint64_t kSeed = 42;
constexpr std::int64_t kMiB = std::int64_t{1} << 20;
constexpr std::int64_t kCpuMillis[] = {100, 250, 500, 1000, 1500};
constexpr std::int64_t kMemoryMib[] = {100, 256, 512, 1024, 2048, 4096};
constexpr std::string_view kLabels[] = {"a", "b", "c", "d", "e", "f", "g"};
constexpr std::string_view kOwnLabel = "my-label";
constexpr std::string_view kAffinityLabel = "my-affininity";  // upstream's spelling

template <typename T, std::size_t N>
const T& draw(Random& random, const T (&list)[N]) {
  return list[random.below(N)];
}

// Adds pods to a workload; equal ones are one shape.
class Drawing {
 public:
  explicit Drawing(Workload& workload) : workload_(workload) {}

  std::size_t shape(const kube::Pod& pod) {
    const auto [known, is_new] =
        shapes_.try_emplace({pod.meta.labels, pod.scheduling}, workload_.shapes.size());
    if (is_new) workload_.shapes.push_back(pod);
    return known->second;
  }
  void add(const kube::Pod& pod) { workload_.pods.push_back(shape(pod)); }

 private:
  Workload& workload_;
  std::map<std::pair<kube::StringMap, kube::Scheduling>, std::size_t> shapes_;
};

kube::Pod sized(std::int64_t cpu_millis, std::int64_t memory_mib) {
  kube::Pod pod;
  pod.scheduling.requests.set(kube::Resource::Cpu, cpu_millis);
  pod.scheduling.requests.set(kube::Resource::Memory, memory_mib * kMiB);
  pod.scheduling.requests.set(kube::Resource::Pods, 1);
  return pod;
}

kube::LabelSelector selecting(std::string_view key, std::string_view value) {
  kube::LabelSelector selector;
  selector.match_labels.set(key, value);
  return selector;
}

kube::PodAffinityTerm term(std::string_view topology_key, kube::LabelSelector selector) {
  kube::PodAffinityTerm term;
  term.topology_key = topology_key;
  term.selector = std::move(selector);
  return term;
}

// One pod of Karpenter's benchmark, before its size is set.
kube::Pod constrained(char kind, std::string_view label, std::string_view selected) {
  kube::Pod pod;
  kube::Scheduling& scheduling = pod.scheduling;
  if (kind == 'G' || kind == 'Z' || kind == 'H') pod.meta.labels.set(kOwnLabel, label);
  if (kind == 'Z' || kind == 'H') {
    kube::TopologySpreadConstraint spread;
    spread.topology_key = kind == 'Z' ? kube::kZone : kube::kHostname;
    spread.selector = selecting(kOwnLabel, selected);
    scheduling.topology_spread.push_back(std::move(spread));
  }
  if (kind == 'A') {
    pod.meta.labels.set(kAffinityLabel, label);
    scheduling.required_pod_affinity.push_back(term(kube::kZone, selecting(kAffinityLabel, label)));
  }
  if (kind == 'N') {
    pod.meta.labels.set("app", "nginx");
    scheduling.required_pod_anti_affinity.push_back(
        term(kube::kHostname, selecting("app", "nginx")));
  }
  return pod;
}

kube::Pod with_size(kube::Pod pod, std::int64_t cpu_millis, std::int64_t memory_mib) {
  pod.scheduling.requests = sized(cpu_millis, memory_mib).scheduling.requests;
  return pod;
}

// Draws in upstream's order: own label, selected label, cpu, memory.
kube::Pod drawn(char kind, Random& random) {
  const std::string_view label = kind == 'N' ? std::string_view{} : draw(random, kLabels);
  const std::string_view selected =
      kind == 'Z' || kind == 'H' ? draw(random, kLabels) : std::string_view{};
  const std::int64_t cpu_millis = draw(random, kCpuMillis);
  const std::int64_t memory_mib = draw(random, kMemoryMib);
  return with_size(constrained(kind, label, selected), cpu_millis, memory_mib);
}

void sell_fake_types(Workload& workload, int count) {
  workload.zones = {"test-zone-1", "test-zone-2", "test-zone-3"};
  workload.markets = {{"spot", {"test-zone-1", "test-zone-2"}, 100},
                      {"on-demand", workload.zones, 100}};
  workload.micro_dollars_per_cpu = 314'748;
  int cpus = 1;
  for (hyperpod::InstanceType& type : scheduling::incremental_types(count)) {
    TypeOnSale sold{std::move(type), {"darwin", "linux", "windows"}, {}};
    sold.labels.set("integer", std::to_string(cpus));
    sold.labels.set("size", cpus > 4 ? "large" : "small");
    if (cpus > 4) sold.labels.set("special", "optional");
    workload.types.push_back(std::move(sold));
    ++cpus;
  }
}

void sell_catalogue(Workload& workload) {
  workload.zones = {"us-west-2a", "us-west-2b", "us-west-2c"};
  workload.markets = {{"on-demand", workload.zones, 100}};
  for (const hyperpod::InstanceType& type : hyperpod::InstanceTypes::shipped().all()) {
    if (type.on_demand) workload.types.push_back({type, {"linux"}, {}});
  }
}

// i,kind,label,selector,cpu_m,mem_mi
Status read_diverse(Workload& workload, const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    return fail(ErrorCode::NotFound, fmt::format("{} cannot be read", path),
                "give the folder bench/scheduling with --data");
  }
  Drawing drawing(workload);
  std::string line;
  std::getline(file, line);
  std::size_t row = 0;
  while (std::getline(file, line)) {
    std::vector<std::string> cells;
    std::stringstream cut(line);
    for (std::string cell; std::getline(cut, cell, ',');) cells.push_back(cell);
    const auto cpu = cells.size() == 6 ? parse_int64(cells[4]) : std::nullopt;
    const auto memory = cells.size() == 6 ? parse_int64(cells[5]) : std::nullopt;
    // Five blocks of a fifth each, so that a row's place says its kind.
    if (!cpu || !memory || cells[1] != std::string(1, "GZHAN"[std::min<std::size_t>(row / 200, 4)]))
      return fail(ErrorCode::Invalid, fmt::format("{}:{}: \"{}\" is no pod", path, row + 2, line));
    drawing.add(with_size(constrained(cells[1][0], cells[2], cells[3]), *cpu, *memory));
    ++row;
  }
  return {};
}

Status add_diverse(Workload& workload, std::size_t count, const std::string& data) {
  sell_fake_types(workload, 400);
  if (count == 1000) return read_diverse(workload, data + "/diverse-1000.csv");
  Random random(kSeed);
  Drawing drawing(workload);
  for (const char kind : {'G', 'Z', 'H', 'A', 'N'}) {
    for (std::size_t i = 0; i < count / 5; ++i) drawing.add(drawn(kind, random));
  }
  while (workload.pods.size() < count) drawing.add(drawn('G', random));
  return {};
}

void add_plain(Workload& workload, std::size_t count) {
  Random random(kSeed);
  Drawing drawing(workload);
  while (workload.pods.size() < count) drawing.add(drawn('G', random));
}

void add_preference(Workload& workload, std::size_t count) {
  sell_fake_types(workload, 400);
  kube::Pod pod = sized(100, 4096);
  pod.meta.labels.set("app", "nginx");
  kube::PreferredNodeTerm zone;
  zone.term.match_expressions.push_back(
      {std::string(kube::kZone), kube::NodeOperator::In, {"test-zone-1"}, {}});
  pod.scheduling.preferred_node_terms.push_back(std::move(zone));
  pod.scheduling.preferred_pod_anti_affinity = {
      {10, term(kube::kZone, selecting("app", "nginx"))},
      {1, term(kube::kHostname, selecting("app", "nginx"))}};
  Drawing drawing(workload);
  for (std::size_t i = 0; i < count; ++i) drawing.add(pod);
}

kube::Pod cpu_pod(Random& random) {
  constexpr std::int64_t cpu_millis[] = {500, 1000, 2000, 4000, 8000, 15'000};
  constexpr std::int64_t mib_per_cpu[] = {1024, 2048, 3500, 7000};
  const std::int64_t cpu = draw(random, cpu_millis);
  return sized(cpu, cpu * draw(random, mib_per_cpu) / 1000);
}

kube::Pod gpu_pod(Random& random) {
  constexpr std::int64_t gpus[] = {1, 1, 1, 2, 4, 8};
  constexpr std::int64_t cpu_millis_per_gpu[] = {1500, 3000, 6000};
  constexpr std::int64_t mib_per_gpu[] = {6144, 12'288, 24'576};
  constexpr std::string_view families[] = {"", "", "", "", "a10g", "l4", "l40s", "h100"};
  const std::int64_t count = draw(random, gpus);
  kube::Pod pod =
      sized(count * draw(random, cpu_millis_per_gpu), count * draw(random, mib_per_gpu));
  pod.scheduling.requests.set(kube::Resource::NvidiaGpu, count);
  const std::string_view family = draw(random, families);
  if (family.empty()) return pod;
  kube::NodeRequirement types{std::string(kube::kInstanceType), kube::NodeOperator::In, {}, {}};
  for (const hyperpod::InstanceType& type : hyperpod::InstanceTypes::shipped().all()) {
    if (type.on_demand && type.gpu_model == family) types.values.push_back(type.name);
  }
  kube::NodeSelectorTerm allowed;
  allowed.match_expressions.push_back(std::move(types));
  pod.scheduling.required_node_terms.push_back(std::move(allowed));
  return pod;
}

kube::Pod neuron_pod(Random& random) {
  constexpr std::int64_t cores[] = {2, 8, 32};
  const std::int64_t count = draw(random, cores);
  kube::Pod pod = sized(count * 1500, count * 6144);
  pod.scheduling.requests.set(kube::Resource::NeuronCore, count);
  return pod;
}

void add_mix(Workload& workload, std::size_t count, bool has_accelerators) {
  sell_catalogue(workload);
  Random random(kSeed);
  Drawing drawing(workload);
  while (workload.pods.size() < count) {
    const std::uint64_t tenth = has_accelerators ? random.below(10) : 0;
    drawing.add(tenth < 5 ? cpu_pod(random) : tenth < 9 ? gpu_pod(random) : neuron_pod(random));
  }
}

void add_standing(Workload& workload, std::size_t count) {
  sell_fake_types(workload, 800);
  add_plain(workload, count);
  constexpr std::int64_t used_cpus[] = {2, 4, 6, 8, 10, 12, 14, 15};
  Random random(kSeed + 1);
  Drawing drawing(workload);
  for (std::size_t i = 0; i < count / 20; ++i) {
    const std::int64_t cpus = draw(random, used_cpus);
    workload.nodes.push_back({"fake-it-15",
                              workload.zones[i % workload.zones.size()],
                              "on-demand",
                              {drawing.shape(sized(cpus * 1000, cpus * 2048))}});
  }
}

}  // namespace

Result<Workload> generate(std::string_view kind, std::size_t pods, const std::string& data) {
  Workload workload;
  workload.name = fmt::format("{}-{}", kind, pods);
  if (kind == "diverse") {
    if (auto added = add_diverse(workload, pods, data); !added) return fail(added.error());
  } else if (kind == "plain") {
    sell_fake_types(workload, 400);
    add_plain(workload, pods);
  } else if (kind == "preference" || kind == "preference-ignored") {
    add_preference(workload, pods);
    workload.ignores_preferences = kind == "preference-ignored";
  } else if (kind == "mix" || kind == "gpu") {
    add_mix(workload, pods, kind == "gpu");
  } else if (kind == "standing") {
    add_standing(workload, pods);
  } else {
    return fail(ErrorCode::Invalid, fmt::format("\"{}\" is no kind of workload", kind),
                "say diverse, plain, preference, preference-ignored, mix, gpu or standing");
  }
  return workload;
}

}  // namespace hyperwright::bench
