// A small HTTP/1.1 server for the embedded doors: the Kubernetes API, the HyperPod API, metrics,
// health.
//
// One thread of the server's own reads requests and writes answers. A handler is called on that
// thread and must not block: it may answer at once, or keep the reply and answer later from any
// thread, in one piece or as a stream of chunks (a watch). A reply that is dropped unanswered
// becomes a 500.
//
// Limits: bodies, header sizes, the time a client may take to send a request or to take an answer,
// the number of connections, and what may queue up for a client that reads its stream too slowly.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace hyperwright::server {

struct HttpRequest {
  std::string method;  // "GET"
  std::string path;    // as sent: %-escapes are not resolved
  std::string query;   // without '?'
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  // Names are compared without regard to case; empty when absent.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // of a stream: its first chunk, may be empty
};

// The other end of a reply; the server implements it, and a test may.
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;
  virtual void send(HttpResponse response) = 0;
  virtual void start_stream(HttpResponse head) = 0;
  virtual void write(std::string chunk) = 0;
  virtual void finish() = 0;
  [[nodiscard]] virtual bool is_open() const = 0;
};

// May be copied and used from any thread. Either `send` once, or `start_stream`, any number of
// `write` and `finish`. All are ignored once the client has gone.
class HttpReply {
 public:
  explicit HttpReply(std::shared_ptr<HttpExchange> exchange) : exchange_(std::move(exchange)) {}
  void send(HttpResponse response) const { exchange_->send(std::move(response)); }
  void start_stream(HttpResponse head) const { exchange_->start_stream(std::move(head)); }
  void write(std::string chunk) const { exchange_->write(std::move(chunk)); }
  void finish() const { exchange_->finish(); }
  // False once the client has gone, or the answer is complete.
  [[nodiscard]] bool is_open() const { return exchange_->is_open(); }

 private:
  std::shared_ptr<HttpExchange> exchange_;
};

using HttpHandler = std::function<void(HttpRequest, HttpReply)>;

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: a free one
  std::size_t body_bytes_max = std::size_t{4} << 20U;
  std::size_t connections_max = 1000;
  std::size_t stream_backlog_bytes_max = std::size_t{64} << 20U;
  std::chrono::milliseconds idle_timeout{90'000};   // between two requests, and while one arrives
  std::chrono::milliseconds write_timeout{30'000};  // for a client to take what is written
};

class HttpServer {
 public:
  // Listens and serves from now on. Fails with Unavailable when the address cannot be bound.
  static Result<std::unique_ptr<HttpServer>> start(const HttpServerOptions& options,
                                                   HttpHandler handler);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  // Closes all connections and waits for the thread; no handler runs afterwards.
  ~HttpServer();

  [[nodiscard]] std::uint16_t port() const;
  // "http://127.0.0.1:8080"
  [[nodiscard]] std::string url() const;
  // Calls `task` on the server's thread again and again, as long as the server runs.
  void every(std::chrono::milliseconds interval, std::function<void()> task);

 private:
  class Core;
  explicit HttpServer(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_;
};

}  // namespace hyperwright::server
