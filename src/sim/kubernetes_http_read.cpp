#include "sim/kubernetes_http_read.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/number.h"
#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

RowObject row_object_of(const Query& query) {
  const std::string_view wanted = query.get("includeObject");
  if (wanted == "Object") return RowObject::Object;
  return wanted == "None" ? RowObject::None : RowObject::Metadata;
}

// "RESOURCE_VERSION/NAMESPACE/NAME" of the last object of a page; opaque to clients.
struct ContinueToken {
  std::uint64_t resource_version = 0;
  std::string ns;
  std::string name;
};

std::optional<ContinueToken> parse_continue(std::string_view text) {
  const std::size_t first = text.find('/');
  const std::size_t second = text.find('/', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto version = parse_int64(text.substr(0, first));
  if (!version || *version < 0) return std::nullopt;
  return ContinueToken{static_cast<std::uint64_t>(*version),
                       std::string(text.substr(first + 1, second - first - 1)),
                       std::string(text.substr(second + 1))};
}

json::object list_object(const ResourceType& type, const std::vector<ObjectPtr>& objects,
                         json::object metadata) {
  json::array items;
  items.reserve(objects.size());
  for (const ObjectPtr& object : objects) items.emplace_back(*object);
  return {{"kind", type.list_kind},
          {"apiVersion", type.api_version()},
          {"metadata", std::move(metadata)},
          {"items", std::move(items)}};
}

// The list as text, object by object: no copy of all objects in one tree.
std::string list_text(const ResourceType& type, const std::vector<ObjectPtr>& objects,
                      json::object metadata, Rendering rendering) {
  json::object head = list_object(type, {}, std::move(metadata));
  if (rendering == Rendering::Metadata) {
    head["kind"] = "PartialObjectMetadataList";
    head["apiVersion"] = "meta.k8s.io/v1";
  }
  std::string text = json::serialize(head);
  text.resize(text.size() - 2);  // "]}"
  bool is_first = true;
  for (const ObjectPtr& object : objects) {
    if (!is_first) text += ',';
    is_first = false;
    text += json::serialize(rendering == Rendering::Metadata ? partial_metadata(*object) : *object);
  }
  return text + "]}";
}

ApiResult<std::vector<ObjectPtr>> page_of(const KubernetesApi& api, const ResourceType& type,
                                          const Query& query, std::vector<ObjectPtr> all,
                                          json::object& metadata) {
  std::uint64_t version = api.resource_version();
  if (query.has("continue") && !query.get("continue").empty()) {
    const auto token = parse_continue(query.get("continue"));
    if (!token)
      return bad_request(
          "continue key is not valid: it must be the metadata.continue of an earlier answer");
    if (!api.changes_since(type.resource(), token->resource_version)) {
      return expired(
          "The provided continue parameter is too old to display a consistent list result. You "
          "must start "
          "a new list without the continue parameter.");
    }
    version = token->resource_version;
    const auto first = std::ranges::find_if(all, [&](const ObjectPtr& object) {
      return ObjectNameLess{}(ObjectNameView{token->ns, token->name},
                              ObjectNameView{namespace_of(*object), name_of(*object)});
    });
    all.erase(all.begin(), first);
  }
  metadata["resourceVersion"] = std::to_string(version);
  const std::int64_t limit = query.number("limit").value_or(0);
  if (limit > 0 && all.size() > static_cast<std::size_t>(limit)) {
    const std::size_t left = all.size() - static_cast<std::size_t>(limit);
    all.resize(static_cast<std::size_t>(limit));
    metadata["continue"] =
        fmt::format("{}/{}/{}", version, namespace_of(*all.back()), name_of(*all.back()));
    if (query.get("labelSelector").empty() && query.get("fieldSelector").empty()) {
      metadata["remainingItemCount"] = static_cast<std::int64_t>(left);
    }
  }
  return all;
}

Handled list(const KubernetesApi& api, const ResourceType& type, const ResourcePath& path,
             const Query& query, Rendering rendering, Time now) {
  const auto options = list_options_of(type, path, query);
  if (!options) return {respond(options.error()), {}};
  json::object metadata;
  const auto page = page_of(api, type, query, api.list(type.resource(), *options), metadata);
  if (!page) return {respond(page.error()), {}};
  if (rendering == Rendering::Table) {
    return {
        respond(200, make_table(type, *page, std::move(metadata), row_object_of(query), true, now)),
        {}};
  }
  return {ApiResponse{.body = list_text(type, *page, std::move(metadata), rendering)}, {}};
}

Handled watch(const ResourceType& type, const ResourcePath& path, const Query& query,
              Rendering rendering) {
  auto options = list_options_of(type, path, query);
  if (!options) return {respond(options.error()), {}};
  if (query.has("sendInitialEvents")) {
    // As an API server without the WatchList feature: clients then list and watch.
    return {
        respond(invalid({"meta.k8s.io", "ListOptions", "listoptions", ""},
                        {field_forbidden(
                            "sendInitialEvents",
                            "sendInitialEvents is forbidden for watch unless the WatchList feature "
                            "gate is enabled")})),
        {}};
  }
  WatchOptions out{.resource = type.resource(), .select = *std::move(options)};
  const std::string_view version = query.get("resourceVersion");
  if (!version.empty() && version != "0") {
    const auto number = parse_int64(version);
    if (!number || *number < 0) {
      return {respond(bad_request(fmt::format(
                  "invalid resource version \"{}\": it must be a whole number", version))),
              {}};
    }
    out.resource_version = static_cast<std::uint64_t>(*number);
  }
  out.rendering = rendering;
  out.row_object = row_object_of(query);
  out.allows_bookmarks = query.is_true("allowWatchBookmarks");
  out.timeout_seconds = query.number("timeoutSeconds");
  return {ApiResponse{}, Watch(std::move(out))};
}

}  // namespace

