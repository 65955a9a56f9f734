#include "client/kubernetes_client.h"

#include <chrono>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "client/json_text.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

// A list of a big cluster takes long enough for the server to forget it, but not time after time.
constexpr int kListsMax = 3;

// For the age of a token only.
Time steady_now() {
  using std::chrono::steady_clock;
  return Time::from_unix_microseconds(
      std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now().time_since_epoch())
          .count());
}

}  // namespace

Result<HttpRequest> KubernetesClient::http_request(const KubernetesRequest& request) const {
  HttpRequest http;
  http.method = request.method;
  http.url = access_.server + request.path;
  http.headers.push_back({"Accept", "application/json"});
  if (!request.content_type.empty()) {
    http.headers.push_back({"Content-Type", request.content_type});
  }
  http.body = request.body;
  http.deadline = request.deadline;
  http.connection = access_.connection;
  if (access_.token) {
    const auto token = access_.token->current(steady_now());
    if (!token) return fail(token.error());
    if (!token->empty()) http.headers.push_back({"Authorization", "Bearer " + *token});
  }
  return http;
}

HttpClient::Id KubernetesClient::call(const KubernetesRequest& request, HttpClient::Done done) {
  return http_.start(http_request(request), std::move(done));
}

HttpClient::Id KubernetesClient::stream(const KubernetesRequest& request,
                                        HttpClient::OnLine on_line, HttpClient::Done done) {
  return http_.stream(http_request(request), std::move(on_line), std::move(done));
}

Result<json::value> KubernetesClient::call_and_wait(const KubernetesRequest& request) {
  auto http = http_request(request);
  if (!http) return fail(http.error());
  const auto response = http_.send(*std::move(http));
  if (!response) return fail(response.error());
  return decode_kubernetes_answer(request, *response);
}

Result<json::array> KubernetesClient::list_and_wait(const std::string& path,
                                                    const ListOptions& options) {
  json::array items;
  std::string continue_token;
  for (int lists = 1;;) {
    const auto page = call_and_wait(list_page_request(path, options, continue_token));
    if (!page) {
      const bool is_forgotten = page.error().code() == ErrorCode::Conflict;
      if (continue_token.empty() || !is_forgotten || lists == kListsMax) return fail(page.error());
      ++lists;
      items.clear();
      continue_token.clear();
      continue;
    }
    const json::value* const more = page->as_object().if_contains("items");
    if (more == nullptr || !(more->is_array() || more->is_null())) {
      return fail(ErrorCode::Invalid, fmt::format("GET {}: the answer is no list", path));
    }
    if (more->is_array()) {
      items.insert(items.end(), more->get_array().begin(), more->get_array().end());
    }
    const json::value* const metadata = page->as_object().if_contains("metadata");
    continue_token = metadata == nullptr ? "" : std::string(text_at(*metadata, "continue"));
    if (continue_token.empty()) return items;
  }
}

}  // namespace hyperwright::client
