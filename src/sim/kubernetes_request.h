// What an HTTP request to the Kubernetes API asks for: path, query and media types, taken apart.
//
//   /api/v1/namespaces/shop/pods/web-0/eviction      group "", resource pods, subresource eviction
//   /apis/karpenter.sh/v1/nodepools?watch=true        cluster-scoped, or all namespaces
//   Accept: application/json;as=Table;v=v1;g=meta.k8s.io, application/json      kubectl get
//
// Source: Kubernetes, API Concepts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hyperwright::sim {

struct ApiRequest {
  std::string method;  // "GET", …
  std::string path;    // without the query
  std::string query;   // without '?'
  std::string content_type;
  std::string accept;
  std::string body;
};

struct ApiResponse {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
};

// %-escapes and '+' resolved.
class Query {
 public:
  explicit Query(std::string_view text);
  // Empty when absent; the first when given more than once.
  [[nodiscard]] std::string_view get(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  // "", "false" and "0" are false.
  [[nodiscard]] bool is_true(std::string_view name) const;
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

struct ResourcePath {
  std::string group;
  std::string version;
  std::string ns;  // empty: none named
  std::string plural;
  std::string name;         // empty: the collection
  std::string subresource;  // "status", "scale", "eviction", …

  [[nodiscard]] std::string resource() const {
    return group.empty() ? plural : plural + "." + group;
  }
};

// The segments of a path, %-escapes resolved, empty ones left out.
std::vector<std::string> path_segments(std::string_view path);
// nullopt: a path of the discovery documents, or none of the API's.
std::optional<ResourcePath> parse_resource_path(const std::vector<std::string>& segments);

// The form in which objects are wanted.
enum class Rendering : std::uint8_t { Object, Table, Metadata, NotAcceptable };
Rendering parse_accept(std::string_view accept);
// "application/json", without parameters and in lower case.
std::string media_type(std::string_view content_type);

}  // namespace hyperwright::sim
