// What a run costs, in a world of one instance group of ml.g5.xlarge: 60 s until an instance is
// there, 30 s until its Node joins, 30 s until a withdrawn one is gone.
#include "sim/bill.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "hyperpod/price.h"
#include "service/control_plane.h"

namespace hyperwright::sim {
namespace {

namespace json = boost::json;
constexpr std::int64_t kDollarsPerHour = 6;

hyperpod::InstanceTypes types() {
  hyperpod::InstanceTypes shipped = hyperpod::InstanceTypes::shipped();
  hyperpod::InstanceType type = *shipped.find("ml.g5.xlarge");
  type.on_demand = hyperpod::Price{hyperpod::MicroDollars(kDollarsPerHour * 1'000'000), false};
  return hyperpod::InstanceTypes::of({type});
}

class BillTest : public testing::Test {
 protected:
  BillTest() : types_(types()), simulation(settings()), bill(simulation, types_) {
    hyperpod("CreateCluster", R"({
      "ClusterName": "demo", "NodeProvisioningMode": "Continuous",
      "Orchestrator": {"Eks": {"ClusterArn": "arn:aws:eks:us-east-1:111122223333:cluster/demo"}},
      "VpcConfig": {"SecurityGroupIds": ["sg-0123456789abcdef0"], "Subnets": ["subnet-a"]},
      "InstanceGroups": [{"InstanceGroupName": "gpu", "InstanceType": "ml.g5.xlarge",
        "InstanceCount": 0, "ExecutionRole": "arn:aws:iam::111122223333:role/hyperpod",
        "LifeCycleConfig": {"SourceS3Uri": "s3://sagemaker-demo", "OnCreate": "on_create.sh"}},
       {"InstanceGroupName": "spot", "InstanceType": "ml.g5.xlarge", "CapacityRequirements": {"Spot": {}},
        "InstanceCount": 0, "ExecutionRole": "arn:aws:iam::111122223333:role/hyperpod",
        "LifeCycleConfig": {"SourceS3Uri": "s3://sagemaker-demo", "OnCreate": "on_create.sh"}}]})");
    pass(Duration::seconds(10));
  }
  static SimulationSettings settings() {
    SimulationSettings settings;
    settings.autoscaler.cluster = "demo";
    settings.hyperpod.scenario.subnets = {{"subnet-a", "us-east-1a"}};
    return settings;
  }
  json::value hyperpod(std::string_view operation, std::string_view body) {
    const service::Answer answer = simulation.hyperpod().call(
        operation, json::parse(json::string_view(body.data(), body.size())), simulation.now());
    EXPECT_TRUE(answer.is_success()) << answer.error_type() << ": " << answer.error_message();
    simulation.settle();
    return answer.body();
  }
  std::string add_node(const std::string& group = "gpu") {
    const json::value answer = hyperpod("BatchAddClusterNodes",
                                        R"({"ClusterName": "demo", "ClientToken": "t",
                     "NodesToAdd": [{"IncrementTargetCountBy": 1, "InstanceGroupName": ")" +
                                            group + R"("}]})");
    return std::string(answer.at("Successful").at(0).at("NodeLogicalId").as_string());
  }
  void add_pod(std::string_view more = "{}") {
    json::object pod{{"metadata", json::object{{"name", "web"}}},
                     {"spec", json::parse(R"({"containers": [{"name": "m", "image": "m",
                         "resources": {"requests": {"cpu": "1"}}}]})")}};
    const json::value metadata = json::parse(json::string_view(more.data(), more.size()));
    for (const auto& [key, value] : metadata.as_object()) pod["metadata"].as_object()[key] = value;
    ASSERT_TRUE(simulation.kubernetes().create("pods", pod, simulation.now()));
    simulation.settle();
    bill.look();
  }
  // As the demo does: the bill sees each instant, and the time before it.
  void pass(Duration duration) {
    const Time end = simulation.now() + duration;
    while (simulation.now() < end) {
      const Time next = std::min(end, std::max(simulation.next_wake(), simulation.now()));
      bill.pass(next);
      simulation.advance_to(next);
      bill.look();
    }
  }
  std::int64_t cents() const { return bill.cost().micros() / 10'000; }

  hyperpod::InstanceTypes types_;
  Simulation simulation;
  Bill bill;
};

