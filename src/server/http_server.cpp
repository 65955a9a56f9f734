#include "server/http_server.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

namespace hyperwright::server {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = net::ip::tcp;
using beast::error_code;

// Of a stream, what has queued up goes out in chunks of about this.
constexpr std::size_t kChunkBytes = std::size_t{64} * 1024;
constexpr std::uint32_t kHeaderBytesMax = 64 * 1024;

// Errors come back as values; nothing is thrown at us.
constexpr auto kAwait = net::as_tuple(net::use_awaitable);

// The way from other threads to the io_context, until the server stops.
class Mailbox {
 public:
  explicit Mailbox(net::io_context& context) : context_(&context) {}
  void post(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    if (context_ != nullptr) net::post(*context_, std::move(task));
  }
  void close() {
    const std::lock_guard lock(mutex_);
    context_ = nullptr;
  }

 private:
  std::mutex mutex_;
  net::io_context* context_;
};

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

HttpRequest to_request(http::request<http::string_body>&& message) {
  HttpRequest out;
  out.method = std::string(message.method_string());
  const std::string_view target = view(message.target());
  const std::size_t mark = std::min(target.find('?'), target.size());
  out.path = target.substr(0, mark);
  if (mark < target.size()) out.query = target.substr(mark + 1);
  for (const auto& field : message)
    out.headers.emplace_back(view(field.name_string()), view(field.value()));
  out.body = std::move(message.body());
  return out;
}

template <typename Message>
void set_head(Message& message, const HttpResponse& response, unsigned version, bool keep_alive) {
  message.version(version);
  message.result(static_cast<unsigned>(response.status));
  message.set(http::field::content_type, response.content_type);
  message.set(http::field::cache_control, "no-cache, private");
  for (const auto& [name, value] : response.headers) message.set(name, value);
  message.keep_alive(keep_alive);
}

HttpResponse plain(int status, std::string text) {
  return {.status = status,
          .content_type = "text/plain; charset=utf-8",
          .headers = {},
          .body = std::move(text)};
}

// One connection: requests one after the other. Lives on the server's thread.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const HttpServerOptions& options, const HttpHandler& handler,
          std::shared_ptr<Mailbox> mailbox)
      : stream_(std::move(socket)),
        wake_(stream_.get_executor()),
        options_(options),
        handler_(handler),
        mailbox_(std::move(mailbox)) {}

  net::awaitable<void> run();
  void close() {
    is_closed_ = true;
    error_code ignored;
    stream_.socket().close(ignored);
    wake_.cancel();
  }

  // What replies bring. A late one, for an earlier request, is dropped by its number.
  void answer(std::uint64_t request, HttpResponse response, bool is_stream) {
    if (request != request_ || answer_ || is_closed_) return;
    answer_ = std::move(response);
    is_stream_ = is_stream;
    wake_.cancel();
  }
  void add_chunk(std::uint64_t request, std::string chunk) {
    if (request != request_ || !is_stream_ || is_finished_ || is_closed_ || chunk.empty()) return;
    backlog_bytes_ += chunk.size();
    chunks_.push_back(std::move(chunk));
    if (backlog_bytes_ > options_.stream_backlog_bytes_max) {
      close();
      return;
    }
    wake_.cancel();
  }
  void finish(std::uint64_t request) {
    if (request != request_) return;
    is_finished_ = true;
    wake_.cancel();
  }

 private:
  net::awaitable<std::optional<HttpRequest>> read_request();
  net::awaitable<bool> write_whole(const HttpResponse& response, bool keep_alive);
  net::awaitable<void> write_stream(HttpResponse head);
  net::awaitable<void> watch_for_close();
  net::awaitable<void> wait() {
    wake_.expires_at(std::chrono::steady_clock::time_point::max());
    co_await wake_.async_wait(kAwait);
  }

  beast::tcp_stream stream_;
  net::steady_timer wake_;
  const HttpServerOptions& options_;
  const HttpHandler& handler_;
  std::shared_ptr<Mailbox> mailbox_;
  beast::flat_buffer buffer_;
  bool is_head_ = false;
  bool keep_alive_ = true;
  unsigned version_ = 11;

  std::uint64_t request_ = 0;
  std::shared_ptr<std::atomic<bool>> is_open_;
  std::optional<HttpResponse> answer_;
  bool is_stream_ = false;
  bool is_finished_ = false;
  bool is_closed_ = false;
  std::deque<std::string> chunks_;
  std::size_t backlog_bytes_ = 0;
};

class Exchange final : public HttpExchange {
 public:
  Exchange(std::weak_ptr<Session> session, std::uint64_t request, std::shared_ptr<Mailbox> mailbox,
           std::shared_ptr<std::atomic<bool>> is_open)
      : session_(std::move(session)),
        request_(request),
        mailbox_(std::move(mailbox)),
        is_open_(std::move(is_open)) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  // Whoever cannot even post this is out of memory: the process ends.
  // NOLINTNEXTLINE(bugprone-exception-escape)
  ~Exchange() override {
    if (!is_answered_) {
      send(plain(500, "the server did not answer this request\n"));
    } else if (is_stream_) {
      finish();
    }
  }

