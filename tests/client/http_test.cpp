#include "client/http.h"

#include <atomic>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/loopback_server.h"

namespace hyperwright::client {
namespace {

using Exchange = LoopbackServer::Exchange;
using Request = LoopbackServer::Request;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

HttpRequest get(std::string url) { return {.url = std::move(url)}; }

HttpRequest post(std::string url, std::string body) {
  return {.method = HttpMethod::Post, .url = std::move(url), .body = std::move(body)};
}

// What the server was asked, put into words.
LoopbackServer::Handler echo() {
  return [](const Request& request, Exchange& out) {
    out.send(answer(200, request.method + " " + request.target + " " + request.header("x-mark") +
                             " [" + request.body + "]"));
  };
}

TEST(Http, SendsMethodPathHeadersAndBody) {
  LoopbackServer server(echo());
  HttpClient client;
  for (const auto& [method, body, wanted] : {std::tuple{HttpMethod::Get, "", "GET /a?b=c mark []"},
                                             {HttpMethod::Post, "x", "POST /a?b=c mark [x]"},
                                             {HttpMethod::Put, "x", "PUT /a?b=c mark [x]"},
                                             {HttpMethod::Patch, "{}", "PATCH /a?b=c mark [{}]"},
                                             {HttpMethod::Delete, "", "DELETE /a?b=c mark []"},
                                             {HttpMethod::Delete, "{}", "DELETE /a?b=c mark [{}]"},
                                             {HttpMethod::Post, "", "POST /a?b=c mark []"}}) {
    HttpRequest request = get(server.url() + "/a?b=c");
    request.method = method;
    request.body = body;
    request.headers = {{"X-Mark", "mark"}};
    const auto response = client.send(request);
    ASSERT_TRUE(response) << response.error().text();
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, wanted);
    EXPECT_EQ(*response->header("content-type"), "application/json");
  }
}

TEST(Http, AnAnswerThatSaysNoIsAnAnswer) {
  LoopbackServer server([](const Request&, Exchange& out) { out.send(answer(404, "gone")); });
  const auto response = HttpClient().send(get(server.url()));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->body, "gone");
}

TEST(Http, OneConnectionServesManyRequests) {
  LoopbackServer server(echo());
  HttpClient client;
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(client.send(get(server.url())));
  EXPECT_EQ(server.connections(), 1);
}

TEST(Http, AskedFromManyThreadsAtOnceEachGetsItsAnswer) {
  LoopbackServer server(echo());
  HttpClient client;
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const std::string mark = std::to_string(t * 100 + i);
        const auto response = client.send(post(server.url(), mark));
        if (response && response->body.ends_with("[" + mark + "]")) ++right;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 100);
}

TEST(Http, NoConnectionMeansNothingWasSent) {
  const ClosedPort closed;
  const auto response = HttpClient().send(post(closed.url() + "/path?token=secret", "body"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code(), ErrorCode::Unavailable);
  EXPECT_THAT(response.error().text(), HasSubstr("POST " + closed.url() + "/path"));
  EXPECT_THAT(response.error().text(), Not(HasSubstr("secret")));
}

TEST(Http, ARequestWithoutAWholeAnswerMayHaveTakenEffectUnlessItOnlyReads) {
  for (const std::string_view half :
       {"", "HTTP/1.1 201 Created\r\nContent-Length: 10\r\n\r\nhal"}) {
    LoopbackServer server([half](const Request&, Exchange& out) {
      out.send(half);
      out.close();
    });
    HttpClient client;
    const auto written = client.send(post(server.url(), "body"));
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code(), ErrorCode::Unknown) << written.error().text();
    const auto read = client.send(get(server.url()));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code(), ErrorCode::Unavailable) << read.error().text();
  }
}

TEST(Http, TheDeadlineEndsARequestThatIsNotAnswered) {
  LoopbackServer server([](const Request&, Exchange& out) { out.wait_for_client_to_leave(); });
  HttpRequest request = post(server.url(), "body");
  request.deadline = Duration::milliseconds(20);
  const auto response = HttpClient().send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code(), ErrorCode::Unknown) << response.error().text();
}

