#include "tests/sim/kubernetes_fixture.h"

namespace hyperwright::sim {
namespace {

namespace json = boost::json;

using KubernetesDeletionTest = KubernetesTest;

TEST_F(KubernetesDeletionTest, AnObjectThatNobodyWaitsForGoesAtOnce) {
  make("configmaps", "{metadata: {name: c}}");
  const auto last = api.remove("configmaps", "default", "c", now);
  ASSERT_TRUE(last);
  EXPECT_EQ(resource_version_of(**last), api.resource_version());
  EXPECT_EQ(api.find("configmaps", "default", "c"), nullptr);
  EXPECT_EQ(api.remove("configmaps", "default", "c", now).error().code, 404);
}

TEST_F(KubernetesDeletionTest, FinalizersKeepIt) {
  make("configmaps", "{metadata: {name: c, finalizers: [a/b, c/d]}}");
  const auto waiting = api.remove("configmaps", "default", "c", now);
  ASSERT_TRUE(waiting);
  EXPECT_EQ(text_field(**waiting, {"metadata", "deletionTimestamp"}), format_time(now));
  EXPECT_EQ(int_field(**waiting, {"metadata", "deletionGracePeriodSeconds"}, -1), 0);
  ASSERT_TRUE(merge("configmaps", "default", "c", "{metadata: {finalizers: [c/d]}}"));
  EXPECT_NE(api.find("configmaps", "default", "c"), nullptr);
  ASSERT_TRUE(merge("configmaps", "default", "c", "{metadata: {finalizers: null}}"));
  EXPECT_EQ(api.find("configmaps", "default", "c"), nullptr);
  EXPECT_EQ(api.changes_since("configmaps", api.resource_version() - 1)->back().kind,
            ChangeKind::Deleted);
}

TEST_F(KubernetesDeletionTest, NoFinalizerIsAddedOnTheWayOut) {
  make("configmaps", "{metadata: {name: c, finalizers: [a/b]}}");
  ASSERT_TRUE(api.remove("configmaps", "default", "c", now));
  const auto patched =
      merge("configmaps", "default", "c", "{metadata: {finalizers: [a/b, new/one]}}");
  ASSERT_FALSE(patched);
  EXPECT_EQ(patched.error().code, 422);
  EXPECT_EQ(patched.error().causes.at(0).field, "metadata.finalizers");
}

TEST_F(KubernetesDeletionTest, NobodyTakesADeletionBack) {
  make("configmaps", "{metadata: {name: c, finalizers: [a/b]}}");
  ASSERT_TRUE(api.remove("configmaps", "default", "c", now));
  ASSERT_TRUE(
      merge("configmaps", "default", "c", "{metadata: {deletionTimestamp: null}, data: {a: b}}"));
  EXPECT_TRUE(is_deleting(*api.find("configmaps", "default", "c")));
}

TEST_F(KubernetesDeletionTest, DeletionCountsAsAChangeOfTheWantedState) {
  make_widget_definition();
  make("widgets.example.dev", "{metadata: {name: w, finalizers: [a/b]}, spec: {color: red}}");
  EXPECT_EQ(
      int_field(**api.remove("widgets.example.dev", "", "w", now), {"metadata", "generation"}), 2);
}

TEST_F(KubernetesDeletionTest, PreconditionsMustHold) {
  const ObjectPtr object = make("configmaps", "{metadata: {name: c}}");
  EXPECT_EQ(api.remove("configmaps", "default", "c", now, {.uid = "other"}).error().code, 409);
  EXPECT_EQ(api.remove("configmaps", "default", "c", now, {.resource_version = "1"}).error().code,
            409);
  EXPECT_TRUE(api.remove(
      "configmaps", "default", "c", now,
      {.uid = std::string(uid_of(*object)),
       .resource_version = std::string(text_field(*object, {"metadata", "resourceVersion"}))}));
}

TEST_F(KubernetesDeletionTest, APodWithoutNodeGoesAtOnce) {
  make_pod("web-0");
  ASSERT_TRUE(api.remove("pods", "default", "web-0", now));
  EXPECT_EQ(api.find("pods", "default", "web-0"), nullptr);
}

TEST_F(KubernetesDeletionTest, ABoundPodWaitsForItsKubelet) {
  make_running_pod("web-0");
  const auto waiting = api.remove("pods", "default", "web-0", now);
  ASSERT_TRUE(waiting);
  EXPECT_EQ(text_field(**waiting, {"metadata", "deletionTimestamp"}),
            format_time(now + Duration::seconds(30)));
  EXPECT_EQ(int_field(**waiting, {"metadata", "deletionGracePeriodSeconds"}), 30);
  // The kubelet reports the end of its containers, then removes the pod.
  ASSERT_TRUE(merge("pods", "default", "web-0", "{status: {phase: Succeeded}}",
                    {.subresource = Subresource::Status}));
  EXPECT_NE(api.find("pods", "default", "web-0"), nullptr);
  ASSERT_TRUE(api.remove("pods", "default", "web-0", now, {.grace_period_seconds = 0}));
  EXPECT_EQ(api.find("pods", "default", "web-0"), nullptr);
}

TEST_F(KubernetesDeletionTest, AGracePeriodCanBeCutShortAndNotProlonged) {
  make_running_pod("web-0");
  const auto grace = [&](std::int64_t seconds) {
    const auto pod = api.remove("pods", "default", "web-0", now, {.grace_period_seconds = seconds});
    return int_field(**pod, {"metadata", "deletionGracePeriodSeconds"}, -1);
  };
  EXPECT_EQ(grace(20), 20);
  EXPECT_EQ(grace(60), 20);
  EXPECT_EQ(grace(5), 5);
}

TEST_F(KubernetesDeletionTest, APodThatIsOverHasNoGracePeriod) {
  make_running_pod("web-0");
  ASSERT_TRUE(merge("pods", "default", "web-0", "{status: {phase: Failed}}",
                    {.subresource = Subresource::Status}));
  ASSERT_TRUE(api.remove("pods", "default", "web-0", now));
  EXPECT_EQ(api.find("pods", "default", "web-0"), nullptr);
}

TEST_F(KubernetesDeletionTest, APodsFinalizerOutlivesItsKubelet) {
  make("pods",
       "{metadata: {name: p, finalizers: [a/b]}, spec: {containers: [{name: a, image: b}]}}");
  ASSERT_TRUE(api.bind("default", "p", "n1", now));
  ASSERT_TRUE(api.remove("pods", "default", "p", now));
  ASSERT_TRUE(api.remove("pods", "default", "p", now, {.grace_period_seconds = 0}));
  ASSERT_NE(api.find("pods", "default", "p"), nullptr);
  ASSERT_TRUE(merge("pods", "default", "p", "{metadata: {finalizers: []}}"));
  EXPECT_EQ(api.find("pods", "default", "p"), nullptr);
}

TEST_F(KubernetesDeletionTest, PropagationIsLeftToTheGarbageCollector) {
  make("configmaps", "{metadata: {name: a}}");
  make("configmaps", "{metadata: {name: b}}");
  const auto foreground =
      api.remove("configmaps", "default", "a", now, {.propagation = Propagation::Foreground});
  EXPECT_EQ(text_of(*find_field(**foreground, {"metadata", "finalizers"})),
            R"(["foregroundDeletion"])");
  const auto orphan =
      api.remove("configmaps", "default", "b", now, {.propagation = Propagation::Orphan});
  EXPECT_EQ(text_of(*find_field(**orphan, {"metadata", "finalizers"})), R"(["orphan"])");
}

TEST_F(KubernetesDeletionTest, ANamespaceTakesItsObjectsAlong) {
  make("namespaces", "{metadata: {name: shop}}");
  make("configmaps", "{metadata: {name: a, namespace: shop}}");
  make("configmaps", "{metadata: {name: b, namespace: shop, finalizers: [x/y]}}");
  make("configmaps", "{metadata: {name: kept}}");
  const auto waiting = api.remove("namespaces", "", "shop", now);
  ASSERT_TRUE(waiting);
  EXPECT_EQ(text_field(**waiting, {"status", "phase"}), "Terminating");
  EXPECT_EQ(api.find("configmaps", "shop", "a"), nullptr);
  ASSERT_NE(api.find("namespaces", "", "shop"), nullptr)
      << "one object still waits for its finalizer";
  const auto created =
      api.create("configmaps", object_of("{metadata: {name: c, namespace: shop}}"), now);
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().code, 403);
  EXPECT_EQ(created.error().causes.at(0).reason, "NamespaceTerminating");
  ASSERT_TRUE(merge("configmaps", "shop", "b", "{metadata: {finalizers: null}}"));
  EXPECT_EQ(api.find("namespaces", "", "shop"), nullptr);
  EXPECT_NE(api.find("configmaps", "default", "kept"), nullptr);
}

TEST_F(KubernetesDeletionTest, AnEmptyNamespaceGoesAtOnceAndDefaultNever) {
  make("namespaces", "{metadata: {name: shop}}");
  ASSERT_TRUE(api.remove("namespaces", "", "shop", now));
  EXPECT_EQ(api.find("namespaces", "", "shop"), nullptr);
  EXPECT_EQ(api.remove("namespaces", "", "default", now).error().code, 403);
}

TEST_F(KubernetesDeletionTest, ADefinitionTakesItsResourcesAlong) {
  make_widget_definition();
  make("widgets.example.dev", "{metadata: {name: a}, spec: {color: red}}");
  make("widgets.example.dev", "{metadata: {name: b, finalizers: [x/y]}, spec: {color: red}}");
  ASSERT_TRUE(
      api.remove("customresourcedefinitions.apiextensions.k8s.io", "", "widgets.example.dev", now));
  EXPECT_EQ(api.list("widgets.example.dev").size(), 1U);
  ASSERT_TRUE(merge("widgets.example.dev", "", "b", "{metadata: {finalizers: null}}"));
  EXPECT_EQ(api.find_type("widgets.example.dev"), nullptr);
  EXPECT_EQ(api.find("customresourcedefinitions.apiextensions.k8s.io", "", "widgets.example.dev"),
            nullptr);
}

TEST_F(KubernetesDeletionTest, ADryRunDeletesNothing) {
  make("configmaps", "{metadata: {name: c}}");
  ASSERT_TRUE(api.remove("configmaps", "default", "c", now, {.dry_run = true}));
  EXPECT_NE(api.find("configmaps", "default", "c"), nullptr);
}

}  // namespace
}  // namespace hyperwright::sim