TEST_F(BillTest, AnEmptyClusterCostsNothing) {
  pass(Duration::minutes(20));
  EXPECT_EQ(cents(), 0);
  EXPECT_EQ(bill.summary().idle_percent, 0);
  EXPECT_EQ(bill.standing(), Standing{});
}

TEST_F(BillTest, WhatIsAskedForIsPaidOnlyOnceItsInstanceIsThere) {
  add_node();
  EXPECT_EQ(bill.standing().nodes_coming, 1);
  EXPECT_EQ(bill.standing().per_hour.micros(), 0);
  pass(Duration::seconds(60));
  EXPECT_EQ(cents(), 0);
  EXPECT_EQ(bill.standing().per_hour.micros(), kDollarsPerHour * 1'000'000);
  pass(Duration::minutes(10));
  EXPECT_EQ(cents(), 100);
  EXPECT_EQ(bill.standing().nodes_ready, 1);
}

TEST_F(BillTest, ASpotInstanceIsPaidAtItsShare) {
  add_node("spot");
  pass(Duration::minutes(11));
  EXPECT_EQ(cents(), hyperpod::kSpotPercentOfOnDemand);
  EXPECT_EQ(bill.standing().per_hour.micros(),
            kDollarsPerHour * 10'000 * hyperpod::kSpotPercentOfOnDemand);
}

TEST_F(BillTest, ATerminatingInstanceIsNotPaid) {
  const std::string id = add_node();
  pass(Duration::minutes(11));
  hyperpod("BatchDeleteClusterNodes",
           R"({"ClusterName": "demo", "NodeLogicalIds": [")" + id + R"("]})");
  EXPECT_EQ(bill.standing(), Standing{});
  const std::int64_t before = cents();
  pass(Duration::hours(1));
  EXPECT_EQ(cents(), before);
  EXPECT_EQ(bill.summary().node_time, Duration::minutes(10));
}

TEST_F(BillTest, TimeWithoutAWorkloadsPodIsIdle) {
  add_node();
  pass(Duration::minutes(11));
  EXPECT_EQ(bill.summary().idle_percent, 100);
  add_pod();
  pass(Duration::minutes(10));
  EXPECT_NEAR(bill.summary().idle_percent, 50, 1);
}

TEST_F(BillTest, APodsWaitIsFromItsCreationUntilItRuns) {
  add_pod();
  EXPECT_EQ(bill.standing().pods_pending, 1);
  EXPECT_EQ(bill.summary().pods_never_run, 1);
  EXPECT_EQ(bill.summary().pods_run, 0);
  add_node();
  pass(Duration::minutes(5));
  EXPECT_EQ(bill.standing().pods_running, 1);
  EXPECT_EQ(bill.standing().pods_pending, 0);
  const BillSummary summary = bill.summary();
  EXPECT_EQ(summary.pods_run, 1);
  EXPECT_EQ(summary.pods_never_run, 0);
  EXPECT_GE(summary.worst_wait, Duration::seconds(90));
  EXPECT_LT(summary.worst_wait, Duration::minutes(3));
  EXPECT_EQ(summary.median_wait, summary.worst_wait);
}

TEST_F(BillTest, APodThatIsDeletedBeforeItRanNeverRanAndIsNotWaitedFor) {
  add_pod();
  ASSERT_TRUE(simulation.kubernetes().remove("pods", "default", "web", simulation.now()));
  pass(Duration::minutes(1));
  EXPECT_EQ(bill.summary().pods_never_run, 1);
  EXPECT_EQ(bill.standing().pods_pending, 0);
}

TEST_F(BillTest, PodsOfDaemonSetsAreNobodysWait) {
  add_pod(R"({"ownerReferences": [{"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "d",
              "uid": "u", "controller": true}]})");
  EXPECT_EQ(bill.standing().pods_pending, 0);
}

}  // namespace
}  // namespace hyperwright::sim
