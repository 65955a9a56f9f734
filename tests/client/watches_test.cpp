#include "client/watches.h"

#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/calls.h"
#include "tests/client/loopback_access.h"
#include "tests/client/recording_sink.h"

namespace hyperwright::client {
namespace {

using Exchange = LoopbackServer::Exchange;
using Request = LoopbackServer::Request;
using testing::HasSubstr;

bool is_watch(const Request& request) {
  return request.target.find("watch=true") != std::string::npos;
}

// A server where only pods have a story; of all other kinds there are none.
LoopbackServer::Handler of_pods(LoopbackServer::Handler story) {
  return [story = std::move(story)](const Request& request, Exchange& out) {
    if (request.target.starts_with("/api/v1/pods?")) return story(request, out);
    if (!is_watch(request)) return out.send(answer(200, list_json(1, {})));
    out.send(endless_answer_head());
    out.wait_for_client_to_leave();
  };
}

std::string word_of(const state::Event& event) {
  if (const auto* changed = std::get_if<state::Changed>(&event)) {
    const auto& meta = state::meta_of(changed->object);
    return meta.name + "@" + std::to_string(meta.resource_version);
  }
  if (const auto* gone = std::get_if<state::Gone>(&event))
    return "-" + gone->key.name + "@" + std::to_string(gone->resource_version);
  if (const auto* synced = std::get_if<state::Synced>(&event))
    return "synced " + std::string(to_string(synced->kind));
  return "answered";
}

struct Told {
  std::vector<std::string> words;  // what came of pods, in its order
  std::string log;
};

// Watches until `last` was told so often.
Told watch_until(LoopbackServer::Handler story, const std::string& last, int times = 1) {
  testing::internal::CaptureStderr();
  Told told;
  {
    const LoopbackServer server(of_pods(std::move(story)));
    runtime::Inbox inbox;
    const runtime::Log log(runtime::LogLevel::Info);
    HttpClient http;
    KubernetesClient client(http, access_to(server));
    const Watches watches({}, client, inbox, log, 1);
    while (std::ranges::count(told.words, last) < times) {
      for (const state::Event& event : inbox.take(Duration::minutes(1))) {
        std::string word = word_of(event);
        if (!word.starts_with("synced ") || word == "synced Pod") told.words.push_back(word);
      }
    }
  }
  told.log = testing::internal::GetCapturedStderr();
  return told;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// A server of empty lists, where `missing` is not installed.
LoopbackServer::Handler of_nothing(std::string missing) {
  return [missing = std::move(missing)](const Request& request, Exchange& out) {
    if (!missing.empty() && request.target.find(missing) != std::string::npos)
      return out.send(answer(404, "404 page not found"));
    if (!is_watch(request)) return out.send(answer(200, list_json(1, {})));
    out.send(endless_answer_head());
    out.wait_for_client_to_leave();
  };
}

// The kinds that are listed under these options, once `count` of them are; without "synced".
std::vector<std::string> synced_kinds(const LoopbackServer& server, const state::Options& options,
                                      std::size_t count) {
  runtime::Inbox inbox;
  const runtime::Log log(runtime::LogLevel::Error);
  HttpClient http;
  KubernetesClient client(http, access_to(server));
  const Watches watches(options, client, inbox, log, 1);
  std::vector<std::string> synced;
  while (synced.size() < count) {
    for (const state::Event& event : inbox.take(Duration::minutes(1)))
      synced.push_back(word_of(event).substr(std::string_view("synced ").size()));
  }
  return synced;
}

TEST(Watches, EveryKindThatTheLoopReadsIsListed) {
  const LoopbackServer server(of_nothing({}));
  EXPECT_THAT(synced_kinds(server, {}, 12),
              testing::UnorderedElementsAre("Pod", "Node", "NodePool", "NodeClaim",
                                            "HyperpodNodeClass", "DaemonSet", "PodDisruptionBudget",
                                            "PersistentVolume", "PersistentVolumeClaim",
                                            "StorageClass", "CSINode", "Namespace"));
}

TEST(Watches, EveryKindIsListedUnderEveryGate) {
  const LoopbackServer server(of_nothing({}));
  state::Options options;
  options.default_spread.emplace_back();
  options.gates = {true, true, true, true};
  const auto kinds = synced_kinds(server, options, state::kKindCount);
  EXPECT_EQ(kinds.size(), state::kKindCount);
  EXPECT_THAT(
      kinds, testing::IsSupersetOf({"Service", "ReplicaSet", "StatefulSet", "ReplicationController",
                                    "Deployment", "PodTemplate", "NodeOverlay", "CapacityBuffer"}));
}

TEST(Watches, AKindThatNeedNotBeInstalledCountsAsListedWhereItIsNot) {
  const LoopbackServer server(of_nothing("nodeoverlays"));
  state::Options options;
  options.gates.node_overlay = true;
  EXPECT_THAT(synced_kinds(server, options, 13), testing::Contains("NodeOverlay"));
}

TEST(Watches, APoolWithAMegabyteOfAnnotationsIsReadAndTheyStayOutside) {
  const std::string large = fmt::format(
      R"({{"metadata":{{"name":"large","uid":"u","resourceVersion":"5","annotations":{{"notes":"{}"}}}}}})",
      std::string(std::size_t{1} << 20U, 'x'));
  const LoopbackServer server([&](const Request& request, Exchange& out) {
    const bool is_of_pools = request.target.find("/nodepools?") != std::string::npos;
    if (!is_watch(request))
      return out.send(answer(
          200, list_json(10, is_of_pools ? std::vector{large} : std::vector<std::string>{})));
    out.send(endless_answer_head());
    out.wait_for_client_to_leave();
  });
  runtime::Inbox inbox;
  const runtime::Log log(runtime::LogLevel::Error);
  HttpClient http;
  KubernetesClient client(http, access_to(server));
  const Watches watches({}, client, inbox, log, 1);
  std::optional<kube::NodePool> pool;
  while (!pool) {
    for (const state::Event& event : inbox.take(Duration::minutes(1))) {
      if (const auto* changed = std::get_if<state::Changed>(&event))
        pool = std::get<kube::NodePool>(changed->object);
    }
  }
  EXPECT_EQ(pool->meta.name, "large");
  EXPECT_TRUE(pool->meta.annotations.empty());
}

TEST(Watches, GoOnFromWhereTheStreamWasCut) {
  std::vector<std::string> asked;
  const auto told = watch_until(
      [&](const Request& request, Exchange& out) {
        if (!is_watch(request)) return out.send(answer(200, list_json(10, {object_json("a", 5)})));
        const std::size_t at = request.target.find("resourceVersion=") + 16;
        asked.push_back(request.target.substr(at, request.target.find('&', at) - at));
        // Once the event is sent, the next stream may be asked for on another thread.
        const auto stream = static_cast<int>(asked.size());
        out.send(endless_answer_head() + event_json("MODIFIED", object_json("a", 10 + stream)) +
                 "\n");
        if (stream == 3) return out.wait_for_client_to_leave();
        out.close();
      },
      "a@13");
  EXPECT_EQ(joined(told.words), "a@5 synced Pod a@11 a@12 a@13");
  EXPECT_THAT(asked, testing::ElementsAre("10", "11", "12"));
}

TEST(Watches, AVersionThatTheServerForgotIsNoErrorAndAListShowsWhatWent) {
  int lists = 0;
  const auto told = watch_until(
      [&](const Request& request, Exchange& out) {
        if (!is_watch(request)) {
          return out.send(answer(200, ++lists == 1 ? list_json(10, {object_json("a", 5)})
                                                   : list_json(30, {object_json("b", 20)})));
        }
        if (lists == 1) {
          return out.send(answer(410, R"({"kind":"Status","code":410,"reason":"Expired"})"));
        }
        out.send(endless_answer_head());
        out.wait_for_client_to_leave();
      },
      "synced Pod", 2);
  EXPECT_EQ(joined(told.words), "a@5 synced Pod b@20 -a@30 synced Pod");
  EXPECT_EQ(told.log, "");
}

TEST(Watches, AGarbageLineIsToldOnceAndTheRestGoesOn) {
  int lists = 0;
  const auto told = watch_until(
      [&](const Request& request, Exchange& out) {
        if (!is_watch(request)) return out.send(answer(200, list_json(10 * ++lists, {})));
        out.send(endless_answer_head() + (lists == 1 ? "<html>\n<body>\n" : "") +
                 event_json("ADDED", object_json("b", 10 * lists + 1)) + "\n");
        out.wait_for_client_to_leave();
      },
      "b@21");
  EXPECT_THAT(told.log, HasSubstr(R"("message":"watch failed, it is begun again")"));
  EXPECT_THAT(told.log, HasSubstr(R"("kind":"Pod")"));
  EXPECT_THAT(told.log, HasSubstr("watch of /api/v1/pods: a line is garbage"));
  EXPECT_THAT(told.log, HasSubstr("<html>"));
  EXPECT_EQ(std::ranges::count(told.log, '\n'), 1) << told.log;
}

TEST(Watches, AnObjectThatCannotBeReadIsNamedAndLeftOut) {
  const std::string odd =
      R"({"metadata":{"name":"odd","namespace":"team","uid":"u-odd","resourceVersion":"6"},)"
      R"("spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"one"}}}]}})";
  const auto told = watch_until(
      [&](const Request& request, Exchange& out) {
        if (!is_watch(request))
          return out.send(answer(200, list_json(10, {odd, object_json("a", 5)})));
        out.send(endless_answer_head());
        out.wait_for_client_to_leave();
      },
      "synced Pod");
  EXPECT_EQ(joined(told.words), "a@5 synced Pod");
  EXPECT_THAT(told.log, HasSubstr(R"("Pod":{"namespace":"team","name":"odd"})"));
  EXPECT_THAT(told.log, HasSubstr("resources.requests"));
  EXPECT_EQ(std::ranges::count(told.log, '\n'), 1) << told.log;
}

