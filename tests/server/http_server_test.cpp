#include "server/http_server.h"

#include <future>
#include <mutex>
#include <thread>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::server {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

// A blocking client: one connection.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(context_) {
    socket_.connect({net::ip::make_address("127.0.0.1"), port});
  }
  void send_text(std::string_view text) { net::write(socket_, net::buffer(text)); }
  void send(const std::string& method, const std::string& target, const std::string& body = "") {
    http::request<http::string_body> request;
    request.method_string(method);
    request.target(target);
    request.version(11);
    request.set(http::field::host, "localhost");
    request.set(http::field::content_type, "text/plain");
    request.body() = body;
    request.prepare_payload();
    http::write(socket_, request);
  }
  http::response<http::string_body> read(bool is_head = false) {
    http::response_parser<http::string_body> parser;
    parser.skip(is_head);
    http::read(socket_, buffer_, parser);
    return parser.release();
  }
  http::response<http::string_body> get(const std::string& target) {
    send("GET", target);
    return read();
  }
  // What comes next, raw, until `end` is in it.
  std::string read_until(const std::string& end) {
    std::string out;
    net::read_until(socket_, net::dynamic_buffer(out), end);
    return out;
  }
  bool is_closed_by_server() {
    char byte = 0;
    beast::error_code error;
    net::read(socket_, net::buffer(&byte, 1), error);
    return error == net::error::eof || error == net::error::connection_reset;
  }
  void close() { socket_.close(); }

 private:
  net::io_context context_;
  net::ip::tcp::socket socket_;
  beast::flat_buffer buffer_;
};

std::unique_ptr<HttpServer> serve(HttpHandler handler, HttpServerOptions options = {}) {
  auto server = HttpServer::start(options, std::move(handler));
  EXPECT_TRUE(server) << server.error().text();
  return *std::move(server);
}

void echo(const HttpRequest& request, const HttpReply& reply) {
  reply.send({.status = 200,
              .content_type = "text/plain",
              .headers = {{"X-Method", request.method}},
              .body = request.path + "|" + request.query + "|" +
                      std::string(request.header("CONTENT-type")) + "|" + request.body});
}

TEST(HttpServer, AnswersWithWhatTheHandlerSays) {
  const auto server = serve(echo);
  Client client(server->port());
  client.send("POST", "/a%20b?c=d&e", "hello");
  const auto response = client.read();
  EXPECT_EQ(response.result_int(), 200U);
  EXPECT_EQ(response.body(), "/a%20b|c=d&e|text/plain|hello");
  EXPECT_EQ(response["X-Method"], "POST");
}

TEST(HttpServer, KeepsTheConnection) {
  const auto server = serve(echo);
  Client client(server->port());
  for (const char* path : {"/1", "/2", "/3"})
    EXPECT_TRUE(client.get(path).body().starts_with(path));
}

TEST(HttpServer, MayAnswerLaterFromAnotherThread) {
  std::promise<HttpReply> asked;
  const auto server = serve([&](HttpRequest, const HttpReply& reply) { asked.set_value(reply); });
  Client client(server->port());
  client.send("GET", "/");
  const HttpReply reply = asked.get_future().get();
  EXPECT_TRUE(reply.is_open());
  reply.send({.body = "late"});
  EXPECT_EQ(client.read().body(), "late");
}

TEST(HttpServer, AReplyThatIsDroppedIsA500) {
  const auto server = serve([](HttpRequest, HttpReply) {});
  Client client(server->port());
  EXPECT_EQ(client.get("/").result_int(), 500U);
}

TEST(HttpServer, OnlyTheFirstAnswerCounts) {
  const auto server = serve([](HttpRequest, const HttpReply& reply) {
    reply.send({.body = "first"});
    reply.send({.body = "second"});
  });
  Client client(server->port());
  EXPECT_EQ(client.get("/").body(), "first");
  EXPECT_EQ(client.get("/").body(), "first");
}

TEST(HttpServer, HeadHasALengthAndNoBody) {
  const auto server = serve(echo);
  Client client(server->port());
  client.send("HEAD", "/x");
  const auto response = client.read(true);
  EXPECT_EQ(response[http::field::content_length], "15");
  EXPECT_TRUE(client.get("/next").body().starts_with("/next"));
}

