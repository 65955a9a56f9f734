#include "client/http_transfer.h"

#include <algorithm>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/text.h"

namespace hyperwright::client {
namespace {

static_assert(CURL_ERROR_SIZE <= 256);

// How long the connection itself may take, DNS and TLS included; a dead address fails early enough
// for another try within a request's deadline.
constexpr long kConnectMilliseconds = 10'000;

curl_slist* list(void* pointer) { return static_cast<curl_slist*>(pointer); }

// libcurl copies the bytes, so that the settings need not live as long as the connection.
curl_blob blob(const std::string& text) {
  return {const_cast<char*>(text.data()), text.size(), CURL_BLOB_COPY};  // NOLINT
}

// With the idle time and the interval of set_up: a dead peer is known after a minute, not after
// two.
int set_keepalive_probes(void* /*data*/, curl_socket_t socket, curlsocktype /*purpose*/) {
  constexpr int kProbes = 3;
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &kProbes, sizeof kProbes);
  return CURL_SOCKOPT_OK;
}

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlDeleter>;

std::string part(const Url& url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), which, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool is_same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

std::shared_ptr<const HttpConnection> direct_connection() {
  HttpConnection connection;
  connection.proxy = "";
  return std::make_shared<const HttpConnection>(std::move(connection));
}

std::string_view to_string(HttpMethod method) {
  switch (method) {
    case HttpMethod::Get:
      return "GET";
    case HttpMethod::Post:
      return "POST";
    case HttpMethod::Put:
      return "PUT";
    case HttpMethod::Patch:
      return "PATCH";
    case HttpMethod::Delete:
      return "DELETE";
  }
  return "GET";
}

const std::string* HttpResponse::header(std::string_view name) const {
  const auto it = std::ranges::find_if(
      headers, [&](const HttpHeader& h) { return is_same_name(h.name, name); });
  return it == headers.end() ? nullptr : &it->value;
}

void HttpTransfer::EasyDeleter::operator()(void* handle) const { curl_easy_cleanup(handle); }
void HttpTransfer::ListDeleter::operator()(void* pointer) const {
  curl_slist_free_all(list(pointer));
}

HttpTransfer::HttpTransfer(Result<HttpRequest> request, HttpClient::OnLine on_line,
                           HttpClient::Done done)
    : request_(request ? *request : HttpRequest()),
      is_request_(request ? Status() : Status(fail(request.error()))),
      on_line_(std::move(on_line)),
      done_(std::move(done)),
      easy_(curl_easy_init()),
      url_(request_.url),
      lines_(request_.answer_bytes_max) {
  check(easy_ != nullptr, "libcurl gives a handle");
}

HttpTransfer::~HttpTransfer() = default;

Status HttpTransfer::set_up() {
  if (!is_request_) return is_request_;
  static const HttpConnection kDefault;
  const HttpConnection& connection = request_.connection ? *request_.connection : kDefault;
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text_.data());
  // libcurl must not set alarms: they are for the whole process.
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  // One watch a connection: no stream waits behind another one's flow control.
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, kConnectMilliseconds);
  const auto deadline = std::max<std::int64_t>(1, request_.deadline.in_milliseconds());
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(deadline));
  // A watch may be silent for a minute; a peer that is gone must be noticed all the same.
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, 30L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, 10L);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, &set_keepalive_probes);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "hyperwright");
  // Lists of thousands of objects shrink tenfold; the lines of a stream must not wait in a decoder.
  if (!on_line_ && !connection.disable_compression) {
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  }
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &HttpTransfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &HttpTransfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);

  set_method_and_body();
  for (const HttpHeader& header : request_.headers) {
    if (header.name.find_first_of("\r\n:") != std::string::npos ||
        header.value.find_first_of("\r\n") != std::string::npos) {
      return fail(ErrorCode::Invalid, fmt::format("{}: a header has a line end in it", what()),
                  "remove it from the token or the setting that the header is made of");
    }
    add_header(header.name + ": " + header.value);
  }
  set_connection(connection);
  if (const Status named = set_server_name(connection); !named) return fail(named.error());
  if (request_.aws_signing) {
    const AwsSigning& signing = *request_.aws_signing;
    const std::string scope = fmt::format("aws:amz:{}:{}", signing.region, signing.service);
    curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, scope.c_str());
    curl_easy_setopt(easy, CURLOPT_USERNAME, signing.credentials.access_key_id.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, signing.credentials.secret_access_key.c_str());
    // libcurl signs every header that it is given, this one with them.
    if (!signing.credentials.session_token.empty()) {
      add_header("X-Amz-Security-Token: " + signing.credentials.session_token);
    }
  }
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list(headers_.get()));
  curl_easy_setopt(easy, CURLOPT_URL, url_.c_str());
  return {};
}