TEST(Watches, PodsThatHaveEndedAreNotAskedForAndEndingIsGoing) {
  std::vector<std::string> asked;
  const auto told = watch_until(
      [&](const Request& request, Exchange& out) {
        asked.push_back(request.target);
        if (!is_watch(request)) return out.send(answer(200, list_json(10, {object_json("a", 5)})));
        // The server says so of a pod that leaves the selected ones.
        out.send(endless_answer_head() + event_json("DELETED", object_json("a", 11)) + "\n");
        out.wait_for_client_to_leave();
      },
      "-a@11");
  EXPECT_EQ(joined(told.words), "a@5 synced Pod -a@11");
  ASSERT_EQ(asked.size(), 2U);
  for (const std::string& target : asked) {
    EXPECT_THAT(target, HasSubstr("&fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3D"
                                  "Failed"));
  }
}

TEST(Watches, AreSilentWhenTheHttpClientIsClosed) {
  testing::internal::CaptureStderr();
  {
    const LoopbackServer server(of_nothing({}));
    runtime::Inbox inbox;
    const runtime::Log log(runtime::LogLevel::Info);
    HttpClient http;
    KubernetesClient client(http, access_to(server));
    const Watches watches({}, client, inbox, log, 1);
    while (inbox.take(Duration::minutes(1)).empty()) {
    }
    http.close();
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Watches, AServerThatRefusesIsToldOnceNotWithEachAttempt) {
  std::atomic<int> lists{0};
  const auto told = watch_until(
      [&](const Request& request, Exchange& out) {
        if (is_watch(request)) {
          out.send(endless_answer_head());
          return out.wait_for_client_to_leave();
        }
        out.send(++lists < 3 ? answer(403, R"({"kind":"Status","reason":"Forbidden",)"
                                           R"("message":"may not list pods"})")
                             : answer(200, list_json(10, {})));
      },
      "synced Pod");
  EXPECT_THAT(told.log, HasSubstr("may not list pods"));
  EXPECT_THAT(told.log,
              HasSubstr(R"(ClusterRole with the verb \"list\" on the resource \"pods\")"));
  EXPECT_EQ(std::ranges::count(told.log, '\n'), 1) << told.log;
}

}  // namespace
}  // namespace hyperwright::client
