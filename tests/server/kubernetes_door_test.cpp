#include "server/kubernetes_door.h"

#include <deque>
#include <optional>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "sim/kubernetes_fields.h"

namespace hyperwright::server {
namespace {

namespace json = boost::json;

// The other end of a reply, without a socket.
struct Recorder final : HttpExchange {
  std::optional<HttpResponse> response;
  std::string stream;
  bool is_finished = false;
  bool has_gone = false;

  void send(HttpResponse sent) override { response = std::move(sent); }
  void start_stream(HttpResponse head) override {
    stream = std::exchange(head.body, {});
    response = std::move(head);
  }
  void write(std::string chunk) override { stream += chunk; }
  void finish() override { is_finished = true; }
  [[nodiscard]] bool is_open() const override { return !has_gone && !is_finished; }

  // "ADDED a BOOKMARK  " of what came since the last look.
  std::string events() {
    std::string out;
    for (std::size_t start = 0; start < stream.size();) {
      const std::size_t end = stream.find('\n', start);
      const json::object event = json::parse(stream.substr(start, end - start)).as_object();
      out += std::string(sim::text_field(event, {"type"})) + " " +
             std::string(sim::name_of(event.at("object").as_object())) + " ";
      start = end + 1;
    }
    stream.clear();
    return out;
  }
};

struct KubernetesDoorTest : testing::Test {
  sim::KubernetesApi api{Random(1), Time::from_unix_seconds(1'770'000'000), 10};
  Time now = Time::from_unix_seconds(1'770'000'000);
  std::deque<std::function<void()>> owner;
  KubernetesDoor door{api, [this] { return now; },
                      [this](std::function<void()> task) { owner.push_back(std::move(task)); }};

  void run_owner() {
    while (!owner.empty()) {
      const auto task = std::move(owner.front());
      owner.pop_front();
      task();
    }
  }
  std::shared_ptr<Recorder> ask(std::string method, std::string path, std::string query = "",
                                std::string body = "") {
    auto recorder = std::make_shared<Recorder>();
    door.handle({.method = std::move(method),
                 .path = std::move(path),
                 .query = std::move(query),
                 .headers = {{"Content-Type", "application/json"}},
                 .body = std::move(body)},
                HttpReply(recorder));
    run_owner();
    return recorder;
  }
  void make(const char* name) {
    ASSERT_TRUE(api.create("configmaps", {{"metadata", {{"name", name}}}}, now));
  }
};

TEST_F(KubernetesDoorTest, RequestsAreAnsweredOnTheOwnersThread) {
  auto recorder = std::make_shared<Recorder>();
  door.handle({.method = "GET", .path = "/version"}, HttpReply(recorder));
  EXPECT_FALSE(recorder->response) << "nothing happens before the owner runs";
  run_owner();
  ASSERT_TRUE(recorder->response);
  EXPECT_EQ(recorder->response->status, 200);
}

TEST_F(KubernetesDoorTest, WritesThroughTheDoorReachItsWatches) {
  const auto watch = ask("GET", "/api/v1/configmaps", "watch=1");
  EXPECT_EQ(ask("POST", "/api/v1/namespaces/default/configmaps", "", R"({"metadata":{"name":"a"}})")
                ->response->status,
            201);
  EXPECT_EQ(watch->events(), "ADDED a ");
}

TEST_F(KubernetesDoorTest, TheOwnersChangesReachWatchesWhenItSaysSo) {
  make("a");
  const auto watch = ask("GET", "/api/v1/configmaps", "watch=1");
  EXPECT_EQ(watch->events(), "ADDED a ");
  make("b");
  EXPECT_EQ(watch->events(), "");
  door.notify();
  EXPECT_EQ(watch->events(), "ADDED b ");
  door.notify();
  EXPECT_EQ(watch->events(), "");
}

TEST_F(KubernetesDoorTest, AWatchThatBeginsLateMissesNothing) {
  const std::string version = std::to_string(api.resource_version());
  make("a");
  const auto watch = ask("GET", "/api/v1/configmaps", "watch=1&resourceVersion=" + version);
  EXPECT_EQ(watch->events(), "ADDED a ");
}

TEST_F(KubernetesDoorTest, BookmarksComeByTheWallClock) {
  const auto watch = ask("GET", "/api/v1/configmaps", "watch=1&allowWatchBookmarks=true");
  const auto start = std::chrono::steady_clock::now();
  door.tick(start + KubernetesDoor::kBookmarkInterval / 2);
  run_owner();
  EXPECT_EQ(watch->events(), "");
  door.tick(start + KubernetesDoor::kBookmarkInterval * 2);
  run_owner();
  EXPECT_EQ(watch->events(), "BOOKMARK  ");
}

TEST_F(KubernetesDoorTest, AWatchEndsAtItsTimeout) {
  const auto watch = ask("GET", "/api/v1/configmaps", "watch=1&timeoutSeconds=5");
  const auto other = ask("GET", "/api/v1/configmaps", "watch=1");
  const auto start = std::chrono::steady_clock::now();
  door.tick(start);
  run_owner();
  EXPECT_FALSE(watch->is_finished);
  door.tick(start + std::chrono::seconds(10));
  run_owner();
  EXPECT_TRUE(watch->is_finished);
  EXPECT_FALSE(other->is_finished);
}

TEST_F(KubernetesDoorTest, AWatchThatIsTooFarBehindIsToldAndEnded) {
  const std::string version = std::to_string(api.resource_version());
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"}) make(name);
  const auto watch = ask("GET", "/api/v1/configmaps", "watch=1&resourceVersion=" + version);
  EXPECT_EQ(watch->events(), "ERROR  ");
  EXPECT_TRUE(watch->is_finished);
}

TEST_F(KubernetesDoorTest, WatchesOfClientsThatHaveGoneAreDropped) {
  const auto watch = ask("GET", "/api/v1/configmaps", "watch=1");
  watch->has_gone = true;
  make("a");
  door.notify();
  watch->stream.clear();
  make("b");
  door.notify();
  EXPECT_EQ(watch->stream, "");
  EXPECT_EQ(watch.use_count(), 1) << "the door has forgotten it";
}

}  // namespace
}  // namespace hyperwright::server