  void send(HttpResponse response) override {
    if (is_answered_.exchange(true)) return;
    post([request = request_, response = std::move(response)](Session& session) mutable {
      session.answer(request, std::move(response), false);
    });
  }
  void start_stream(HttpResponse head) override {
    if (is_answered_.exchange(true)) return;
    is_stream_ = true;
    post([request = request_, head = std::move(head)](Session& session) mutable {
      session.answer(request, std::move(head), true);
    });
  }
  void write(std::string chunk) override {
    post([request = request_, chunk = std::move(chunk)](Session& session) mutable {
      session.add_chunk(request, std::move(chunk));
    });
  }
  void finish() override {
    post([request = request_](Session& session) { session.finish(request); });
  }
  [[nodiscard]] bool is_open() const override { return *is_open_; }

 private:
  template <typename Task>
  void post(Task task) {
    mailbox_->post([session = session_, task = std::move(task)]() mutable {
      if (const auto alive = session.lock()) task(*alive);
    });
  }

  std::weak_ptr<Session> session_;
  std::uint64_t request_;
  std::shared_ptr<Mailbox> mailbox_;
  std::shared_ptr<std::atomic<bool>> is_open_;
  std::atomic<bool> is_answered_ = false;
  std::atomic<bool> is_stream_ = false;
};

net::awaitable<std::optional<HttpRequest>> Session::read_request() {
  http::request_parser<http::string_body> parser;
  parser.body_limit(options_.body_bytes_max);
  parser.header_limit(kHeaderBytesMax);
  stream_.expires_after(options_.idle_timeout);
  auto [error, bytes] = co_await http::async_read_header(stream_, buffer_, parser, kAwait);
  if (!error && beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    const http::response<http::empty_body> go_on{http::status::continue_, parser.get().version()};
    auto [write_error, written] = co_await http::async_write(stream_, go_on, kAwait);
    error = write_error;
  }
  if (!error) {
    auto [read_error, read_bytes] = co_await http::async_read(stream_, buffer_, parser, kAwait);
    error = read_error;
  }
  if (!error) {
    version_ = parser.get().version();
    keep_alive_ = parser.get().keep_alive();
    is_head_ = parser.get().method() == http::verb::head;
    co_return to_request(parser.release());
  }
  // A client that leaves, or says nothing for long, gets no answer; one that is wrong learns why.
  is_head_ = false;
  if (error == http::error::body_limit) {
    co_await write_whole(
        plain(413, fmt::format("the body is larger than {} bytes\n", options_.body_bytes_max)),
        false);
  } else if (error == http::error::header_limit) {
    co_await write_whole(
        plain(431, fmt::format("the header is larger than {} bytes\n", kHeaderBytesMax)), false);
  } else if (error.category() == http::make_error_code(http::error::bad_method).category() &&
             error != http::error::end_of_stream && error != http::error::partial_message) {
    co_await write_whole(plain(400, fmt::format("this is no HTTP request: {}\n", error.message())),
                         false);
  }
  co_return std::nullopt;
}

net::awaitable<bool> Session::write_whole(const HttpResponse& response, bool keep_alive) {
  stream_.expires_after(options_.write_timeout);
  error_code result;
  if (is_head_) {
    http::response<http::empty_body> message;
    set_head(message, response, version_, keep_alive);
    message.content_length(response.body.size());
    http::response_serializer<http::empty_body> serializer(message);
    auto [error, bytes] = co_await http::async_write_header(stream_, serializer, kAwait);
    result = error;
  } else {
    http::response<http::string_body> message;
    set_head(message, response, version_, keep_alive);
    message.body() = response.body;
    message.prepare_payload();
    auto [error, bytes] = co_await http::async_write(stream_, message, kAwait);
    result = error;
  }
  co_return !result;
}

// Reads what the client may still say while its stream runs: nothing is expected, and the end of it
// means that the client has gone.
net::awaitable<void> Session::watch_for_close() {
  std::array<char, 256> scratch{};
  for (;;) {
    auto [error, bytes] = co_await stream_.socket().async_read_some(net::buffer(scratch), kAwait);
    if (error) break;
  }
  close();
}

net::awaitable<void> Session::write_stream(HttpResponse head) {
  http::response<http::empty_body> message;
  set_head(message, head, version_, false);
  message.chunked(true);
  http::response_serializer<http::empty_body> serializer(message);
  stream_.expires_after(options_.write_timeout);
  auto [error, bytes] = co_await http::async_write_header(stream_, serializer, kAwait);
  if (error) co_return;
  if (!head.body.empty()) chunks_.push_front(std::move(head.body));
  net::co_spawn(
      stream_.get_executor(), [self = shared_from_this()] { return self->watch_for_close(); },
      net::detached);
  for (;;) {
    if (is_closed_) co_return;
    if (chunks_.empty()) {
      if (is_finished_) break;
      co_await wait();
      continue;
    }
    // What has queued up goes out as one chunk.
    std::string chunk = std::move(chunks_.front());
    chunks_.pop_front();
    while (!chunks_.empty() && chunk.size() < kChunkBytes) {
      chunk += chunks_.front();
      chunks_.pop_front();
    }
    stream_.expires_after(options_.write_timeout);
    auto [write_error, written] =
        co_await net::async_write(stream_, http::make_chunk(net::buffer(chunk)), kAwait);
    if (write_error) co_return;
    backlog_bytes_ -= std::min(backlog_bytes_, chunk.size());
    stream_.expires_never();
  }
  stream_.expires_after(options_.write_timeout);
  co_await net::async_write(stream_, http::make_chunk_last(), kAwait);
}

