#include "sim/kubernetes_http_write.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_fields.h"
#include "sim/kubernetes_http_read.h"
#include "sim/kubernetes_patch.h"
#include "sim/kubernetes_protobuf.h"
#include "sim/kubernetes_yaml.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

ApiResult<json::value> parse_text(const ApiRequest& request, bool is_yaml) {
  if (is_yaml) {
    auto value = parse_yaml(request.body);
    if (!value) return bad_request(value.error().text());
    return *std::move(value);
  }
  json::error_code code;
  json::value value = json::parse(request.body, code);
  if (code) {
    return bad_request(fmt::format(
        "the body of the request is not valid JSON: {} (send a JSON object, or YAML with "
        "Content-Type: application/yaml)",
        code.message()));
  }
  return value;
}

WriteOptions write_options_of(const Query& query, const ResourcePath& path) {
  return {.subresource = path.subresource == "status" ? Subresource::Status : Subresource::None,
          .dry_run = query.get("dryRun") == "All",
          .strict = query.get("fieldValidation") == "Strict"};
}

// The object is about the name and the namespace of the path; it says so afterwards.
std::optional<ApiError> settle_names(const ResourceType& type, const ResourcePath& path,
                                     json::object& object) {
  json::object& metadata = object_at(object, {"metadata"});
  const std::string_view ns = text_field(metadata, {"namespace"});
  if (type.namespaced) {
    if (!ns.empty() && ns != path.ns) {
      return bad_request(fmt::format(
          "the namespace of the provided object ({}) does not match the namespace sent on "
          "the request ({})",
          ns, path.ns));
    }
    metadata["namespace"] = path.ns;
  }
  if (path.name.empty()) return std::nullopt;
  const std::string_view name = text_field(metadata, {"name"});
  if (!name.empty() && name != path.name) {
    return bad_request(fmt::format(
        "the name of the object ({}) does not match the name on the URL ({})", name, path.name));
  }
  metadata["name"] = path.name;
  return std::nullopt;
}

// A custom resource must say what it is; of built-in kinds the path says enough.
std::optional<ApiError> check_kind_is_named(const ResourceType& type, const json::object& object) {
  if (!type.is_custom ||
      (!text_field(object, {"kind"}).empty() && !text_field(object, {"apiVersion"}).empty())) {
    return std::nullopt;
  }
  return bad_request(fmt::format(
      "the object provided is unrecognized (must be of type {}): its kind or apiVersion is missing",
      type.kind));
}

ApiResult<DeleteOptions> delete_options_of(const Query& query, const json::object* body) {
  DeleteOptions out;
  out.dry_run = query.get("dryRun") == "All";
  out.grace_period_seconds = query.number("gracePeriodSeconds");
  std::string propagation(query.get("propagationPolicy"));
  if (query.is_true("orphanDependents")) propagation = "Orphan";
  if (body != nullptr) {
    if (find_field(*body, {"gracePeriodSeconds"}) != nullptr) {
      out.grace_period_seconds = int_field(*body, {"gracePeriodSeconds"});
    }
    if (const std::string_view text = text_field(*body, {"propagationPolicy"}); !text.empty())
      propagation = text;
    if (bool_field(*body, {"orphanDependents"})) propagation = "Orphan";
    if (const std::string_view uid = text_field(*body, {"preconditions", "uid"}); !uid.empty())
      out.uid = uid;
    if (const std::string_view version = text_field(*body, {"preconditions", "resourceVersion"});
        !version.empty()) {
      out.resource_version = version;
    }
    if (const json::array* dry = array_field(*body, {"dryRun"}); dry != nullptr && !dry->empty())
      out.dry_run = true;
  }
  if (propagation == "Foreground") {
    out.propagation = Propagation::Foreground;
  } else if (propagation == "Orphan") {
    out.propagation = Propagation::Orphan;
  } else if (!propagation.empty() && propagation != "Background") {
    return invalid({"meta.k8s.io", "DeleteOptions", "deleteoptions", ""},
                   {field_not_supported("propagationPolicy", json::value(propagation),
                                        {"Background", "Foreground", "Orphan"})});
  }
  return out;
}