TEST(Http, CancelEndsARequestAndItsDoneIsCalledOnce) {
  std::promise<void> asked;
  LoopbackServer server([&](const Request&, Exchange& out) {
    asked.set_value();
    out.wait_for_client_to_leave();
  });
  std::atomic<int> calls{0};
  std::promise<ErrorCode> ended;
  HttpClient client;
  const auto id = client.start(post(server.url(), "body"), [&](Result<HttpResponse> response) {
    ++calls;
    ended.set_value(response.error().code());
  });
  asked.get_future().wait();
  client.cancel(id);
  client.cancel(id);
  EXPECT_EQ(ended.get_future().get(), ErrorCode::Unknown);
  client.cancel(id);
  EXPECT_EQ(calls, 1);
}

TEST(Http, TheDestructorAnswersWhatIsOpen) {
  std::promise<void> asked;
  LoopbackServer server([&](const Request&, Exchange& out) {
    asked.set_value();
    out.wait_for_client_to_leave();
  });
  std::string ended;
  {
    HttpClient client;
    client.start(get(server.url()), [&](Result<HttpResponse> response) {
      ended = response.error().text();
      client.after(Duration::hours(1), [] {});
    });
    client.after(Duration::hours(1), [&] { ended = "timer"; });
    asked.get_future().wait();
  }
  EXPECT_THAT(ended, HasSubstr("shutting down"));
}

TEST(Http, TimersAreCalledInTheirOrderUnlessCancelled) {
  HttpClient client;
  std::string order;
  std::promise<void> last;
  const auto forgotten = client.after(Duration::milliseconds(5), [&] { order += "x"; });
  client.cancel(forgotten);
  client.after(Duration::milliseconds(20), [&] {
    order += "b";
    last.set_value();
  });
  client.after(Duration::milliseconds(2), [&] { order += "a"; });
  last.get_future().wait();
  EXPECT_EQ(order, "ab");
}

struct Streamed {
  std::vector<std::string> lines;
  Result<HttpResponse> end = fail(ErrorCode::Internal, "not ended");
};

Streamed stream_all(HttpRequest request) {
  Streamed streamed;
  std::promise<Result<HttpResponse>> end;
  HttpClient client;
  client.stream(
      std::move(request), [&](std::string_view line) { streamed.lines.emplace_back(line); },
      [&](Result<HttpResponse> response) { end.set_value(std::move(response)); });
  streamed.end = end.get_future().get();
  return streamed;
}

TEST(HttpStream, GivesLinesWhateverTheChunks) {
  LoopbackServer server([](const Request&, Exchange& out) {
    out.send(endless_answer_head() + "on");
    out.send("e\ntwo\r\n\nth");
    out.send("ree\nhalf a li");
    out.close();
  });
  const Streamed streamed = stream_all(get(server.url()));
  EXPECT_THAT(streamed.lines, ElementsAre("one", "two", "three"));
  ASSERT_TRUE(streamed.end) << streamed.end.error().text();
  EXPECT_EQ(streamed.end->status, 200);
}

TEST(HttpStream, GivesALineBeforeTheNextOneIsThere) {
  std::promise<void> first_seen;
  LoopbackServer server([&](const Request&, Exchange& out) {
    out.send(endless_answer_head() + "first\n");
    first_seen.get_future().wait();
    out.send("second\n");
    out.close();
  });
  HttpClient client;
  std::promise<void> ended;
  std::string lines;
  client.stream(
      get(server.url()),
      [&](std::string_view line) {
        if (lines.empty()) first_seen.set_value();
        lines += line;
      },
      [&](Result<HttpResponse>) { ended.set_value(); });
  ended.get_future().wait();
  EXPECT_EQ(lines, "firstsecond");
}

