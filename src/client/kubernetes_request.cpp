#include "client/kubernetes_request.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "client/json_text.h"
#include "client/url_text.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

constexpr const char* kJson = "application/json";
constexpr const char* kMergePatch = "application/merge-patch+json";

void add_selectors(std::string& path, const ListOptions& options) {
  if (!options.label_selector.empty()) {
    path += "&labelSelector=" + percent_escaped(options.label_selector);
  }
  if (!options.field_selector.empty()) {
    path += "&fieldSelector=" + percent_escaped(options.field_selector);
  }
}

json::object delete_options(const Preconditions& preconditions) {
  json::object options{{"apiVersion", "v1"}, {"kind", "DeleteOptions"}};
  json::object conditions;
  if (!preconditions.uid.empty()) conditions["uid"] = preconditions.uid;
  if (!preconditions.resource_version.empty()) {
    conditions["resourceVersion"] = preconditions.resource_version;
  }
  if (!conditions.empty()) options["preconditions"] = std::move(conditions);
  if (preconditions.grace_period_seconds) {
    options["gracePeriodSeconds"] = *preconditions.grace_period_seconds;
  }
  if (!preconditions.propagation_policy.empty()) {
    options["propagationPolicy"] = preconditions.propagation_policy;
  }
  return options;
}

std::string what(const KubernetesRequest& request) {
  return fmt::format("{} {}", to_string(request.method),
                     std::string_view(request.path).substr(0, request.path.find('?')));
}

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  path = path.substr(0, path.find('?'));
  while (!path.empty()) {
    const std::string_view segment = path.substr(0, path.find('/'));
    if (!segment.empty()) segments.push_back(segment);
    path.remove_prefix(std::min(segment.size() + 1, path.size()));
  }
  return segments;
}

std::string verb_of(const KubernetesRequest& request, bool has_name) {
  switch (request.method) {
    case HttpMethod::Get:
      if (request.path.find("?watch=true") != std::string::npos) return "watch";
      return has_name ? "get" : "list";
    case HttpMethod::Post:
      return "create";
    case HttpMethod::Put:
      return "update";
    case HttpMethod::Patch:
      return "patch";
    case HttpMethod::Delete:
      return has_name ? "delete" : "deletecollection";
  }
  return "get";
}

std::string what_to_allow(const KubernetesRequest& request) {
  const KubernetesAttributes asked = attributes_of(request);
  if (asked.resource.empty()) return "allow it to this user or service account";
  return fmt::format(
      "give this user or service account a {} with the verb \"{}\" on the resource \"{}\" of the "
      "API group \"{}\": deploy/rbac.yaml has all that the controller needs",
      asked.namespace_name.empty() ? "ClusterRole" : "ClusterRole or Role", asked.verb,
      asked.resource, asked.group);
}

struct Meaning {
  ErrorCode code;
  const char* remedy;
};

Meaning meaning_of(int status, std::string_view reason, bool is_read, bool is_status_object) {
  switch (status) {
    case 401:
      return {ErrorCode::Forbidden,
              "the token or client certificate is not accepted: get a new one"};
    case 403:
      return {ErrorCode::Forbidden, ""};
    case 404:
      // The server's own "404 page not found" means that it does not know the kind at all.
      return {ErrorCode::NotFound,
              is_status_object ? "" : "install the CRDs: hyperwright crds --apply"};
    case 409:
      return {reason == "AlreadyExists" ? ErrorCode::AlreadyExists : ErrorCode::Conflict, ""};
    case 410:
      return {ErrorCode::Conflict, ""};
    case 429:
      return {ErrorCode::Throttled, ""};
    case 504:
      return {is_read ? ErrorCode::Unavailable : ErrorCode::Unknown, ""};
    default:
      break;
  }
  if (status >= 500) return {ErrorCode::Unavailable, ""};
  if (status < 400) {
    return {ErrorCode::Invalid, "check the server's address: this is no Kubernetes API"};
  }
  return {ErrorCode::Invalid, ""};
}

}  // namespace

KubernetesRequest get_request(std::string path) { return {.path = std::move(path)}; }

KubernetesRequest list_page_request(const std::string& path, const ListOptions& options,
                                    std::string_view continue_token) {
  KubernetesRequest request{.path = fmt::format("{}?limit={}", path, options.limit),
                            .deadline = Duration::minutes(2)};
  if (!continue_token.empty()) request.path += "&continue=" + percent_escaped(continue_token);
  add_selectors(request.path, options);
  return request;
}

