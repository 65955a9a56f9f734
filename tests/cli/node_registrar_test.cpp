#include "cli/node_registrar.h"

#include <latch>
#include <mutex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/owner_queue.h"
#include "tests/client/loopback_access.h"

namespace hyperwright::cli {
namespace {

using client::LoopbackServer;
using Exchange = LoopbackServer::Exchange;
using Request = LoopbackServer::Request;
using testing::ElementsAre;

service::Output registration(const std::string& name) {
  service::NodeToRegister output;
  output.node.meta.name = name;
  return output;
}

service::Output removal(const std::string& name) { return service::NodeToRemove{.name = name}; }

service::Output change(const std::string& name) {
  return service::NodeToChange{.name = name, .set_labels = {{"team", "a"}}};
}

// Numbered from 1.
std::vector<service::NumberedOutput> numbered(std::vector<service::Output> outputs) {
  std::vector<service::NumberedOutput> list;
  for (service::Output& output : outputs) list.push_back({list.size() + 1, std::move(output)});
  return list;
}

class NodeRegistrarTest : public testing::Test {
 protected:
  // The answer to a request that was noted; empty: 200 and no more.
  std::function<std::string(const std::string& asked)> respond = [](const auto&) { return ""; };
  std::mutex mutex;
  std::vector<std::string> asked;
  LoopbackServer server{[this](const Request& request, Exchange& out) {
    const std::string what = request.method + request.target.substr(sizeof("/api/v1/nodes") - 1);
    std::string given;
    {
      const std::lock_guard lock(mutex);
      asked.push_back(what);
      given = respond(what);
    }
    out.send(given.empty() ? client::answer(200, "{}") : given);
  }};
  runtime::Log log{runtime::LogLevel::Error};
  server::OwnerQueue queue;
  client::HttpClient http;
  client::KubernetesClient kubernetes{http, client::access_to(server)};
  std::vector<std::uint64_t> confirmed;
  NodeRegistrar registrar{
      kubernetes, log, [this](std::function<void()> task) { queue.post(std::move(task)); },
      [this](std::uint64_t number) { confirmed.push_back(number); }, Duration::milliseconds(1)};

  // Each answer is a task, so that the last one wakes the owner too.
  void run_until_asked(std::size_t requests) {
    const auto is_asked = [&] {
      const std::lock_guard lock(mutex);
      return asked.size() >= requests;
    };
    while (!is_asked()) queue.run_until(std::chrono::steady_clock::time_point::max(), [] {});
  }
};

TEST_F(NodeRegistrarTest, CallsOfOneNodeGoInTheirOrder) {
  respond = [](const std::string& what) {
    return what == "GET/a" ? client::answer(200, R"({"metadata":{"name":"a"}})") : std::string();
  };
  registrar.carry_out(numbered({registration("a"), change("a"), removal("a")}));
  run_until_asked(4);
  EXPECT_THAT(asked, ElementsAre("POST", "GET/a", "PATCH/a", "DELETE/a"));
}

TEST_F(NodeRegistrarTest, IsTriedAgainUntilItIsDoneAndHoldsUpOnlyItsNode) {
  int failures = 0;
  respond = [&](const std::string& what) {
    return what == "DELETE/a" && ++failures <= 2 ? client::answer(503, "{}") : std::string();
  };
  registrar.carry_out(numbered({removal("a"), removal("a"), removal("b")}));
  run_until_asked(5);
  EXPECT_EQ(
      std::multiset(asked.begin(), asked.end()),
      (std::multiset<std::string>{"DELETE/a", "DELETE/a", "DELETE/a", "DELETE/a", "DELETE/b"}));
}

TEST_F(NodeRegistrarTest, WhatIsThereOrGoneAlreadyIsDone) {
  respond = [](const std::string& what) {
    return what == "POST"    ? client::answer(409, R"({"kind":"Status","reason":"AlreadyExists"})")
           : what == "GET/a" ? client::answer(404, R"({"kind":"Status","reason":"NotFound"})")
                             : std::string();
  };
  registrar.carry_out(numbered({registration("a"), change("a"), removal("a")}));
  run_until_asked(3);
  EXPECT_THAT(asked, ElementsAre("POST", "GET/a", "DELETE/a"));
}

TEST_F(NodeRegistrarTest, WhatIsDoneIsConfirmedAndWhatIsUnderWayIsNotBegunAgain) {
  registrar.carry_out(numbered({registration("a"), removal("a")}));
  registrar.carry_out(numbered({registration("a"), removal("a")}));
  while (confirmed.size() < 2) queue.run_until(std::chrono::steady_clock::time_point::max(), [] {});
  EXPECT_THAT(asked, ElementsAre("POST", "DELETE/a"));
  EXPECT_THAT(confirmed, ElementsAre(1, 2));
}

TEST_F(NodeRegistrarTest, WhatIsRefusedForGoodIsLeft) {
  respond = [](const std::string& what) {
    return what == "POST" ? client::answer(422, R"({"kind":"Status","reason":"Invalid"})")
                          : std::string();
  };
  registrar.carry_out(numbered({registration("a"), removal("a")}));
  run_until_asked(2);
  EXPECT_THAT(asked, ElementsAre("POST", "DELETE/a"));
}

// Each answer waits for the other request: one after another, neither would ever come.
TEST(NodeRegistrar, NodesAreWrittenSideBySide) {
  std::latch both(2), answered(2);
  LoopbackServer server([&](const Request&, Exchange& out) {
    both.arrive_and_wait();
    out.send(client::answer(200, "{}"));
    answered.count_down();
  });
  const runtime::Log log(runtime::LogLevel::Error);
  client::HttpClient http;
  client::KubernetesClient kubernetes(http, client::access_to(server));
  NodeRegistrar registrar(
      kubernetes, log, [](const std::function<void()>& /*task*/) {},
      [](std::uint64_t /*number*/) {});
  registrar.carry_out(numbered({registration("a"), registration("b")}));
  answered.wait();
}

}  // namespace
}  // namespace hyperwright::cli
