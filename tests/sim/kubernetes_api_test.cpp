#include "sim/kubernetes_api.h"

#include "tests/sim/kubernetes_fixture.h"

namespace hyperwright::sim {
namespace {

namespace json = boost::json;

using KubernetesApiTest = KubernetesTest;

constexpr std::string_view kWidgets = "widgets.example.dev";

TEST_F(KubernetesApiTest, StartsWithTheNamespacesOfEveryCluster) {
  EXPECT_EQ(api.list("namespaces").size(), 4U);
  EXPECT_NE(api.find("namespaces", "", "kube-system"), nullptr);
}

TEST_F(KubernetesApiTest, TheSameSeedGivesTheSameObjects) {
  KubernetesApi other(Random(1), kNow);
  const char* pod = "{metadata: {generateName: web-}, spec: {containers: [{name: a, image: b}]}}";
  EXPECT_EQ(**api.create("pods", object_of(pod), now), **other.create("pods", object_of(pod), now));
}

TEST_F(KubernetesApiTest, TheServerSetsMetadataThatIsItsOwn) {
  const ObjectPtr pod =
      make("pods",
           "{metadata: {name: web-0, uid: mine, resourceVersion: '77', generation: 9, "
           "deletionTimestamp: "
           "x}, spec: {containers: [{name: a, image: b}]}, status: {phase: Running}}");
  EXPECT_EQ(text_field(*pod, {"apiVersion"}), "v1");
  EXPECT_EQ(text_field(*pod, {"kind"}), "Pod");
  EXPECT_EQ(namespace_of(*pod), "default");
  EXPECT_EQ(uid_of(*pod).size(), 36U);
  EXPECT_EQ(text_field(*pod, {"metadata", "creationTimestamp"}), format_time(kNow));
  EXPECT_EQ(resource_version_of(*pod), api.resource_version());
  EXPECT_EQ(int_field(*pod, {"metadata", "generation"}), 1);
  EXPECT_FALSE(is_deleting(*pod));
  EXPECT_EQ(text_field(*pod, {"status", "phase"}), "Pending");
}

TEST_F(KubernetesApiTest, ANodeKeepsTheStatusThatItsKubeletRegisters) {
  const ObjectPtr node = make("nodes", "{metadata: {name: n1}, status: {capacity: {cpu: '4'}}}");
  EXPECT_EQ(text_field(*node, {"status", "capacity", "cpu"}), "4");
}

TEST_F(KubernetesApiTest, ANameIsGeneratedFromItsPrefix) {
  const ObjectPtr pod =
      make("pods", "{metadata: {generateName: web-}, spec: {containers: [{name: a, image: b}]}}");
  EXPECT_TRUE(name_of(*pod).starts_with("web-"));
  EXPECT_EQ(name_of(*pod).size(), 9U);
}

TEST_F(KubernetesApiTest, ASecondObjectOfTheNameIsRefused) {
  make_pod("web-0");
  const auto again = api.create(
      "pods", object_of("{metadata: {name: web-0}, spec: {containers: [{name: a, image: b}]}}"),
      now);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, 409);
  EXPECT_EQ(again.error().reason, "AlreadyExists");
  EXPECT_EQ(again.error().message, "pods \"web-0\" already exists");
}

TEST_F(KubernetesApiTest, AnotherKindThanTheResourcesIsRefused) {
  const auto created =
      api.create("pods", object_of("{apiVersion: v1, kind: Node, metadata: {name: a}}"), now);
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().code, 400);
}

TEST_F(KubernetesApiTest, WhatDoesNotExistIsNotFound) {
  EXPECT_EQ(api.get("pods", "default", "nope").error().message, "pods \"nope\" not found");
  EXPECT_EQ(api.get("deployments.apps", "default", "nope").error().message,
            "deployments.apps \"nope\" not found");
  EXPECT_EQ(api.get("nothings", "default", "nope").error().code, 404);
  EXPECT_EQ(api.find("nothings", "", "x"), nullptr);
}

TEST_F(KubernetesApiTest, ListIsOrderedAndSelects) {
  make_pod("b");
  make_pod("a");
  make("namespaces", "{metadata: {name: shop}}");
  make("pods", "{metadata: {name: c, namespace: shop}, spec: {containers: [{name: a, image: b}]}}");
  const auto all = api.list("pods");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(name_of(*all[0]), "a");
  EXPECT_EQ(api.list("pods", {.ns = "shop"}).size(), 1U);
  EXPECT_EQ(api.list("pods", {.labels = *parse_label_selector("app=web")}).size(), 2U);
  EXPECT_EQ(api.list("pods", {.fields = *parse_field_selector("pods", "metadata.name=c")}).size(),
            1U);
}

