#include "client/kubernetes_client.h"

#include <future>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/loopback_access.h"

namespace hyperwright::client {
namespace {

namespace json = boost::json;
using Exchange = LoopbackServer::Exchange;
using Request = LoopbackServer::Request;
using testing::HasSubstr;

KubernetesAccess access(const LoopbackServer& server, std::string token = "abc") {
  KubernetesAccess access = access_to(server);
  access.context = "test";
  access.token = BearerToken::of_text(std::move(token));
  return access;
}

std::string page(const std::string& names, const std::string& continue_token) {
  json::array items;
  for (const char name : names)
    items.push_back(json::object{{"metadata", {{"name", std::string(1, name)}}}});
  return answer(200, json::serialize(json::object{{"metadata", {{"continue", continue_token}}},
                                                  {"items", items}}));
}

std::string names_of(const json::array& items) {
  std::string names;
  for (const auto& item : items) names += item.at("metadata").at("name").as_string().c_str();
  return names;
}

TEST(KubernetesClient, SendsAsItsUser) {
  LoopbackServer server([](const Request& request, Exchange& out) {
    out.send(
        answer(200, json::serialize(json::object{{"asked", request.method + " " + request.target},
                                                 {"as", request.header("authorization")},
                                                 {"type", request.header("content-type")},
                                                 {"body", request.body}})));
  });
  HttpClient http;
  KubernetesClient client(http, access(server));
  const auto patched = client.call_and_wait(merge_patch_request("/api/v1/nodes/a", json::object{}));
  ASSERT_TRUE(patched) << patched.error().text();
  EXPECT_EQ(
      json::serialize(*patched),
      R"({"asked":"PATCH /api/v1/nodes/a","as":"Bearer abc","type":"application/merge-patch+json","body":"{}"})");
  const auto anonymous =
      KubernetesClient(http, access(server, "")).call_and_wait(get_request("/version"));
  EXPECT_EQ(anonymous.value().at("as").as_string(), "");
}

TEST(KubernetesClient, ATokenThatCannotBeReadIsTheAnswer) {
  LoopbackServer server([](const Request&, Exchange& out) { out.send(answer(200, "{}")); });
  HttpClient http;
  KubernetesAccess lost = access(server);
  lost.token = BearerToken::of_file("/nowhere/token");
  KubernetesClient client(http, lost);
  const auto waited = client.call_and_wait(get_request("/version"));
  ASSERT_FALSE(waited);
  EXPECT_THAT(waited.error().text(), HasSubstr("/nowhere/token"));
  std::promise<std::string> called;
  client.call(get_request("/version"),
              [&](const auto& result) { called.set_value(result.error().text()); });
  EXPECT_THAT(called.get_future().get(), HasSubstr("/nowhere/token"));
}

TEST(KubernetesClient, AListIsAllItsPages) {
  LoopbackServer server([](const Request& request, Exchange& out) {
    if (request.target == "/api/v1/nodes?limit=2") return out.send(page("ab", "next"));
    if (request.target == "/api/v1/nodes?limit=2&continue=next") return out.send(page("c", ""));
    out.send(answer(400, request.target));
  });
  HttpClient http;
  const auto nodes =
      KubernetesClient(http, access(server)).list_and_wait("/api/v1/nodes", {.limit = 2});
  ASSERT_TRUE(nodes) << nodes.error().text();
  EXPECT_EQ(names_of(*nodes), "abc");
}

TEST(KubernetesClient, AListThatTheServerForgotStartsAgain) {
  std::atomic<int> asked{0};
  LoopbackServer server([&](const Request&, Exchange& out) {
    switch (asked++) {
      case 0:
        return out.send(page("ab", "old"));
      case 1:
        return out.send(answer(410, R"({"kind":"Status","reason":"Expired"})"));
      case 2:
        return out.send(page("bc", "new"));
      default:
        return out.send(page("d", ""));
    }
  });
  HttpClient http;
  const auto nodes = KubernetesClient(http, access(server)).list_and_wait("/api/v1/nodes", {});
  ASSERT_TRUE(nodes) << nodes.error().text();
  EXPECT_EQ(names_of(*nodes), "bcd");
}

TEST(KubernetesClient, AListThatIsForgottenTimeAfterTimeFails) {
  LoopbackServer server([&](const Request& request, Exchange& out) {
    if (request.target.find("continue") == std::string::npos) return out.send(page("ab", "old"));
    out.send(answer(410, R"({"kind":"Status","reason":"Expired"})"));
  });
  HttpClient http;
  const auto nodes = KubernetesClient(http, access(server)).list_and_wait("/api/v1/nodes", {});
  ASSERT_FALSE(nodes);
  EXPECT_EQ(nodes.error().code(), ErrorCode::Conflict);
}

}  // namespace
}  // namespace hyperwright::client