TEST(HttpServer, StreamsInChunks) {
  std::promise<HttpReply> asked;
  const auto server = serve([&](HttpRequest, const HttpReply& reply) {
    reply.start_stream({.body = "one\n"});
    asked.set_value(reply);
  });
  Client client(server->port());
  client.send("GET", "/");
  EXPECT_THAT(client.read_until("one\n"), testing::HasSubstr("Transfer-Encoding: chunked"));
  const HttpReply reply = asked.get_future().get();
  reply.write("two\n");
  EXPECT_THAT(client.read_until("two\n"), testing::HasSubstr("two\n"));
  reply.finish();
  EXPECT_THAT(client.read_until("0\r\n\r\n"), testing::HasSubstr("0\r\n\r\n"));
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST(HttpServer, AStreamLearnsThatItsClientHasGone) {
  std::promise<HttpReply> asked;
  const auto server = serve([&](HttpRequest, const HttpReply& reply) {
    reply.start_stream({.body = "one\n"});
    asked.set_value(reply);
  });
  Client client(server->port());
  client.send("GET", "/");
  client.read_until("one\n");
  const HttpReply reply = asked.get_future().get();
  client.close();
  while (reply.is_open()) std::this_thread::yield();
  reply.write("into the void\n");
}

TEST(HttpServer, AClientThatReadsTooSlowlyIsDropped) {
  std::promise<HttpReply> asked;
  const auto server = serve(
      [&](HttpRequest, const HttpReply& reply) {
        reply.start_stream({});
        asked.set_value(reply);
      },
      {.stream_backlog_bytes_max = std::size_t{1} << 20U});
  Client client(server->port());
  client.send("GET", "/");
  const HttpReply reply = asked.get_future().get();
  const std::string chunk(std::size_t{1} << 18U, 'x');
  while (reply.is_open()) reply.write(chunk);
}

TEST(HttpServer, ABodyThatIsTooLargeIsRefused) {
  const auto server = serve(echo, {.body_bytes_max = 10});
  Client client(server->port());
  client.send("POST", "/", "12345678901");
  EXPECT_EQ(client.read().result_int(), 413U);
}

TEST(HttpServer, GarbageIsRefused) {
  const auto server = serve(echo);
  Client client(server->port());
  client.send_text("this is not http\r\n\r\n");
  EXPECT_EQ(client.read().result_int(), 400U);
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST(HttpServer, AClientMayAskBeforeItSendsItsBody) {
  const auto server = serve(echo);
  Client client(server->port());
  client.send_text(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(client.read_until("\r\n\r\n"), testing::HasSubstr("100 Continue"));
  client.send_text("hi");
  EXPECT_EQ(client.read().body(), "/|||hi");
}

TEST(HttpServer, ASilentClientIsDropped) {
  const auto server = serve(echo, {.idle_timeout = std::chrono::milliseconds(1)});
  Client client(server->port());
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST(HttpServer, OneConnectionTooManyIsClosed) {
  const auto server = serve(echo, {.connections_max = 1});
  Client first(server->port());
  EXPECT_EQ(first.get("/").result_int(), 200U);
  Client second(server->port());
  EXPECT_TRUE(second.is_closed_by_server());
}

TEST(HttpServer, APortThatIsTakenIsNamed) {
  const auto server = serve(echo);
  const auto second = HttpServer::start({.port = server->port()}, echo);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::Unavailable);
  EXPECT_THAT(second.error().text(), testing::HasSubstr(std::to_string(server->port())));
  EXPECT_FALSE(HttpServer::start({.address = "nowhere"}, echo));
}

TEST(HttpServer, StopsWithRequestsAndStreamsOpen) {
  std::mutex mutex;
  std::vector<HttpReply> replies;
  std::promise<void> both;
  auto server = serve([&](const HttpRequest& request, const HttpReply& reply) {
    if (request.path == "/stream") reply.start_stream({});
    const std::lock_guard lock(mutex);
    replies.push_back(reply);
    if (replies.size() == 2) both.set_value();
  });
  Client stream(server->port());
  Client waiting(server->port());
  stream.send("GET", "/stream");
  waiting.send("GET", "/wait");
  both.get_future().wait();
  server.reset();
  EXPECT_TRUE(waiting.is_closed_by_server());
  for (const HttpReply& reply : replies) {
    reply.send({});
    reply.write("x");
  }
}

TEST(HttpServer, CallsATaskAgainAndAgain) {
  std::promise<void> thrice;
  int count = 0;
  const auto server = serve(echo);
  server->every(std::chrono::milliseconds(1), [&] {
    if (++count == 3) thrice.set_value();
  });
  thrice.get_future().wait();
}

}  // namespace
}  // namespace hyperwright::server