ApiResponse created_status() {
  return respond(201, json::object{{"kind", "Status"},
                                   {"apiVersion", "v1"},
                                   {"metadata", json::object{}},
                                   {"status", "Success"},
                                   {"code", 201}});
}

ApiResponse post_binding(KubernetesApi& api, const ResourcePath& path, const json::object& body,
                         bool dry_run, Time now) {
  const auto bound =
      api.bind(path.ns, path.name, text_field(body, {"target", "name"}), now, dry_run);
  return bound ? created_status() : respond(bound.error());
}

ApiResponse post_eviction(KubernetesApi& api, const ResourcePath& path, const json::object& body,
                          const Query& query, Time now) {
  auto options = delete_options_of(query, object_field(body, {"deleteOptions"}));
  if (!options) return respond(options.error());
  const auto evicted = api.evict(path.ns, path.name, now, *options);
  if (evicted) return created_status();
  ApiResponse refused = respond(evicted.error());
  if (evicted.error().retry_after_seconds > 0) {
    refused.headers.emplace_back("Retry-After",
                                 std::to_string(evicted.error().retry_after_seconds));
  }
  return refused;
}

}  // namespace

ApiResult<json::object> parse_body(const ApiRequest& request) {
  const std::string type = media_type(request.content_type);
  const bool is_yaml =
      type == "application/yaml" || type == "application/x-yaml" || type == "text/yaml";
  if (type == kProtobufMediaType) return parse_protobuf(request.body);
  if (!is_yaml && type != "application/json" && !type.empty()) {
    return unsupported_media_type(fmt::format(
        "the body of the request was in an unknown format ({}) - accepted media types include: "
        "application/json, application/yaml, {}",
        type, kProtobufMediaType));
  }
  auto value = parse_text(request, is_yaml);
  if (!value) return value.error();
  if (!value->is_object()) return bad_request("the body of the request must be an object");
  return std::move(value->get_object());
}

ApiResponse handle_post(KubernetesApi& api, const ResourceType& type, const ResourcePath& path,
                        const ApiRequest& request, Time now) {
  const Query query(request.query);
  const bool has_body =
      path.subresource.empty() || path.subresource == "binding" || path.subresource == "eviction";
  if (!has_body) return respond(refused_subresource(path));
  auto body = parse_body(request);
  if (!body) return respond(body.error());
  const WriteOptions options = write_options_of(query, path);
  const bool is_pod = type.resource() == "pods";
  if (is_pod && path.subresource == "binding")
    return post_binding(api, path, *body, options.dry_run, now);
  if (is_pod && path.subresource == "eviction") return post_eviction(api, path, *body, query, now);
  if (!path.name.empty())
    return respond(path.subresource.empty() ? method_not_allowed("POST") : no_such_resource());
  if (type.namespaced && path.ns.empty())
    return respond(method_not_allowed("POST without a namespace"));
  if (auto refused = check_kind_is_named(type, *body)) return respond(*refused);
  if (auto refused = settle_names(type, path, *body)) return respond(*refused);
  const auto created = api.create(type.resource(), *std::move(body), now, options);
  return created ? respond_object(type, *created, 201, request, now) : respond(created.error());
}

ApiResponse handle_put(KubernetesApi& api, const ResourceType& type, const ResourcePath& path,
                       const ApiRequest& request, Time now) {
  const Query query(request.query);
  auto body = parse_body(request);
  if (!body) return respond(body.error());
  if (path.name.empty()) return respond(method_not_allowed("PUT"));
  const WriteOptions options = write_options_of(query, path);
  if (path.subresource == "scale") {
    const auto scaled =
        api.update_scale(type.resource(), path.ns, path.name, *body, now, options.dry_run);
    return scaled ? respond(200, *scaled) : respond(scaled.error());
  }
  if (!path.subresource.empty() && path.subresource != "status") return respond(no_such_resource());
  if (auto refused = check_kind_is_named(type, *body)) return respond(*refused);
  if (auto refused = settle_names(type, path, *body)) return respond(*refused);
  const auto updated = api.update(type.resource(), *std::move(body), now, options);
  return updated ? respond_object(type, *updated, 200, request, now) : respond(updated.error());
}

