#include "client/kubernetes_client.h"

#include <atomic>
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

// A plugin whose every run brings the next token: t1, t2, …, or waits until the test lets it.
class CountingPlugin {
 public:
  explicit CountingPlugin(bool is_held = false)
      : plugin_(std::make_shared<ExecPlugin>(
            ExecPluginSettings{.where = "exec",
                               .api_version = "client.authentication.k8s.io/v1",
                               .command = "plugin"},
            [this, is_held](const ChildProcess&) -> Result<ChildOutput> {
              if (is_held) let_go.get_future().wait();
              // Later than the last: what is refused at once would not be fetched anew.
              now_ += Duration::minutes(1).in_microseconds();
              return ChildOutput{.exit_code = 0,
                                 .out = json::serialize(json::object{
                                     {"kind", "ExecCredential"},
                                     {"apiVersion", "client.authentication.k8s.io/v1"},
                                     {"status", {{"token", "t" + std::to_string(++runs_)}}}}),
                                 .err = {}};
            },
            [this] { return Time::from_unix_microseconds(now_ += 10'000'000); })) {}

  [[nodiscard]] KubernetesAccess access_to_server(const LoopbackServer& server) const {
    KubernetesAccess with_plugin = access(server, "");
    with_plugin.plugin = plugin_;
    return with_plugin;
  }

  std::promise<void> let_go;

 private:
  std::atomic<std::int64_t> now_{1'000'000'000'000};
  std::atomic<int> runs_{0};
  std::shared_ptr<ExecPlugin> plugin_;  // last: its thread ends before what it uses
};

// Lets tokens in by their name, and counts who knocks.
class Gate {
 public:
  explicit Gate(std::string good) : good_("Bearer " + std::move(good)) {}
  LoopbackServer::Handler handler() {
    return [this](const Request& request, Exchange& out) {
      ++knocks;
      const bool is_good = request.header("authorization") == good_;
      out.send(is_good ? answer(200, R"({"kind":"Node"})")
                       : answer(401, R"({"kind":"Status","reason":"Unauthorized"})"));
    };
  }
  std::atomic<int> knocks{0};

 private:
  std::string good_;
};

TEST(KubernetesClient, ATokenThatIsRefusedIsFetchedAnewAndTheRequestSentOnceMore) {
  Gate gate("t2");
  const LoopbackServer server(gate.handler());
  const CountingPlugin plugin;
  HttpClient http;
  KubernetesClient client(http, plugin.access_to_server(server));
  for (int i = 0; i < 2; ++i) {
    const auto created = client.call_and_wait(create_request("/api/v1/nodes", json::object{}));
    EXPECT_TRUE(created) << created.error().text();
  }
  EXPECT_EQ(gate.knocks, 3);
}

TEST(KubernetesClient, ARefusalOfTheNewTokenIsTheAnswer) {
  Gate gate("nobody's");
  const LoopbackServer server(gate.handler());
  const CountingPlugin plugin;
  HttpClient http;
  KubernetesClient client(http, plugin.access_to_server(server));
  const auto refused = client.call_and_wait(get_request("/api/v1/nodes/a"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::Forbidden);
  EXPECT_EQ(gate.knocks, 2);
}

TEST(KubernetesClient, ATokenThatNeverChangesIsNotTriedTwice) {
  Gate gate("another");
  const LoopbackServer server(gate.handler());
  HttpClient http;
  KubernetesClient client(http, access(server));
  EXPECT_FALSE(client.call_and_wait(get_request("/api/v1/nodes/a")));
  EXPECT_EQ(gate.knocks, 1);
}

TEST(KubernetesClient, AStreamThatIsRefusedGoesOnWithANewTokenAndCanStillBeCancelled) {
  std::atomic<int> streams{0};
  LoopbackServer server([&](const Request& request, Exchange& out) {
    ++streams;
    if (request.header("authorization") != "Bearer t2") return out.send(answer(401, "{}"));
    out.send(endless_answer_head() + "line\n");
    out.wait_for_client_to_leave();
  });
  const CountingPlugin plugin;
  HttpClient http;
  KubernetesClient client(http, plugin.access_to_server(server));
  std::promise<std::string> line;
  std::promise<bool> is_good;
  const auto id = client.stream(
      get_request("/api/v1/nodes?watch=true"),
      [&](std::string_view text) { line.set_value(std::string(text)); },
      [&](const auto& end) { is_good.set_value(end.has_value()); });
  EXPECT_EQ(line.get_future().get(), "line");
  client.cancel(id);
  EXPECT_FALSE(is_good.get_future().get());
  EXPECT_EQ(streams, 2);
}

TEST(KubernetesClient, WhatWaitsForCredentialsIsAnsweredWhenItIsCancelledOrTheClientGoes) {
  std::atomic<int> knocks{0};
  LoopbackServer server([&](const Request&, Exchange& out) {
    ++knocks;
    out.send(answer(200, "{}"));
  });
  CountingPlugin plugin(true);
  HttpClient http;
  auto client = std::make_unique<KubernetesClient>(http, plugin.access_to_server(server));
  const auto ask = [&](auto& told) {
    return client->call(get_request("/version"), [&](const auto& result) {
      told.set_value(result ? "answered" : result.error().text());
    });
  };
  std::promise<std::string> cancelled;
  std::promise<std::string> left;
  client->cancel(ask(cancelled));
  EXPECT_THAT(cancelled.get_future().get(), HasSubstr("/version: cancelled"));
  ask(left);
  client.reset();
  EXPECT_THAT(left.get_future().get(), HasSubstr("shutting down"));
  plugin.let_go.set_value();
  EXPECT_EQ(knocks, 0);
}

TEST(KubernetesClient, ImpersonationIsSaidWithEachRequest) {
  LoopbackServer server([](const Request& request, Exchange& out) {
    out.send(
        answer(200, json::serialize(json::object{{"user", request.header("impersonate-user")},
                                                 {"group", request.header("impersonate-group")}})));
  });
  HttpClient http;
  KubernetesAccess as_another = access(server);
  as_another.impersonation = {{"Impersonate-User", "jane"}, {"Impersonate-Group", "ml"}};
  KubernetesClient client(http, as_another);
  EXPECT_EQ(json::serialize(client.call_and_wait(get_request("/version")).value()),
            R"({"user":"jane","group":"ml"})");
}

TEST(KubernetesClientDeathTest, NoCallbackWaitsForAnAnswer) {
  EXPECT_DEATH(
      {
        HttpClient http;
        KubernetesAccess nowhere;
        nowhere.server = "http://127.0.0.1:9";
        KubernetesClient client(http, nowhere);
        http.after({}, [&] { (void)client.call_and_wait(get_request("/version")); });
        std::promise<void>().get_future().wait();
      },
      "no callback waits for an answer of Kubernetes");
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
