#include "scheduling/default_spread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kube/well_known.h"
#include "tests/scheduling/cluster_builder.h"
#include "tests/scheduling/plan_check.h"

namespace hyperwright::scheduling {
namespace {

using kube::LabelSelector;
using kube::SelectorOperator;
using testing::IsEmpty;
using testing::SizeIs;

state::Options spreading(std::string_view key) {
  state::Options options{.cluster = "test"};
  options.default_spread.emplace_back().topology_key = key;
  return options;
}

void put_service(ClusterBuilder& cluster, std::string name, kube::StringMap selector,
                 std::string namespace_name = "default") {
  kube::Service service;
  service.meta.name = std::move(name);
  service.meta.namespace_ = std::move(namespace_name);
  service.selector = std::move(selector);
  service.has_selector = true;
  cluster.put(service);
}

template <typename T>
void put_workload(ClusterBuilder& cluster, std::string name, LabelSelector selector) {
  T workload;
  workload.meta.name = std::move(name);
  workload.meta.namespace_ = "default";
  workload.selector = std::move(selector);
  cluster.put(workload);
}

kube::OwnerReference owner(std::string api_version, std::string kind, std::string name) {
  return {std::move(api_version), std::move(kind), std::move(name), "uid-owner", true, true};
}
kube::OwnerReference replica_set(std::string name) {
  return owner("apps/v1", "ReplicaSet", std::move(name));
}

// Of a pod of app web in the namespace default.
std::optional<LabelSelector> selector(ClusterBuilder& cluster,
                                      const kube::OwnerReference* controller = nullptr) {
  return default_selector(cluster.state(), "default", {{"app", "web"}}, controller);
}

TEST(DefaultSelector, IsThatOfTheServiceThatSelectsThePod) {
  ClusterBuilder cluster;
  EXPECT_EQ(selector(cluster), std::nullopt);
  put_service(cluster, "other", {{"app", "db"}});
  put_service(cluster, "foreign", {{"app", "web"}}, "foreign");
  EXPECT_EQ(selector(cluster), std::nullopt);
  put_service(cluster, "web", {{"app", "web"}});
  EXPECT_EQ(selector(cluster), (LabelSelector{{{"app", "web"}}, {}}));
}

TEST(DefaultSelector, IsNotThatOfAServiceWithoutLabelsToSelect) {
  ClusterBuilder cluster;
  put_service(cluster, "empty", {});
  kube::Service none;
  none.meta.name = "none";
  none.meta.namespace_ = "default";
  cluster.put(none);
  EXPECT_EQ(selector(cluster), std::nullopt);
}

TEST(DefaultSelector, OfAReplicaSetMustHoldBesideThatOfServices) {
  ClusterBuilder cluster;
  put_service(cluster, "web", {{"app", "web"}});
  put_workload<kube::ReplicaSet>(
      cluster, "web", {{{"hash", "1"}}, {{"tier", SelectorOperator::In, {"front", "back"}}}});
  const kube::OwnerReference controller = replica_set("web");
  EXPECT_EQ(selector(cluster, &controller),
            (LabelSelector{{{"app", "web"}, {"hash", "1"}},
                           {{"tier", SelectorOperator::In, {"front", "back"}}}}));
}

TEST(DefaultSelector, ThatContradictsItselfSelectsNobody) {
  ClusterBuilder cluster;
  put_service(cluster, "web", {{"app", "web"}});
  put_workload<kube::StatefulSet>(cluster, "web", {{{"app", "other"}}, {}});
  const kube::OwnerReference controller = owner("apps/v1", "StatefulSet", "web");
  const auto made = selector(cluster, &controller);
  ASSERT_TRUE(made);
  for (const char* app : {"web", "other"}) EXPECT_FALSE(made->matches({{"app", app}})) << app;
}

TEST(DefaultSelector, OfAReplicationControllerReplacesTheLabelsOfServices) {
  ClusterBuilder cluster;
  put_service(cluster, "web", {{"app", "web"}});
  put_workload<kube::ReplicationController>(cluster, "web", {{{"app", "other"}}, {}});
  const kube::OwnerReference controller = owner("v1", "ReplicationController", "web");
  EXPECT_EQ(selector(cluster, &controller), (LabelSelector{{{"app", "other"}}, {}}));
}

TEST(DefaultSelector, IsNotAddedToByOtherOwnersOrByOneThatIsGone) {
  ClusterBuilder cluster;
  put_workload<kube::ReplicaSet>(cluster, "web", {{{"app", "web"}}, {}});
  for (const kube::OwnerReference& other :
       {replica_set("gone"), owner("batch/v1", "Job", "web"), owner("apps/v2", "ReplicaSet", "web"),
        owner("apps/v1", "StatefulSet", "web")})
    EXPECT_EQ(selector(cluster, &other), std::nullopt) << other.kind;
}

kube::Pod web(const ClusterBuilder& cluster, std::string_view name, std::string_view of) {
  kube::Pod pod = cluster.pod(name);
  pod.meta.labels.set("app", "web");
  pod.meta.owner_references = {replica_set(std::string(of))};
  return pod;
}

TEST(DefaultSpread, TellsPodsOfOneClassApartByWhatTheySpreadBy) {
  ClusterBuilder cluster(default_types(), spreading(kube::kZone));
  put_workload<kube::ReplicaSet>(cluster, "a", {{{"app", "web"}}, {}});
  put_workload<kube::ReplicaSet>(cluster, "b", {{}, {{"app", SelectorOperator::Exists, {}}}});
  put_workload<kube::ReplicaSet>(cluster, "c", {{{"app", "web"}}, {}});
  for (const char* name : {"a", "b", "c", "none"}) cluster.put_pod(web(cluster, name, name));
  const state::ClusterState& state = cluster.state();
  DefaultSpread spread(state);
  const auto variant = [&](const char* pod) {
    return spread.variant_of(*state.find_pod(std::string("uid-") + pod));
  };
  EXPECT_NE(variant("a"), variant("b"));
  EXPECT_EQ(variant("a"), variant("c"));
  EXPECT_EQ(variant("none"), state.find_pod("uid-none")->pod_class);
  const state::PodClass& made = spread.get(variant("a"));
  ASSERT_THAT(made.scheduling.topology_spread, SizeIs(1));
  EXPECT_EQ(made.scheduling.topology_spread[0].selector, (LabelSelector{{{"app", "web"}}, {}}));
  EXPECT_THAT(spread.get(variant("none")).scheduling.topology_spread, IsEmpty());
}

TEST(DefaultSpread, IsNotForPodsThatHaveAConstraintOfTheirOwn) {
  ClusterBuilder cluster(default_types(), spreading(kube::kZone));
  put_workload<kube::ReplicaSet>(cluster, "web", {{{"app", "web"}}, {}});
  kube::Pod pod = web(cluster, "web", "web");
  pod.scheduling.topology_spread.emplace_back().topology_key = kube::kHostname;
  cluster.put_pod(pod);
  DefaultSpread spread(cluster.state());
  const state::PodRecord& record = *cluster.state().find_pod("uid-web");
  EXPECT_EQ(spread.variant_of(record), record.pod_class);
}

TEST(DefaultSpread, IsThereOnlyWhereTheClusterHasOne) {
  ClusterBuilder cluster;
  put_workload<kube::ReplicaSet>(cluster, "web", {{{"app", "web"}}, {}});
  cluster.put_pod(web(cluster, "web", "web"));
  DefaultSpread spread(cluster.state());
  const state::PodRecord& record = *cluster.state().find_pod("uid-web");
  EXPECT_EQ(spread.variant_of(record), record.pod_class);
}

// What is asked is all that tells demands apart: pods of two ReplicaSets with one selector spread
// together.
TEST(DefaultSpread, CountsWhomTheSelectorSelectsWhoeverControlsThem) {
  ClusterBuilder cluster(default_types(), spreading(kube::kHostname));
  cluster.put_pool(cluster.pool("default"));
  for (const char* name : {"a", "b"}) {
    put_workload<kube::ReplicaSet>(cluster, name, {{{"app", "web"}}, {}});
    cluster.put_pod(web(cluster, name, name));
  }
  const auto waiting = cluster.waiting();
  const Plan plan = cluster.solve();
  EXPECT_THAT(problems_of(plan, cluster.state(), waiting, cluster.now()), IsEmpty());
  EXPECT_THAT(plan.new_nodes, SizeIs(2));
}

}  // namespace
}  // namespace hyperwright::scheduling
