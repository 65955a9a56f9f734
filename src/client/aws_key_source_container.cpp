// The endpoint that an agent on the node offers to a container: EKS Pod Identity and ECS.
//
// Plain http only goes to the loopback and to the agents' own addresses: a token must not be sent
// to whoever can set a variable.
#include <arpa/inet.h>
#include <curl/curl.h>
#include <fmt/format.h>

#include "client/aws_key_documents.h"
#include "client/aws_key_sources.h"
#include "client/json_text.h"

namespace hyperwright::client {
namespace {

constexpr const char* kSource = "container-role";
constexpr const char* kRelative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
constexpr const char* kFull = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
constexpr const char* kTokenFile = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
constexpr const char* kToken = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
constexpr const char* kEcsAgent = "http://169.254.170.2";

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

// Scheme and host as libcurl, which will ask them, reads them; empty: no URL.
std::pair<std::string, std::string> scheme_and_host(const std::string& text) {
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return {};
  const auto part = [&](CURLUPart which) {
    char* value = nullptr;
    if (curl_url_get(url.get(), which, &value, 0) != CURLUE_OK) return std::string();
    std::string copy(value);
    curl_free(value);
    return copy;
  };
  return {part(CURLUPART_SCHEME), part(CURLUPART_HOST)};
}

bool is_loopback(const std::string& host) {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24U) == 127;
  return host == "[::1]";
}

bool may_be_asked(const std::string& url) {
  const auto [scheme, host] = scheme_and_host(url);
  if (scheme == "https") return true;
  if (scheme != "http") return false;
  return is_loopback(host) || host == "localhost" || host == "169.254.170.2" ||
         host == "169.254.170.23" || host == "[fd00:ec2::23]";
}

// "": none is set.
Result<std::string> authorization(const KeySearch& search) {
  std::string token = search.access.environment(kToken).value_or("");
  std::string where = kToken;
  if (const auto file = search.access.environment(kTokenFile)) {
    // Read anew each time: the agent's token is rotated.
    const auto text = search.access.read_file(*file);
    if (!text) return fail(text.error(), kTokenFile);
    token = *text;
    where = *file;
  }
  if (token.find_first_of("\r\n") == std::string::npos) return token;
  return fail(ErrorCode::Invalid, fmt::format("{}: the token contains a line end", where),
              "write it without one");
}

}  // namespace

Result<Found> keys_from_container(const KeySearch& search) {
  const auto relative = search.access.environment(kRelative);
  const auto full = search.access.environment(kFull);
  if (!relative && !full) return Found(NoKeys{kSource, fmt::format("{} is not set", kFull)});
  const std::string url = relative ? kEcsAgent + *relative : *full;
  if (!may_be_asked(url)) {
    return fail(ErrorCode::Invalid, fmt::format("{} \"{}\" may not be asked", kFull, url),
                "write an https URL, or an http URL of the loopback or of the agent "
                "(169.254.170.23 for EKS Pod Identity, 169.254.170.2 for ECS)");
  }
  const auto token = authorization(search);
  if (!token) return fail(token.error());
  HttpRequest request;
  request.url = url;
  request.headers = {{"Accept", "application/json"}};
  if (!token->empty()) request.headers.push_back({"Authorization", *token});
  request.deadline = Duration::seconds(2);
  request.connection = direct_connection();  // the agent is on this node
  const auto response = ask(search, request, 3);
  const std::string what = fmt::format("keys of the container from {}", url);
  if (!response) return fail(response.error(), what);
  if (response->status != 200) {
    return fail(
        response->status >= 500 || response->status == 429 ? ErrorCode::Unavailable
                                                           : ErrorCode::Forbidden,
        fmt::format("{}: HTTP {}: {}", what, response->status, beginning_of(response->body)),
        "look at the association of the ServiceAccount: `aws eks "
        "list-pod-identity-associations`, and at the eks-pod-identity-agent of the node");
  }
  auto obtained = parse_endpoint_keys(response->body);
  if (!obtained) return fail(obtained.error(), what);
  obtained->source = kSource;
  obtained->detail = url;
  return Found(*std::move(obtained));
}

}  // namespace hyperwright::client
