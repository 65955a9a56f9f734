#include "client/kubernetes_request.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::client {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

const KubernetesRequest kRead = get_request("/api/v1/nodes/a");
const KubernetesRequest kWrite = merge_patch_request("/api/v1/nodes/a", json::object{});

Result<json::value> decode(const KubernetesRequest& request, int status, std::string body) {
  return decode_kubernetes_answer(request, {status, {}, std::move(body)});
}

std::string status_object(const std::string& reason, const std::string& message = "m") {
  return json::serialize(
      json::object{{"kind", "Status"}, {"reason", reason}, {"message", message}});
}

ErrorCode code_of(int status, const std::string& reason = "x") {
  return decode(kWrite, status, status_object(reason)).error().code();
}

TEST(KubernetesRequest, AListAsksForPages) {
  EXPECT_EQ(list_page_request("/api/v1/pods", {}, "").path, "/api/v1/pods?limit=500");
  EXPECT_EQ(
      list_page_request("/api/v1/pods", {.label_selector = "a=b,c in (d)", .limit = 2}, "x/=").path,
      "/api/v1/pods?limit=2&continue=x%2F%3D&labelSelector=a%3Db%2Cc%20in%20%28d%29");
}

TEST(KubernetesRequest, AWatchStartsAtAVersionAndOutlivesTheServersTimeout) {
  const auto watch = watch_request("/api/v1/pods", {.field_selector = "spec.nodeName="}, "42",
                                   Duration::minutes(5));
  EXPECT_EQ(watch.path,
            "/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=42&timeoutSeconds=300"
            "&fieldSelector=spec.nodeName%3D");
  EXPECT_GT(watch.deadline, Duration::minutes(5));
}

TEST(KubernetesRequest, WritesCarryTheirMethodAndType) {
  const auto create = create_request("/api/v1/nodes", json::object{{"kind", "Node"}});
  EXPECT_EQ(create.method, HttpMethod::Post);
  EXPECT_EQ(create.body, R"({"kind":"Node"})");
  EXPECT_EQ(create.content_type, "application/json");
  const auto patch =
      merge_patch_status_request("/api/v1/nodes/a", json::object{{"status", {{"x", 1}}}});
  EXPECT_EQ(patch.method, HttpMethod::Patch);
  EXPECT_EQ(patch.path, "/api/v1/nodes/a/status");
  EXPECT_EQ(patch.content_type, "application/merge-patch+json");
}

TEST(KubernetesRequest, ADeletionCarriesItsPreconditions) {
  const auto plain = delete_request("/api/v1/nodes/a", {});
  EXPECT_EQ(plain.method, HttpMethod::Delete);
  EXPECT_EQ(json::parse(plain.body),
            (json::object{{"apiVersion", "v1"}, {"kind", "DeleteOptions"}}));
  const auto full = delete_request("/x", {.uid = "u",
                                          .resource_version = "7",
                                          .grace_period_seconds = 0,
                                          .propagation_policy = "Foreground"});
  EXPECT_EQ(
      json::parse(full.body),
      json::parse(
          R"({"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u","resourceVersion":"7"},
                            "gracePeriodSeconds":0,"propagationPolicy":"Foreground"})"));
}

TEST(KubernetesRequest, AnEvictionNamesThePodThatItsPathNames) {
  const auto evict = evict_request("/api/v1/namespaces/ml/pods/train-0", {.uid = "u"});
  EXPECT_EQ(evict.method, HttpMethod::Post);
  EXPECT_EQ(evict.path, "/api/v1/namespaces/ml/pods/train-0/eviction");
  EXPECT_EQ(
      json::parse(evict.body),
      json::parse(
          R"({"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"train-0","namespace":"ml"},
                  "deleteOptions":{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u"}}})"));
}

TEST(KubernetesRequest, WhatItAsksLeaveForIsSaidInTheWordsOfRbac) {
  const auto asked = [](const KubernetesRequest& request) {
    const auto attributes = attributes_of(request);
    return attributes.verb + " " + attributes.group + "/" + attributes.resource + " in \"" +
           attributes.namespace_name + "\"";
  };
  const json::object nothing;
  EXPECT_EQ(asked(list_page_request("/api/v1/pods", {}, "")), "list /pods in \"\"");
  EXPECT_EQ(asked(watch_request("/api/v1/pods", {}, "1", Duration::minutes(5))),
            "watch /pods in \"\"");
  EXPECT_EQ(asked(get_request("/api/v1/namespaces/a")), "get /namespaces in \"\"");
  EXPECT_EQ(asked(create_request("/apis/karpenter.sh/v1/nodeclaims", nothing)),
            "create karpenter.sh/nodeclaims in \"\"");
  EXPECT_EQ(asked(merge_patch_status_request("/apis/karpenter.sh/v1/nodeclaims/x", nothing)),
            "patch karpenter.sh/nodeclaims/status in \"\"");
  EXPECT_EQ(asked(delete_request("/api/v1/nodes/a", {})), "delete /nodes in \"\"");
  EXPECT_EQ(asked(evict_request("/api/v1/namespaces/ml/pods/train-0", {})),
            "create /pods/eviction in \"ml\"");
  EXPECT_EQ(asked(get_request("/apis/coordination.k8s.io/v1/namespaces/ours/leases/one")),
            "get coordination.k8s.io/leases in \"ours\"");
  for (const char* path : {"", "/", "/version", "/apis/karpenter.sh/v1"}) {
    EXPECT_EQ(attributes_of(get_request(path)), KubernetesAttributes()) << path;
  }
}

