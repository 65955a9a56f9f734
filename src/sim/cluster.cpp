#include "sim/cluster.h"

#include <algorithm>

#include "base/error.h"

namespace hyperwright::sim {
namespace {

// Many times what the longest chain of reactions takes: a Deployment of 100,000 pods is created in
// 200 rounds.
constexpr int kRoundsMax = 10'000;

}  // namespace

Cluster::Cluster(KubernetesApi& api, Random random, const ClusterOptions& options)
    : api_(api),
      events_(api),
      node_lifecycle_(api),
      deployments_(api, events_),
      replica_sets_(api, events_),
      stateful_sets_(api, events_),
      daemon_sets_(api, events_),
      jobs_(api, events_),
      scheduler_(api, events_),
      kubelets_(api, events_, random.fork(), options.kubelets),
      budgets_(api),
      pod_garbage_(api) {}

void Cluster::step(Time now) {
  for (int round = 0; round < kRoundsMax; ++round) {
    const std::uint64_t before = api_.resource_version();
    node_lifecycle_.step(now);
    deployments_.step(now);
    replica_sets_.step(now);
    stateful_sets_.step(now);
    daemon_sets_.step(now);
    jobs_.step(now);
    scheduler_.step(now);
    kubelets_.step(now);
    budgets_.step(now);
    pod_garbage_.step(now);
    garbage_.collect(api_, now);
    if (api_.resource_version() == before && next_wake() > now) return;
  }
  check(false, "the controllers of the simulated cluster come to rest at one instant");
}

Time Cluster::next_wake() const {
  return std::min({node_lifecycle_.next_wake(), deployments_.next_wake(), replica_sets_.next_wake(),
                   stateful_sets_.next_wake(), daemon_sets_.next_wake(), jobs_.next_wake(),
                   scheduler_.next_wake(), kubelets_.next_wake(), budgets_.next_wake(),
                   pod_garbage_.next_wake()});
}

}  // namespace hyperwright::sim
