// Compressed answers: asked for, and read as if they had not been compressed.
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/http.h"
#include "tests/client/loopback_server.h"

namespace hyperwright::client {
namespace {

using namespace std::string_view_literals;
using Exchange = LoopbackServer::Exchange;
using Request = LoopbackServer::Request;
using testing::HasSubstr;

// Made by: printf '{"kind":"PodList","items":[{"kind":"Pod"},{"kind":"Pod"}]}' | gzip -9n
constexpr std::string_view kPods = R"({"kind":"PodList","items":[{"kind":"Pod"},{"kind":"Pod"}]})";
constexpr std::string_view kCompressed =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\xca\xce\xcc\x4b\x51\xb2\x52\x0a"
    "\xc8\x4f\xf1\xc9\x2c\x2e\x51\xd2\x51\xca\x2c\x49\xcd\x2d\x56\xb2\x8a\xae\x46\x92"
    "\x52\xaa\xd5\x41\xe5\xc6\xd6\x02\x00\x6f\xdc\x0e\x47\x3a\x00\x00\x00"sv;

HttpRequest get(std::string url) { return {.url = std::move(url)}; }

LoopbackServer::Handler compressed(std::string_view bytes) {
  return [bytes](const Request& request, Exchange& out) {
    EXPECT_THAT(request.header("accept-encoding"), HasSubstr("gzip"));
    out.send(
        answer(200, bytes, {{"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}}));
  };
}

TEST(HttpEncoding, AnAnswerIsAskedForCompressedAndComesAsItWas) {
  LoopbackServer server(compressed(kCompressed));
  const auto response = HttpClient().send(get(server.url()));
  ASSERT_TRUE(response) << response.error().text();
  EXPECT_EQ(response->body, kPods);
}

TEST(HttpEncoding, AnAnswerThatIsNotCompressedComesAsItIs) {
  LoopbackServer server([](const Request&, Exchange& out) { out.send(answer(200, kPods)); });
  EXPECT_EQ(HttpClient().send(get(server.url()))->body, kPods);
}

TEST(HttpEncoding, AnAnswerInPiecesIsReadWhole) {
  LoopbackServer server([](const Request&, Exchange& out) {
    out.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n");
    out.send(kCompressed.substr(0, 20));
    out.send(kCompressed.substr(20));
    out.close();
  });
  const auto response = HttpClient().send(get(server.url()));
  ASSERT_TRUE(response) << response.error().text();
  EXPECT_EQ(response->body, kPods);
}

TEST(HttpEncoding, LinesOfAWatchAndWhoSaysSoAreNotCompressed) {
  std::vector<std::string> accepted;
  LoopbackServer server([&](const Request& request, Exchange& out) {
    accepted.push_back(request.header("accept-encoding"));
    out.send(answer(200, "{}"));
  });
  HttpClient client;
  HttpConnection connection;
  connection.disable_compression = true;
  HttpRequest plain = get(server.url());
  plain.connection = std::make_shared<const HttpConnection>(connection);
  EXPECT_TRUE(client.send(plain));
  std::promise<void> ended;
  client.stream(
      get(server.url()), [](std::string_view) {}, [&](const auto&) { ended.set_value(); });
  ended.get_future().wait();
  EXPECT_THAT(accepted, testing::ElementsAre("", ""));
}

TEST(HttpEncoding, WhatIsNoGzipIsNoAnswer) {
  LoopbackServer server(compressed("this is no gzip"));
  EXPECT_FALSE(HttpClient().send(get(server.url())));
}

}  // namespace
}  // namespace hyperwright::client