ApiResult<ListOptions> list_options_of(const ResourceType& type, const ResourcePath& path,
                                       const Query& query) {
  ListOptions out{.ns = path.ns, .labels = {}, .fields = {}};
  auto labels = parse_label_selector(query.get("labelSelector"));
  if (!labels) return labels.error();
  out.labels = *std::move(labels);
  auto fields = parse_field_selector(type.resource(), query.get("fieldSelector"));
  if (!fields) return fields.error();
  out.fields = *std::move(fields);
  return out;
}

ApiResponse respond_object(const ResourceType& type, const ObjectPtr& object, int status,
                           const ApiRequest& request, Time now) {
  switch (parse_accept(request.accept)) {
    case Rendering::Table: {
      json::object metadata{{"resourceVersion", std::to_string(resource_version_of(*object))}};
      return respond(status, make_table(type, {object}, std::move(metadata),
                                        row_object_of(Query(request.query)), true, now));
    }
    case Rendering::Metadata:
      return respond(status, partial_metadata(*object));
    default:
      return respond(status, *object);
  }
}

ApiError refused_subresource(const ResourcePath& path) {
  static constexpr std::array<std::string_view, 4> kOfContainers{"log", "exec", "attach",
                                                                 "portforward"};
  if (path.plural != "pods" ||
      std::ranges::find(kOfContainers, path.subresource) == kOfContainers.end()) {
    return no_such_resource();
  }
  return bad_request(fmt::format(
      "{} of pod \"{}\" is not available: pods of this simulated cluster have no containers "
      "behind them",
      path.subresource, path.name));
}

Handled handle_get(const KubernetesApi& api, const ResourceType& type, const ResourcePath& path,
                   const ApiRequest& request, Time now) {
  const Query query(request.query);
  const Rendering rendering = parse_accept(request.accept);
  if (path.subresource == "scale") {
    const auto scale = api.get_scale(type.resource(), path.ns, path.name);
    return {scale ? respond(200, *scale) : respond(scale.error()), {}};
  }
  if (!path.subresource.empty() && !(path.subresource == "status" && type.has_status)) {
    return {respond(refused_subresource(path)), {}};
  }
  if (path.name.empty()) {
    return query.is_true("watch") ? watch(type, path, query, rendering)
                                  : list(api, type, path, query, rendering, now);
  }
  const auto found = api.get(type.resource(), path.ns, path.name);
  return {found ? respond_object(type, *found, 200, request, now) : respond(found.error()), {}};
}

}  // namespace hyperwright::sim
