// What the search for new nodes finds, beyond what one greedy look would.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scheduling/cluster_builder.h"
#include "tests/scheduling/plan_check.h"

namespace hyperwright::scheduling {
namespace {

// A type with room for so many cpus and GiB of pods.
hyperpod::InstanceType type(std::string name, int cpus, int gib, std::int64_t cents) {
  return make_type({.name = std::move(name),
                    .cpu = std::to_string(cpus * 1000 + 100) + "m",
                    .memory = std::to_string(gib * 1024 + 10) + "Mi",
                    .pods = 10,
                    .price = hyperpod::MicroDollars(cents * 10'000)});
}

void put_pods(ClusterBuilder& cluster, const std::string& name, int count, int cpus, int gib) {
  for (int i = 0; i < count; ++i) {
    kube::Pod pod = cluster.pod(name + "-" + std::to_string(i));
    pod.scheduling.requests.set(kube::Resource::Cpu, std::int64_t{cpus} * 1000);
    pod.scheduling.requests.set(kube::Resource::Memory, std::int64_t{gib} << 30);
    cluster.put_pod(std::move(pod));
  }
}

// hungry $3, lean $2, large $10, each alone; hungry and lean together $4, large and lean $10.20.
// The first pair looks better: it saves a fifth of its price, the second one a seventh. But that
// leaves the large pods alone, at $14 for all three kinds, where the second pair leaves the hungry
// ones, at $13.20.
TEST(Packing, GivesGoodCompanyToThoseWhoSaveTheMostByIt) {
  constexpr int kEach = 40;
  ClusterBuilder cluster({type("for-hungry", 1, 2, 300), type("for-lean", 2, 1, 200),
                          type("for-large", 4, 4, 1000), type("for-hungry-and-lean", 3, 3, 400),
                          type("for-large-and-lean", 6, 5, 1020)});
  cluster.clear_groups();
  cluster.add_group("on-demand");
  cluster.put_pool(cluster.pool("default"));
  put_pods(cluster, "hungry", kEach, 1, 2);
  put_pods(cluster, "lean", kEach, 2, 1);
  put_pods(cluster, "large", kEach, 4, 4);
  const Plan plan = cluster.solve();
  EXPECT_EQ(placed_pods(plan), 3U * kEach);
  EXPECT_EQ(price_of(plan).micros(), std::int64_t{kEach} * 13'200'000);
}

// The cheapest for a moment is a small node for the lean and the hungry pod, and one for each large
// pod; the limit refuses the third one. Then lean and hungry go beside large ones, which is a node
// less: that is the third one's.
TEST(Packing, WhatPackingCloserGivesBackOfALimitIsForThoseWhoWait) {
  ClusterBuilder cluster({type("small", 4, 4, 100), type("big", 8, 8, 200)});
  cluster.clear_groups();
  cluster.add_group("on-demand");
  kube::NodePool pool = cluster.pool("default");
  pool.limits = kube::Limits{{{"nodes", 3}}};
  cluster.put_pool(std::move(pool));
  put_pods(cluster, "hungry", 1, 1, 3);
  put_pods(cluster, "lean", 1, 3, 1);
  put_pods(cluster, "large", 3, 5, 5);
  const Plan plan = cluster.solve();
  EXPECT_EQ(placed_pods(plan), 5U);
  EXPECT_THAT(plan.new_nodes, testing::SizeIs(3));
}

}  // namespace
}  // namespace hyperwright::scheduling
