#include "tests/sim/kubernetes_fixture.h"

namespace hyperwright::sim {
namespace {

using KubernetesSubresourcesTest = KubernetesTest;

TEST_F(KubernetesSubresourcesTest, ABindingPutsAPodOnANode) {
  make_pod("web-0");
  const auto bound = api.bind("default", "web-0", "n1", now);
  ASSERT_TRUE(bound);
  EXPECT_EQ(text_field(**bound, {"spec", "nodeName"}), "n1");
  EXPECT_TRUE(has_condition(**bound, "PodScheduled", "True"));
}

TEST_F(KubernetesSubresourcesTest, ABindingReplacesTheConditionThatSaidUnschedulable) {
  make_pod("web-0");
  ASSERT_TRUE(merge(
      "pods", "default", "web-0",
      "{status: {conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable}]}}",
      {.subresource = Subresource::Status}));
  const auto bound = api.bind("default", "web-0", "n1", now);
  EXPECT_EQ(array_field(**bound, {"status", "conditions"})->size(), 1U);
}

TEST_F(KubernetesSubresourcesTest, APodIsBoundOnceAndNotOnItsWayOutNorWhileGated) {
  make_running_pod("web-0");
  EXPECT_EQ(api.bind("default", "web-0", "n2", now).error().code, 409);
  make_pod("gated", ", schedulingGates: [{name: wait}]");
  EXPECT_EQ(api.bind("default", "gated", "n1", now).error().code, 409);
  make("pods",
       "{metadata: {name: leaving, finalizers: [a/b]}, spec: {containers: [{name: a, image: b}]}}");
  ASSERT_TRUE(api.remove("pods", "default", "leaving", now));
  EXPECT_EQ(api.bind("default", "leaving", "n1", now).error().code, 409);
  EXPECT_EQ(api.bind("default", "gone", "n1", now).error().code, 404);
}

TEST_F(KubernetesSubresourcesTest, ScaleShowsAndSetsReplicas) {
  make("deployments.apps",
       "{metadata: {name: web}, spec: {replicas: 3, selector: {matchLabels: {app: web}}, template: "
       "{metadata: {labels: {app: "
       "web}}, spec: {containers: [{name: a, image: b}]}}}}");
  const auto scale = api.get_scale("deployments.apps", "default", "web");
  ASSERT_TRUE(scale);
  EXPECT_EQ(int_field(*scale, {"spec", "replicas"}), 3);
  EXPECT_EQ(text_field(*scale, {"status", "selector"}), "app=web");
  const auto scaled = api.update_scale("deployments.apps", "default", "web",
                                       object_of("{spec: {replicas: 5}}"), now);
  ASSERT_TRUE(scaled);
  const ObjectPtr deployment = api.find("deployments.apps", "default", "web");
  EXPECT_EQ(int_field(*deployment, {"spec", "replicas"}), 5);
  EXPECT_EQ(int_field(*deployment, {"metadata", "generation"}), 2);
}

TEST_F(KubernetesSubresourcesTest, ScaleRefusesOldVersionsNegativeCountsAndWhatHasNone) {
  make_widget_definition();
  make("widgets.example.dev", "{metadata: {name: w}, spec: {color: red}}");
  const auto set = [&](std::string_view yaml) {
    return api.update_scale("widgets.example.dev", "", "w", object_of(yaml), now);
  };
  EXPECT_EQ(set("{metadata: {resourceVersion: '1'}, spec: {replicas: 5}}").error().code, 409);
  EXPECT_EQ(set("{spec: {replicas: -1}}").error().code, 422);
  EXPECT_TRUE(set("{spec: {replicas: 4}}"));
  EXPECT_EQ(api.get_scale("pods", "default", "x").error().code, 404);
}

}  // namespace
}  // namespace hyperwright::sim