TEST_F(KubernetesApiTest, AnUpdateOfAnOldVersionIsAConflict) {
  json::object old = *make("configmaps", "{metadata: {name: c}, data: {a: '1'}}");
  ASSERT_TRUE(merge("configmaps", "default", "c", "{data: {a: '2'}}"));
  object_at(old, {"data"})["a"] = "3";
  const auto updated = api.update("configmaps", old, now);
  ASSERT_FALSE(updated);
  EXPECT_EQ(updated.error().reason, "Conflict");
  EXPECT_EQ(updated.error().code, 409);
  erase_field(object_at(old, {"metadata"}), "resourceVersion");
  EXPECT_TRUE(api.update("configmaps", old, now))
      << "without a version a built-in object is overwritten";
}

TEST_F(KubernetesApiTest, ACustomResourceIsNeverOverwrittenWithoutItsVersion) {
  make_widget_definition();
  json::object widget = *make(kWidgets, "{metadata: {name: w}, spec: {color: red}}");
  erase_field(object_at(widget, {"metadata"}), "resourceVersion");
  EXPECT_EQ(api.update(kWidgets, widget, now).error().code, 422);
}

TEST_F(KubernetesApiTest, AnUpdateOfAnotherUidIsAConflict) {
  json::object pod = *make_pod("web-0");
  object_at(pod, {"metadata"})["uid"] = "other";
  EXPECT_EQ(api.update("pods", pod, now).error().reason, "Conflict");
}

TEST_F(KubernetesApiTest, AWriteThatChangesNothingStoresNothing) {
  const ObjectPtr pod = make_pod("web-0");
  const std::uint64_t before = api.resource_version();
  EXPECT_EQ(*api.update("pods", *pod, now), pod);
  EXPECT_EQ(*merge("pods", "default", "web-0", "{metadata: {labels: {app: web}}}"), pod);
  EXPECT_EQ(api.resource_version(), before);
}

TEST_F(KubernetesApiTest, GenerationCountsChangesOfTheSpecOnly) {
  make_widget_definition();
  make(kWidgets, "{metadata: {name: w}, spec: {color: red}}");
  EXPECT_EQ(int_field(**merge(kWidgets, "", "w", "{metadata: {labels: {a: b}}}"),
                      {"metadata", "generation"}),
            1);
  EXPECT_EQ(
      int_field(**merge(kWidgets, "", "w", "{spec: {color: blue}}"), {"metadata", "generation"}),
      2);
  EXPECT_EQ(int_field(**merge(kWidgets, "", "w", "{status: {replicas: 1}}",
                              {.subresource = Subresource::Status}),
                      {"metadata", "generation"}),
            2);
}

TEST_F(KubernetesApiTest, StatusAndTheRestAreWrittenApart) {
  make_widget_definition();
  const ObjectPtr created =
      make(kWidgets, "{metadata: {name: w}, spec: {color: red}, status: {replicas: 5}}");
  EXPECT_EQ(object_field(*created, {"status"}), nullptr)
      << "a new object has no status of its writer's";
  const auto main = merge(kWidgets, "", "w", "{spec: {color: blue}, status: {replicas: 1}}");
  EXPECT_EQ(object_field(**main, {"status"}), nullptr);
  const auto status = merge(
      kWidgets, "", "w", "{metadata: {labels: {a: b}}, spec: {color: red}, status: {replicas: 1}}",
      {.subresource = Subresource::Status});
  EXPECT_EQ(int_field(**status, {"status", "replicas"}), 1);
  EXPECT_EQ(text_field(**status, {"spec", "color"}), "blue");
  EXPECT_EQ(object_field(**status, {"metadata", "labels"}), nullptr);
}

TEST_F(KubernetesApiTest, StatusIsNotFoundWhereThereIsNone) {
  make("configmaps", "{metadata: {name: c}}");
  EXPECT_EQ(
      merge("configmaps", "default", "c", "{status: {}}", {.subresource = Subresource::Status})
          .error()
          .code,
      404);
}

TEST_F(KubernetesApiTest, ADryRunAnswersAndStoresNothing) {
  const std::uint64_t before = api.resource_version();
  EXPECT_TRUE(api.create("configmaps", object_of("{metadata: {name: c}}"), now, {.dry_run = true}));
  EXPECT_EQ(api.find("configmaps", "default", "c"), nullptr);
  EXPECT_EQ(api.resource_version(), before);
}

TEST_F(KubernetesApiTest, APatchMayLockByVersion) {
  make("configmaps", "{metadata: {name: c}}");
  EXPECT_EQ(merge("configmaps", "default", "c", "{metadata: {resourceVersion: '1'}, data: {a: b}}")
                .error()
                .code,
            409);
}

