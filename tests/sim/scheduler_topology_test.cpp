#include "sim/scheduler_topology.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/cluster_fixture.h"

namespace hyperwright::sim {
namespace {

using testing::HasSubstr;

json::object spread(const char* key, int max_skew, const char* more = "") {
  return parsed(fmt::format(R"({{"topologySpreadConstraints": [{{"maxSkew": {}, "topologyKey": "{}",
      "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {{"matchLabels": {{"app": "web"}}}}{}}}]}})",
                            max_skew, key, more));
}

json::object affinity(const char* kind, const char* key, const char* app) {
  return parsed(
      fmt::format(R"({{"affinity": {{"{}": {{"requiredDuringSchedulingIgnoredDuringExecution": [
      {{"topologyKey": "{}", "labelSelector": {{"matchLabels": {{"app": "{}"}}}}}}]}}}}}})",
                  kind, key, app));
}

constexpr const char* kZone = "topology.kubernetes.io/zone";
constexpr const char* kHost = "kubernetes.io/hostname";

std::map<std::string, int> by_zone(TestCluster& world, std::string_view labels) {
  std::map<std::string, int> counts;
  for (const ObjectPtr& pod : world.pods(labels)) {
    const std::string_view node = text_field(*pod, {"spec", "nodeName"});
    if (!node.empty())
      counts[std::string(text_field(*world.get("nodes", node), {"metadata", "labels", kZone}))] +=
          1;
  }
  return counts;
}

std::string why(TestCluster& world, std::string_view pod) {
  return world.condition_message("pods", pod, "PodScheduled");
}

TEST(TopologySpread, KeepsTheZonesWithinMaxSkew) {
  TestCluster world;
  world.add_node("a", {.cpu = "100", .zone = "z1"});
  world.add_node("b", {.cpu = "2", .zone = "z2"});
  world.add_node("c", {.cpu = "100", .zone = "z3"});
  world.add_deployment("web", 9, {.spec = spread(kZone, 1)});
  world.step();
  // z2 is full with two; the others may have one more.
  EXPECT_EQ(by_zone(world, "app=web"),
            (std::map<std::string, int>{{"z1", 3}, {"z2", 2}, {"z3", 3}}));
  world.add_node("b2", {.cpu = "100", .zone = "z2"});
  world.step();
  EXPECT_EQ(by_zone(world, "app=web"),
            (std::map<std::string, int>{{"z1", 3}, {"z2", 3}, {"z3", 3}}));
}

TEST(TopologySpread, OverHostsPutsOneOnEach) {
  TestCluster world;
  for (const char* name : {"a", "b", "c"}) world.add_node(name, {.cpu = "100"});
  world.add_deployment("web", 3, {.spec = spread(kHost, 1)});
  world.step();
  std::map<std::string, int> by_node;
  for (const ObjectPtr& pod : world.pods("app=web"))
    by_node[std::string(text_field(*pod, {"spec", "nodeName"}))] += 1;
  EXPECT_EQ(by_node, (std::map<std::string, int>{{"a", 1}, {"b", 1}, {"c", 1}}));
}

TEST(TopologySpread, FewerDomainsThanMinDomainsCountAsAnEmptyOne) {
  TestCluster world;
  world.add_node("a", {.cpu = "100", .zone = "z1"});
  world.add_deployment("web", 3, {.spec = spread(kZone, 1, R"(, "minDomains": 2)")});
  world.step();
  EXPECT_EQ(by_zone(world, "app=web"), (std::map<std::string, int>{{"z1", 1}}));
}

TEST(TopologySpread, ANodeWithoutTheLabelTakesNone) {
  TestCluster world;
  world.add_node("a");
  world.add_pod("p", {.labels = {{"app", "web"}}, .spec = spread("rack", 1)});
  world.step();
  EXPECT_THAT(
      why(world, "p"),
      HasSubstr("1 node(s) didn't match pod topology spread constraints (missing required label)"));
}

