#include "sim/kubernetes_discovery.h"

#include "sim/kubernetes_http.h"
#include "sim/kubernetes_openapi.h"
#include "tests/sim/kubernetes_fixture.h"

namespace hyperwright::sim {
namespace {

namespace json = boost::json;

struct KubernetesDiscoveryTest : KubernetesTest {
  json::value get(const char* path) {
    const Handled handled = handle(api, {.method = "GET", .path = path}, now);
    EXPECT_EQ(handled.response.status, 200) << path;
    return json::parse(handled.response.body);
  }
  std::string names(const char* path) {
    std::string out;
    const json::value document = get(path);
    for (const json::value& resource : document.at("resources").as_array())
      out += std::string(resource.at("name").as_string()) + " ";
    return out;
  }
};

TEST_F(KubernetesDiscoveryTest, GroupsAreListedWithTheirVersions) {
  make_widget_definition();
  EXPECT_EQ(text_of(get("/api").at("versions")), R"(["v1"])");
  std::string groups;
  const json::value document = get("/apis");
  for (const json::value& group : document.at("groups").as_array()) {
    groups += std::string(group.at("preferredVersion").at("groupVersion").as_string()) + " ";
  }
  EXPECT_EQ(groups,
            "apiextensions.k8s.io/v1 apps/v1 authentication.k8s.io/v1 authorization.k8s.io/v1 "
            "batch/v1 coordination.k8s.io/v1 "
            "example.dev/v1 node.k8s.io/v1 policy/v1 scheduling.k8s.io/v1 storage.k8s.io/v1 ");
  EXPECT_EQ(get("/apis/apps").at("kind").as_string(), "APIGroup");
}

TEST_F(KubernetesDiscoveryTest, ResourcesAreListedWithTheirSubresources) {
  EXPECT_EQ(names("/apis/apps/v1"),
            "daemonsets daemonsets/status deployments deployments/status deployments/scale "
            "replicasets replicasets/status "
            "replicasets/scale statefulsets statefulsets/status statefulsets/scale ");
  EXPECT_NE(names("/api/v1").find("pods/eviction"), std::string::npos);
  EXPECT_EQ(names("/apis/authorization.k8s.io/v1"),
            "selfsubjectaccessreviews selfsubjectrulesreviews subjectaccessreviews ");
}

TEST_F(KubernetesDiscoveryTest, WhatIsNotServedIsNotFound) {
  for (const char* path :
       {"/apis/nope", "/apis/apps/v9", "/api/v9", "/openapi/v3/apis/nope/v1", "/openapi/v9"}) {
    EXPECT_EQ(handle(api, {.method = "GET", .path = path}, now).response.status, 404) << path;
  }
}

TEST_F(KubernetesDiscoveryTest, VersionAndHealth) {
  EXPECT_EQ(get("/version").at("gitVersion").as_string(), "v1.36.3");
  for (const char* path : {"/healthz", "/livez", "/readyz"}) {
    EXPECT_EQ(handle(api, {.method = "GET", .path = path}, now).response.body, "ok");
  }
}

TEST_F(KubernetesDiscoveryTest, EveryGroupVersionHasAnOpenApiDocument) {
  make_widget_definition();
  const json::value index = get("/openapi/v3");
  EXPECT_EQ(index.at("paths").as_object().size(), served_group_versions(api).size());
  for (const auto& [path, entry] : index.at("paths").as_object()) {
    const json::value document = get(entry.at("serverRelativeURL").as_string().c_str());
    EXPECT_EQ(document.at("openapi").as_string(), "3.0.0");
  }
}

TEST_F(KubernetesDiscoveryTest, SchemasNameTheirKindAndCustomOnesPassThrough) {
  make_widget_definition();
  const json::value document = get("/openapi/v3/apis/example.dev/v1");
  const json::value& schema = document.at("components").at("schemas").at("dev.example.v1.Widget");
  EXPECT_EQ(text_of(schema.at("x-kubernetes-group-version-kind")),
            R"([{"group":"example.dev","kind":"Widget","version":"v1"}])");
  EXPECT_EQ(schema.at("properties").at("spec").at("properties").at("color").at("type").as_string(),
            "string");
}

TEST_F(KubernetesDiscoveryTest, KubectlSeesThatTheServerValidatesAndFindsNoMergeKeys) {
  const json::value document = get("/openapi/v3/api/v1");
  const json::value& patch =
      document.at("paths").at("/api/v1/namespaces/{namespace}/pods/{name}").at("patch");
  EXPECT_NE(text_of(patch.at("parameters")).find("fieldValidation"), std::string::npos);
  EXPECT_EQ(text_of(patch).find("strategic-merge-patch"), std::string::npos);
}

}  // namespace
}  // namespace hyperwright::sim
