// Promises that hold whatever is called and whenever: random calls, random steps of time, a random
// scenario.
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/service/random_calls.h"

namespace hyperwright::service {
namespace {

void check_counts(World& world) {
  const std::vector<hyperpod::Node> nodes = world.nodes();
  for (const std::string& name : kGroups) {
    std::int32_t targets = 0, running = 0;
    for (const hyperpod::Node& node : nodes) {
      if (node.group != name) continue;
      targets += node.status != hyperpod::InstanceStatus::ShuttingDown ? 1 : 0;
      running += node.status == hyperpod::InstanceStatus::Running ? 1 : 0;
      RC_ASSERT((node.status != hyperpod::InstanceStatus::Running) || !node.instance_id.empty());
    }
    RC_ASSERT(world.group_of(name).target_count == targets);
    RC_ASSERT(world.group_of(name).current_count == running);
  }
}

void check_capacity(World& world, const Scenario& scenario) {
  if (scenario.capacity.empty()) return;
  std::int32_t instances = 0;
  const std::vector<hyperpod::Node> nodes = world.nodes();
  for (const hyperpod::Node& node : nodes) {
    if (!node.instance_id.empty() && node.instance_type == "ml.g5.xlarge") ++instances;
  }
  RC_ASSERT(instances <= scenario.capacity[0].available);
}

// Each due time of a record is a wake, and each wake has its record.
void check_wakes(World& world) {
  const ControlPlane& state = world.service().state();
  std::set<Wake> expected;
  for (const ClusterRecord& cluster : state.clusters) {
    if (cluster.due != Time::max()) expected.insert({cluster.due, cluster.sequence, 0});
    for (const GroupRecord& record : cluster.groups) {
      if (record.min_deadline != Time::max())
        expected.insert({record.min_deadline, cluster.sequence, record.sequence});
    }
    for (const NodeRecord& node : cluster.nodes) {
      if (node.due != Time::max()) expected.insert({node.due, cluster.sequence, node.sequence});
    }
  }
  RC_ASSERT(state.wakes == expected);
}

// What the Kubernetes cluster would hold: every name is registered once, and removed once and after
// that.
void check_outputs(World& world) {
  std::set<std::string> present, ever, provider_ids;
  for (const Output& output : world.outputs) {
    if (const auto* registered = std::get_if<NodeToRegister>(&output)) {
      RC_ASSERT(ever.insert(registered->node.meta.name).second);
      RC_ASSERT(provider_ids.insert(registered->node.provider_id).second);
      present.insert(registered->node.meta.name);
    } else if (const auto* removed = std::get_if<NodeToRemove>(&output)) {
      RC_ASSERT(present.erase(removed->name) == 1U);
    }
  }
  for (const hyperpod::Node& node : world.nodes()) {
    const bool is_there = present.erase("hyperpod-" + node.instance_id) == 1;
    if (node.status == hyperpod::InstanceStatus::Running) RC_ASSERT(is_there);
  }
  RC_ASSERT(present.empty());  // no Node without its instance
}

RC_GTEST_PROP(Service, CountsWakesCapacityAndNodesAgreeAtEveryStep, ()) {
  const Scenario scenario = draw_scenario();
  World world = World::with(groups(), scenario);
  std::set<std::string> deleted, instances_of_the_past;
  std::map<std::string, std::string> instances;
  for (int step = *rc::gen::inRange(1, 25); step > 0; --step) {
    draw_act(world)(world);
    check_counts(world);
    check_capacity(world, scenario);
    check_wakes(world);
    // A logical id that is gone never comes back, and neither does an instance id.
    const std::vector<hyperpod::Node> nodes = world.nodes();
    std::map<std::string, std::string> now;
    for (const hyperpod::Node& node : nodes) {
      RC_ASSERT(!deleted.contains(node.logical_id));
      RC_ASSERT(!instances_of_the_past.contains(node.instance_id));
      now[node.logical_id] = node.instance_id;
    }
    for (const auto& [logical_id, instance] : instances) {
      if (!now.contains(logical_id)) deleted.insert(logical_id);
      if (!instance.empty() && (!now.contains(logical_id) || now[logical_id] != instance))
        instances_of_the_past.insert(instance);
    }
    instances = std::move(now);
  }
  world.pass(Duration{});
  check_outputs(world);
}

RC_GTEST_PROP(Service, EveryWantedNodeRunsOnceNothingFailsAnyMore, ()) {
  Scenario scenario = draw_scenario();
  for (CapacityLine& line : scenario.capacity) line.when.until = Duration::hours(1);
  World world = World::with(groups(), scenario);
  for (int step = *rc::gen::inRange(1, 15); step > 0; --step) draw_act(world)(world);
  world.pass(Duration::hours(3));
  for (const std::string& name : kGroups)
    RC_ASSERT(world.group_of(name).current_count == world.group_of(name).target_count);
  RC_ASSERT(world.service().next_wake() == Time::max());
}

RC_GTEST_PROP(Service, RetriedCallGivesTheSameNodes, (std::uint64_t seed)) {
  World world = World::with(groups(), {}, seed);
  const auto first = hyperpod::decode_add_result(world.add("gpu", 5, "token").body()).value();
  for (int step = *rc::gen::inRange(0, 5); step > 0; --step) draw_act(world)(world);
  if (world.now() - kStart < Duration::hours(8)) {
    const auto again = hyperpod::decode_add_result(world.add("gpu", 5, "token").body()).value();
    RC_ASSERT(again.successful.size() == first.successful.size());
    for (std::size_t i = 0; i < first.successful.size(); ++i) {
      RC_ASSERT(again.successful[i].logical_id == first.successful[i].logical_id);
    }
  }
}

// Everything that can be seen of a world after a fixed story.
std::string story(std::uint64_t seed, Duration step) {
  Scenario scenario{.capacity = {{.type = "ml.g5.xlarge", .available = 3}}};
  scenario.delays.jitter_percent = 30;
  World world = World::with(groups(), scenario, seed);
  world.add("gpu", 4, "a");
  world.add("mix", 3, "b");
  for (Duration passed{}; passed < Duration::minutes(10); passed += step) world.pass(step);
  world.update({group("gpu", {.count = 1})});
  for (Duration passed{}; passed < Duration::minutes(10); passed += step) world.pass(step);
  std::string text = json::serialize(
      world.call("DescribeCluster", hyperpod::describe_cluster_request("hp1")).body());
  text += json::serialize(
      world.call("ListClusterNodes", hyperpod::list_nodes_request("hp1", "")).body());
  for (const auto& event : world.events()) {
    text += fmt::format("{} {} {} {}\n", event.id, event.time.unix_microseconds(),
                        event.description, event.instance_id);
  }
  return text + fmt::format("{}", world.outputs.size());
}

TEST(Service, SameSeedGivesTheSameWorldWhateverTheStepsOfTime) {
  EXPECT_EQ(story(7, Duration::seconds(1)), story(7, Duration::minutes(10)));
  EXPECT_NE(story(7, Duration::seconds(1)), story(8, Duration::seconds(1)));
}

}  // namespace
}  // namespace hyperwright::service