TEST_F(KubernetesApiTest, APatchMayNotRename) {
  make("configmaps", "{metadata: {name: c}}");
  EXPECT_EQ(merge("configmaps", "default", "c", "{metadata: {name: d}}").error().code, 400);
}

TEST_F(KubernetesApiTest, AStrategicMergePatchOfACustomResourceIsUnsupported) {
  make_widget_definition();
  make(kWidgets, "{metadata: {name: w}, spec: {color: red}}");
  EXPECT_EQ(api.patch(kWidgets, "", "w", PatchType::StrategicMerge,
                      value_of("{spec: {color: blue}}"), now)
                .error()
                .code,
            415);
}

TEST_F(KubernetesApiTest, ApplyCreatesThenMerges) {
  const auto apply = [&](std::string_view yaml) {
    return api.patch("configmaps", "default", "c", PatchType::Apply, value_of(yaml), now);
  };
  ASSERT_TRUE(apply("{apiVersion: v1, kind: ConfigMap, data: {a: '1'}}"));
  const auto merged = apply("{apiVersion: v1, kind: ConfigMap, data: {b: '2'}}");
  ASSERT_TRUE(merged);
  EXPECT_EQ(text_of(*(**merged).if_contains("data")), R"({"a":"1","b":"2"})");
  EXPECT_EQ(apply("{data: {b: '2'}}").error().code, 400) << "it must name its kind";
}

TEST_F(KubernetesApiTest, ADefinitionBecomesAResource) {
  EXPECT_EQ(api.find_type(kWidgets), nullptr);
  make_widget_definition();
  ASSERT_NE(api.find_type(kWidgets), nullptr);
  EXPECT_EQ(api.find_type(kWidgets)->list_kind, "WidgetList");
  const ObjectPtr widget = make(kWidgets, "{metadata: {name: w}, spec: {color: red, unknown: 1}}");
  EXPECT_EQ(text_of(*widget->if_contains("spec")), R"({"color":"red","replicas":2})");
  EXPECT_EQ(text_field(*widget, {"apiVersion"}), "example.dev/v1");
}

TEST_F(KubernetesApiTest, ADefinitionIsEstablishedAtOnce) {
  make_widget_definition();
  const ObjectPtr definition =
      api.find("customresourcedefinitions.apiextensions.k8s.io", "", kWidgets);
  EXPECT_TRUE(has_condition(*definition, "Established", "True"));
  EXPECT_EQ(text_field(*definition, {"status", "acceptedNames", "kind"}), "Widget");
}

TEST_F(KubernetesApiTest, ADefinitionWithoutSchemaIsRefused) {
  const auto created = api.create(
      "customresourcedefinitions.apiextensions.k8s.io",
      object_of("{metadata: {name: a.b.c}, spec: {group: b.c, scope: Cluster, names: {plural: a, "
                "kind: A}, versions: [{name: v1, storage: true}]}}"),
      now);
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().code, 422);
  EXPECT_EQ(created.error().causes.at(0).field, "spec.versions[0].schema.openAPIV3Schema");
}

TEST_F(KubernetesApiTest, AChangedDefinitionChangesItsResource) {
  make_widget_definition();
  ASSERT_TRUE(api.patch(
      "customresourcedefinitions.apiextensions.k8s.io", "", kWidgets, PatchType::Json,
      value_of(
          "[{op: replace, path: /spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/"
          "replicas/default, value: 7}]"),
      now));
  EXPECT_EQ(
      int_field(*make(kWidgets, "{metadata: {name: w}, spec: {color: red}}"), {"spec", "replicas"}),
      7);
}

TEST_F(KubernetesApiTest, StrictWritesRefuseUnknownFields) {
  make_widget_definition();
  const auto created =
      api.create(kWidgets, object_of("{metadata: {name: w}, spec: {color: red, foo: 1}}"), now,
                 {.strict = true});
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().code, 400);
  EXPECT_NE(created.error().message.find("unknown field \"spec.foo\""), std::string::npos);
}

TEST_F(KubernetesApiTest, ASchemaViolationNamesKindObjectFieldAndValue) {
  make_widget_definition();
  const auto created =
      api.create(kWidgets, object_of("{metadata: {name: w}, spec: {color: green}}"), now);
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().code, 422);
  EXPECT_EQ(created.error().message,
            "Widget.example.dev \"w\" is invalid: spec.color: Unsupported value: \"green\": "
            "supported values: \"red\", "
            "\"blue\"");
}

TEST_F(KubernetesApiTest, AStoredStatusIsValidatedToo) {
  make_widget_definition();
  make(kWidgets, "{metadata: {name: w}, spec: {color: red}}");
  EXPECT_EQ(
      merge(kWidgets, "", "w", "{status: {replicas: many}}", {.subresource = Subresource::Status})
          .error()
          .code,
      422);
}

}  // namespace
}  // namespace hyperwright::sim
