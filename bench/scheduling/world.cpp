#include "bench/scheduling/world.h"

#include <utility>

#include <fmt/format.h>

#include "base/number.h"

namespace hyperwright::bench {
namespace {

constexpr std::string_view kUidPrefix = "uid-pod-";

kube::Pod named(const scheduling::ClusterBuilder& cluster, const kube::Pod& shape,
                const std::string& name) {
  kube::Pod pod = cluster.pod(name);
  pod.meta.labels = shape.meta.labels;
  pod.scheduling = shape.scheduling;
  return pod;
}

}  // namespace

scheduling::ClusterBuilder world_of(const Workload& workload, std::int64_t cpus) {
  std::vector<hyperpod::InstanceType> types;
  for (const TypeOnSale& sold : workload.types) types.push_back(sold.type);
  state::Options options = {.cluster = "test"};
  if (workload.ignores_preferences) options.preference_policy = state::PreferencePolicy::Ignore;
  scheduling::ClusterBuilder cluster(std::move(types), std::move(options));
  cluster.set_zones(workload.zones);
  cluster.clear_groups();
  for (const Market& market : workload.markets) {
    if (market.capacity_type == "spot" && market.price_percent == 100) continue;
    hyperpod::InstanceGroup& group = cluster.add_group(market.capacity_type);
    group.subnets.clear();
    for (const std::string& zone : market.zones) group.subnets.push_back("subnet-" + zone);
    if (market.capacity_type == "spot") group.capacity_type = hyperpod::CapacityType::Spot;
  }
  kube::NodePool pool = cluster.pool("default");
  pool.template_labels.set("testing/cluster", "unspecified");
  pool.limits = kube::Limits{{{"cpu", cpus * 1000}, {"memory", std::int64_t{10'000'000} << 30}}};
  cluster.put_pool(std::move(pool));

  for (std::size_t n = 0; n < workload.nodes.size(); ++n) {
    const StandingNode& node = workload.nodes[n];
    const std::string name = fmt::format("node-{}", n);
    cluster.put_node({.name = name,
                      .pool = "default",
                      .type = node.type,
                      .zone = node.zone,
                      .capacity_type = node.capacity_type});
    for (std::size_t i = 0; i < node.pods.size(); ++i) {
      kube::Pod pod =
          named(cluster, workload.shapes[node.pods[i]], fmt::format("on-{}-{}", name, i));
      pod.node_name = name;
      pod.phase = kube::PodPhase::Running;
      pod.scheduled_reason.clear();
      cluster.put_pod(std::move(pod));
    }
  }
  for (std::size_t i = 0; i < workload.pods.size(); ++i)
    cluster.put_pod(named(cluster, workload.shapes[workload.pods[i]], fmt::format("pod-{}", i)));
  return cluster;
}

std::size_t place_of(const std::string& uid) {
  check(uid.starts_with(kUidPrefix), "a benchmark's plan places the benchmark's pods");
  const auto place = parse_count(std::string_view(uid).substr(kUidPrefix.size()));
  check(place.has_value(), "a benchmark's pods are numbered");
  return static_cast<std::size_t>(*place);
}

}  // namespace hyperwright::bench
