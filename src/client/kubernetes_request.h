// The requests that we make to a Kubernetes API server, and what its answers mean. Pure:
// kubernetes_client.h sends. A path is an API path ("/apis/karpenter.sh/v1/nodepools"), of a
// collection or of an object; JSON goes both ways.
//
// Source: Kubernetes, Reference > API Overview > "Kubernetes API Concepts"; API Conventions,
// "Response Status Kind".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "client/http.h"

namespace hyperwright::client {

struct KubernetesRequest {
  HttpMethod method = HttpMethod::Get;
  std::string path{};  // with its query
  std::string content_type{};
  std::string body{};
  Duration deadline = Duration::seconds(30);
};

struct ListOptions {
  std::string label_selector{};
  std::string field_selector{};
  std::int32_t limit = 500;  // of one page; 0: all at once
};

// What must be so for an object to be deleted or evicted; what is empty is not asked for.
struct Preconditions {
  std::string uid{};
  std::string resource_version{};
  std::optional<std::int64_t> grace_period_seconds{};
  std::string propagation_policy{};  // Background, Foreground, Orphan; empty: the kind's default
};

KubernetesRequest get_request(std::string path);
KubernetesRequest list_page_request(const std::string& path, const ListOptions& options,
                                    std::string_view continue_token);
KubernetesRequest watch_request(const std::string& path, const ListOptions& options,
                                std::string_view resource_version, Duration timeout);
KubernetesRequest create_request(std::string collection_path, const boost::json::value& object);
// A merge patch (RFC 7386). A resourceVersion in its metadata makes it conditional.
KubernetesRequest merge_patch_request(std::string path, const boost::json::value& patch);
KubernetesRequest merge_patch_status_request(const std::string& path,
                                             const boost::json::value& patch);
KubernetesRequest delete_request(std::string path, const Preconditions& preconditions);
// `pod_path` is "/api/v1/namespaces/NS/pods/NAME".
KubernetesRequest evict_request(const std::string& pod_path, const Preconditions& preconditions);

// What a request asks leave for, in the words of RBAC.
struct KubernetesAttributes {
  std::string verb;            // get, list, watch, create, update, patch, delete, deletecollection
  std::string group;           // "": the core group
  std::string resource;        // with its subresource: "pods/eviction"
  std::string namespace_name;  // "": none, or all
  bool operator==(const KubernetesAttributes&) const = default;
};
// Requires: the path of an object or a collection.
KubernetesAttributes attributes_of(const KubernetesRequest& request);

// The answer's body, or its error, which says for 403 what must be allowed:
//   Invalid 400, 405, 413, 415, 422 · Forbidden 401, 403 · NotFound 404 · AlreadyExists 409 by its
//   reason · Conflict 409 else, 410 · Throttled 429, also of an eviction that a budget forbids ·
//   Unavailable 5xx · Unknown 504, and an answer that is no JSON, unless the request only reads
Result<boost::json::value> decode_kubernetes_answer(const KubernetesRequest& request,
                                                    const HttpResponse& response);

}  // namespace hyperwright::client
