// The solver beside its twin: a brute force that tries everything. Every instance of up to 4 pods,
// 3 types and 2 zones that the generator draws is solved by both; the twin's answer is the best
// there is.
#include <algorithm>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "kube/well_known.h"
#include "tests/scheduling/cluster_builder.h"
#include "tests/scheduling/plan_check.h"

namespace hyperwright::scheduling {
namespace {

using testing::IsEmpty;

struct Instance {
  std::vector<hyperpod::InstanceType> types;
  std::vector<kube::Pod> pods;
};

Instance draw(std::uint64_t seed) {
  Random random(seed);
  Instance instance;
  const auto pick = [&](std::uint64_t from, std::uint64_t to) {
    return from + random.below(to - from + 1);
  };
  for (std::uint64_t i = pick(1, 3); i > 0; --i) {
    instance.types.push_back(make_type(
        {.name = "type-" + std::to_string(i),
         .cpu = std::to_string(pick(1, 8) * 1000 + 100) + "m",
         .memory = std::to_string(pick(1, 8) * 1024 + 10) + "Mi",
         .pods = static_cast<std::int64_t>(pick(1, 4)),
         .price = hyperpod::MicroDollars(static_cast<std::int64_t>(pick(1, 20)) * 100'000)}));
  }
  const ClusterBuilder names(instance.types);
  for (std::uint64_t i = pick(1, 4); i > 0; --i) {
    kube::Pod pod = names.pod("pod-" + std::to_string(i));
    pod.scheduling.requests.set(kube::Resource::Cpu, static_cast<std::int64_t>(pick(1, 8)) * 500);
    pod.scheduling.requests.set(kube::Resource::Memory, static_cast<std::int64_t>(pick(1, 8))
                                                            << 29);
    if (random.chance(300))
      pod.scheduling.node_selector.set(kube::kZone, random.chance(500) ? "z1" : "z2");
    if (random.chance(200)) pod.scheduling.node_selector.set(kube::kInstanceType, "type-1");
    if (random.chance(200)) pod.scheduling.host_ports.push_back({"", 8080, "TCP"});
    if (random.chance(100)) pod.scheduling.node_selector.set(kube::kCapacityType, "on-demand");
    instance.pods.push_back(std::move(pod));
  }
  return instance;
}

// The least price of one node for these pods; INT64_MAX: there is none.
std::int64_t node_price(const std::vector<const kube::Pod*>& pods,
                        const std::vector<hyperpod::Offering>& offerings,
                        const hyperpod::InstanceTypes& types) {
  std::int64_t best = INT64_MAX;
  for (const hyperpod::Offering& offering : offerings) {
    kube::Resources free = types.find(offering.key.type)->allocatable();
    std::size_t ports = 0;
    bool suits = true;
    for (const kube::Pod* pod : pods) {
      const auto wants = [&](std::string_view key, std::string_view value) {
        const std::string* selected = pod->scheduling.node_selector.find(key);
        return selected == nullptr || *selected == value;
      };
      suits = suits && wants(kube::kZone, offering.key.zone) &&
              wants(kube::kInstanceType, offering.key.type) &&
              wants(kube::kCapacityType, hyperpod::karpenter_word(offering.capacity_type));
      ports += pod->scheduling.host_ports.size();
      free -= pod->scheduling.requests;
    }
    if (suits && ports <= 1 && kube::Resources{}.fits(free))
      best = std::min(best, offering.price.per_hour.micros());
  }
  return best;
}

// Every way to divide the pods among nodes: the least price at which all of them run.
std::int64_t brute_force(const std::vector<const kube::Pod*>& pods,
                         const std::vector<hyperpod::Offering>& offerings,
                         const hyperpod::InstanceTypes& types) {
  std::vector<std::vector<const kube::Pod*>> nodes;
  std::int64_t best = INT64_MAX;
  const std::function<void(std::size_t)> divide = [&](std::size_t next) {
    if (next == pods.size()) {
      std::int64_t price = 0;
      for (const auto& node : nodes) {
        const std::int64_t one = node_price(node, offerings, types);
        if (one == INT64_MAX) return;
        price += one;
      }
      best = std::min(best, price);
      return;
    }
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      nodes[i].push_back(pods[next]);
      divide(next + 1);
      nodes[i].pop_back();
    }
    nodes.push_back({pods[next]});
    divide(next + 1);
    nodes.pop_back();
  };
  divide(0);
  return best;
}

std::vector<hyperpod::Offering> offerings_of(ClusterBuilder& cluster) {
  std::vector<hyperpod::Offering> all;
  const state::HyperPodView& view = cluster.state().hyperpod();
  for (const hyperpod::InstanceGroup& group : view.cluster()->groups) {
    auto offered = hyperpod::offerings_of(group, *view.cluster(), view.subnets(),
                                          cluster.state().instance_types());
    all.insert(all.end(), offered.list.begin(), offered.list.end());
  }
  return all;
}

void compare(std::uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  const Instance instance = draw(seed);
  ClusterBuilder cluster(instance.types);
  cluster.set_zones({"z1", "z2"});
  for (hyperpod::InstanceGroup& group : cluster.groups())
    group.subnets = {"subnet-z1", "subnet-z2"};
  cluster.put_pool(cluster.pool("default"));
  for (const kube::Pod& pod : instance.pods) cluster.put_pod(pod);
  const auto waiting = cluster.waiting();
  const Plan plan = solve(cluster.state(), waiting, cluster.now());
  EXPECT_THAT(problems_of(plan, cluster.state(), waiting, cluster.now()), IsEmpty());

  const auto offerings = offerings_of(cluster);
  const hyperpod::InstanceTypes& types = cluster.state().instance_types();
  std::vector<const kube::Pod*> possible;  // a pod that no node could hold is nobody's fault
  for (const kube::Pod& pod : instance.pods) {
    if (node_price({&pod}, offerings, types) != INT64_MAX) possible.push_back(&pod);
  }
  EXPECT_EQ(placed_pods(plan), possible.size());
  EXPECT_EQ(price_of(plan).micros(), brute_force(possible, offerings, types));
}

TEST(Twin, SmallInstancesAreSolvedAtTheLeastPrice) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) compare(seed);
}

}  // namespace
}  // namespace hyperwright::scheduling
