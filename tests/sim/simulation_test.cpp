// The whole system in the simulated world: the same seed gives the same run, crashes lose nothing,
// and a world that stands still is left in peace.
#include "sim/simulation.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "service/control_plane.h"
#include "sim/story.h"
#include "state/codec.h"

namespace hyperwright::sim {

extern const std::string_view kDemoStory;

namespace {

Story story() { return parse_story(kDemoStory, "demo-story.yaml").value(); }

SimulationSettings settings(std::uint64_t seed) {
  SimulationSettings settings;
  settings.seed = seed;
  settings.autoscaler.cluster = "demo";
  settings.hyperpod.scenario = story().scenario;
  return settings;
}

// Plays the story up to `until`, and calls `at_instant` at every instant at which something
// happens.
template <typename AtInstant>
void play_until(Simulation& simulation, Duration until, AtInstant at_instant) {
  const Time start = simulation.now();
  ASSERT_TRUE(prepare(simulation, story()));
  for (const StoryStep& step : story().steps) {
    if (step.at > until) break;
    while (simulation.next_wake() <= start + step.at && !testing::Test::HasFailure()) {
      simulation.advance_to(simulation.next_wake());
      at_instant();
    }
    if (testing::Test::HasFailure()) return;  // what it asked for is not answered: it would hang
    simulation.advance_to(start + step.at);
    ASSERT_TRUE(play(simulation, step));
  }
  while (simulation.next_wake() <= start + until && !testing::Test::HasFailure()) {
    simulation.advance_to(simulation.next_wake());
    at_instant();
  }
  if (!testing::Test::HasFailure()) simulation.advance_to(start + until);
}

std::string effects_of_a_run(std::uint64_t seed) {
  Simulation simulation(settings(seed));
  std::string effects;
  simulation.autoscaler().on_effect = [&](const state::Effect& effect, Time now) {
    effects += format_micro_time(now) + ' ' + boost::json::serialize(state::encode(effect)) + '\n';
  };
  play_until(simulation, Duration::minutes(20), [] {});
  return effects;
}

std::size_t hyperpod_nodes(const Simulation& simulation) {
  return simulation.hyperpod().state().clusters.at(0).nodes.size();
}

// Every logical id is on exactly one claim, and every claim that is not going has its node.
void expect_one_claim_a_node(const Simulation& simulation) {
  std::size_t with_id = 0;
  for (const auto& [name, claim] : simulation.autoscaler().loop().state().claims())
    with_id += claim.logical_id.empty() ? 0U : 1U;
  EXPECT_EQ(with_id, hyperpod_nodes(simulation));
}

TEST(Simulation, TheSameSeedGivesTheSameEffectsToTheByte) {
  const std::string effects = effects_of_a_run(3);
  EXPECT_GT(effects.size(), 10'000U);
  EXPECT_EQ(effects, effects_of_a_run(3));
  EXPECT_NE(effects, effects_of_a_run(4));
}

TEST(Simulation, TheStoryEndsAtZero) {
  Simulation simulation(settings(1));
  play_until(simulation, Duration::minutes(70), [] {});
  EXPECT_EQ(hyperpod_nodes(simulation), 0U);
  EXPECT_TRUE(simulation.autoscaler().loop().state().claims().empty());
  EXPECT_TRUE(simulation.kubernetes().list("nodes").empty());
}

// What is due was done by the turn before: whoever looks again finds nothing to do.
TEST(Simulation, AWorldThatStandsStillIsLeftInPeace) {
  Simulation simulation(settings(1));
  runtime::Loop& loop = simulation.autoscaler().loop();
  int looks = 0;
  play_until(simulation, Duration::minutes(70), [&] {
    if (loop.next_wake() <= simulation.now()) return;
    ++looks;
    loop.look_at_everything(simulation.now());
    for (const state::Effect& effect : loop.turn({}, simulation.now())) {
      ADD_FAILURE() << format_micro_time(simulation.now()) << ' ' << state::name_of(effect.action)
                    << ": " << boost::json::serialize(state::encode(effect));
    }
  });
  EXPECT_GT(looks, 100);
}

TEST(Simulation, AKilledAutoscalerLosesNothingAndBuysNothingTwice) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Simulation simulation(settings(seed));
    Random random(seed);
    int kills = 0;
    // About one instant in sixty: while claims are made, launched, joined, drained, given back.
    // Between two turns, and in the midst of one.
    play_until(simulation, Duration::minutes(30), [&] {
      if (random.below(60) != 0) return;
      ++kills;
      if (random.below(2) == 0) return simulation.kill_autoscaler_in_next_turn();
      simulation.restart_autoscaler();
    });
    EXPECT_GT(kills, 3);
    expect_one_claim_a_node(simulation);
    std::size_t running = 0;
    for (const ObjectPtr& pod : simulation.kubernetes().list("pods"))
      running += pod->at("status").at("phase") == "Running" ? 1U : 0U;
    EXPECT_EQ(running, 17U) << "seed " << seed;
  }
}

// Two nodes of "cpu" and one of "gpu" are asked for by one call; "gpu" is being updated, so that
// its part fails.
constexpr std::string_view kPartlyFailingStory = R"(
cluster:
  ClusterName: demo
  NodeProvisioningMode: Continuous
  NodeRecovery: Automatic
  Orchestrator: {Eks: {ClusterArn: "arn:aws:eks:us-east-1:111122223333:cluster/demo"}}
  VpcConfig: {SecurityGroupIds: [sg-0123456789abcdef0], Subnets: [subnet-a]}
  InstanceGroups:
  - {InstanceGroupName: cpu, InstanceType: ml.c5.large, InstanceCount: 0, ExecutionRole: &role "arn:aws:iam::111122223333:role/hyperpod", LifeCycleConfig: &lifecycle {SourceS3Uri: "s3://sagemaker-demo", OnCreate: on_create.sh}}
  - {InstanceGroupName: gpu, InstanceType: ml.g5.xlarge, InstanceCount: 0, ExecutionRole: *role, LifeCycleConfig: *lifecycle}
steps:
- at: 0s
  apply: |
    apiVersion: karpenter.sagemaker.amazonaws.com/v1
    kind: HyperpodNodeClass
    metadata: {name: demo}
    spec: {instanceGroups: [cpu, gpu]}
    ---
    apiVersion: karpenter.sh/v1
    kind: NodePool
    metadata: {name: general}
    spec:
      template: {spec: {nodeClassRef: {group: karpenter.sagemaker.amazonaws.com, kind: HyperpodNodeClass, name: demo}, requirements: [], expireAfter: Never}}
      disruption: {consolidateAfter: Never, consolidationPolicy: WhenEmpty}
- at: 1m
  apply: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      replicas: 2
      selector: {matchLabels: {app: web}}
      template: {metadata: {labels: {app: web}}, spec: {nodeSelector: {sagemaker.amazonaws.com/instance-group-name: cpu}, containers: [{name: web, image: web, resources: {requests: {cpu: 1500m}}}]}}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: model}
    spec:
      replicas: 1
      selector: {matchLabels: {app: model}}
      template: {metadata: {labels: {app: model}}, spec: {containers: [{name: model, image: model, resources: {requests: {nvidia.com/gpu: "1"}, limits: {nvidia.com/gpu: "1"}}}]}}
)";

