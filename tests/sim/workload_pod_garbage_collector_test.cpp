#include "sim/workload_pod_garbage_collector.h"

#include <gtest/gtest.h>

#include "tests/sim/cluster_fixture.h"

namespace hyperwright::sim {
namespace {

TEST(PodGarbageCollector, PodsOfANodeThatIsGoneAreRemovedAfterFortySeconds) {
  TestCluster world;
  world.add_node("a");
  world.add_pod("p");
  world.run_for(Duration::seconds(10));
  world.remove("nodes", "a");
  world.run_for(Duration::seconds(39));
  EXPECT_EQ(world.phase_of("p"), "Running");
  world.run_for(Duration::seconds(2));
  EXPECT_EQ(world.get("pods", "p"), nullptr);
}

TEST(PodGarbageCollector, ANodeThatComesBackInTimeKeepsItsPods) {
  TestCluster world;
  world.add_node("a");
  world.add_pod("p");
  world.run_for(Duration::seconds(10));
  world.remove("nodes", "a");
  world.run_for(Duration::seconds(20));
  world.add_node("a");
  world.run_for(Duration::minutes(5));
  EXPECT_EQ(world.phase_of("p"), "Running");
}

TEST(PodGarbageCollector, APodBoundToANodeThatNeverWasIsRemovedToo) {
  TestCluster world;
  world.add_pod("p", {.spec = {{"nodeName", "nowhere"}}});
  world.run_for(Duration::seconds(41));
  EXPECT_EQ(world.get("pods", "p"), nullptr);
}

}  // namespace
}  // namespace hyperwright::sim
