// A tiny HTTP/1.1 server on loopback for tests: plain sockets, one thread a connection, and a
// handler that says byte by byte what is answered, so that a test can stream, stall, cut and lie.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "client/http.h"

struct ssl_ctx_st;
struct ssl_st;

namespace hyperwright::client {

class LoopbackServer {
 public:
  struct Request {
    std::string method;
    std::string target;
    HttpResponse head;  // its headers; status is unused
    std::string body;

    [[nodiscard]] std::string header(std::string_view name) const {
      const std::string* value = head.header(name);
      return value == nullptr ? "" : *value;
    }
  };

  class Exchange {
   public:
    virtual ~Exchange() = default;
    virtual void send(std::string_view bytes) = 0;
    // Ends the connection after this exchange, or, with a reset, at once.
    virtual void close() = 0;
    // Waits until the client has closed the connection.
    virtual void wait_for_client_to_leave() = 0;
  };

  using Handler = std::function<void(const Request&, Exchange&)>;

  explicit LoopbackServer(Handler handler, ssl_ctx_st* tls = nullptr);
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string url() const {
    return (tls_ == nullptr ? "http://" : "https://") + address();
  }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  class Connection;

  void accept_all();

  Handler handler_;
  ssl_ctx_st* tls_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::list<std::unique_ptr<Connection>> open_;
  std::thread acceptor_;
};

// A whole answer with its length.
std::string answer(int status, std::string_view body,
                   const std::vector<HttpHeader>& headers = {{"Content-Type", "application/json"}});
// The head of an answer whose body ends with the connection.
std::string endless_answer_head();

// A port of loopback that is taken, and where nothing listens: connections are refused.
class ClosedPort {
 public:
  ClosedPort();
  ~ClosedPort();
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  int socket_;
  int port_;
};

}  // namespace hyperwright::client
