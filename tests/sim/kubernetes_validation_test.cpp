#include "sim/kubernetes_validation.h"

#include "tests/sim/kubernetes_fixture.h"

namespace hyperwright::sim {
namespace {

struct KubernetesValidationTest : KubernetesTest {
  // The fields that a new object is refused for.
  std::string refused(std::string_view resource, std::string_view yaml) {
    const auto created = api.create(resource, object_of(yaml), now);
    if (created) return "";
    EXPECT_EQ(created.error().code, 422) << created.error().message;
    std::string fields;
    for (const StatusCause& cause : created.error().causes)
      fields += (fields.empty() ? "" : " ") + cause.field;
    return fields;
  }
};

TEST_F(KubernetesValidationTest, NamesAreDnsSubdomains) {
  const auto name = [&](const char* text) {
    return refused("configmaps", fmt::format("{{metadata: {{name: '{}'}}}}", text));
  };
  for (const char* good : {"a", "a-b.c9", "0"}) EXPECT_EQ(name(good), "") << good;
  for (const char* bad : {"", "A", "a_b", "-a", "a-", "a..b", "a/b"})
    EXPECT_EQ(name(bad), "metadata.name") << bad;
}

TEST_F(KubernetesValidationTest, LabelsAreQualifiedNamesAndShortValues) {
  const auto label = [&](std::string_view yaml) {
    return refused("configmaps",
                   fmt::format("{{metadata: {{generateName: a-, labels: {}}}}}", yaml));
  };
  EXPECT_EQ(label("{example.dev/app: web, b: ''}"), "");
  EXPECT_EQ(label("{'a b': web}"), "metadata.labels");
  EXPECT_EQ(label("{a: '-web'}"), "metadata.labels");
  EXPECT_EQ(label("{a: 5}"), "metadata.labels") << "a value is text";
}

TEST_F(KubernetesValidationTest, APodHasContainersWithNameAndImage) {
  EXPECT_EQ(refused("pods", "{metadata: {name: p}, spec: {}}"), "spec.containers");
  EXPECT_EQ(refused("pods", "{metadata: {name: p}, spec: {containers: [{name: A_B}]}}"),
            "spec.containers[0].name spec.containers[0].image");
}

TEST_F(KubernetesValidationTest, AWorkloadsSelectorMatchesItsTemplate) {
  const char* rest =
      "template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: b}]}}";
  EXPECT_EQ(
      refused("deployments.apps", fmt::format("{{metadata: {{name: d}}, spec: {{{}}}}}", rest)),
      "spec.selector");
  EXPECT_EQ(
      refused("deployments.apps",
              fmt::format(
                  "{{metadata: {{name: d}}, spec: {{selector: {{matchLabels: {{app: db}}}}, {}}}}}",
                  rest)),
      "spec.template.metadata.labels");
}

TEST_F(KubernetesValidationTest, AJobsPodsMayEnd) {
  EXPECT_EQ(
      refused(
          "jobs.batch",
          "{metadata: {name: j}, spec: {template: {spec: {containers: [{name: a, image: b}]}}}}"),
      "spec.template.spec.restartPolicy");
}

TEST_F(KubernetesValidationTest, TaintsHaveAKnownEffectAndAreUnique) {
  EXPECT_EQ(refused("nodes", "{metadata: {name: n}, spec: {taints: [{key: a, effect: Never}]}}"),
            "spec.taints[0].effect");
  EXPECT_EQ(refused("nodes",
                    "{metadata: {name: n}, spec: {taints: [{key: a, effect: NoSchedule}, {key: a, "
                    "effect: NoSchedule, "
                    "value: x}]}}"),
            "spec.taints[1]");
}

TEST_F(KubernetesValidationTest, APodsSpecIsFixedButForAFewFields) {
  make_pod("p");
  EXPECT_EQ(merge("pods", "default", "p", "{spec: {nodeName: n1}}").error().code, 422)
      << "a node is chosen by a binding";
  EXPECT_EQ(
      merge("pods", "default", "p", "{spec: {nodeSelector: {a: b}}}").error().causes.at(0).field,
      "spec");
  EXPECT_TRUE(merge("pods", "default", "p", "{spec: {activeDeadlineSeconds: 5}}"));
  EXPECT_TRUE(
      merge("pods", "default", "p",
            "{spec: {containers: [{name: main, image: 'app:2', imagePullPolicy: Always}]}}"));
}

TEST_F(KubernetesValidationTest, TolerationsAreOnlyAdded) {
  make_pod("p", ", tolerations: [{key: gpu, operator: Exists}]");
  const auto without =
      merge("pods", "default", "p", "{spec: {tolerations: [{key: other, operator: Exists}]}}");
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().causes.at(0).field, "spec.tolerations");
}

TEST_F(KubernetesValidationTest, SchedulingGatesOnlyOpen) {
  make_pod("p", ", schedulingGates: [{name: a}, {name: b}]");
  EXPECT_TRUE(
      merge("pods", "default", "p", "{spec: {schedulingGates: [{name: b}], nodeSelector: {x: y}}}"))
      << "while gated, node selection may be narrowed";
  EXPECT_EQ(merge("pods", "default", "p", "{spec: {schedulingGates: [{name: b}, {name: c}]}}")
                .error()
                .code,
            422);
}

TEST_F(KubernetesValidationTest, AProviderIdIsSetOnce) {
  make("nodes", "{metadata: {name: n}}");
  EXPECT_TRUE(merge("nodes", "", "n", "{spec: {providerID: 'aws:///a/i-1'}}"));
  EXPECT_EQ(merge("nodes", "", "n", "{spec: {providerID: 'aws:///a/i-2'}}").error().code, 422);
}

TEST_F(KubernetesValidationTest, AnEventIsInTheNamespaceOfItsObject) {
  EXPECT_EQ(refused("events",
                    "{metadata: {name: e}, involvedObject: {kind: Pod, namespace: shop, name: p}}"),
            "involvedObject.namespace");
  EXPECT_EQ(refused("events", "{metadata: {name: e}, involvedObject: {kind: Node, name: n}}"), "");
}

}  // namespace
}  // namespace hyperwright::sim
