#include "sim/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/kubernetes_tables.h"
#include "tests/sim/cluster_fixture.h"

namespace hyperwright::sim {
namespace {

using testing::SizeIs;
using testing::StartsWith;

// A day in the life of everything at once: what is created, scaled, broken and deleted.
void play(TestCluster& world) {
  for (const char* name : {"a", "b", "c"}) world.add_node(name, {.is_ready = false});
  world.add_deployment("web", 5);
  world.add_job("train", {{"completions", 4}, {"parallelism", 2}, {"completionMode", "Indexed"}});
  world.add_daemon_set("agent", {.cpu = "100m"});
  world.add_stateful_set("db", 2);
  world.create(
      "poddisruptionbudgets.policy",
      R"({"metadata": {"name": "web"}, "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}}})");
  world.run_for(Duration::minutes(5));
  world.patch("deployments.apps", "web", R"({"spec": {"replicas": 3}})");
  world.cluster().kubelets().kill("b", world.now());
  world.run_for(Duration::minutes(10));
  world.remove("nodes", "b");
  world.remove("statefulsets.apps", "db");
  world.run_for(Duration::minutes(5));
}

std::string log_of(KubernetesApi& api) {
  std::string log;
  for (const ResourceType* type : api.types()) {
    const auto changes = api.changes_since(type->resource(), 0);
    if (!changes) continue;
    for (const Change& change : *changes) log += json::serialize(*change.object) + "\n";
  }
  return log;
}

TEST(Cluster, TwoRunsGiveTheSameChangesToTheByte) {
  TestCluster one;
  TestCluster two;
  play(one);
  play(two);
  EXPECT_GT(log_of(one.api()).size(), 50'000U);
  EXPECT_EQ(log_of(one.api()), log_of(two.api()));
}

TEST(Cluster, AtRestAStepChangesNothing) {
  TestCluster world;
  play(world);
  world.run_to_rest();
  const std::uint64_t before = world.api().resource_version();
  world.step();
  EXPECT_EQ(world.api().resource_version(), before);
}

TEST(Cluster, ADeploymentRunsOnANodeThatBoots) {
  TestCluster world;
  world.add_deployment("web", 2);
  world.step();
  ASSERT_THAT(world.pods("app=web"), SizeIs(2));
  EXPECT_EQ(world.condition("pods", world.pod_names("app=web")[0], "PodScheduled"),
            "False Unschedulable");
  world.add_node("a", {.is_ready = false});
  world.run_for(Duration::seconds(30));
  EXPECT_EQ(world.status("deployments.apps", "web", "readyReplicas"), 2);
}

TEST(Cluster, ANamespaceThatIsDeletedTakesItsPodsAlongInTheirGracePeriod) {
  TestCluster world;
  world.add_node("a");
  world.create("namespaces", R"({"metadata": {"name": "team"}})");
  world.create("pods", R"({"metadata": {"name": "p", "namespace": "team"},
                           "spec": {"containers": [{"name": "c", "image": "i"}]}})");
  world.run_for(Duration::seconds(10));
  world.remove("namespaces", "team");
  world.step();
  EXPECT_NE(world.get("namespaces", "team"), nullptr);
  world.run_for(Duration::seconds(5));
  EXPECT_EQ(world.get("namespaces", "team"), nullptr);
}

// The cells of `kubectl get`, each row as one line, without the names that are drawn and the
// addresses.
std::string table(TestCluster& world, std::string_view resource) {
  const json::object made = make_table(*world.api().find_type(resource), world.api().list(resource),
                                       {}, RowObject::None, true, world.now());
  std::string text;
  for (const json::value& row : made.at("rows").as_array()) {
    const json::array& cells = row.as_object().at("cells").as_array();
    for (std::size_t i = 1; i < std::min<std::size_t>(cells.size(), 5); ++i)
      text += json::serialize(cells[i]) + " ";
    text += "\n";
  }
  return text;
}

TEST(Cluster, KubectlGetShowsItsUsualColumns) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_deployment("web", 2);
  world.add_job("train", {{"completions", 3}, {"parallelism", 1}});
  world.run_for(Duration::seconds(10));
  EXPECT_EQ(table(world, "deployments.apps"), "\"2/2\" 2 2 \"10s\" \n");
  EXPECT_EQ(table(world, "jobs.batch"), "\"Running\" \"0/3\" \"10s\" \"10s\" \n");
  EXPECT_THAT(table(world, "pods"), StartsWith("\"1/1\" \"Running\" \"0\" \"10s\" \n"));
  EXPECT_THAT(table(world, "nodes"), StartsWith("\"Ready\" \"<none>\" \"10s\" "));
}

}  // namespace
}  // namespace hyperwright::sim
