// The bounds that prices are compared with (docs/figures.md): by hand, and beside every plan there
// is for a few pods.
#include "bench/scheduling/lower_bound.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "bench/scheduling/simplex.h"
#include "tests/bench/small_workload.h"

namespace hyperwright::bench {
namespace {

constexpr double kRounding = 1e-6;

// Four of one kind and three of another; at first a node holds two of the first or one of the
// second, each for a dollar: 2 + 3. A node of one and one for a dollar: three of those, and half a
// node for the fourth.
TEST(Simplex, SolvesWhatAHandCan) {
  Simplex program({2, 1}, {1, 1}, {4, 3});
  EXPECT_DOUBLE_EQ(program.cost(), 5);
  EXPECT_DOUBLE_EQ(program.duals()[0], 0.5);
  EXPECT_DOUBLE_EQ(program.duals()[1], 1);
  ASSERT_TRUE(program.enter({1, 1}, 1));
  EXPECT_DOUBLE_EQ(program.cost(), 3.5);
  EXPECT_DOUBLE_EQ(program.duals()[0], 0.5);
  EXPECT_DOUBLE_EQ(program.duals()[1], 0.5);
}

TEST(Simplex, AColumnThatNothingBoundsDoesNotEnter) {
  Simplex program({1, 1}, {1, 1}, {1, 1});
  EXPECT_FALSE(program.enter({-1, -1}, -1));
  EXPECT_DOUBLE_EQ(program.cost(), 2);
}

// Three pods of which two fill a node: a node and a half.
TEST(PatternBound, MayBuyPartsOfNodes) {
  Workload workload;
  workload.types = {sold("pair", 2000, 4096, 1'000'000)};
  workload.shapes = {asking(1000, 1024)};
  workload.pods = {0, 0, 0};
  const auto bound = pattern_bound(workload);
  ASSERT_TRUE(bound);
  EXPECT_NEAR(bound->dollars, 1.5, kRounding);
  EXPECT_NEAR(bound->program, 1.5, kRounding);
}

// By size all four would go onto one node.
TEST(PatternBound, PodsThatRepelTheirLikePayForANodeEach) {
  Workload workload;
  workload.types = {sold("wide", 4000, 4096, 1'000'000)};
  workload.shapes = {repelling(asking(1000, 1024))};
  workload.pods = {0, 0, 0, 0};
  EXPECT_NEAR(pattern_bound(workload)->dollars, 4, kRounding);
}

TEST(PatternBound, KnowsNoNodesThatAreThere) {
  Workload workload;
  workload.types = {sold("pair", 2000, 4096, 1'000'000)};
  workload.shapes = {asking(1000, 1024)};
  workload.pods = {0};
  workload.nodes = {{"pair", "z1", "on-demand", {}}};
  EXPECT_FALSE(pattern_bound(workload));
}

// 19 pods of 100m, each with 100m for a node of its own: 3.8 cpus are 4 of them.
TEST(AreaBound, IsTheScarcerResourceInWholeCpus) {
  Workload workload;
  workload.micro_dollars_per_cpu = 25'000;
  workload.shapes = {repelling(asking(100, 100)), asking(100, 3000)};
  workload.pods.assign(19, 0);
  EXPECT_DOUBLE_EQ(area_bound(workload).value(), 0.1);
  workload.pods.assign(2, 1);  // 6,000 MiB are what 3 cpus come with
  EXPECT_DOUBLE_EQ(area_bound(workload).value(), 0.075);
}

TEST(AreaBound, IsNoneWherePriceIsNotInProportion) { EXPECT_FALSE(area_bound(Workload{})); }

// The least that any plan costs: pods go one after the other onto a node that is there or a new
// one, every way.
class EveryPlan {
 public:
  explicit EveryPlan(const Workload& workload) : workload_(workload) { place(0); }
  [[nodiscard]] double dollars() const { return static_cast<double>(best_) / 1e6; }

 private:
  void place(std::size_t pod) {
    if (pod == workload_.pods.size()) {
      best_ = std::min(best_, cost());
      return;
    }
    nodes_.emplace_back();
    for (std::size_t n = 0; n < nodes_.size(); ++n) {
      nodes_[n].push_back(workload_.pods[pod]);
      place(pod + 1);
      nodes_[n].pop_back();
    }
    nodes_.pop_back();
  }
  [[nodiscard]] std::int64_t cost() const {
    std::int64_t sum = 0;
    for (const std::vector<std::size_t>& pods : nodes_) {
      const std::int64_t node = pods.empty() ? 0 : cheapest(pods);
      if (node == kNone) return kNone;
      sum += node;
    }
    return sum;
  }
  [[nodiscard]] std::int64_t cheapest(const std::vector<std::size_t>& pods) const {
    kube::Resources sum;
    std::size_t lone = 0;
    for (const std::size_t shape : pods) {
      sum += workload_.shapes[shape].scheduling.requests;
      if (repels_its_like(workload_.shapes[shape])) ++lone;
    }
    std::int64_t price = kNone;
    for (const TypeOnSale& each : workload_.types) {
      if (lone < 2 && !sum.first_misfit(each.type.allocatable()))
        price = std::min(price, each.type.on_demand->per_hour.micros());
    }
    return price;
  }

  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();
  const Workload& workload_;
  std::vector<std::vector<std::size_t>> nodes_;  // shapes of the pods on each
  std::int64_t best_ = kNone;
};

// Up to four pods of three shapes, on four types, drawn from one seed.
TEST(PatternBound, NoPlanForAFewPodsCostsLess) {
  Random random(42);
  const auto pick = [&](std::uint32_t below) {
    return static_cast<std::int64_t>(random.below(below));
  };
  int reached = 0;
  for (int turn = 0; turn < 300; ++turn) {
    Workload workload;
    for (int t = 0; t < 3; ++t) {
      workload.types.push_back(sold("type-" + std::to_string(t), 1000 * (1 + pick(6)),
                                    1024 * (1 + pick(6)), 100'000 * (1 + pick(20))));
    }
    workload.types.push_back(sold("large", 8000, 8192, 4'000'000));  // holds every pod
    for (int s = 0; s < 3; ++s) {
      const kube::Pod shape = asking(500 * (1 + pick(6)), 512 * (1 + pick(6)));
      workload.shapes.push_back(random.chance(200) ? repelling(shape) : shape);
    }
    for (std::int64_t i = 1 + pick(4); i > 0; --i)
      workload.pods.push_back(static_cast<std::size_t>(pick(3)));
    const double least = EveryPlan(workload).dollars();
    const auto bound = pattern_bound(workload);
    ASSERT_TRUE(bound);
    EXPECT_LE(bound->dollars, least + kRounding) << "turn " << turn;
    EXPECT_GT(bound->dollars, 0) << "turn " << turn;
    if (bound->dollars > least - 1e-3) ++reached;
  }
  EXPECT_GT(reached, 100) << "a bound that is never met says little";
}

}  // namespace
}  // namespace hyperwright::bench
