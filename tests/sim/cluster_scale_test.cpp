// What the simulated cluster costs in CPU time, printed and not asserted: run with
// --gtest_also_run_disabled_tests.
#include <ctime>

#include <gtest/gtest.h>

#include "tests/sim/cluster_fixture.h"

namespace hyperwright::sim {
namespace {

template <typename Work>
void timed(const char* what, Work&& work) {
  const std::clock_t start = std::clock();
  work();
  fmt::print("{:<60} {:>8} ms\n", what, (std::clock() - start) * 1000 / CLOCKS_PER_SEC);
}

TEST(ClusterScale, DISABLED_TenThousandPodsWaitAndRun) {
  TestCluster world;
  for (int i = 0; i < 50; ++i) world.add_node(fmt::format("n{}", i), {.cpu = "1"});
  world.step();
  for (int i = 0; i < 10; ++i) world.add_deployment(fmt::format("web{}", i), 1000, {.cpu = "2"});
  timed("10,000 pods of 10 Deployments: created, told that they wait", [&] { world.step(); });
  timed("a node that fits none of them", [&] {
    world.add_node("small", {.cpu = "1"});
    world.step();
  });
  timed("1,000 nodes that do: 8,000 pods bound, running", [&] {
    for (int i = 0; i < 1000; ++i)
      world.add_node(fmt::format("m{}", i), {.cpu = "16", .memory = "64Gi"});
    world.run_for(Duration::seconds(30));
  });
  timed("100 nodes more, one a second", [&] {
    for (int i = 0; i < 100; ++i) {
      world.add_node(fmt::format("k{}", i), {.cpu = "16", .memory = "64Gi"});
      world.run_for(Duration::seconds(1));
    }
  });
  fmt::print("waiting at the end: {}\n", world.cluster().scheduler().waiting());
}

TEST(ClusterScale, DISABLED_FiveThousandNodesBoot) {
  TestCluster world;
  for (int i = 0; i < 3; ++i) {
    world.add_daemon_set(
        fmt::format("agent{}", i),
        {.cpu = "10m",
         .spec = {{"tolerations", json::array{json::object{{"operator", "Exists"}}}}}});
  }
  timed("5,000 nodes boot, with 15,000 daemons", [&] {
    for (int i = 0; i < 5000; ++i)
      world.add_node(fmt::format("n{:04}", i), {.cpu = "16", .memory = "64Gi", .is_ready = false});
    world.run_for(Duration::minutes(1));
  });
  world.add_deployment("web", 2000,
                       {.cpu = "100m", .spec = parsed(R"({"topologySpreadConstraints": [
    {"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "DoNotSchedule",
     "labelSelector": {"matchLabels": {"app": "web"}}}]})")});
  timed("2,000 pods spread over hosts", [&] { world.run_for(Duration::minutes(1)); });
  timed("and an instant at rest", [&] { world.step(); });
}

}  // namespace
}  // namespace hyperwright::sim
