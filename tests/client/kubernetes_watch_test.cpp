#include "client/kubernetes_watch.h"

#include <future>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/loopback_access.h"
#include "tests/client/recording_sink.h"

namespace hyperwright::client {
namespace {

using Exchange = LoopbackServer::Exchange;
using Request = LoopbackServer::Request;

bool is_watch(const Request& request) {
  return request.target.find("watch=true") != std::string::npos;
}

TEST(KubernetesWatch, ListsThenStreams) {
  LoopbackServer server([](const Request& request, Exchange& out) {
    if (!is_watch(request)) return out.send(answer(200, list_json(10, {object_json("a", 1)})));
    out.send(endless_answer_head() + event_json("ADDED", object_json("b", 11)) + "\n");
    out.send(event_json("DELETED", object_json("a", 12)) + "\n");
    out.wait_for_client_to_leave();
  });
  HttpClient http;
  KubernetesClient client(http, access_to(server));
  RecordingSink sink;
  const KubernetesWatch watch(client, "/api/v1/pods", {}, sink, 1);
  EXPECT_EQ(sink.take_until("-a@12"), "a@1 synced b@11 -a@12");
}

TEST(KubernetesWatch, GoesOnAfterTheStreamWasCut) {
  std::atomic<int> streams{0};
  LoopbackServer server([&](const Request& request, Exchange& out) {
    if (!is_watch(request)) return out.send(answer(200, list_json(10, {})));
    const int stream = ++streams;
    out.send(endless_answer_head() + event_json("ADDED", object_json("p", 10 + stream)) + "\n" +
             R"({"type":"ADDED","ob)");
    if (stream == 3) return out.wait_for_client_to_leave();
    out.close();
  });
  HttpClient http;
  KubernetesClient client(http, access_to(server));
  RecordingSink sink;
  const KubernetesWatch watch(client, "/api/v1/pods", {}, sink, 1);
  EXPECT_EQ(sink.take_until("p@13"), "synced p@11 p@12 p@13");
}

TEST(KubernetesWatch, EndsAStreamWithGarbageAndListsAgain) {
  std::atomic<int> lists{0};
  LoopbackServer server([&](const Request& request, Exchange& out) {
    if (!is_watch(request)) {
      return out.send(
          answer(200, ++lists == 1 ? list_json(10, {object_json("a", 1)}) : list_json(20, {})));
    }
    out.send(endless_answer_head() + "garbage\n" + event_json("ADDED", object_json("b", 11)) +
             "\n");
    out.wait_for_client_to_leave();
  });
  HttpClient http;
  KubernetesClient client(http, access_to(server));
  RecordingSink sink;
  const KubernetesWatch watch(client, "/api/v1/pods", {}, sink, 1);
  EXPECT_EQ(sink.take_until("-b@20"), "a@1 synced error:Invalid b@11 -a@20 -b@20");
}

TEST(KubernetesWatch, OnceDestroyedItTellsNothingMore) {
  std::promise<void> streaming;
  LoopbackServer server([&](const Request& request, Exchange& out) {
    if (!is_watch(request)) return out.send(answer(200, list_json(10, {})));
    streaming.set_value();
    out.send(endless_answer_head());
    out.wait_for_client_to_leave();
  });
  HttpClient http;
  KubernetesClient client(http, access_to(server));
  RecordingSink sink;
  std::optional<KubernetesWatch> watch;
  watch.emplace(client, "/api/v1/pods", ListOptions{}, sink, 1U);
  streaming.get_future().wait();
  watch.reset();
  EXPECT_EQ(sink.take(), "synced");
}

TEST(KubernetesWatch, AServerThatIsNotThereIsToldOnce) {
  const ClosedPort closed;
  HttpClient http;
  KubernetesAccess nowhere;
  nowhere.server = closed.url();
  KubernetesClient client(http, nowhere);
  RecordingSink sink;
  const KubernetesWatch watch(client, "/api/v1/pods", {}, sink, 1);
  EXPECT_EQ(sink.take_until("error:Unavailable"), "error:Unavailable");
}

}  // namespace
}  // namespace hyperwright::client
