#include "sim/kubernetes_openapi.h"

#include <algorithm>
#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_discovery.h"
#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr const char* kObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

json::object group_version_kind(const ResourceType& type) {
  return {{"group", type.group}, {"kind", type.kind}, {"version", type.version}};
}

// io.k8s.api.apps.v1.Deployment, sh.karpenter.v1.NodePool
std::string schema_name(const ResourceType& type) {
  if (!type.is_custom) {
    const std::string group = type.group.substr(0, type.group.find('.'));
    return fmt::format("io.k8s.api.{}.{}.{}", group.empty() ? "core" : group, type.version,
                       type.kind);
  }
  std::string reversed;
  std::string_view rest = type.group;
  while (!rest.empty()) {
    const std::size_t dot = rest.rfind('.');
    const std::string_view part = dot == std::string_view::npos ? rest : rest.substr(dot + 1);
    reversed += fmt::format("{}.", part);
    rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(0, dot);
  }
  return fmt::format("{}{}.{}", reversed, type.version, type.kind);
}

json::object reference(std::string_view name) {
  return {{"$ref", fmt::format("#/components/schemas/{}", name)}};
}

json::object text_schema(const char* description) {
  return {{"type", "string"}, {"description", description}};
}

json::object schema_of(const ResourceType& type) {
  json::object schema;
  if (type.schema != nullptr) schema = *type.schema;
  schema["type"] = "object";
  set_default(schema, "description",
              fmt::format("{} in {}.", type.kind, type.api_version()).c_str());
  schema["x-kubernetes-group-version-kind"] = json::array{group_version_kind(type)};
  if (!type.is_custom) schema["x-kubernetes-preserve-unknown-fields"] = true;
  json::object& properties = object_at(schema, {"properties"});
  properties["apiVersion"] = text_schema("The version of the schema of this object.");
  properties["kind"] = text_schema("The kind of this object.");
  properties["metadata"] = json::object{{"description", "Standard object's metadata."},
                                        {"allOf", json::array{reference(kObjectMeta)}},
                                        {"default", json::object{}}};
  if (!type.is_custom) {
    for (const char* name : {"spec", "status"}) {
      properties[name] =
          json::object{{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}};
    }
  }
  return schema;
}

json::object object_meta_schema() {
  const json::object texts{{"type", "object"},
                           {"additionalProperties", json::object{{"type", "string"}}}};
  return {{"type", "object"},
          {"description", "Metadata that all objects have."},
          {"properties",
           json::object{
               {"name", text_schema("Unique within a namespace, and fixed.")},
               {"generateName", text_schema("A prefix to which the server adds a suffix.")},
               {"namespace", text_schema("The space within which the name is unique.")},
               {"uid", text_schema("Unique in time and space; set by the server.")},
               {"resourceVersion", text_schema("Changes with every write; opaque to clients.")},
               {"creationTimestamp", text_schema("When the object was created.")},
               {"deletionTimestamp",
                text_schema("When the object will be, or should have been, gone.")},
               {"labels", texts},
               {"annotations", texts}}},
          {"x-kubernetes-preserve-unknown-fields", true}};
}

json::object operation(const ResourceType& type, const char* action) {
  const json::object content{
      {"application/json", json::object{{"schema", reference(schema_name(type))}}}};
  json::array parameters;
  if (std::string_view(action) != "get" && std::string_view(action) != "list") {
    for (const char* name : {"dryRun", "fieldManager", "fieldValidation"}) {
      parameters.push_back(json::object{
          {"name", name}, {"in", "query"}, {"schema", json::object{{"type", "string"}}}});
    }
  }
  return {{"operationId", fmt::format("{}{}{}", action, type.version, type.kind)},
          {"parameters", std::move(parameters)},
          {"responses",
           json::object{{"200", json::object{{"description", "OK"}, {"content", content}}}}},
          {"x-kubernetes-action", action},
          {"x-kubernetes-group-version-kind", group_version_kind(type)}};
}

// Without the strategic merge patch, see the head of the .h file.
json::object patch_operation(const ResourceType& type) {
  json::object out = operation(type, "patch");
  json::object content;
  for (const char* media : {"application/apply-patch+yaml", "application/json-patch+json",
                            "application/merge-patch+json"}) {
    content[media] = json::object{{"schema", json::object{{"type", "object"}}}};
  }
  out["requestBody"] = json::object{{"content", std::move(content)}, {"required", true}};
  return out;
}

void add_paths(const ResourceType& type, json::object& paths) {
  const std::string base = type.group.empty()
                               ? fmt::format("/api/{}", type.version)
                               : fmt::format("/apis/{}/{}", type.group, type.version);
  const std::string collection =
      fmt::format("{}{}/{}", base, type.namespaced ? "/namespaces/{namespace}" : "", type.plural);
  paths[collection] =
      json::object{{"get", operation(type, "list")}, {"post", operation(type, "post")}};
  paths[collection + "/{name}"] = json::object{{"get", operation(type, "get")},
                                               {"put", operation(type, "put")},
                                               {"patch", patch_operation(type)},
                                               {"delete", operation(type, "delete")}};
}

std::string document_path(const GroupVersion& group) {
  return group.group.empty() ? fmt::format("api/{}", group.version)
                             : fmt::format("apis/{}/{}", group.group, group.version);
}

}  // namespace

json::object openapi_index(const KubernetesApi& api) {
  json::object paths;
  for (const GroupVersion& group : served_group_versions(api)) {
    const std::string path = document_path(group);
    paths[path] = json::object{{"serverRelativeURL", fmt::format("/openapi/v3/{}", path)}};
  }
  return {{"paths", std::move(paths)}};
}

std::optional<json::object> openapi_document(const KubernetesApi& api, std::string_view group,
                                             std::string_view version) {
  if (!resources_document(api, group, version)) return std::nullopt;
  json::object paths;
  json::object schemas{{kObjectMeta, object_meta_schema()}};
  for (const ResourceType* type : api.types()) {
    if (type->group != group || type->version != version) continue;
    add_paths(*type, paths);
    schemas[schema_name(*type)] = schema_of(*type);
  }
  return json::object{
      {"openapi", "3.0.0"},
      {"info", json::object{{"title", "Kubernetes"},
                            {"version", json::string_view(kKubernetesVersion.data(),
                                                          kKubernetesVersion.size())}}},
      {"paths", std::move(paths)},
      {"components", json::object{{"schemas", std::move(schemas)}}}};
}

json::object openapi_v2_document() {
  return {{"swagger", "2.0"},
          {"info", json::object{{"title", "Kubernetes"},
                                {"version", json::string_view(kKubernetesVersion.data(),
                                                              kKubernetesVersion.size())}}},
          {"paths", json::object{}},
          {"definitions", json::object{}}};
}

}  // namespace hyperwright::sim