void HttpTransfer::set_method_and_body() {
  CURL* easy = easy_.get();
  if (request_.method == HttpMethod::Get) {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    return;
  }
  const bool has_body = request_.method != HttpMethod::Delete || !request_.body.empty();
  if (has_body) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_.body.c_str());
  }
  if (request_.method != HttpMethod::Post) {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, std::string(to_string(request_.method)).c_str());
  }
}

void HttpTransfer::set_connection(const HttpConnection& connection) {
  CURL* easy = easy_.get();
  if (!connection.ca_pem.empty()) {
    const curl_blob ca = blob(connection.ca_pem);
    curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &ca);
  } else if (!connection.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, connection.ca_file.c_str());
    // libcurl keeps what it read for a day; an authority is exchanged sooner than that.
    curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
  }
  // An authority that was named is the only one: the system's directory would stay beside it.
  if (!connection.ca_pem.empty() || !connection.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  if (!connection.client_certificate_pem.empty()) {
    const curl_blob certificate = blob(connection.client_certificate_pem);
    const curl_blob key = blob(connection.client_key_pem);
    curl_easy_setopt(easy, CURLOPT_SSLCERTTYPE, "PEM");
    curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &certificate);
    curl_easy_setopt(easy, CURLOPT_SSLKEYTYPE, "PEM");
    curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &key);
  }
  if (connection.insecure_skip_tls_verify) {
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (connection.proxy) curl_easy_setopt(easy, CURLOPT_PROXY, connection.proxy->c_str());
  if (!connection.connect_to.empty()) {
    connect_to_.reset(curl_slist_append(nullptr, ("::" + connection.connect_to).c_str()));
  }
}

// libcurl takes the name that it asks and checks for from the URL: so the URL gets the
// certificate's name, and the address that was meant goes to CONNECT_TO and to the Host header.
Status HttpTransfer::set_server_name(const HttpConnection& connection) {
  if (!connection.tls_server_name.empty()) {
    const Url url(curl_url());
    if (curl_url_set(url.get(), CURLUPART_URL, url_.c_str(), 0) != CURLUE_OK) {
      return fail(ErrorCode::Invalid, "the server's URL cannot be read",
                  "write it as https://host:port");
    }
    const std::string host = part(url, CURLUPART_HOST);
    const std::string port = part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    if (curl_url_set(url.get(), CURLUPART_HOST, connection.tls_server_name.c_str(), 0) !=
        CURLUE_OK) {
      return fail(ErrorCode::Invalid,
                  fmt::format("TLS server name \"{}\" is no host name", connection.tls_server_name),
                  "write the name that stands in the server's certificate");
    }
    url_ = part(url, CURLUPART_URL);
    add_header(fmt::format("Host: {}:{}", host, port));
    if (!connect_to_) {
      connect_to_.reset(curl_slist_append(nullptr, fmt::format("::{}:{}", host, port).c_str()));
    }
  }
  if (connect_to_) curl_easy_setopt(easy_.get(), CURLOPT_CONNECT_TO, list(connect_to_.get()));
  return {};
}

void HttpTransfer::add_header(const std::string& line) {
  headers_.reset(curl_slist_append(list(headers_.release()), line.c_str()));
}