ApiResponse handle_patch(KubernetesApi& api, const ResourceType& type, const ResourcePath& path,
                         const ApiRequest& request, Time now) {
  const Query query(request.query);
  if (path.name.empty()) return respond(method_not_allowed("PATCH"));
  const std::string media = media_type(request.content_type);
  PatchType patch_type = PatchType::Json;
  if (media == "application/merge-patch+json") {
    patch_type = PatchType::Merge;
  } else if (media == "application/strategic-merge-patch+json") {
    patch_type = PatchType::StrategicMerge;
  } else if (media == "application/apply-patch+yaml") {
    patch_type = PatchType::Apply;
  } else if (media != "application/json-patch+json") {
    return respond(unsupported_media_type(fmt::format(
        "the body of the request was in an unknown format ({}) - accepted media types include: "
        "application/json-patch+json, application/merge-patch+json, "
        "application/strategic-merge-patch+json, "
        "application/apply-patch+yaml",
        media)));
  }
  if (patch_type == PatchType::Apply && query.get("fieldManager").empty()) {
    return respond(invalid({"meta.k8s.io", "PatchOptions", "patchoptions", ""},
                           {field_required("fieldManager", "is required for apply patch")}));
  }
  const auto patch = parse_text(request, patch_type == PatchType::Apply);
  if (!patch) return respond(patch.error());
  if (patch_type == PatchType::Apply &&
      (!patch->is_object() || text_field(patch->get_object(), {"metadata", "name"}) != path.name)) {
    return respond(bad_request(
        fmt::format("the name of the object ({} based on URL) was undeterminable: name must be "
                    "provided",
                    path.name)));
  }
  const WriteOptions options = write_options_of(query, path);
  if (path.subresource == "scale") {
    auto scale = api.get_scale(type.resource(), path.ns, path.name);
    if (!scale) return respond(scale.error());
    auto patched = patch_type == PatchType::Json ? apply_json_patch(*scale, *patch)
                                                 : apply_merge_patch(*scale, *patch);
    if (!patched) return respond(patched.error());
    const auto scaled =
        api.update_scale(type.resource(), path.ns, path.name, *patched, now, options.dry_run);
    return scaled ? respond(200, *scaled) : respond(scaled.error());
  }
  if (!path.subresource.empty() && path.subresource != "status") return respond(no_such_resource());
  const bool is_new = api.find(type.resource(), path.ns, path.name) == nullptr;
  const auto patched =
      api.patch(type.resource(), path.ns, path.name, patch_type, *patch, now, options);
  return patched ? respond_object(type, *patched, is_new ? 201 : 200, request, now)
                 : respond(patched.error());
}

ApiResponse handle_delete(KubernetesApi& api, const ResourceType& type, const ResourcePath& path,
                          const ApiRequest& request, Time now) {
  const Query query(request.query);
  json::object body;
  if (!request.body.empty()) {
    auto parsed = parse_body(request);
    if (!parsed) return respond(parsed.error());
    body = *std::move(parsed);
  }
  const auto options = delete_options_of(query, &body);
  if (!options) return respond(options.error());
  if (!path.subresource.empty()) return respond(no_such_resource());
  if (path.name.empty()) {
    const auto select = list_options_of(type, path, query);
    if (!select) return respond(select.error());
    for (const ObjectPtr& object : api.list(type.resource(), *select)) {
      const auto removed =
          api.remove(type.resource(), namespace_of(*object), name_of(*object), now, *options);
      // Another deletion of this very call may have taken it along.
      if (!removed && removed.error().code != 404) return respond(removed.error());
    }
    return respond(200, success_status({type.group, type.kind, type.plural, ""}, ""));
  }
  const auto removed = api.remove(type.resource(), path.ns, path.name, now, *options);
  if (!removed) return respond(removed.error());
  const bool is_gone =
      !options->dry_run && api.find(type.resource(), path.ns, path.name) == nullptr;
  // Pods, services and namespaces answer with what was deleted, others with a Status once they are
  // gone.
  const std::string resource = type.resource();
  if (!is_gone || resource == "pods" || resource == "services" || resource == "namespaces") {
    return respond_object(type, *removed, 200, request, now);
  }
  return respond(
      200, success_status({type.group, type.kind, type.plural, path.name}, uid_of(**removed)));
}

}  // namespace hyperwright::sim
