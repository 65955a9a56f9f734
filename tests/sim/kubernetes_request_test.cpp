#include "sim/kubernetes_request.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace hyperwright::sim {
namespace {

std::string taken_apart(std::string_view path) {
  const auto parsed = parse_resource_path(path_segments(path));
  if (!parsed) return "none";
  return fmt::format("{}|{}|{}|{}|{}|{}", parsed->group, parsed->version, parsed->ns,
                     parsed->plural, parsed->name, parsed->subresource);
}

TEST(KubernetesRequest, Paths) {
  EXPECT_EQ(taken_apart("/api/v1/pods"), "|v1||pods||");
  EXPECT_EQ(taken_apart("/api/v1/namespaces/shop/pods/web-0/eviction"),
            "|v1|shop|pods|web-0|eviction");
  EXPECT_EQ(taken_apart("/apis/karpenter.sh/v1/nodepools/gpu/status"),
            "karpenter.sh|v1||nodepools|gpu|status");
  EXPECT_EQ(taken_apart("/apis/apps/v1/namespaces/shop/deployments"), "apps|v1|shop|deployments||");
}

TEST(KubernetesRequest, ANamespaceIsAnObjectToo) {
  EXPECT_EQ(taken_apart("/api/v1/namespaces"), "|v1||namespaces||");
  EXPECT_EQ(taken_apart("/api/v1/namespaces/shop"), "|v1||namespaces|shop|");
  EXPECT_EQ(taken_apart("/api/v1/namespaces/shop/status"), "|v1||namespaces|shop|status");
}

TEST(KubernetesRequest, DiscoveryIsNoResource) {
  for (const char* path : {"/", "/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1",
                           "/healthz", "/api/v1/pods/a/b/c"}) {
    EXPECT_EQ(taken_apart(path), "none") << path;
  }
}

TEST(KubernetesRequest, QueriesAreUnescaped) {
  const Query query(
      "labelSelector=app%3Dweb%2Ctier+in+%28a%29&watch=true&limit=5&empty=&flag&off=0");
  EXPECT_EQ(query.get("labelSelector"), "app=web,tier in (a)");
  EXPECT_TRUE(query.is_true("watch"));
  EXPECT_TRUE(query.is_true("flag"));
  EXPECT_FALSE(query.is_true("off"));
  EXPECT_FALSE(query.is_true("absent"));
  EXPECT_EQ(query.number("limit"), 5);
  EXPECT_EQ(query.number("watch"), std::nullopt);
}

TEST(KubernetesRequest, TheFirstFormThatIsServedIsTaken) {
  EXPECT_EQ(parse_accept(""), Rendering::Object);
  EXPECT_EQ(parse_accept("*/*"), Rendering::Object);
  EXPECT_EQ(parse_accept("application/json;as=Table;v=v1;g=meta.k8s.io,application/json"),
            Rendering::Table);
  EXPECT_EQ(parse_accept("application/vnd.kubernetes.protobuf, application/json"),
            Rendering::Object);
  EXPECT_EQ(parse_accept("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"),
            Rendering::Metadata);
  EXPECT_EQ(parse_accept("application/json;as=Unknown, application/json"), Rendering::Object);
  EXPECT_EQ(parse_accept("application/vnd.kubernetes.protobuf"), Rendering::NotAcceptable);
}

TEST(KubernetesRequest, MediaTypesLoseTheirParameters) {
  EXPECT_EQ(media_type("Application/JSON; charset=utf-8"), "application/json");
  EXPECT_EQ(media_type(""), "");
}

}  // namespace
}  // namespace hyperwright::sim
