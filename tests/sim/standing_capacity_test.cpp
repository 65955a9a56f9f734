// Capacity that stands whatever the pods want: static NodePools and CapacityBuffers, in the
// simulated world, from the manifest to the instance.
#include <algorithm>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "sim/simulation.h"
#include "sim/story.h"

namespace hyperwright::sim {
namespace {

constexpr std::string_view kCluster = R"(
cluster:
  ClusterName: demo
  NodeProvisioningMode: Continuous
  NodeRecovery: Automatic
  Orchestrator: {Eks: {ClusterArn: "arn:aws:eks:us-east-1:111122223333:cluster/demo"}}
  VpcConfig: {SecurityGroupIds: [sg-0123456789abcdef0], Subnets: [subnet-a]}
  InstanceGroups:
  - {InstanceGroupName: cpu, InstanceType: ml.c5.large, InstanceCount: 0, ExecutionRole: "arn:aws:iam::111122223333:role/hyperpod", LifeCycleConfig: {SourceS3Uri: "s3://sagemaker-demo", OnCreate: on_create.sh}}
steps:
- at: 0s
  apply: |
    apiVersion: karpenter.sagemaker.amazonaws.com/v1
    kind: HyperpodNodeClass
    metadata: {name: demo}
    spec: {instanceGroups: [cpu]}
)";

struct World {
  explicit World(state::FeatureGates gates) : simulation(settings(gates)) {
    const Story story = parse_story(kCluster, "standing").value();
    EXPECT_TRUE(prepare(simulation, story));
    EXPECT_TRUE(play(simulation, story.steps.at(0)));
  }
  static SimulationSettings settings(state::FeatureGates gates) {
    SimulationSettings settings;
    settings.autoscaler.cluster = "demo";
    settings.autoscaler.gates = gates;
    return settings;
  }
  void pass(Duration duration) { simulation.advance_to(simulation.now() + duration); }
  // The manifests, in YAML.
  void apply(const std::string& manifests) {
    std::string story = std::string(kCluster) + "- at: 1s\n  apply: |\n";
    for (std::size_t at = 0; at < manifests.size();) {
      const std::size_t end = std::min(manifests.find('\n', at), manifests.size());
      story += "    " + manifests.substr(at, end - at) + "\n";
      at = end + 1;
    }
    const auto parsed = parse_story(story, "applied");
    ASSERT_TRUE(parsed) << parsed.error().text();
    const Status played = play(simulation, parsed->steps.at(1));
    ASSERT_TRUE(played) << played.error().text();
  }
  void remove(std::string kind, std::string name) {
    StoryStep step;
    step.removed.emplace_back(std::move(kind), std::move(name));
    ASSERT_TRUE(play(simulation, step));
  }
  void put_pool(const std::string& name, const std::string& more) {
    apply("apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: " + name +
          "}\nspec:\n"
          "  template: {spec: {nodeClassRef: {group: karpenter.sagemaker.amazonaws.com, kind: "
          "HyperpodNodeClass, name: demo}, requirements: [], expireAfter: Never}}\n"
          "  disruption: {consolidateAfter: 30s, consolidationPolicy: WhenEmpty, budgets: "
          "[{nodes: \"100%\"}]}\n" +
          more);
  }
  void deploy(int replicas) {
    apply("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: " +
          std::to_string(replicas) +
          "\n  selector: {matchLabels: {app: web}}\n  template: {metadata: {labels: {app: web}}, "
          "spec: {containers: [{name: web, image: web, resources: {requests: {cpu: 1500m}}}]}}\n");
  }
  std::size_t nodes() const { return simulation.kubernetes().list("nodes").size(); }
  std::string condition(std::string_view type) const {
    const ObjectPtr buffer =
        simulation.kubernetes().find("capacitybuffers.autoscaling.x-k8s.io", "default", "spare");
    for (const boost::json::value& item : buffer->at("status").at("conditions").as_array()) {
      if (item.at("type").as_string() == type) return std::string(item.at("reason").as_string());
    }
    return "absent";
  }
  Simulation simulation;
};

TEST(StandingCapacity, AStaticPoolHasItsNodesAndReplacesAndLosesThem) {
  World world({.static_capacity = true});
  world.put_pool("standing", "  replicas: 2\n");
  world.pass(Duration::minutes(15));
  EXPECT_EQ(world.nodes(), 2U);
  const std::string claim = world.simulation.autoscaler().loop().state().claims().begin()->first;
  world.remove("nodeclaims", claim);
  world.pass(Duration::minutes(20));
  EXPECT_EQ(world.nodes(), 2U);
  EXPECT_FALSE(world.simulation.autoscaler().loop().state().claims().contains(claim));
  world.put_pool("standing", "  replicas: 1\n");
  world.pass(Duration::minutes(15));
  EXPECT_EQ(world.nodes(), 1U);
}

TEST(StandingCapacity, WithoutTheGateAStaticPoolStandsStill) {
  World world({});
  world.put_pool("standing", "  replicas: 2\n");
  world.pass(Duration::minutes(15));
  EXPECT_EQ(world.nodes(), 0U);
}

TEST(StandingCapacity, ABufferKeepsRoomThatPodsTakeAndIsFilledAgain) {
  World world({.capacity_buffer = true});
  world.put_pool("general", "");
  world.apply(R"(apiVersion: v1
kind: PodTemplate
metadata: {name: headroom}
template: {spec: {containers: [{name: any, image: any, resources: {requests: {cpu: 1500m}}}]}}
---
apiVersion: autoscaling.x-k8s.io/v1beta1
kind: CapacityBuffer
metadata: {name: spare}
spec: {podTemplateRef: {name: headroom}, replicas: 2}
)");
  world.pass(Duration::minutes(1));
  EXPECT_EQ(world.condition("ReadyForProvisioning"), "Resolved");
  world.pass(Duration::minutes(30));
  EXPECT_EQ(world.nodes(), 2U) << "one of 2 cpu for each, and they are not taken for empty";
  EXPECT_EQ(world.condition("Provisioning"), "FitsExistingCapacity");

  world.deploy(1);
  world.pass(Duration::seconds(5));
  EXPECT_EQ(
      world.simulation.kubernetes().list("pods").at(0)->at("spec").as_object().count("nodeName"),
      1U)
      << "it starts without waiting for a node";
  world.pass(Duration::minutes(15));
  EXPECT_EQ(world.nodes(), 3U);
  EXPECT_EQ(world.condition("Provisioning"), "FitsExistingCapacity");

  world.simulation.restart_autoscaler();
  world.pass(Duration::minutes(10));
  EXPECT_EQ(world.nodes(), 3U) << "a restart forgets where room is kept, and gives none back";

  world.remove("capacitybuffers", "spare");
  world.pass(Duration::minutes(15));
  EXPECT_EQ(world.nodes(), 1U);
}

}  // namespace
}  // namespace hyperwright::sim