// A part of the call fails, and the autoscaler is killed while it handles the answer, with any of
// the calls that it makes then landed or not.
TEST(Simulation, AKillInTheMidstOfAPartlyFailedLaunchLeaksNothing) {
  const Story partly = parse_story(kPartlyFailingStory, "partly-failing").value();
  int partial_failures = 0;
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    SimulationSettings with_seed = settings(seed);
    with_seed.hyperpod.scenario = {};
    Simulation simulation(with_seed);
    const Time start = simulation.now();
    ASSERT_TRUE(prepare(simulation, partly));
    const Status begun = play(simulation, partly.steps.at(0));
    ASSERT_TRUE(begun) << begun.error().text();
    simulation.advance_to(start + partly.steps.at(1).at);
    boost::json::value update = {{"ClusterName", "demo"}};
    update.as_object()["InstanceGroups"] =
        boost::json::array{partly.cluster.at("InstanceGroups").at(1)};
    boost::json::object& gpu = update.at("InstanceGroups").at(0).as_object();
    gpu["InstanceCount"] = gpu["MinInstanceCount"] = 1;
    ASSERT_TRUE(simulation.hyperpod().call("UpdateCluster", update, simulation.now()).is_success());
    ASSERT_TRUE(play(simulation, partly.steps.at(1)));
    simulation.autoscaler().on_answer = [&](const state::Answered& answered, Time) {
      const auto* result = std::get_if<hyperpod::AddResult>(&answered.payload);
      if (result == nullptr || result->failed.empty() || result->successful.empty()) return;
      ++partial_failures;
      simulation.kill_autoscaler_in_next_turn();
    };
    simulation.advance_to(start + Duration::seconds(150));
    std::size_t claims_of_cpu = 0;
    for (const auto& [name, claim] : simulation.autoscaler().loop().state().claims())
      claims_of_cpu += claim.launch->offering().group == "cpu" ? 1U : 0U;
    EXPECT_EQ(claims_of_cpu, 2U) << "seed " << seed;
    std::size_t nodes_of_cpu = 0;
    for (const service::NodeRecord& node : simulation.hyperpod().state().clusters.at(0).nodes)
      nodes_of_cpu += node.group == "cpu" ? 1U : 0U;
    EXPECT_EQ(nodes_of_cpu, 2U) << "seed " << seed;
  }
  EXPECT_GE(partial_failures, 24);
}

}  // namespace
}  // namespace hyperwright::sim
