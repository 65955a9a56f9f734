#include "runtime/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/gauges.h"
#include "tests/state/picture.h"

namespace hyperwright::runtime {
namespace {

using state::kStart;
using state::Outcome;
using state::Picture;
using testing::HasSubstr;
using testing::Not;

class MetricsTest : public testing::Test {
 protected:
  Metrics metrics;
  Picture picture;
  scheduling::Supply supply;

  static state::Effect effect(state::Action action, std::string reason) {
    return {.id = 1, .reason = std::move(reason), .action = std::move(action)};
  }
  void emitted(state::Action action, std::string reason) {
    metrics.count_emitted(effect(std::move(action), std::move(reason)), picture.state);
  }
  void answered(state::Action action, Outcome outcome, std::string reason = "test",
                Duration took = {}) {
    metrics.count_answered({1, picture.now - took, std::move(action), std::move(reason)},
                           {.effect = 1, .outcome = outcome}, picture.state, picture.now);
  }
  std::string read() {
    metrics.read(picture.state, supply, picture.now);
    return metrics.text();
  }
  // A claim of NodePool "pool" whose node has one pod of a workload and one of a DaemonSet.
  void a_node_with_pods() {
    kube::NodeClaim claim = state::claim("c1", "logical-1");
    claim.meta.labels.set(kube::kCapacityType, "on-demand");
    claim.meta.labels.set(kube::kZone, "us-west-2a");
    claim.meta.finalizers = {std::string(kube::kTerminationFinalizer)};
    picture.comes(claim);
    kube::Node node = state::node("n1", "i-1");
    node.meta.annotations.set(kube::kNodeClaimUid, "uid-c1");
    node.meta.labels.set(kube::kNodePool, "pool");
    node.meta.labels.set(kube::kZone, "us-west-2a");
    node.meta.finalizers = {std::string(kube::kTerminationFinalizer)};
    node.meta.creation_time = kStart - Duration::hours(2);
    picture.comes(node);
    picture.comes(state::pod("web", {.node = "n1"}));
    picture.comes(state::pod("agent", {.node = "n1", .is_of_daemon_set = true}));
  }
};

// --- gauges ---

kube::NodePool pool_with_limits(std::string name) {
  kube::NodePool pool = state::node_pool(std::move(name));
  pool.limits = kube::Limits{{{"cpu", 64'000}, {"nvidia.com/gpu", 8}}};
  pool.status_resources = state::cpu(1'500);
  return pool;
}

TEST_F(MetricsTest, LimitsAndUsageAreInKubernetesUnits) {
  picture.comes(pool_with_limits("gpu"));
  const std::string text = read();
  EXPECT_THAT(text,
              HasSubstr(R"(karpenter_nodepools_limit{nodepool="gpu",resource_type="cpu"} 64)"));
  EXPECT_THAT(
      text,
      HasSubstr(R"(karpenter_nodepools_limit{nodepool="gpu",resource_type="nvidia.com/gpu"} 8)"));
  EXPECT_THAT(text,
              HasSubstr(R"(karpenter_nodepools_usage{nodepool="gpu",resource_type="cpu"} 1.5)"));
}

TEST_F(MetricsTest, ANodePoolThatIsGoneIsGoneFromTheGauges) {
  const kube::NodePool pool = pool_with_limits("gpu");
  picture.comes(pool);
  EXPECT_THAT(read(), HasSubstr("nodepool=\"gpu\""));
  picture.goes(state::Kind::NodePool, {"", "gpu"}, pool.meta.uid);
  EXPECT_THAT(read(), Not(HasSubstr("nodepool=\"gpu\"")));
}

TEST_F(MetricsTest, ALimitThatIsTakenOffIsGoneFromTheGauges) {
  kube::NodePool pool = pool_with_limits("gpu");
  picture.comes(pool);
  EXPECT_THAT(read(), HasSubstr("resource_type=\"nvidia.com/gpu\""));
  pool.limits = kube::Limits{{{"cpu", 64'000}}};
  picture.comes(pool);
  const std::string text = read();
  EXPECT_THAT(text, HasSubstr(R"(karpenter_nodepools_limit{nodepool="gpu",resource_type="cpu"})"));
  EXPECT_THAT(text, Not(HasSubstr("resource_type=\"nvidia.com/gpu\"")));
}

TEST_F(MetricsTest, CostIsThePriceOfWhatWasLaunchedSpotAtItsShare) {
  hyperpod::InstanceType type;
  type.name = "ml.g5.xlarge";
  type.on_demand = hyperpod::Price{hyperpod::MicroDollars(1'000'000), false};
  picture.state = {state::Options{.cluster = "ml"}, hyperpod::InstanceTypes::of({type})};
  picture.comes(state::node_pool("pool"));
  kube::NodeClaim claim = state::claim("c1", "logical-1");
  claim.meta.labels.set(kube::kInstanceType, type.name);
  picture.comes(claim);
  picture.comes(state::claim("c2"));  // nothing is launched for it yet
  EXPECT_THAT(read(), HasSubstr("karpenter_nodepools_cost_total{nodepool=\"pool\"} 1\n"));
  claim.meta.labels.set(kube::kCapacityType, kube::kSpot);
  picture.comes(claim);
  EXPECT_THAT(read(), HasSubstr("karpenter_nodepools_cost_total{nodepool=\"pool\"} 0."));
}

TEST_F(MetricsTest, TheTimeWithoutACompletePictureGrowsUntilItIs) {
  EXPECT_THAT(read(), HasSubstr("karpenter_cluster_state_unsynced_time_seconds 0\n"));
  picture.passes(Duration::seconds(7));
  EXPECT_THAT(read(), HasSubstr("karpenter_cluster_state_unsynced_time_seconds 7\n"));
  EXPECT_THAT(metrics.text(), HasSubstr("karpenter_cluster_state_synced 0\n"));
  picture.is_ready();
  EXPECT_THAT(read(), HasSubstr("karpenter_cluster_state_unsynced_time_seconds 0\n"));
  EXPECT_THAT(metrics.text(), HasSubstr("karpenter_cluster_state_synced 1\n"));
}

// No zone is known here that they could be placed in.
TEST_F(MetricsTest, PodsThatWaitAreCountedByTheirEffectiveZone) {
  constexpr const char* kName = "karpenter_scheduler_pending_pods_by_effective_zone_count";
  EXPECT_THAT(read(), Not(HasSubstr(kName)));
  picture.comes(state::waiting_pod("web"));
  picture.comes(state::waiting_pod("db"));
  EXPECT_THAT(read(),
              HasSubstr(kName + std::string(R"({controller="provisioner",zone="none"} 2)")));
}

TEST_F(MetricsTest, BudgetsTellWhatTheyAllowAndWhatCountsAgainstThem) {
  kube::NodePool pool = state::node_pool("pool");
  pool.disruption.budgets = {{.nodes = "1"}};
  picture.comes(pool);
  EXPECT_THAT(
      read(),
      HasSubstr(R"(karpenter_nodepools_allowed_disruptions{nodepool="pool",reason="Empty"} 1)"));
  EXPECT_THAT(
      metrics.text(),
      HasSubstr(
          R"(karpenter_nodepools_nodes_consuming_budgets{nodepool="pool",reason="Empty"} 0)"));
  pool.disruption.budgets = {{.nodes = "one"}};
  picture.comes(pool);
  EXPECT_THAT(
      read(),
      HasSubstr(R"(karpenter_nodepools_allowed_disruptions{nodepool="pool",reason="Empty"} 0)"))
      << "a typo must not open the gate";
}

TEST_F(MetricsTest, AnOfferingWithoutCapacityIsToldAsUnavailableUntilItIsTriedAgain) {
  hyperpod::InstanceType type;
  type.name = "ml.g5.xlarge";
  type.on_demand = hyperpod::Price{hyperpod::MicroDollars(1'500'000), false};
  picture.state = {state::Options{.cluster = "ml"}, hyperpod::InstanceTypes::of({type})};
  picture.is_described();
  const std::string labels =
      R"({instance_group="gpu",instance_type="ml.g5.xlarge",capacity_type="on-demand",zone="",zone_id=""})";
  EXPECT_THAT(read(), HasSubstr("offering_available" + labels + " 1\n"));
  EXPECT_THAT(metrics.text(), HasSubstr("offering_price_estimate" + labels + " 1.5\n"));
  picture.emits(
      state::MarkUnavailable{{"gpu", "ml.g5.xlarge", ""}, picture.now + Duration::minutes(3)});
  EXPECT_THAT(read(), HasSubstr("offering_available" + labels + " 0\n"));
  picture.passes(Duration::minutes(3));
  EXPECT_THAT(read(), HasSubstr("offering_available" + labels + " 1\n"));
}

TEST_F(MetricsTest, UtilizationIsWhatPodsAskForOfWhatNodesOffer) {
  picture.comes(state::node("n1"));  // four cores
  picture.comes(state::pod("web", {.node = "n1", .cpu_millis = 1'000}));
  EXPECT_THAT(read(),
              HasSubstr("karpenter_cluster_utilization_percent{resource_type=\"cpu\"} 25\n"));
}

TEST_F(MetricsTest, APodIsUnschedulableOnceTheSolverSaidSo) {
  picture.comes(state::waiting_pod("web"));
  const std::string name =
      "karpenter_scheduler_unschedulable_pods_count{controller=\"provisioner\"}";
  EXPECT_THAT(read(), HasSubstr(name + " 0\n"));
  picture.emits(state::MarkUnschedulable{{"uid-web"}, 1, "no NodePool"});
  EXPECT_THAT(read(), HasSubstr(name + " 1\n"));
}

// --- counters ---

TEST_F(MetricsTest, ADeletionCountsItsClaimAndTheWorkloadsPodsOnItsNode) {
  a_node_with_pods();
  emitted(state::DeleteNodeClaim{"c1", "uid-c1"}, "expired");
  const std::string labels =
      R"({capacity_type="on-demand",consolidation_policy="",nodepool="pool",reason="expired",termination_mode="graceful"})";
  EXPECT_THAT(metrics.text(), HasSubstr("karpenter_nodeclaims_disrupted_total" + labels + " 1\n"));
  EXPECT_THAT(metrics.text(),
              HasSubstr("karpenter_pods_disruption_initiated_total" + labels + " 1\n"))
      << "pods of DaemonSets do not count";
  EXPECT_THAT(metrics.text(), Not(HasSubstr("voluntary_disruption")));
}

TEST_F(MetricsTest, AnEmptyNodesDeletionIsAVoluntaryDecision) {
  a_node_with_pods();
  emitted(state::DeleteNodeClaim{"c1", "uid-c1"}, "empty");
  EXPECT_THAT(
      metrics.text(),
      HasSubstr(
          R"(karpenter_voluntary_disruption_decisions_total{consolidation_type="empty",decision="delete",reason="empty"} 1)"));
}

TEST_F(MetricsTest, ALaunchThatFailedDisruptsNoPods) {
  a_node_with_pods();
  emitted(state::DeleteNodeClaim{"c1", "uid-c1"}, "insufficient_capacity");
  EXPECT_THAT(metrics.text(), HasSubstr("karpenter_nodeclaims_disrupted_total{"));
  EXPECT_THAT(metrics.text(), Not(HasSubstr("karpenter_pods_disruption_initiated_total{")));
}

TEST_F(MetricsTest, AnOfferingThatIsMarkedCountsAsALaunchFailure) {
  emitted(state::MarkUnavailable{{"gpu", "ml.g5.xlarge", "us-west-2a"}, kStart},
          "insufficient_capacity");
  EXPECT_THAT(
      metrics.text(),
      HasSubstr(
          R"(karpenter_cloudprovider_instance_launch_failures_total{instance_group="gpu",instance_type="ml.g5.xlarge",reason="insufficient_capacity",zone="us-west-2a"} 1)"));
}

TEST_F(MetricsTest, AClaimIsTerminatedWhenOurFinalizerIsOffEvenIfAnotherHoldsIt) {
  a_node_with_pods();
  kube::NodeClaim claim = picture.state.find_claim("c1")->claim;
  claim.meta.finalizers.push_back("example.com/held");
  claim.meta.deletion_time = picture.now;
  claim.meta.resource_version = 0;
  picture.comes(claim);
  picture.passes(Duration::seconds(90));
  answered(state::PatchNodeClaim{.name = "c1", .finalizers = {{"example.com/held"}}},
           Outcome::Done);
  EXPECT_THAT(
      metrics.text(),
      HasSubstr(
          R"(karpenter_nodeclaims_terminated_total{capacity_type="on-demand",nodepool="pool",zone="us-west-2a"} 1)"));
  EXPECT_THAT(
      metrics.text(),
      HasSubstr(R"(karpenter_nodeclaims_termination_duration_seconds_sum{nodepool="pool"} 90)"));
}

TEST_F(MetricsTest, OtherPatchesOfAClaimAreNoTermination) {
  a_node_with_pods();
  answered(state::PatchNodeClaim{.name = "c1", .set_labels = {{"a", "b"}}}, Outcome::Done);
  answered(state::PatchNodeClaim{.name = "c1", .finalizers = {{}}}, Outcome::Conflict);
  EXPECT_THAT(metrics.text(), Not(HasSubstr("karpenter_nodeclaims_terminated_total{")));
}

TEST_F(MetricsTest, AClaimIsCountedByWhetherItsMinValuesGaveWay) {
  kube::NodeClaim claim = state::claim("c1");
  emitted(state::CreateNodeClaim{claim, {}}, "provisioned");
  claim.meta.annotations.set(kube::kMinValuesRelaxed, "true");
  emitted(state::CreateNodeClaim{claim, {}}, "provisioned");
  emitted(state::CreateNodeClaim{claim, {}}, "provisioned");
  EXPECT_THAT(metrics.text(), HasSubstr("min_values_relaxed=\"false\",nodepool=\"pool\","
                                        "reason=\"provisioned\"} 1"));
  EXPECT_THAT(metrics.text(), HasSubstr("min_values_relaxed=\"true\",nodepool=\"pool\","
                                        "reason=\"provisioned\"} 2"));
}

TEST_F(MetricsTest, ARegistrationIsCountedForTheNodePoolThatItWrites) {
  picture.comes(state::node("n2", "i-2"));  // as its kubelet made it: without labels of ours
  answered(state::PatchNode{.name = "n2",
                            .set_labels = {{std::string(kube::kRegistered), "true"},
                                           {std::string(kube::kNodePool), "pool"}}},
           Outcome::Done);
  EXPECT_THAT(metrics.text(), HasSubstr("karpenter_nodes_created_total{nodepool=\"pool\""));
}

TEST_F(MetricsTest, ANodesEndTellsHowLongItLived) {
  a_node_with_pods();
  answered(state::PatchNode{.name = "n1", .finalizers = {{}}}, Outcome::Done);
  EXPECT_THAT(
      metrics.text(),
      HasSubstr(R"(karpenter_nodes_terminated_total{nodepool="pool",zone="us-west-2a"} 1)"));
  EXPECT_THAT(metrics.text(),
              HasSubstr(R"(karpenter_nodes_lifetime_duration_seconds_sum{nodepool="pool"} 7200)"));
}

TEST_F(MetricsTest, AnEvictionIsCountedByItsAnswerAndADrainedPodByItsReason) {
  const state::EvictPod eviction{{"default", "web"}, "uid-web"};
  answered(eviction, Outcome::Blocked, "Empty");
  EXPECT_THAT(metrics.text(), HasSubstr("karpenter_pods_eviction_requests_total{code=\"429\"} 1"));
  EXPECT_THAT(metrics.text(), Not(HasSubstr("karpenter_pods_drained_total{")));
  answered(eviction, Outcome::Done, "Empty");
  EXPECT_THAT(metrics.text(), HasSubstr("karpenter_pods_eviction_requests_total{code=\"200\"} 1"));
  EXPECT_THAT(metrics.text(), HasSubstr("karpenter_pods_drained_total{reason=\"Empty\"} 1"));
}

TEST_F(MetricsTest, ACallOfHyperPodTellsHowLongItTookAndHowItFailed) {
  answered(state::DescribeCluster{}, Outcome::Done, "read", Duration::seconds(2));
  EXPECT_THAT(metrics.text(),
              HasSubstr("karpenter_cloudprovider_duration_seconds_sum{controller="
                        "\"\",method=\"DescribeCluster\",provider=\"hyperpod\"} 2"));
  EXPECT_THAT(metrics.text(), Not(HasSubstr("karpenter_cloudprovider_errors_total{")));
  answered(state::DescribeClusterNode{"i-1"}, Outcome::NotFound);
  EXPECT_THAT(metrics.text(), HasSubstr("error=\"NodeClaimNotFoundError\""));
}

TEST_F(MetricsTest, CallsOfKubernetesAreNoProviderCalls) {
  answered(state::DeleteNode{"n1", "uid"}, Outcome::Done);
  EXPECT_THAT(metrics.text(), Not(HasSubstr("karpenter_cloudprovider_duration_seconds")));
  EXPECT_THAT(metrics.text(),
              HasSubstr("hyperwright_effects_total{effect=\"DeleteNode\",outcome=\"Done\"} 1"));
}

}  // namespace
}  // namespace hyperwright::runtime
