#include "sim/kubernetes_http.h"

#include "tests/sim/kubernetes_fixture.h"

namespace hyperwright::sim {
namespace {

namespace json = boost::json;

struct KubernetesHttpTest : KubernetesTest {
  json::object last;

  int call(std::string method, std::string_view target, std::string_view yaml_or_json = "",
           std::string content_type = "application/yaml") {
    const std::size_t mark = std::min(target.find('?'), target.size());
    ApiRequest request{.method = std::move(method),
                       .path = std::string(target.substr(0, mark)),
                       .query = std::string(target.substr(std::min(mark + 1, target.size()))),
                       .content_type = std::move(content_type),
                       .accept = "application/json",
                       .body = std::string(yaml_or_json)};
    const Handled handled = handle(api, request, now);
    EXPECT_FALSE(handled.watch);
    json::error_code code;
    const json::value body = json::parse(handled.response.body, code);
    last = !code && body.is_object() ? body.as_object() : json::object{};
    return handled.response.status;
  }
  int patch(std::string_view target, std::string_view body, const char* type) {
    return call("PATCH", target, text_of(value_of(body)), fmt::format("application/{}", type));
  }
  std::string message() { return std::string(text_field(last, {"message"})); }
};

constexpr std::string_view kPod =
    "{metadata: {name: p}, spec: {containers: [{name: a, image: b}]}}";
constexpr std::string_view kPods = "/api/v1/namespaces/default/pods";

TEST_F(KubernetesHttpTest, CreateReadUpdateDelete) {
  EXPECT_EQ(call("POST", kPods, kPod), 201);
  EXPECT_EQ(text_field(last, {"kind"}), "Pod");
  EXPECT_EQ(call("GET", "/api/v1/namespaces/default/pods/p"), 200);
  json::object changed = last;
  object_at(changed, {"metadata", "labels"})["a"] = "b";
  EXPECT_EQ(call("PUT", "/api/v1/namespaces/default/pods/p", text_of(changed), "application/json"),
            200);
  EXPECT_EQ(call("PUT", "/api/v1/namespaces/default/pods/p", text_of(changed), "application/json"),
            409);
  EXPECT_EQ(call("DELETE", "/api/v1/namespaces/default/pods/p"), 200);
  EXPECT_EQ(call("GET", "/api/v1/namespaces/default/pods/p"), 404);
  EXPECT_EQ(message(), "pods \"p\" not found");
}

TEST_F(KubernetesHttpTest, ListsNameTheirKindAndVersion) {
  make_pod("a");
  make_pod("b");
  EXPECT_EQ(call("GET", "/api/v1/pods"), 200);
  EXPECT_EQ(text_field(last, {"kind"}), "PodList");
  EXPECT_EQ(text_field(last, {"metadata", "resourceVersion"}),
            std::to_string(api.resource_version()));
  EXPECT_EQ(array_field(last, {"items"})->size(), 2U);
  EXPECT_EQ(call("GET", "/api/v1/namespaces/default/pods?labelSelector=app%3Ddb"), 200);
  EXPECT_TRUE(array_field(last, {"items"})->empty());
  EXPECT_EQ(call("GET", "/api/v1/pods?fieldSelector=spec.foo%3D1"), 400);
}

TEST_F(KubernetesHttpTest, PagesContinueWhereTheLastOneEnded) {
  for (const char* name : {"a", "b", "c"}) make_pod(name);
  const std::string version = std::to_string(api.resource_version());
  EXPECT_EQ(call("GET", "/api/v1/pods?limit=2"), 200);
  EXPECT_EQ(array_field(last, {"items"})->size(), 2U);
  EXPECT_EQ(int_field(last, {"metadata", "remainingItemCount"}), 1);
  const std::string token(text_field(last, {"metadata", "continue"}));
  make_pod("d");
  EXPECT_EQ(call("GET", "/api/v1/pods?limit=2&continue=" + token), 200);
  EXPECT_EQ(array_field(last, {"items"})->size(), 2U);
  EXPECT_EQ(text_field(last, {"metadata", "continue"}), "");
  EXPECT_EQ(text_field(last, {"metadata", "resourceVersion"}), version)
      << "a watch from here tells what changed meanwhile";
  EXPECT_EQ(call("GET", "/api/v1/pods?limit=2&continue=nonsense"), 400);
}

TEST_F(KubernetesHttpTest, AnOldContinueTokenIsGone) {
  for (const char* name : {"a", "b"}) make_pod(name);
  EXPECT_EQ(call("GET", "/api/v1/pods?limit=1"), 200);
  const std::string token(text_field(last, {"metadata", "continue"}));
  for (std::size_t i = 0; i <= kLogLength; ++i) {
    ASSERT_TRUE(
        merge("pods", "default", "a", fmt::format("{{metadata: {{labels: {{a: 'v{}'}}}}}}", i)));
  }
  EXPECT_EQ(call("GET", "/api/v1/pods?limit=1&continue=" + token), 410);
}

TEST_F(KubernetesHttpTest, PatchesByContentType) {
  make_pod("p");
  const char* path = "/api/v1/namespaces/default/pods/p";
  EXPECT_EQ(patch(path, "{metadata: {labels: {a: '1'}}}", "merge-patch+json"), 200);
  EXPECT_EQ(patch(path, "{metadata: {labels: {b: '2'}}}", "strategic-merge-patch+json"), 200);
  EXPECT_EQ(patch(path, "[{op: add, path: /metadata/labels/c, value: '3'}]", "json-patch+json"),
            200);
  EXPECT_EQ(text_of(*find_field(last, {"metadata", "labels"})),
            R"({"app":"web","a":"1","b":"2","c":"3"})");
  EXPECT_EQ(patch(path, "{}", "json"), 415);
  EXPECT_EQ(patch("/api/v1/namespaces/default/pods/nope", "{}", "merge-patch+json"), 404);
}

TEST_F(KubernetesHttpTest, ApplyCreatesWith201ThenAnswers200) {
  const char* path = "/api/v1/namespaces/default/configmaps/c?fieldManager=me";
  const char* yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  a: b\n";
  EXPECT_EQ(call("PATCH", path, yaml, "application/apply-patch+yaml"), 201);
  EXPECT_EQ(call("PATCH", path, yaml, "application/apply-patch+yaml"), 200);
  EXPECT_EQ(call("PATCH", "/api/v1/namespaces/default/configmaps/c", yaml,
                 "application/apply-patch+yaml"),
            422)
      << "a manager must be named";
  EXPECT_EQ(
      call("PATCH", path, "{apiVersion: v1, kind: ConfigMap}", "application/apply-patch+yaml"), 400)
      << "and the object";
}

TEST_F(KubernetesHttpTest, ACustomResourceSaysWhatItIs) {
  make_widget_definition();
  EXPECT_EQ(
      call("POST", "/apis/example.dev/v1/widgets", "{metadata: {name: w}, spec: {color: red}}"),
      400);
}

TEST_F(KubernetesHttpTest, BadBodiesAreNamed) {
  EXPECT_EQ(call("POST", kPods, "{\"metadata\":", "application/json"), 400);
  EXPECT_NE(message().find("not valid JSON"), std::string::npos);
  EXPECT_EQ(call("POST", kPods, "[1]", "application/json"), 400);
  EXPECT_EQ(call("POST", kPods, "a: [", "application/yaml"), 400);
  EXPECT_EQ(call("POST", kPods, "x", "application/vnd.kubernetes.protobuf"), 415);
}

TEST_F(KubernetesHttpTest, PathAndBodyMustAgree) {
  EXPECT_EQ(call("POST", kPods, "{metadata: {name: p, namespace: shop}}"), 400);
  EXPECT_EQ(call("PUT", "/api/v1/namespaces/default/pods/a", kPod), 400);
  EXPECT_EQ(call("POST", "/api/v1/pods", kPod), 405) << "without a namespace";
  EXPECT_EQ(call("POST", "/api/v1/namespaces/nope/pods", kPod), 404);
}

TEST_F(KubernetesHttpTest, UnknownPathsAreNotFound) {
  for (const char* path : {"/api/v2/pods", "/apis/apps/v2/deployments", "/apis/nope/v1/things",
                           "/nope", "/api/v1/namespaces/default/nodes",
                           "/api/v1/namespaces/default/pods/p/unknown", "/api/v1/pods/p"}) {
    EXPECT_EQ(call("GET", path), 404) << path;
  }
  EXPECT_EQ(call("PUT", "/api/v1/nodes", "{}"), 405);
  EXPECT_EQ(call("POST", "/version", "{}"), 405);
}

TEST_F(KubernetesHttpTest, StatusIsASubresource) {
  make_pod("p");
  EXPECT_EQ(patch("/api/v1/namespaces/default/pods/p/status", "{status: {phase: Running}}",
                  "merge-patch+json"),
            200);
  EXPECT_EQ(text_field(last, {"status", "phase"}), "Running");
  EXPECT_EQ(call("GET", "/api/v1/namespaces/default/pods/p/status"), 200);
}

TEST_F(KubernetesHttpTest, BindingEvictionAndScale) {
  make_pod("p");
  EXPECT_EQ(
      call("POST", "/api/v1/namespaces/default/pods/p/binding", "{target: {kind: Node, name: n1}}"),
      201);
  EXPECT_EQ(text_field(*api.find("pods", "default", "p"), {"spec", "nodeName"}), "n1");
  EXPECT_EQ(call("POST", "/api/v1/namespaces/default/pods/p/eviction",
                 "{deleteOptions: {gracePeriodSeconds: 7}}"),
            201);
  EXPECT_EQ(
      int_field(*api.find("pods", "default", "p"), {"metadata", "deletionGracePeriodSeconds"}), 7);
  make_widget_definition();
  make("widgets.example.dev", "{metadata: {name: w}, spec: {color: red}}");
  EXPECT_EQ(
      patch("/apis/example.dev/v1/widgets/w/scale", "{spec: {replicas: 9}}", "merge-patch+json"),
      200);
  EXPECT_EQ(text_field(last, {"kind"}), "Scale");
  EXPECT_EQ(call("GET", "/apis/example.dev/v1/widgets/w/scale"), 200);
  EXPECT_EQ(int_field(last, {"spec", "replicas"}), 9);
}

TEST_F(KubernetesHttpTest, DeletionTakesItsOptionsFromBodyAndQuery) {
  make_running_pod("p");
  EXPECT_EQ(call("DELETE", "/api/v1/namespaces/default/pods/p",
                 R"({"preconditions":{"uid":"other"}})", "application/json"),
            409);
  EXPECT_EQ(call("DELETE", "/api/v1/namespaces/default/pods/p?propagationPolicy=Sideways"), 422);
  EXPECT_EQ(call("DELETE", "/api/v1/namespaces/default/pods/p?gracePeriodSeconds=3"), 200);
  EXPECT_EQ(int_field(last, {"metadata", "deletionGracePeriodSeconds"}), 3)
      << "what still waits is answered as an object";
  EXPECT_EQ(call("DELETE", "/api/v1/namespaces/default/pods/p", R"({"gracePeriodSeconds":0})",
                 "application/json"),
            200);
  EXPECT_EQ(api.find("pods", "default", "p"), nullptr);
}

TEST_F(KubernetesHttpTest, ManyAreDeletedBySelector) {
  for (const char* name : {"a", "b"}) make_pod(name);
  make("pods", "{metadata: {name: c}, spec: {containers: [{name: a, image: b}]}}");
  EXPECT_EQ(call("DELETE", std::string(kPods) + "?labelSelector=app%3Dweb"), 200);
  EXPECT_EQ(text_field(last, {"status"}), "Success");
  EXPECT_EQ(api.list("pods").size(), 1U);
}

TEST_F(KubernetesHttpTest, TheLastObjectOfADeletedDefinitionIsStillAnswered) {
  make_widget_definition();
  make("widgets.example.dev", "{metadata: {name: w, finalizers: [a/b]}, spec: {color: red}}");
  EXPECT_EQ(
      call("DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.dev"),
      200);
  EXPECT_EQ(
      patch("/apis/example.dev/v1/widgets/w", "{metadata: {finalizers: null}}", "merge-patch+json"),
      200);
  EXPECT_EQ(call("GET", "/apis/example.dev/v1/widgets"), 404);
}

TEST_F(KubernetesHttpTest, ADryRunChangesNothing) {
  EXPECT_EQ(call("POST", std::string(kPods) + "?dryRun=All", kPod), 201);
  EXPECT_TRUE(api.list("pods").empty());
}

TEST_F(KubernetesHttpTest, StrictFieldValidationRefusesUnknownFields) {
  make_widget_definition();
  EXPECT_EQ(call("POST", "/apis/example.dev/v1/widgets?fieldValidation=Strict",
                 "{apiVersion: example.dev/v1, kind: Widget, metadata: {name: w}, spec: {color: "
                 "red, foo: 1}}"),
            400);
  EXPECT_EQ(call("POST", "/apis/example.dev/v1/widgets",
                 "{apiVersion: example.dev/v1, kind: Widget, metadata: {name: w}, spec: {color: "
                 "red, foo: 1}}"),
            201);
}

TEST_F(KubernetesHttpTest, AccessReviewsAreAllowed) {
  EXPECT_EQ(call("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                 "{spec: {resourceAttributes: {verb: get}}}"),
            201);
  EXPECT_TRUE(bool_field(last, {"status", "allowed"}));
  EXPECT_EQ(call("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
                 "{spec: {namespace: default}}"),
            201);
  EXPECT_TRUE(array_field(last, {"status", "resourceRules"})->at(0).is_object());
}

TEST_F(KubernetesHttpTest, ContainersHaveNoLogs) {
  make_pod("p");
  EXPECT_EQ(call("GET", "/api/v1/namespaces/default/pods/p/log"), 400);
  EXPECT_NE(message().find("no containers"), std::string::npos);
}

TEST_F(KubernetesHttpTest, AWatchIsHandedBackToItsDoor) {
  const ApiRequest request{
      .method = "GET",
      .path = "/api/v1/pods",
      .query = "watch=1&timeoutSeconds=7&allowWatchBookmarks=true&resourceVersion=3"};
  const Handled handled = handle(api, request, now);
  ASSERT_TRUE(handled.watch);
  EXPECT_EQ(handled.watch->options().resource, "pods");
  EXPECT_EQ(handled.watch->options().timeout_seconds, 7);
  EXPECT_EQ(handled.watch->options().resource_version, 3U);
  EXPECT_TRUE(handled.watch->options().allows_bookmarks);
}

TEST_F(KubernetesHttpTest, AWatchListIsRefusedSoThatClientsListFirst) {
  EXPECT_EQ(
      call("GET", "/api/v1/pods?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"),
      422);
  EXPECT_EQ(call("GET", "/api/v1/pods?watch=1&resourceVersion=abc"), 400);
}

}  // namespace
}  // namespace hyperwright::sim