std::size_t HttpTransfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  const std::size_t length = size * count;
  // Any number but `length` makes libcurl end the transfer.
  return static_cast<HttpTransfer*>(self)->take_body({bytes, length}) ? length : length + 1;
}

bool HttpTransfer::take_body(std::string_view bytes) {
  bool fits = true;
  if (on_line_ && response_.status >= 200 && response_.status < 300) {
    fits = lines_.feed(bytes, on_line_);
  } else {
    fits = response_.body.size() + bytes.size() <= request_.answer_bytes_max;
    if (fits) response_.body += bytes;
  }
  answer_too_long_ = !fits;
  return fits;
}

std::size_t HttpTransfer::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  const std::size_t length = size * count;
  static_cast<HttpTransfer*>(self)->take_header({bytes, length});
  return length;
}

void HttpTransfer::take_header(std::string_view line) {
  if (line.starts_with("HTTP/")) {
    // The last one counts: before it may come 100 Continue, or a proxy's answer to CONNECT.
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
    response_.headers.clear();
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  response_.headers.push_back(
      {std::string(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1)))});
}

void HttpTransfer::finish(int curl_code) {
  if (curl_code != CURLE_OK) return refuse(error_of(curl_code));
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  std::exchange(done_, nullptr)(std::move(response_));
}

void HttpTransfer::give_up(std::string_view why) {
  refuse(Error(may_have_taken_effect() ? ErrorCode::Unknown : ErrorCode::Unavailable,
               fmt::format("{}: {}", what(), why)));
}

void HttpTransfer::refuse(const Error& error) { std::exchange(done_, nullptr)(fail(error)); }

bool HttpTransfer::may_have_taken_effect() const {
  if (request_.method == HttpMethod::Get) return false;
  long bytes_sent = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &bytes_sent);
  return bytes_sent > 0;
}

Error HttpTransfer::error_of(int curl_code) const {
  const auto code = static_cast<CURLcode>(curl_code);
  const std::string detail =
      error_text_[0] != '\0' ? std::string(error_text_.data()) : curl_easy_strerror(code);
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {ErrorCode::Invalid, fmt::format("{}: not a URL to ask: {}", what(), detail),
              "write it as https://host:port"};
    case CURLE_PEER_FAILED_VERIFICATION:
      return {ErrorCode::Forbidden,
              fmt::format("{}: the server's certificate is not trusted: {}", what(), detail),
              "give the certificate of the authority that signed it (kubeconfig: "
              "certificate-authority-data; AWS: AWS_CA_BUNDLE), or the name that stands in it "
              "(tls-server-name)"};
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
      return {ErrorCode::Invalid,
              fmt::format("{}: a certificate or key of ours cannot be used: {}", what(), detail),
              "give PEM texts, and the key that belongs to the certificate"};
    default:
      break;
  }
  if (answer_too_long_) {
    return {ErrorCode::Invalid,
            fmt::format("{}: the answer has more than {} bytes{}", what(),
                        request_.answer_bytes_max, on_line_ ? " in a line" : "")};
  }
  if (may_have_taken_effect()) {
    return {ErrorCode::Unknown,
            fmt::format("{}: sent, but no whole answer came: {}", what(), detail),
            "look at the server there, and at what stands between it and us, such as a proxy"};
  }
  return {ErrorCode::Unavailable, fmt::format("{}: {}", what(), detail),
          "check the address, the network and the proxy variables (https_proxy, no_proxy)"};
}

std::string HttpTransfer::what() const {
  const Url url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, request_.url.c_str(), 0) != CURLUE_OK) {
    return fmt::format("{} of an address that is no URL", to_string(request_.method));
  }
  for (const CURLUPart secret : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY}) {
    curl_url_set(url.get(), secret, nullptr, 0);
  }
  return fmt::format("{} {}", to_string(request_.method), part(url, CURLUPART_URL));
}

}  // namespace hyperwright::client
