// What holds for every mix and every order is tried for every one: the scenarios of these numbers
// of the conformance list (58, 121, 122) show some of them.
#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kube/well_known.h"
#include "tests/scheduling/assorted_types.h"
#include "tests/scheduling/cluster_builder.h"
#include "tests/scheduling/plan_check.h"

namespace hyperwright::scheduling {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

Plan solve_checked(ClusterBuilder& cluster) {
  const auto waiting = cluster.waiting();
  Plan plan = cluster.solve();
  EXPECT_THAT(problems_of(plan, cluster.state(), waiting, cluster.now()), IsEmpty());
  return plan;
}

// Of the assorted catalogue, by name.
const hyperpod::InstanceType& assorted_type(std::string_view name) {
  static const std::vector<hyperpod::InstanceType> kTypes = assorted_types();
  return *std::ranges::find(kTypes, name, &hyperpod::InstanceType::name);
}

// --- 58: pods that follow each other ---

// Each follows the one before it.
constexpr std::array<std::string_view, 4> kChain = {"db", "web", "cache", "ui"};

using Order = std::array<std::size_t, kChain.size()>;

std::vector<Order> every_order() {
  std::vector<Order> orders;
  Order order = {0, 1, 2, 3};
  do {
    orders.push_back(order);
  } while (std::ranges::next_permutation(order).found);
  return orders;
}

kube::Pod link(const ClusterBuilder& cluster, std::size_t place) {
  kube::Pod pod = cluster.pod(kChain.at(place));
  pod.meta.labels.set("app", kChain.at(place));
  if (place == 0) return pod;
  kube::PodAffinityTerm term;
  term.topology_key = kube::kHostname;
  term.selector = kube::LabelSelector{{{"app", std::string(kChain.at(place - 1))}}, {}};
  pod.scheduling.required_pod_affinity.push_back(std::move(term));
  return pod;
}

// `size`: which place of the chain has how much.
void expect_together(const Order& arrival, const Order& size) {
  SCOPED_TRACE(testing::PrintToString(arrival) + " " + testing::PrintToString(size));
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  for (const std::size_t place : arrival) {
    kube::Pod pod = link(cluster, place);
    pod.scheduling.requests.set(kube::Resource::Cpu,
                                100 + 100 * static_cast<std::int64_t>(size.at(place)));
    cluster.put_pod(std::move(pod));
  }
  const Plan plan = solve_checked(cluster);
  ASSERT_THAT(plan.new_nodes, SizeIs(1));
  EXPECT_THAT(plan.new_nodes[0].pods, SizeIs(kChain.size()));
}

TEST(Selection, AChainOfPodsIsTogetherInWhateverOrderTheyCome) {
  for (const Order& arrival : every_order()) expect_together(arrival, {});
}

TEST(Selection, AChainOfPodsIsTogetherHoweverLargeItsPodsAre) {
  for (const Order& size : every_order()) expect_together({0, 1, 2, 3}, size);
}

// --- 121: any mix of what pod and pool require ---

// The operating system is asked for in every mix: there is one.
struct Mix {
  std::string_view arch, zone, capacity_type;  // "": any
};

const std::vector<Mix>& every_mix() {
  static const std::vector<Mix> kMixes = [] {
    std::vector<Mix> mixes;
    for (const std::string_view arch : {"", "amd64", "arm64"}) {
      for (const std::string_view zone : {"", "z2", "z3"}) {
        for (const std::string_view capacity_type : {"", "on-demand", "spot"})
          mixes.push_back({arch, zone, capacity_type});
      }
    }
    return mixes;
  }();
  return kMixes;
}

std::vector<std::pair<std::string_view, std::string_view>> pairs_of(const Mix& mix) {
  return {{kube::kArch, mix.arch},
          {kube::kOs, "linux"},
          {kube::kZone, mix.zone},
          {kube::kCapacityType, mix.capacity_type}};
}

bool agree(std::string_view a, std::string_view b) { return a.empty() || b.empty() || a == b; }

// What is sold: each type on demand in every zone, and as spot in z1 and z2.
bool is_sold(const Mix& pod, const Mix& pool) {
  const auto wants = [&](std::string_view Mix::* key, std::string_view value) {
    return agree(pod.*key, value) && agree(pool.*key, value);
  };
  const bool any_arch = wants(&Mix::arch, "amd64") || wants(&Mix::arch, "arm64");
  bool any_offering = false;
  for (const std::string_view zone : {"z1", "z2", "z3"}) {
    if (!wants(&Mix::zone, zone)) continue;
    any_offering = any_offering || wants(&Mix::capacity_type, "on-demand") ||
                   (zone != "z3" && wants(&Mix::capacity_type, "spot"));
  }
  return any_arch && any_offering;
}

// A pod of 900m and 900Mi fits the smallest type of either architecture.
void expect_cheapest(const NewNode& node, const Mix& pod, const Mix& pool) {
  const hyperpod::OfferingKey& bought = node.offering.key;
  EXPECT_THAT(bought.type, testing::EndsWith("-cpu-1-gib-1"));
  ASSERT_THAT(*node.compatible_types, testing::Not(IsEmpty()));
  for (const std::string& name : *node.compatible_types) {
    const std::string& arch = assorted_type(name).arch;
    ASSERT_TRUE(agree(pod.arch, arch) && agree(pool.arch, arch)) << name;
  }
  const std::string_view capacity_type = hyperpod::karpenter_word(node.offering.capacity_type);
  EXPECT_TRUE(agree(pod.zone, bought.zone) && agree(pool.zone, bought.zone)) << bought.zone;
  EXPECT_TRUE(agree(pod.capacity_type, capacity_type) && agree(pool.capacity_type, capacity_type));
}

void put_pool(ClusterBuilder& cluster, const Mix& mix) {
  kube::NodePool pool = cluster.pool("default");
  for (const auto& [key, value] : pairs_of(mix)) {
    if (!value.empty())
      pool.template_spec.requirements.push_back(
          {std::string(key), kube::NodeOperator::In, {std::string(value)}, {}});
  }
  cluster.put_pool(std::move(pool));
}

// Has a port, so that each pod gets a node of its own.
kube::Pod pod_of(const ClusterBuilder& cluster, const Mix& mix, std::string_view name) {
  kube::Pod pod = cluster.pod(name);
  pod.scheduling.requests.set(kube::Resource::Cpu, 900);
  pod.scheduling.requests.set(kube::Resource::Memory, amount("memory", "900Mi"));
  pod.scheduling.host_ports.push_back({"", 8080, "TCP"});
  for (const auto& [key, value] : pairs_of(mix)) {
    if (!value.empty()) pod.scheduling.node_selector.set(key, value);
  }
  return pod;
}

TEST(Selection, EveryMixOfPodAndPoolGetsItsCheapestOffering) {
  const std::vector<Mix>& mixes = every_mix();
  for (const Mix& pool : mixes) {
    ClusterBuilder cluster(assorted_types());
    put_pool(cluster, pool);
    for (std::size_t i = 0; i < mixes.size(); ++i)
      cluster.put_pod(pod_of(cluster, mixes[i], fmt::format("web-{}", i)));
    const Plan plan = cluster.solve();
    std::map<std::string, const NewNode*> nodes;  // by the UID of their pod
    for (const NewNode& node : plan.new_nodes) {
      ASSERT_THAT(node.pods, SizeIs(1));
      nodes[node.pods[0]] = &node;
    }
    for (std::size_t i = 0; i < mixes.size(); ++i) {
      SCOPED_TRACE(testing::PrintToString(pairs_of(mixes[i])) + " in a pool of " +
                   testing::PrintToString(pairs_of(pool)));
      const auto node = nodes.find(fmt::format("uid-web-{}", i));
      ASSERT_EQ(node != nodes.end(), is_sold(mixes[i], pool));
      if (node != nodes.end()) expect_cheapest(*node->second, mixes[i], pool);
    }
  }
}

// --- 122: three equal pods ---

TEST(Selection, ThreeEqualPodsShareANodeAndEveryTypeThatIsNamedHoldsThem) {
  ClusterBuilder cluster(assorted_types());
  cluster.put_pool(cluster.pool("default"));
  for (const char* cpu : {"100m", "1", "2", "2500m", "4", "8", "16"}) {
    for (const char* memory : {"100Mi", "1Gi", "2Gi", "4Gi", "8Gi", "16Gi", "32Gi"}) {
      SCOPED_TRACE(fmt::format("{} {}", cpu, memory));
      const std::array<std::string, 3> names = {"web-1", "web-2", "web-3"};
      for (const std::string& name : names) {
        kube::Pod pod = cluster.pod(name);
        pod.scheduling.requests.set(kube::Resource::Cpu, amount("cpu", cpu));
        pod.scheduling.requests.set(kube::Resource::Memory, amount("memory", memory));
        cluster.put_pod(std::move(pod));
      }
      const Plan plan = cluster.solve();
      ASSERT_THAT(plan.new_nodes, SizeIs(1));
      const NewNode& node = plan.new_nodes[0];
      EXPECT_THAT(node.pods, SizeIs(3));
      EXPECT_THAT(*node.compatible_types, testing::Contains(node.offering.key.type));
      for (const std::string& name : *node.compatible_types) {
        const hyperpod::InstanceType& type = assorted_type(name);
        EXPECT_GE(type.allocatable().get(kube::Resource::Cpu), 3 * amount("cpu", cpu)) << name;
        EXPECT_GE(type.allocatable().get(kube::Resource::Memory), 3 * amount("memory", memory))
            << name;
      }
      for (const std::string& name : names) cluster.erase_pod(name);
    }
  }
}

}  // namespace
}  // namespace hyperwright::scheduling
