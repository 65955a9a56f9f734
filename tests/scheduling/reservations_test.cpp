#include "scheduling/reservations.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/random.h"
#include "kube/well_known.h"
#include "tests/scheduling/case_seed.h"
#include "tests/scheduling/checker_placement.h"
#include "tests/scheduling/cluster_builder.h"
#include "tests/scheduling/plan_check.h"
#include "tests/scheduling/plan_text.h"

namespace hyperwright::scheduling {
namespace {

// 120 of Karpenter's list: what is taken is counted once, what is not held cannot be given back.
TEST(Reservations, WhatIsTakenIsGoneAndWhatIsGivenBackCanBeTakenAgain) {
  Reservations reservations;
  reservations.add("r", 2);
  const Reservations::Id r = reservations.find("r");
  reservations.take(r, 2);
  EXPECT_EQ(reservations.left(r), 0);
  reservations.give_back(r, 1);
  EXPECT_EQ(reservations.left(r), 1);
}

TEST(Reservations, OfOneThatIsToldTwiceTheSmallerCountHolds) {
  Reservations reservations;
  reservations.add("r", 3);
  reservations.add("r", 1);
  reservations.add("r", 2);
  EXPECT_EQ(reservations.left(reservations.find("r")), 1);
}

TEST(Reservations, WhatIsNotReservedHasNoEnd) {
  Reservations reservations;
  EXPECT_EQ(reservations.find("r"), Reservations::kNone);
  EXPECT_EQ(reservations.left(Reservations::kNone), Reservations::kNoEnd);
  reservations.take(Reservations::kNone, 5);
  reservations.add("hidden", Reservations::kNoEnd);
  reservations.take(0, 7);
  EXPECT_EQ(reservations.left(0), Reservations::kNoEnd);
}

struct Reserved : ClusterBuilder {
  Reserved() : ClusterBuilder({make_type({.name = "small", .cpu = "2"})}) {
    add_reservation("r", "small", "z1", 3);
    put_pool(pool("default"));
  }
  std::int64_t left() {
    const Reservations reservations(state());
    return reservations.left(reservations.find("r"));
  }
  void describe(const hyperpod::TrainingPlan& plan) { answer(plan, state::Outcome::Done); }
  void answer(state::Payload payload, state::Outcome outcome) {
    state();
    const state::EffectId id = 1'000'000 + ++asked_;
    ClusterBuilder::state().fold_emitted({id, "test", state::DescribeTrainingPlan{"r"}}, now());
    ClusterBuilder::state().fold(state::Answered{id, outcome, {}, std::move(payload)}, now());
  }
  void list(const std::vector<hyperpod::Node>& nodes) {
    state();
    const state::EffectId id = 2'000'000 + ++asked_;
    ClusterBuilder::state().fold_emitted({id, "test", state::ListClusterNodes{}}, now());
    ClusterBuilder::state().fold(
        state::Answered{id, state::Outcome::Done, {}, hyperpod::Page<hyperpod::Node>{nodes, {}}},
        now());
  }
  state::EffectId asked_ = 0;
};

hyperpod::TrainingPlan plan_of(std::int32_t total, std::int32_t in_use = 0,
                               std::int32_t unhealthy = 0) {
  return {.name = "r",
          .status = "Active",
          .total_instances = total,
          .unhealthy_instances = unhealthy,
          .instances_in_use = in_use};
}

TEST(Reservations, ClaimsHoldInstancesFromTheirCreationOn) {
  Reserved cluster;
  EXPECT_EQ(cluster.left(), 3);
  kube::Pod pod = cluster.pod("web");
  pod.scheduling.requests.set(kube::Resource::Cpu, 1500);
  cluster.put_pod(pod);
  cluster.carry_out(cluster.solve(), ClusterBuilder::Until::Created);
  EXPECT_EQ(cluster.left(), 2);
}

TEST(Reservations, NodesThatNoClaimOwnsAndOtherClustersHoldSomeToo) {
  Reserved cluster;
  cluster.list({{.group = "r", .logical_id = "foreign", .instance_id = "i-1"},
                {.group = "spot", .logical_id = "other", .instance_id = "i-2"}});
  EXPECT_EQ(cluster.left(), 2);
  cluster.describe(plan_of(3, 1));
  EXPECT_EQ(cluster.left(), 2) << "the one in use is the one that is listed";
  cluster.describe(plan_of(3, 2));
  EXPECT_EQ(cluster.left(), 1) << "one more is in use elsewhere";
}

TEST(Reservations, UnhealthyInstancesCannotBeHad) {
  Reserved cluster;
  cluster.describe(plan_of(3, 0, 1));
  EXPECT_EQ(cluster.left(), 2);
  cluster.describe(plan_of(3, 0, 9));
  EXPECT_EQ(cluster.left(), 0);
}

TEST(Reservations, APlanThatIsNotActiveHasNone) {
  Reserved cluster;
  hyperpod::TrainingPlan plan = plan_of(3);
  plan.status = "Scheduled";
  cluster.describe(plan);
  EXPECT_EQ(cluster.left(), 0);
}

TEST(Reservations, APlanThatMayNotBeReadHasNoEndOnceThatIsKnown) {
  Reserved cluster;
  cluster.answer({}, state::Outcome::Rejected);
  EXPECT_EQ(cluster.left(), 3) << "what was read once stays";

  Reserved other;
  other.groups().back().training_plan_arn = "arn:aws:sagemaker:r:1:training-plan/secret";
  const auto secret_left = [&] {
    const Reservations reservations(other.state());
    return reservations.left(reservations.find("secret"));
  };
  EXPECT_EQ(secret_left(), 0) << "not read yet";
  const state::EffectId id = 3'000'000;
  other.state().fold_emitted({id, "test", state::DescribeTrainingPlan{"secret"}}, other.now());
  other.state().fold(state::Answered{id, state::Outcome::Rejected, "denied", {}}, other.now());
  EXPECT_EQ(secret_left(), Reservations::kNoEnd);
}

// Reservations of random sizes, shared by pools: what is planned is sound whatever came first, and
// whoever waits could not be placed.
RC_GTEST_PROP(ReservationsProperty, PlansAreSoundInAnyOrderAndNobodyWaitsForNothing,
              (CaseSeed seed)) {
  Random random(seed.value);
  const auto pick = [&](std::uint64_t from, std::uint64_t to) {
    return static_cast<std::int64_t>(from + random.below(to - from + 1));
  };
  ClusterBuilder cluster(incremental_types(3));
  for (hyperpod::InstanceGroup& group : cluster.groups())
    group.subnets = {"subnet-z1", "subnet-z2"};
  for (std::int64_t i = pick(1, 3); i > 0; --i) {
    cluster.add_reservation("r-" + std::to_string(i), "fake-it-" + std::to_string(pick(0, 2)),
                            pick(0, 1) == 0 ? "z1" : "z2", static_cast<std::int32_t>(pick(0, 3)));
  }
  for (std::int64_t i = pick(1, 2); i > 0; --i) {
    kube::NodePool pool = cluster.pool("pool-" + std::to_string(i));
    pool.weight = static_cast<std::int32_t>(pick(0, 1));
    cluster.put_pool(std::move(pool));
  }
  const std::int64_t batches = pick(1, 2);
  for (std::int64_t batch = 0; batch < batches; ++batch) {
    for (std::int64_t i = pick(1, 6); i > 0; --i) {
      kube::Pod pod = cluster.pod("pod-" + std::to_string(batch) + "-" + std::to_string(i));
      pod.scheduling.requests.set(kube::Resource::Cpu, pick(1, 12) * 250);
      pod.scheduling.priority = static_cast<std::int32_t>(pick(0, 1));
      if (random.chance(300)) pod.scheduling.node_selector.set(kube::kCapacityType, "reserved");
      if (random.chance(200)) pod.scheduling.node_selector.set(kube::kZone, "z1");
      cluster.put_pod(std::move(pod));
    }
    auto waiting = cluster.waiting();
    const Plan plan = solve(cluster.state(), waiting, cluster.now());
    const auto problems = problems_of(plan, cluster.state(), waiting, cluster.now());
    if (!problems.empty()) RC_FAIL(problems.front());
    checker::Placement placement = placement_of(plan, cluster.state(), waiting, cluster.now());
    for (const Unplaced& unplaced : plan.unplaced) {
      const kube::Pod& pod = cluster.state().find_pod(unplaced.pods.front())->pod;
      RC_ASSERT(checker::fresh_node_for(placement, pod) == nullptr);
    }
    std::ranges::reverse(waiting);
    RC_ASSERT(text_of(solve(cluster.state(), waiting, cluster.now())) == text_of(plan));
    cluster.carry_out(plan);
  }
}

}  // namespace
}  // namespace hyperwright::scheduling