TEST(TopologySpread, ADomainThatThePodMayNotUseDoesNotCount) {
  TestCluster world;
  world.add_node("a", {.cpu = "100", .zone = "z1", .labels = {{"pool", "web"}}});
  world.add_node("b", {.cpu = "100", .zone = "z2"});
  json::object spec = spread(kZone, 1);
  spec["nodeSelector"] = {{"pool", "web"}};
  world.add_deployment("web", 3, {.spec = spec});
  world.step();
  EXPECT_EQ(by_zone(world, "app=web"), (std::map<std::string, int>{{"z1", 3}}));
}

TEST(PodAffinity, GoesWhereTheOtherIsAndWaitsForIt) {
  TestCluster world;
  world.add_node("a", {.cpu = "100", .zone = "z1"});
  world.add_node("b", {.cpu = "2", .zone = "z2"});
  world.add_pod("web", {.spec = affinity("podAffinity", kZone, "cache")});
  world.step();
  EXPECT_THAT(why(world, "web"), HasSubstr("2 node(s) didn't match pod affinity rules"));
  world.add_pod("cache",
                {.labels = {{"app", "cache"}}, .spec = {{"nodeSelector", {{kZone, "z2"}}}}});
  world.step();
  EXPECT_EQ(world.node_of("web"), "b");
}

TEST(PodAffinity, TheFirstOfItsKindMayStartAnywhereAndTheOthersFollow) {
  TestCluster world;
  world.add_node("a", {.cpu = "8", .zone = "z1"});
  world.add_node("b", {.cpu = "8", .zone = "z2"});
  world.add_deployment("ring", 4, {.spec = affinity("podAffinity", kZone, "ring")});
  world.step();
  EXPECT_EQ(by_zone(world, "app=ring"), (std::map<std::string, int>{{"z1", 4}}));
}

TEST(PodAntiAffinity, PutsOneOnEachHostAndTheRestWaits) {
  TestCluster world;
  for (const char* name : {"a", "b"}) world.add_node(name, {.cpu = "8"});
  world.add_deployment("web", 3, {.spec = affinity("podAntiAffinity", kHost, "web")});
  world.step();
  int waiting = 0;
  for (const std::string& name : world.pod_names("app=web")) {
    if (!world.node_of(name).empty()) continue;
    waiting += 1;
    EXPECT_THAT(why(world, name), HasSubstr("2 node(s) didn't match pod anti-affinity rules"));
  }
  EXPECT_EQ(waiting, 1);
  world.add_node("c", {.cpu = "8"});
  world.step();
  for (const std::string& name : world.pod_names("app=web")) EXPECT_NE(world.node_of(name), "");
}

TEST(PodAntiAffinity, OfAPodThatIsThereRepelsOthers) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_pod("lonely", {.spec = affinity("podAntiAffinity", kHost, "noisy")});
  world.step();
  world.add_pod("noisy", {.labels = {{"app", "noisy"}}});
  world.step();
  EXPECT_THAT(why(world, "noisy"),
              HasSubstr("1 node(s) didn't satisfy existing pods anti-affinity rules"));
  world.remove("pods", "lonely");
  world.run_for(Duration::seconds(2));
  EXPECT_EQ(world.node_of("noisy"), "a");
}

TEST(PodAffinity, LooksIntoItsOwnNamespaceUnlessItNamesOthers) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.create("namespaces", R"({"metadata": {"name": "team"}})");
  world.create("pods",
               R"({"metadata": {"name": "cache", "namespace": "team", "labels": {"app": "cache"}},
                           "spec": {"containers": [{"name": "c", "image": "i"}]}})");
  world.step();
  world.add_pod("own", {.spec = affinity("podAffinity", kZone, "cache")});
  json::object any = affinity("podAffinity", kZone, "cache");
  find_field(any, {"affinity", "podAffinity", "requiredDuringSchedulingIgnoredDuringExecution"})
      ->as_array()[0]
      .as_object()["namespaceSelector"] = {
      {"matchLabels", {{"kubernetes.io/metadata.name", "team"}}}};
  world.add_pod("other", {.spec = any});
  world.step();
  EXPECT_EQ(world.node_of("own"), "");
  EXPECT_EQ(world.node_of("other"), "a");
}

}  // namespace
}  // namespace hyperwright::sim