net::awaitable<void> Session::run() {
  for (;;) {
    std::optional<HttpRequest> request = co_await read_request();
    if (!request || is_closed_) break;
    stream_.expires_never();
    ++request_;
    is_open_ = std::make_shared<std::atomic<bool>>(true);
    handler_(*std::move(request),
             HttpReply(std::make_shared<Exchange>(weak_from_this(), request_, mailbox_, is_open_)));
    while (!answer_ && !is_closed_) co_await wait();
    if (is_closed_) break;
    const HttpResponse response = *std::exchange(answer_, std::nullopt);
    if (is_stream_) {
      co_await write_stream(response);
      break;
    }
    *is_open_ = false;
    if (!co_await write_whole(response, keep_alive_) || !keep_alive_) break;
  }
  if (is_open_) *is_open_ = false;
  error_code ignored;
  if (!is_closed_) stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  close();
}

}  // namespace

class HttpServer::Core {
 public:
  Core(HttpServerOptions options, HttpHandler handler)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        acceptor_(context_),
        mailbox_(std::make_shared<Mailbox>(context_)) {}

  Status listen() {
    error_code error;
    const net::ip::address address = net::ip::make_address(options_.address, error);
    const tcp::endpoint endpoint(address, options_.port);
    if (!error) acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(net::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
    if (error) {
      return fail(ErrorCode::Unavailable,
                  fmt::format("cannot listen on {}:{}: {}", options_.address, options_.port,
                              error.message()),
                  "choose a free port and an address of this machine");
    }
    port_ = acceptor_.local_endpoint().port();
    net::co_spawn(context_, accept(), net::detached);
    thread_ = std::thread([this] { context_.run(); });
    return {};
  }

  void stop() {
    mailbox_->close();
    net::post(context_, [this] {
      error_code ignored;
      acceptor_.close(ignored);
      // close() may end a session, which takes itself out of the set.
      const auto sessions = sessions_;
      for (const auto& session : sessions) session->close();
      context_.stop();
    });
    if (thread_.joinable()) thread_.join();
    sessions_.clear();
  }

  void every(std::chrono::milliseconds interval, std::function<void()> task) {
    mailbox_->post([this, interval, task = std::move(task)]() mutable {
      net::co_spawn(context_, repeat(interval, std::move(task)), net::detached);
    });
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const std::string& address() const { return options_.address; }

 private:
  net::awaitable<void> accept() {
    for (;;) {
      auto [error, socket] = co_await acceptor_.async_accept(kAwait);
      if (!acceptor_.is_open()) co_return;
      if (error) continue;
      if (sessions_.size() >= options_.connections_max) {
        socket.close(error);
        continue;
      }
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      auto session = std::make_shared<Session>(std::move(socket), options_, handler_, mailbox_);
      sessions_.insert(session);
      net::co_spawn(
          context_, [session] { return session->run(); },
          [this, session](const std::exception_ptr&) { sessions_.erase(session); });
    }
  }

  net::awaitable<void> repeat(std::chrono::milliseconds interval, std::function<void()> task) {
    net::steady_timer timer(context_);
    for (;;) {
      timer.expires_after(interval);
      auto [error] = co_await timer.async_wait(kAwait);
      if (error) co_return;
      task();
    }
  }

  HttpServerOptions options_;
  HttpHandler handler_;
  net::io_context context_{1};
  tcp::acceptor acceptor_;
  std::shared_ptr<Mailbox> mailbox_;
  std::set<std::shared_ptr<Session>> sessions_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

std::string_view HttpRequest::header(std::string_view name) const {
  for (const auto& [own, value] : headers) {
    if (beast::iequals({own.data(), own.size()}, {name.data(), name.size()})) return value;
  }
  return {};
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpServerOptions& options,
                                                      HttpHandler handler) {
  auto core = std::make_shared<Core>(options, std::move(handler));
  if (auto listening = core->listen(); !listening) return fail(listening.error());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(core)));
}

HttpServer::HttpServer(std::shared_ptr<Core> core) : core_(std::move(core)) {}

// A thread that cannot be joined ends the process.
// NOLINTNEXTLINE(bugprone-exception-escape)
HttpServer::~HttpServer() { core_->stop(); }

std::uint16_t HttpServer::port() const { return core_->port(); }

std::string HttpServer::url() const {
  return fmt::format("http://{}:{}", core_->address(), core_->port());
}

void HttpServer::every(std::chrono::milliseconds interval, std::function<void()> task) {
  core_->every(interval, std::move(task));
}

}  // namespace hyperwright::server
