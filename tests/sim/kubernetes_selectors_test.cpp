#include "sim/kubernetes_selectors.h"

#include "tests/sim/kubernetes_fixture.h"

namespace hyperwright::sim {
namespace {

bool matches(std::string_view selector, std::string_view labels) {
  const auto parsed = parse_label_selector(selector);
  EXPECT_TRUE(parsed) << selector;
  const boost::json::object object = object_of(fmt::format("{{metadata: {{labels: {}}}}}", labels));
  return parsed->matches(object);
}

TEST(KubernetesSelectors, EqualityAndInequality) {
  EXPECT_TRUE(matches("app=web", "{app: web}"));
  EXPECT_TRUE(matches("app==web", "{app: web}"));
  EXPECT_FALSE(matches("app=web", "{app: db}"));
  EXPECT_TRUE(matches("app!=web", "{app: db}"));
  EXPECT_TRUE(matches("app!=web", "{}")) << "an absent label is not equal";
  EXPECT_TRUE(matches("app=", "{app: ''}"));
  EXPECT_FALSE(matches("app=", "{}"));
}

TEST(KubernetesSelectors, Sets) {
  EXPECT_TRUE(matches("env in (a, b)", "{env: b}"));
  EXPECT_FALSE(matches("env in (a,b)", "{env: c}"));
  EXPECT_TRUE(matches("env notin (a,b)", "{}"));
  EXPECT_FALSE(matches("env notin (a,b)", "{env: a}"));
}

TEST(KubernetesSelectors, Existence) {
  EXPECT_TRUE(matches("gpu", "{gpu: ''}"));
  EXPECT_FALSE(matches("gpu", "{}"));
  EXPECT_TRUE(matches("!gpu", "{}"));
  EXPECT_FALSE(matches("!gpu", "{gpu: x}"));
}

TEST(KubernetesSelectors, AllTermsMustHold) {
  EXPECT_TRUE(matches("app=web,env in (a,b),!gpu", "{app: web, env: a}"));
  EXPECT_FALSE(matches("app=web,env in (a,b),!gpu", "{app: web, env: a, gpu: x}"));
  EXPECT_TRUE(matches("", "{}"));
}

TEST(KubernetesSelectors, Numbers) {
  EXPECT_TRUE(matches("cpus>4", "{cpus: '8'}"));
  EXPECT_FALSE(matches("cpus<4", "{cpus: '8'}"));
  EXPECT_FALSE(matches("cpus>4", "{cpus: many}"));
}

TEST(KubernetesSelectors, NonsenseIsRefusedAndNamed) {
  for (const char* text : {"=a", "app in a", "app in (a", "a b", "app=we b", ",", "a=b=c"}) {
    const auto parsed = parse_label_selector(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, 400);
    EXPECT_NE(parsed.error().message.find(text), std::string::npos);
  }
}

TEST(KubernetesSelectors, TheObjectForm) {
  const boost::json::object selector = object_of(
      "{matchLabels: {app: web}, matchExpressions: [{key: env, operator: NotIn, values: [b, a]}, "
      "{key: gpu, operator: "
      "DoesNotExist}]}");
  const LabelSelector parsed = label_selector_of(&selector);
  EXPECT_TRUE(parsed.matches(object_of("{metadata: {labels: {app: web, env: c}}}")));
  EXPECT_FALSE(parsed.matches(object_of("{metadata: {labels: {app: web, env: a}}}")));
  EXPECT_EQ(to_text(parsed), "app=web,env notin (a,b),!gpu");
}

TEST(KubernetesSelectors, AnAbsentSelectorMatchesNothingAndAnEmptyOneAll) {
  const boost::json::object empty;
  EXPECT_FALSE(label_selector_of(nullptr).matches(object_of("{metadata: {name: a}}")));
  EXPECT_TRUE(label_selector_of(&empty).matches(object_of("{metadata: {name: a}}")));
}

TEST(KubernetesSelectors, FieldsOfPods) {
  const auto parsed = parse_field_selector("pods", "spec.nodeName=,status.phase!=Running");
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->matches(object_of("{status: {phase: Pending}}")));
  EXPECT_FALSE(parsed->matches(object_of("{spec: {nodeName: n1}, status: {phase: Pending}}")));
  EXPECT_FALSE(parsed->matches(object_of("{status: {phase: Running}}")));
}

TEST(KubernetesSelectors, EveryKindHasANameAndOthersAreRefused) {
  EXPECT_TRUE(parse_field_selector("widgets.example.dev", "metadata.name=w"));
  const auto parsed = parse_field_selector("pods", "spec.foo=1");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, 400);
  EXPECT_NE(parsed.error().message.find("spec.foo"), std::string::npos);
  EXPECT_FALSE(parse_field_selector("pods", "nonsense"));
}

TEST(KubernetesSelectors, AnAbsentFlagIsFalse) {
  EXPECT_TRUE(
      parse_field_selector("nodes", "spec.unschedulable=false")->matches(object_of("{spec: {}}")));
}

}  // namespace
}  // namespace hyperwright::sim