TEST(HttpStream, ARefusalComesAsABodyNotAsLines) {
  LoopbackServer server([](const Request&, Exchange& out) { out.send(answer(410, "too old\n")); });
  const Streamed streamed = stream_all(get(server.url()));
  EXPECT_THAT(streamed.lines, ElementsAre());
  ASSERT_TRUE(streamed.end);
  EXPECT_EQ(streamed.end->status, 410);
  EXPECT_EQ(streamed.end->body, "too old\n");
}

TEST(HttpStream, ALineOverTheLimitEndsTheStream) {
  LoopbackServer server([](const Request&, Exchange& out) {
    out.send(endless_answer_head() + "short\n" + std::string(200, 'x'));
    out.wait_for_client_to_leave();
  });
  HttpRequest request = get(server.url());
  request.answer_bytes_max = 100;
  const Streamed streamed = stream_all(request);
  EXPECT_THAT(streamed.lines, ElementsAre("short"));
  ASSERT_FALSE(streamed.end);
  EXPECT_EQ(streamed.end.error().code(), ErrorCode::Invalid);
  EXPECT_THAT(streamed.end.error().text(), HasSubstr("more than 100 bytes in a line"));
}

TEST(Http, ABodyOverTheLimitIsRefused) {
  LoopbackServer server(
      [](const Request&, Exchange& out) { out.send(answer(200, std::string(101, 'x'))); });
  HttpRequest request = get(server.url());
  request.answer_bytes_max = 100;
  const auto response = HttpClient().send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code(), ErrorCode::Invalid);
}

TEST(Http, ARedirectIsNotFollowed) {
  LoopbackServer server([](const Request&, Exchange& out) {
    out.send(answer(302, "", {{"Location", "http://127.0.0.1:1/elsewhere"}}));
  });
  const auto response = HttpClient().send(get(server.url()));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 302);
}

TEST(Http, WhatCannotBeAskedIsInvalid) {
  HttpClient client;
  for (const char* url : {"", "no url at all", "ftp://host/", "http://"}) {
    const auto response = client.send(get(url));
    ASSERT_FALSE(response) << url;
    EXPECT_EQ(response.error().code(), ErrorCode::Invalid)
        << url << ": " << response.error().text();
  }
  HttpRequest request = get("http://127.0.0.1/");
  request.headers = {{"Authorization", "Bearer secret\r\nHost: evil"}};
  const auto response = client.send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code(), ErrorCode::Invalid);
  EXPECT_THAT(response.error().text(), Not(HasSubstr("secret")));
}

TEST(Http, OnceClosedNothingIsSentAndWhatIsOpenEnds) {
  std::atomic<int> asked{0};
  std::promise<void> open;
  LoopbackServer server([&](const Request&, Exchange& out) {
    if (++asked == 1) open.set_value();
    out.wait_for_client_to_leave();
  });
  HttpClient client;
  std::promise<ErrorCode> ended;
  client.start(post(server.url(), "x"),
               [&](const auto& result) { ended.set_value(result.error().code()); });
  open.get_future().wait();
  EXPECT_FALSE(client.is_closed());
  client.close();
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(ended.get_future().get(), ErrorCode::Unknown) << "it may have taken effect";
  const auto refused = client.send(post(server.url(), "y"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::Unavailable);
  EXPECT_EQ(asked, 1);
  client.close();  // once more does no harm
}

TEST(Http, NothingIsBegunAfterItsTimeUnlessThatIsPutOff) {
  LoopbackServer server(echo());
  HttpClient client;
  client.keep_open_for(Duration());
  EXPECT_EQ(client.send(get(server.url())).error().code(), ErrorCode::Unavailable);
  client.keep_open_for(Duration::hours(1));
  EXPECT_TRUE(client.send(get(server.url())));
  EXPECT_EQ(server.connections(), 1);
}

TEST(Http, ACallbackMayCloseItsClient) {
  LoopbackServer server(echo());
  HttpClient client;
  std::promise<void> closed;
  client.start(get(server.url()), [&](const auto& /*result*/) {
    client.close();
    closed.set_value();
  });
  closed.get_future().wait();
  EXPECT_FALSE(client.send(get(server.url())));
}

}  // namespace
}  // namespace hyperwright::client
