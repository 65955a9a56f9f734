#include "sim/kubernetes_api.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_admission.h"
#include "sim/kubernetes_defaults.h"
#include "sim/kubernetes_fields.h"
#include "sim/kubernetes_patch.h"
#include "sim/kubernetes_schema.h"
#include "sim/kubernetes_strategy.h"
#include "sim/kubernetes_validation.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr std::string_view kDefinitions = "customresourcedefinitions.apiextensions.k8s.io";

json::string_view json_text(std::string_view text) { return {text.data(), text.size()}; }

// The object is of this type, or does not say; it does afterwards.
std::optional<ApiError> settle_type(const ResourceType& type, json::object& object) {
  const std::string_view version = text_field(object, {"apiVersion"});
  const std::string_view kind = text_field(object, {"kind"});
  if ((!version.empty() && version != type.api_version()) || (!kind.empty() && kind != type.kind)) {
    return bad_request(fmt::format(
        "the API version in the data ({}, kind {}) does not match the expected API version "
        "({}, kind {})",
        version, kind, type.api_version(), type.kind));
  }
  object["apiVersion"] = type.api_version();
  object["kind"] = type.kind;
  return std::nullopt;
}

// Drops what the schema does not know (or refuses it), fills in defaults, validates.
std::optional<ApiError> settle_schema(const ResourceType& type, json::object& object, bool strict) {
  if (type.schema == nullptr) return std::nullopt;
  const std::vector<std::string> unknown = prune(*type.schema, object);
  if (strict && !unknown.empty()) {
    std::string fields;
    for (const std::string& field : unknown)
      fields += fmt::format("{}unknown field \"{}\"", fields.empty() ? "" : ", ", field);
    return bad_request(
        fmt::format("{} in version \"{}\" cannot be handled as a {}: strict decoding error: {}",
                    type.kind, type.version, type.kind, fields));
  }
  set_schema_defaults(*type.schema, object);
  std::vector<StatusCause> causes = validate(*type.schema, object);
  if (causes.empty()) return std::nullopt;
  return invalid(type.subject(name_of(object)), std::move(causes));
}

}  // namespace

