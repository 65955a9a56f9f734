#include "client/call_window.h"

#include <atomic>
#include <future>
#include <latch>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/loopback_access.h"

namespace hyperwright::client {
namespace {

using Exchange = LoopbackServer::Exchange;
using Rank = CallWindow::Rank;
using Request = LoopbackServer::Request;
using testing::ElementsAre;

// A server that notes what it is asked, and answers "/held" only when the test lets it.
class CallWindowTest : public testing::Test {
 protected:
  LoopbackServer server{[this](const Request& request, Exchange& out) {
    {
      const std::lock_guard lock(mutex);
      asked.push_back(request.target);
    }
    if (request.target == "/held") {
      held.set_value();
      let_go.get_future().wait();
    }
    out.send(answer(200, "{}"));
  }};
  std::mutex mutex;
  std::vector<std::string> asked;
  std::promise<void> held, let_go;
  HttpClient http;
  KubernetesClient kubernetes{http, access_to(server)};

  static std::future<ErrorCode> call(CallWindow& window, Rank rank, const std::string& path) {
    auto done = std::make_shared<std::promise<ErrorCode>>();
    window.call(rank, get_request(path), [done](const Result<HttpResponse>& response) {
      done->set_value(response ? ErrorCode{} : response.error().code());
    });
    return done->get_future();
  }
};

TEST_F(CallWindowTest, WhatActsGoesBeforeWhatTellsAndEachInItsOrder) {
  CallWindow window(kubernetes, {.at_once = 1, .tells_at_once = 1});
  call(window, Rank::Act, "/held");
  call(window, Rank::Tell, "/status-1");
  call(window, Rank::Act, "/create-1");
  auto last = call(window, Rank::Tell, "/status-2");
  call(window, Rank::Act, "/create-2");
  let_go.set_value();
  last.wait();
  EXPECT_THAT(asked, ElementsAre("/held", "/create-1", "/create-2", "/status-1", "/status-2"));
}

TEST_F(CallWindowTest, WhatTellsLeavesRoom) {
  CallWindow window(kubernetes, {.at_once = 2, .tells_at_once = 1});
  call(window, Rank::Tell, "/held");
  held.get_future().wait();
  auto second = call(window, Rank::Tell, "/status");
  call(window, Rank::Act, "/create").wait();
  let_go.set_value();
  second.wait();
  EXPECT_THAT(asked, ElementsAre("/held", "/create", "/status"));
}

TEST_F(CallWindowTest, WhatWaitsIsForgottenWithTheWindow) {
  std::future<ErrorCode> open;
  bool is_answered = false;
  auto own_http = std::make_unique<HttpClient>();
  KubernetesClient own(*own_http, access_to(server));
  {
    CallWindow window(own, {.at_once = 1, .tells_at_once = 1});
    open = call(window, Rank::Act, "/held");
    window.call(Rank::Act, get_request("/waits"),
                [&](const auto& /*response*/) { is_answered = true; });
    held.get_future().wait();
  }
  let_go.set_value();
  EXPECT_EQ(open.get(), ErrorCode{});
  own_http.reset();  // answers all that was begun
  EXPECT_FALSE(is_answered);
}

// As many connections as calls are open: each goes on to serve the next ones.
TEST(CallWindow, OpensNoMoreThanItsLimitOverConnectionsThatAreUsedAgain) {
  std::latch two_are_open(2);
  LoopbackServer server([&](const Request& request, Exchange& out) {
    if (request.target == "/first") two_are_open.arrive_and_wait();
    out.send(answer(200, "{}"));
  });
  HttpClient http;
  KubernetesClient kubernetes(http, access_to(server));
  CallWindow window(kubernetes, {.at_once = 2, .tells_at_once = 1});
  std::latch answered(12);
  const auto count = [&](const auto& /*response*/) { answered.count_down(); };
  for (int i = 0; i < 2; ++i) window.call(Rank::Act, get_request("/first"), count);
  for (int i = 0; i < 10; ++i) window.call(Rank::Act, get_request("/more"), count);
  answered.wait();
  EXPECT_EQ(server.connections(), 2);
}

// With one token at a time every call but the first waits for its moment, and takes it in order.
TEST_F(CallWindowTest, CallsBeyondTheBurstAllHaveTheirMoment) {
  CallWindow window(kubernetes, {.at_once = 1, .tells_at_once = 1, .per_second = 1000, .burst = 1});
  call(window, Rank::Act, "/held");
  held.get_future().wait();
  std::vector<std::future<ErrorCode>> answers;
  for (const auto& [rank, path] : {std::pair(Rank::Tell, "/tell"), std::pair(Rank::Act, "/1"),
                                   std::pair(Rank::Act, "/2"), std::pair(Rank::Act, "/3")}) {
    answers.push_back(call(window, rank, path));
  }
  let_go.set_value();
  for (auto& each : answers) EXPECT_EQ(each.get(), ErrorCode{});
  EXPECT_THAT(asked, ElementsAre("/held", "/1", "/2", "/3", "/tell"));
}

TEST(CallWindow, AnOverloadedServerIsAskedAgainAfterItsPauseAndTheCallerSeesTheAnswer) {
  std::atomic<int> asked{0};
  LoopbackServer server([&](const Request&, Exchange& out) {
    out.send(++asked < 3 ? answer(429, "Too many requests", {{"Retry-After", "0"}})
                         : answer(200, "{}"));
  });
  HttpClient http;
  KubernetesClient kubernetes(http, access_to(server));
  CallWindow window(kubernetes, {});
  std::promise<int> status;
  window.call(Rank::Act, get_request("/"),
              [&](const auto& response) { status.set_value(response->status); });
  EXPECT_EQ(status.get_future().get(), 200);
  EXPECT_EQ(asked, 3);
}

TEST(CallWindow, AServerThatStaysOverloadedIsTheCallersAnswer) {
  std::atomic<int> asked{0};
  LoopbackServer server([&](const Request&, Exchange& out) {
    ++asked;
    out.send(answer(429, "Too many requests", {{"Retry-After", "0"}}));
  });
  HttpClient http;
  KubernetesClient kubernetes(http, access_to(server));
  CallWindow window(kubernetes, {});
  std::promise<int> status;
  window.call(Rank::Act, get_request("/"),
              [&](const auto& response) { status.set_value(response->status); });
  EXPECT_EQ(status.get_future().get(), 429);
  EXPECT_EQ(asked, 5);
}

TEST(CallWindow, AnOverloadIsA429WithRetryAfterThatIsNoBudgetsRefusal) {
  const auto pause = [](const std::string& path, int status, std::vector<HttpHeader> headers,
                        const std::string& body = "Too many requests") {
    return overload_pause(get_request(path), {status, std::move(headers), body});
  };
  const std::vector<HttpHeader> seven = {{"Retry-After", "7"}};
  EXPECT_EQ(pause("/api/v1/pods", 429, seven), Duration::seconds(7));
  EXPECT_EQ(pause("/api/v1/pods", 429, {{"retry-after", "3600"}}), Duration::seconds(30));
  EXPECT_EQ(pause("/api/v1/pods", 429, {}), std::nullopt);
  EXPECT_EQ(pause("/api/v1/pods", 503, seven), std::nullopt);
  const std::string status = R"({"kind":"Status","reason":"TooManyRequests"})";
  EXPECT_EQ(pause("/api/v1/pods", 429, seven, status), Duration::seconds(7));
  const std::string eviction = "/api/v1/namespaces/a/pods/b/eviction";
  EXPECT_EQ(pause(eviction, 429, seven, status), std::nullopt);
  EXPECT_EQ(pause(eviction, 429, seven), Duration::seconds(7));
}

TEST(CallWindow, AFailureFreesItsPlace) {
  LoopbackServer server([](const Request&, Exchange& out) { out.close(); });
  HttpClient http;
  KubernetesClient kubernetes(http, access_to(server));
  CallWindow window(kubernetes, {.at_once = 1, .tells_at_once = 1});
  std::latch failed(3);
  for (const Rank rank : {Rank::Act, Rank::Tell, Rank::Act}) {
    window.call(rank, get_request("/"), [&](const Result<HttpResponse>& response) {
      if (!response) failed.count_down();
    });
  }
  failed.wait();
}

}  // namespace
}  // namespace hyperwright::client