TEST(KubernetesAnswer, AForbiddenOneNamesVerbResourceAndRemedy) {
  const auto answer =
      decode(watch_request("/apis/karpenter.sh/v1/nodepools", {}, "1", Duration::minutes(5)), 403,
             status_object("Forbidden", "nodepools.karpenter.sh is forbidden"));
  EXPECT_EQ(answer.error().code(), ErrorCode::Forbidden);
  EXPECT_THAT(
      answer.error().remedy(),
      HasSubstr("a ClusterRole with the verb \"watch\" on the resource \"nodepools\" of the "
                "API group \"karpenter.sh\""));
}

TEST(KubernetesAnswer, ASuccessIsItsObject) {
  EXPECT_EQ(decode(kWrite, 201, R"({"kind":"Node"})").value().at("kind").as_string(), "Node");
}

TEST(KubernetesAnswer, AStatusGivesTheCode) {
  EXPECT_EQ(code_of(400), ErrorCode::Invalid);
  EXPECT_EQ(code_of(401), ErrorCode::Forbidden);
  EXPECT_EQ(code_of(403), ErrorCode::Forbidden);
  EXPECT_EQ(code_of(404), ErrorCode::NotFound);
  EXPECT_EQ(code_of(405), ErrorCode::Invalid);
  EXPECT_EQ(code_of(409, "AlreadyExists"), ErrorCode::AlreadyExists);
  EXPECT_EQ(code_of(409, "Conflict"), ErrorCode::Conflict);
  EXPECT_EQ(code_of(410, "Expired"), ErrorCode::Conflict);
  EXPECT_EQ(code_of(422, "Invalid"), ErrorCode::Invalid);
  EXPECT_EQ(code_of(429, "TooManyRequests"), ErrorCode::Throttled);
  EXPECT_EQ(code_of(500, "InternalError"), ErrorCode::Unavailable);
  EXPECT_EQ(code_of(503, "ServiceUnavailable"), ErrorCode::Unavailable);
}

TEST(KubernetesAnswer, AServersTimeoutMayHaveTakenEffectUnlessItWasARead) {
  EXPECT_EQ(code_of(504, "Timeout"), ErrorCode::Unknown);
  EXPECT_EQ(decode(kRead, 504, status_object("Timeout")).error().code(), ErrorCode::Unavailable);
}

TEST(KubernetesAnswer, AnErrorSaysRequestReasonAndSentence) {
  const auto answer = decode(get_request("/api/v1/nodes/a?limit=1"), 404,
                             status_object("NotFound", "nodes \"a\" not found"));
  EXPECT_EQ(answer.error().text(), "GET /api/v1/nodes/a: 404 NotFound: nodes \"a\" not found");
}

TEST(KubernetesAnswer, AKindThatIsNotServedHasTheCrdsAsRemedy) {
  const auto answer = decode(kRead, 404, "404 page not found\n");
  EXPECT_EQ(answer.error().code(), ErrorCode::NotFound);
  EXPECT_THAT(answer.error().remedy(), HasSubstr("hyperwright crds"));
}

TEST(KubernetesAnswer, HtmlIsNoAnswerOfKubernetes) {
  EXPECT_EQ(decode(kRead, 200, "<html>login</html>").error().code(), ErrorCode::Invalid);
  EXPECT_EQ(decode(kWrite, 200, "<html>").error().code(), ErrorCode::Unknown);
  EXPECT_EQ(decode(kRead, 502, "<html>bad gateway").error().code(), ErrorCode::Unavailable);
  EXPECT_THAT(decode(kRead, 502, "<html>bad gateway").error().text(),
              HasSubstr("502: <html>bad gateway"));
  EXPECT_EQ(decode(kRead, 302, "").error().code(), ErrorCode::Invalid);
}

}  // namespace
}  // namespace hyperwright::client
