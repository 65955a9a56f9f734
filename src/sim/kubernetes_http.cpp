#include "sim/kubernetes_http.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_discovery.h"
#include "sim/kubernetes_fields.h"
#include "sim/kubernetes_http_read.h"
#include "sim/kubernetes_http_write.h"
#include "sim/kubernetes_openapi.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

using Segments = std::vector<std::string>;

ApiResponse respond_or_404(const std::optional<json::object>& document) {
  return document ? respond(200, *document) : respond(no_such_resource());
}

// Questions about oneself: everything is allowed, to everybody.
std::optional<ApiResponse> answer_review(const Segments& segments, const ApiRequest& request) {
  if (segments.size() != 4 || segments[0] != "apis") return std::nullopt;
  const std::string& plural = segments[3];
  const bool is_access = segments[1] == "authorization.k8s.io" &&
                         (plural == "selfsubjectaccessreviews" || plural == "subjectaccessreviews");
  const bool is_rules =
      segments[1] == "authorization.k8s.io" && plural == "selfsubjectrulesreviews";
  const bool is_identity = segments[1] == "authentication.k8s.io" && plural == "selfsubjectreviews";
  if (!is_access && !is_rules && !is_identity) return std::nullopt;
  if (request.method != "POST") return respond(method_not_allowed(request.method));
  auto body = parse_body(request);
  if (!body) return respond(body.error());
  if (is_access) {
    (*body)["status"] = json::object{{"allowed", true}};
  } else if (is_rules) {
    const json::array any{"*"};
    (*body)["status"] = json::object{
        {"resourceRules", {json::object{{"verbs", any}, {"apiGroups", any}, {"resources", any}}}},
        {"nonResourceRules", {json::object{{"verbs", any}, {"nonResourceURLs", any}}}},
        {"incomplete", false}};
  } else {
    (*body)["status"] = json::object{
        {"userInfo", json::object{{"username", "simulated-admin"},
                                  {"groups", {"system:masters", "system:authenticated"}}}}};
  }
  return respond(201, *body);
}

std::optional<ApiResponse> answer_openapi(const KubernetesApi& api, const Segments& segments,
                                          const ApiRequest& request) {
  if (segments.size() < 2 || segments[0] != "openapi") return std::nullopt;
  if (segments[1] == "v2" && segments.size() == 2) {
    if (parse_accept(request.accept) == Rendering::NotAcceptable) {
      return respond(ApiError{.code = 406,
                              .reason = "NotAcceptable",
                              .message = "only application/json is served here"});
    }
    return respond(200, openapi_v2_document());
  }
  if (segments[1] != "v3") return respond(no_such_resource());
  if (segments.size() == 2) return respond(200, openapi_index(api));
  if (segments.size() == 4 && segments[2] == "api")
    return respond_or_404(openapi_document(api, "", segments[3]));
  if (segments.size() == 5 && segments[2] == "apis") {
    return respond_or_404(openapi_document(api, segments[3], segments[4]));
  }
  return respond(no_such_resource());
}

// What is no resource: discovery, version, health, documents.
std::optional<ApiResponse> answer_document(const KubernetesApi& api, const Segments& segments,
                                           const ApiRequest& request) {
  if (auto document = answer_openapi(api, segments, request)) return document;
  if (segments.empty()) {
    return respond(200, json::object{{"paths",
                                      {"/api", "/apis", "/healthz", "/livez", "/openapi/v3",
                                       "/readyz", "/version"}}});
  }
  const std::string& first = segments.front();
  if (first == "healthz" || first == "livez" || first == "readyz") {
    return ApiResponse{
        .status = 200, .body = "ok", .content_type = "text/plain; charset=utf-8", .headers = {}};
  }
  if (first == "version" && segments.size() == 1) return respond(200, version_document());
  if (first == "api" && segments.size() == 1) return respond(200, core_versions_document());
  if (first == "api" && segments.size() == 2)
    return respond_or_404(resources_document(api, "", segments[1]));
  if (first == "apis" && segments.size() == 1) return respond(200, groups_document(api));
  if (first == "apis" && segments.size() == 2)
    return respond_or_404(group_document(api, segments[1]));
  if (first == "apis" && segments.size() == 3)
    return respond_or_404(resources_document(api, segments[1], segments[2]));
  return std::nullopt;
}

}  // namespace

ApiResponse respond(int status, const json::object& body) {
  return {.status = status,
          .body = json::serialize(body) + "\n",
          .content_type = "application/json",
          .headers = {}};
}

ApiResponse respond(const ApiError& error) { return respond(error.code, to_status(error)); }

Handled handle(KubernetesApi& api, const ApiRequest& request, Time now) {
  const Segments segments = path_segments(request.path);
  if (auto review = answer_review(segments, request)) return {*std::move(review), {}};
  if (auto document = answer_document(api, segments, request)) {
    if (request.method != "GET" && request.method != "HEAD")
      return {respond(method_not_allowed(request.method)), {}};
    return {*std::move(document), {}};
  }
  const auto path = parse_resource_path(segments);
  const ResourceType* found = path ? api.find_type(path->resource()) : nullptr;
  if (found == nullptr || found->version != path->version) return {respond(no_such_resource()), {}};
  // A copy: with the last object of a definition that is being deleted its type goes too.
  const ResourceType type = *found;
  if (!type.namespaced && !path->ns.empty()) return {respond(no_such_resource()), {}};
  if (type.namespaced && path->ns.empty() && !path->name.empty())
    return {respond(no_such_resource()), {}};
  if (parse_accept(request.accept) == Rendering::NotAcceptable) {
    return {respond(ApiError{
                .code = 406,
                .reason = "NotAcceptable",
                .message = "only the following media types are accepted: application/json"}),
            {}};
  }
  if (request.method == "GET" || request.method == "HEAD")
    return handle_get(api, type, *path, request, now);
  if (request.method == "POST") return {handle_post(api, type, *path, request, now), {}};
  if (request.method == "PUT") return {handle_put(api, type, *path, request, now), {}};
  if (request.method == "PATCH") return {handle_patch(api, type, *path, request, now), {}};
  if (request.method == "DELETE") return {handle_delete(api, type, *path, request, now), {}};
  return {respond(method_not_allowed(request.method)), {}};
}

}  // namespace hyperwright::sim
