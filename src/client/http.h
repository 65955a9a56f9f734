// HTTP for all that Hyperwright talks to: Kubernetes API servers and AWS endpoints.
//
// One thread, owned here and joined in the destructor, drives every transfer (libcurl's multi
// interface) and calls every callback, so that callbacks never run side by side and must not block.
// Connections are kept and used again. Redirects are not followed: a token or a signature must not
// travel to where it was not meant to go.
//
// What an error says about the request's effect is what the loop needs to know:
//   Unavailable  nothing was sent (no connection), or the method has no effect (GET)
//   Unknown      it was sent and no whole answer came: it may have taken effect
//   Forbidden    the server's certificate is not trusted
//   Invalid      the URL, the certificates or the answer's size: the same request never works
// A status such as 404 or 500 is an answer, not an error. Secrets (headers, keys, bodies, queries)
// never stand in an error's text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "client/aws_credentials.h"

namespace hyperwright::client {

enum class HttpMethod : std::uint8_t { Get, Post, Put, Patch, Delete };

std::string_view to_string(HttpMethod method);

struct HttpHeader {
  std::string name;
  std::string value;
};

// How to reach and trust a server. Certificates and keys are PEM texts in memory.
struct HttpConnection {
  std::string ca_pem;   // with ca_file empty too: the system's authorities
  std::string ca_file;  // read at each new connection, so that a rotated bundle is seen
  std::string client_certificate_pem;
  std::string client_key_pem;
  std::string tls_server_name;  // the name in the server's certificate, if it is not the URL's host
  std::string connect_to;       // "host:port" to connect to in place of the URL's
  std::optional<std::string> proxy;  // absent: http_proxy, https_proxy, no_proxy; empty: none
  bool insecure_skip_tls_verify = false;
  bool disable_compression = false;
};
// To a server that is a neighbour: no proxy is asked, whatever the environment says.
std::shared_ptr<const HttpConnection> direct_connection();

struct HttpRequest {
  HttpMethod method = HttpMethod::Get;
  std::string url{};
  std::vector<HttpHeader> headers{};
  std::string body{};
  Duration deadline = Duration::seconds(30);  // from start() to the end of the answer
  std::shared_ptr<const HttpConnection> connection{};
  std::optional<AwsSigning> aws_signing{};
  std::size_t answer_bytes_max = std::size_t{64} << 20U;  // of the body; of one line in a stream
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers;
  std::string body;

  // The first header of that name, in any case; nullptr: none.
  [[nodiscard]] const std::string* header(std::string_view name) const;
};

class HttpClient {
 public:
  using Id = std::uint64_t;
  using Done = std::function<void(Result<HttpResponse>)>;
  using OnLine = std::function<void(std::string_view line)>;

  HttpClient();
  // Ends what is open: each `done` that is still owed is called with an error, timers are dropped.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // These may be called from any thread, also from a callback. `done` is called exactly once, also
  // with the error of a request that could not be made.
  Id start(Result<HttpRequest> request, Done done);
  // The lines of a 2xx answer go to `on_line` as they come; the body of any other answer is
  // collected.
  Id stream(Result<HttpRequest> request, OnLine on_line, Done done);
  // Calls `what` on this client's thread after `delay`.
  Id after(Duration delay, std::function<void()> what);
  // Ends a transfer, whose `done` is then called with an error, or forgets a timer. What has ended
  // already is left alone.
  void cancel(Id id);
  // From now on nothing is sent: what is open is ended, and what is asked for is refused. When it
  // returns (called from a callback: when that has returned) no byte goes out any more.
  void close();
  [[nodiscard]] bool is_closed() const;
  // True in a callback: who waits for an answer there waits for ever.
  [[nodiscard]] bool is_own_thread() const;
  // Nothing is begun later than that, unless this is called again: a process that stood still past
  // its time is mute when it wakes, whichever of its threads runs first. Without a call there is no
  // such time.
  void keep_open_for(Duration left);

  // Waits for the answer. Not to be called from a callback.
  Result<HttpResponse> send(HttpRequest request);

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace hyperwright::client