KubernetesApi::KubernetesApi(Random random, Time now, std::size_t log_length)
    : random_(random), store_(log_length) {
  for (ResourceType& type : built_in_types()) store_.set_type(std::move(type));
  for (const char* name : {"default", "kube-node-lease", "kube-public", "kube-system"}) {
    const auto created = create("namespaces", {{"metadata", {{"name", name}}}}, now);
    check(created.has_value(), "a cluster starts with its namespaces");
  }
  const auto system_class = [&](const char* name, std::int64_t value) {
    const auto created = create("priorityclasses.scheduling.k8s.io",
                                {{"metadata", {{"name", name}}},
                                 {"value", value},
                                 {"description", "Used for system critical pods."}},
                                now);
    check(created.has_value(), "a cluster starts with its priority classes");
  };
  system_class("system-cluster-critical", 2'000'000'000);
  system_class("system-node-critical", 2'000'001'000);
}

ObjectPtr KubernetesApi::find(std::string_view resource, std::string_view ns,
                              std::string_view name) const {
  return store_.find(resource, ns, name);
}

ApiResult<ObjectPtr> KubernetesApi::get(std::string_view resource, std::string_view ns,
                                        std::string_view name) const {
  const ResourceType* type = find_type(resource);
  if (type == nullptr) return no_such_resource();
  ObjectPtr found = store_.find(resource, ns, name);
  if (found == nullptr) return not_found(type->subject(name));
  return found;
}

std::vector<ObjectPtr> KubernetesApi::list(std::string_view resource,
                                           const ListOptions& options) const {
  std::vector<ObjectPtr> out;
  const ObjectMap* objects = store_.objects(resource);
  if (objects == nullptr) return out;
  auto it =
      options.ns.empty() ? objects->begin() : objects->lower_bound(ObjectNameView{options.ns, ""});
  for (; it != objects->end() && (options.ns.empty() || it->first.ns == options.ns); ++it) {
    if (options.labels.matches(*it->second) && options.fields.matches(*it->second))
      out.push_back(it->second);
  }
  return out;
}

ApiResult<ObjectPtr> KubernetesApi::create(std::string_view resource, json::object object, Time now,
                                           const WriteOptions& options) {
  const ResourceType* type = find_type(resource);
  if (type == nullptr) return no_such_resource();
  if (auto refused = settle_type(*type, object)) return *std::move(refused);
  json::object& metadata = object_at(object, {"metadata"});
  if (type->namespaced && namespace_of(object).empty()) metadata["namespace"] = "default";
  if (!type->namespaced) erase_field(metadata, "namespace");
  const std::string prefix(text_field(metadata, {"generateName"}));
  if (name_of(object).empty() && !prefix.empty()) {
    // As upstream: the prefix is cut so that the name stays a label; a clash is drawn again, a few
    // times.
    for (int tries = 0; tries < 8; ++tries) {
      metadata["name"] = prefix.substr(0, 58) + random_.name_suffix();
      if (store_.find(resource, namespace_of(object), name_of(object)) == nullptr) break;
    }
  }
  return store_new(*type, std::move(object), now, options);
}

ApiResult<ObjectPtr> KubernetesApi::store_new(const ResourceType& type, json::object object,
                                              Time now, const WriteOptions& options) {
  const std::string resource = type.resource();
  if (std::vector<StatusCause> causes = validate_metadata(type, object); !causes.empty()) {
    return invalid(type.subject(name_of(object)), std::move(causes));
  }
  if (store_.find(resource, namespace_of(object), name_of(object)) != nullptr) {
    return already_exists(type.subject(name_of(object)));
  }
  object_at(object, {"metadata"})["uid"] = random_.uuid();
  const std::string uid(uid_of(object));
  set_defaults(resource, object);
  if (auto refused = admit_new(store_, type, object, random_)) return *std::move(refused);
  prepare_for_create(type, object, uid, now);
  if (auto refused = settle_schema(type, object, options.strict)) return *std::move(refused);
  if (std::vector<StatusCause> causes = validate_new(type, object); !causes.empty()) {
    return invalid(type.subject(name_of(object)), std::move(causes));
  }
  if (resource == kDefinitions) {
    object["status"] = served_definition_status(object, format_time(now));
  }
  if (options.dry_run) return std::make_shared<const json::object>(std::move(object));
  ObjectPtr stored = store_.put(resource, std::move(object));
  if (resource == kDefinitions) store_.set_type(type_of_definition(*stored));
  return stored;
}

ApiResult<ObjectPtr> KubernetesApi::update(std::string_view resource, json::object object, Time now,
                                           const WriteOptions& options) {
  const ResourceType* type = find_type(resource);
  if (type == nullptr) return no_such_resource();
  if (auto refused = settle_type(*type, object)) return *std::move(refused);
  if (type->namespaced && namespace_of(object).empty())
    object_at(object, {"metadata"})["namespace"] = "default";
  const ObjectPtr old =
      store_.find(resource, type->namespaced ? namespace_of(object) : "", name_of(object));
  if (old == nullptr) return not_found(type->subject(name_of(object)));
  return store_changed(*type, old, std::move(object), now, options);
}

ApiResult<ObjectPtr> KubernetesApi::update_status(std::string_view resource, json::object object,
                                                  Time now) {
  return update(resource, std::move(object), now, {.subresource = Subresource::Status});
}

ApiResult<ObjectPtr> KubernetesApi::store_changed(const ResourceType& type, const ObjectPtr& old,
                                                  json::object object, Time now,
                                                  const WriteOptions& options) {
  const std::string resource = type.resource();
  const ErrorSubject subject = type.subject(name_of(*old));
  const bool is_status = options.subresource == Subresource::Status;
  if (is_status && !type.has_status) return no_such_resource();
  if (const std::string_view uid = uid_of(object); !uid.empty() && uid != uid_of(*old)) {
    return conflict(
        subject, fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}",
                             uid, uid_of(*old)));
  }
  const std::string_view version = text_field(object, {"metadata", "resourceVersion"});
  if (version.empty() && type.is_custom) {
    return invalid(subject, {field_invalid("metadata.resourceVersion", json::value(0),
                                           "must be specified for an update")});
  }
  if (!version.empty() && version != text_field(*old, {"metadata", "resourceVersion"})) {
    return stale_resource_version(subject);
  }
  if (is_status) {
    prepare_for_status_update(type, *old, object);
  } else {
    set_defaults(resource, object);
    admit_update(type, object);
    prepare_for_update(type, *old, object);
  }
  if (auto refused = settle_schema(type, object, options.strict)) return *std::move(refused);
  std::vector<StatusCause> causes = validate_metadata(type, object);
  for (StatusCause& cause : validate_finalizers(*old, object)) causes.push_back(std::move(cause));
  if (!is_status) {
    for (StatusCause& cause : validate_update(type, *old, object))
      causes.push_back(std::move(cause));
  }
  if (!causes.empty()) return invalid(subject, std::move(causes));
  if (object == *old) return old;
  if (options.dry_run) return std::make_shared<const json::object>(std::move(object));
  ObjectPtr stored = store_.put(resource, std::move(object));
  if (resource == kDefinitions && !is_deleting(*stored))
    store_.set_type(type_of_definition(*stored));
  // The last finalizer is gone, and nobody waits for a grace period any more.
  const json::array* finalizers = array_field(*stored, {"metadata", "finalizers"});
  if (is_deleting(*stored) && (finalizers == nullptr || finalizers->empty()) &&
      int_field(*stored, {"metadata", "deletionGracePeriodSeconds"}) == 0) {
    return forget(type, *stored, now);
  }
  return stored;
}