KubernetesRequest watch_request(const std::string& path, const ListOptions& options,
                                std::string_view resource_version, Duration timeout) {
  // The server ends the stream at its time-out; ours is for a server that is gone.
  constexpr Duration kGrace = Duration::seconds(30);
  KubernetesRequest request{
      .path = fmt::format("{}?watch=true&allowWatchBookmarks=true&resourceVersion={}"
                          "&timeoutSeconds={}",
                          path, percent_escaped(resource_version), timeout.in_seconds()),
      .deadline = timeout + kGrace};
  add_selectors(request.path, options);
  return request;
}

KubernetesRequest create_request(std::string collection_path, const json::value& object) {
  return {.method = HttpMethod::Post,
          .path = std::move(collection_path),
          .content_type = kJson,
          .body = json::serialize(object)};
}

KubernetesRequest merge_patch_request(std::string path, const json::value& patch) {
  return {.method = HttpMethod::Patch,
          .path = std::move(path),
          .content_type = kMergePatch,
          .body = json::serialize(patch)};
}

KubernetesRequest merge_patch_status_request(const std::string& path, const json::value& patch) {
  return merge_patch_request(path + "/status", patch);
}

KubernetesRequest delete_request(std::string path, const Preconditions& preconditions) {
  return {.method = HttpMethod::Delete,
          .path = std::move(path),
          .content_type = kJson,
          .body = json::serialize(delete_options(preconditions))};
}

KubernetesRequest evict_request(const std::string& pod_path, const Preconditions& preconditions) {
  const std::size_t name = pod_path.rfind('/');
  const std::size_t kind = pod_path.rfind('/', name - 1);
  const std::size_t space = pod_path.rfind('/', kind - 1);
  check(name != std::string::npos && kind != std::string::npos && space != std::string::npos,
        "an eviction names a pod by its path");
  const json::object eviction{{"apiVersion", "policy/v1"},
                              {"kind", "Eviction"},
                              {"metadata",
                               {{"name", pod_path.substr(name + 1)},
                                {"namespace", pod_path.substr(space + 1, kind - space - 1)}}},
                              {"deleteOptions", delete_options(preconditions)}};
  return {.method = HttpMethod::Post,
          .path = pod_path + "/eviction",
          .content_type = kJson,
          .body = json::serialize(eviction)};
}

KubernetesAttributes attributes_of(const KubernetesRequest& request) {
  std::vector<std::string_view> rest = segments_of(request.path);
  KubernetesAttributes asked;
  // "/api/v1/…", or "/apis/GROUP/VERSION/…"
  const std::size_t prefix = !rest.empty() && rest.front() == "api" ? 2 : 3;
  if (rest.size() <= prefix) return asked;
  if (prefix == 3) asked.group = rest[1];
  rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(prefix));
  if (rest.size() > 2 && rest[0] == "namespaces") {
    asked.namespace_name = rest[1];
    rest.erase(rest.begin(), rest.begin() + 2);
  }
  asked.resource = rest[0];
  if (rest.size() > 2) asked.resource += fmt::format("/{}", rest[2]);
  asked.verb = verb_of(request, rest.size() > 1);
  return asked;
}

Result<json::value> decode_kubernetes_answer(const KubernetesRequest& request,
                                             const HttpResponse& response) {
  const bool is_read = request.method == HttpMethod::Get;
  auto body = parse_json(response.body);
  if (response.status >= 200 && response.status < 300) {
    if (body && body->is_object()) return body;
    return fail(is_read ? ErrorCode::Invalid : ErrorCode::Unknown,
                fmt::format("{}: HTTP {}, but the answer is no JSON object: \"{}\"", what(request),
                            response.status, beginning_of(response.body)),
                "check the server's address, and what stands between it and us");
  }
  const bool is_status = body && text_at(*body, "kind") == "Status";
  const std::string_view reason = is_status ? text_at(*body, "reason") : "";
  const std::string message =
      is_status ? std::string(text_at(*body, "message")) : beginning_of(response.body);
  const Meaning meaning = meaning_of(response.status, reason, is_read, is_status);
  return fail(meaning.code,
              fmt::format("{}: {}{}{}", what(request), response.status,
                          reason.empty() ? "" : fmt::format(" {}", reason),
                          message.empty() ? "" : ": " + message),
              response.status == 403 ? what_to_allow(request) : meaning.remedy);
}

}  // namespace hyperwright::client
