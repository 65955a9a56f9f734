#include "tests/client/loopback_server.h"

#include <array>
#include <csignal>

#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hyperwright::client {
namespace {

int bound_to_loopback() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(listener >= 0, "the test has a socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
        "the test's socket is bound");
  return listener;
}

int port_of(int socket) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  check(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) == 0,
        "the test's socket has a port");
  return ntohs(address.sin_port);
}

}  // namespace

class LoopbackServer::Connection final : public LoopbackServer::Exchange {
 public:
  Connection(int socket, ssl_ctx_st* tls, const Handler& handler) : socket_(socket) {
    if (tls != nullptr) ssl_.reset(SSL_new(tls));
    thread_ = std::thread([this, &handler] { serve(handler); });
  }
  ~Connection() override {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send(std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto sent = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                             : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return close();
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void close() override {
    is_open_ = false;
    ::shutdown(socket_, SHUT_RDWR);
  }
  void wait_for_client_to_leave() override {
    while (is_open_ && receive()) {
    }
  }

 private:
  struct SslDeleter {
    void operator()(ssl_st* ssl) const { SSL_free(ssl); }
  };

  bool receive() {
    std::array<char, 4096> bytes{};
    const auto count = ssl_ ? SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                            : ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (count <= 0) return is_open_ = false;
    received_.append(bytes.data(), static_cast<std::size_t>(count));
    return true;
  }

  bool read_request(Request& request) {
    std::size_t end = std::string::npos;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return false;
    }
    std::string_view head(received_.data(), end + 2);
    const auto take = [&](std::string_view until) {
      const std::size_t at = head.find(until);
      const std::string text(head.substr(0, at));
      head.remove_prefix(at + until.size());
      return text;
    };
    request.method = take(" ");
    request.target = take(" ");
    take("\r\n");
    while (!head.empty()) {
      std::string name = take(": ");
      request.head.headers.push_back({std::move(name), take("\r\n")});
    }
    const std::string length = request.header("content-length");
    const std::size_t body_size = length.empty() ? 0 : std::stoul(length);
    received_.erase(0, end + 4);
    while (received_.size() < body_size) {
      if (!receive()) return false;
    }
    request.body = received_.substr(0, body_size);
    received_.erase(0, body_size);
    return true;
  }

  void serve(const Handler& handler) {
    // OpenSSL writes without MSG_NOSIGNAL, and clients leave at any time.
    sigset_t pipe{};
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    if (ssl_) {
      SSL_set_fd(ssl_.get(), socket_);
      if (SSL_accept(ssl_.get()) != 1) return close();
    }
    for (Request request; is_open_ && read_request(request); request = {}) handler(request, *this);
    ::shutdown(socket_, SHUT_RDWR);
  }

  int socket_;
  std::unique_ptr<ssl_st, SslDeleter> ssl_;
  std::string received_;
  std::atomic<bool> is_open_{true};
  std::thread thread_;
};

LoopbackServer::LoopbackServer(Handler handler, ssl_ctx_st* tls)
    : handler_(std::move(handler)), tls_(tls), listener_(bound_to_loopback()) {
  check(::listen(listener_, 64) == 0, "the test's server listens");
  port_ = port_of(listener_);
  acceptor_ = std::thread([this] { accept_all(); });
}

LoopbackServer::~LoopbackServer() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  open_.clear();
}

void LoopbackServer::accept_all() {
  while (!stopping_) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    ++connections_;
    const std::lock_guard lock(mutex_);
    open_.push_back(std::make_unique<Connection>(socket, tls_, handler_));
  }
}

std::string answer(int status, std::string_view body, const std::vector<HttpHeader>& headers) {
  std::string text =
      fmt::format("HTTP/1.1 {} Answer\r\nContent-Length: {}\r\n", status, body.size());
  for (const HttpHeader& header : headers) {
    text += fmt::format("{}: {}\r\n", header.name, header.value);
  }
  return text + "\r\n" + std::string(body);
}

std::string endless_answer_head() {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n";
}

ClosedPort::ClosedPort() : socket_(bound_to_loopback()), port_(port_of(socket_)) {}
ClosedPort::~ClosedPort() { ::close(socket_); }

}  // namespace hyperwright::client