ApiResult<ObjectPtr> KubernetesApi::patch(std::string_view resource, std::string_view ns,
                                          std::string_view name, PatchType patch_type,
                                          const json::value& patch, Time now,
                                          const WriteOptions& options) {
  const ResourceType* type = find_type(resource);
  if (type == nullptr) return no_such_resource();
  if (patch_type == PatchType::Apply) return apply(*type, ns, name, patch, now, options);
  const ObjectPtr old = store_.find(resource, ns, name);
  if (old == nullptr) return not_found(type->subject(name));
  if (patch_type == PatchType::StrategicMerge && type->is_custom) {
    return unsupported_media_type(
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");
  }
  ApiResult<json::object> patched = patch_type == PatchType::Json ? apply_json_patch(*old, patch)
                                    : patch_type == PatchType::Merge
                                        ? apply_merge_patch(*old, patch)
                                        : apply_strategic_merge_patch(*old, patch);
  if (!patched) return patched.error();
  if (auto refused = settle_type(*type, *patched)) return *std::move(refused);
  if (name_of(*patched) != name || namespace_of(*patched) != namespace_of(*old)) {
    return bad_request(
        fmt::format("the name of the object ({}) does not match the name on the URL ({})",
                    name_of(*patched), name));
  }
  return store_changed(*type, old, *std::move(patched), now, options);
}

ApiResult<ObjectPtr> KubernetesApi::patch_status(std::string_view resource, std::string_view ns,
                                                 std::string_view name, PatchType type,
                                                 const json::value& patch_value, Time now) {
  return patch(resource, ns, name, type, patch_value, now, {.subresource = Subresource::Status});
}

ApiResult<ObjectPtr> KubernetesApi::apply(const ResourceType& type, std::string_view ns,
                                          std::string_view name, const json::value& patch, Time now,
                                          const WriteOptions& options) {
  if (!patch.is_object()) return bad_request("an applied configuration must be an object");
  json::object configuration = patch.get_object();
  if (text_field(configuration, {"apiVersion"}).empty() ||
      text_field(configuration, {"kind"}).empty()) {
    return bad_request("an applied configuration must name its apiVersion and kind");
  }
  if (auto refused = settle_type(type, configuration)) return *std::move(refused);
  json::object& metadata = object_at(configuration, {"metadata"});
  metadata["name"] = json_text(name);
  if (type.namespaced) metadata["namespace"] = json_text(ns);
  erase_field(metadata, "managedFields");
  const ObjectPtr old = store_.find(type.resource(), ns, name);
  if (old != nullptr) {
    return store_changed(type, old, apply_configuration(type, *old, configuration), now, options);
  }
  if (options.subresource == Subresource::Status) return not_found(type.subject(name));
  if (!text_field(metadata, {"uid"}).empty()) {
    return conflict(
        type.subject(name),
        "uid mismatch: the provided object specified a uid, and no existing object was found");
  }
  return store_new(type, std::move(configuration), now, options);
}

}  // namespace hyperwright::sim
