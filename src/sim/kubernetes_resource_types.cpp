#include "sim/kubernetes_resource_types.h"

#include <algorithm>
#include <tuple>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

// Traits, as bits.
constexpr unsigned kCluster = 1, kStatus = 2, kGeneration = 4, kScale = 8, kAll = 16;

struct BuiltIn {
  std::string_view group, version, kind, plural;
  std::vector<std::string> short_names;
  unsigned traits;  // kAll: in the category "all" of `kubectl get all`
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::vector<BuiltIn> built_in_table() {
  return {
      {"", "v1", "ConfigMap", "configmaps", {"cm"}, 0},
      {"", "v1", "Event", "events", {"ev"}, 0},
      {"", "v1", "Namespace", "namespaces", {"ns"}, kCluster | kStatus},
      {"", "v1", "Node", "nodes", {"no"}, kCluster | kStatus},
      {"", "v1", "PersistentVolume", "persistentvolumes", {"pv"}, kCluster | kStatus},
      {"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", {"pvc"}, kStatus},
      {"", "v1", "Pod", "pods", {"po"}, kStatus | kGeneration | kAll},
      {"", "v1", "PodTemplate", "podtemplates", {}, kGeneration},
      {"",
       "v1",
       "ReplicationController",
       "replicationcontrollers",
       {"rc"},
       kStatus | kGeneration | kScale | kAll},
      {"", "v1", "Secret", "secrets", {}, 0},
      {"", "v1", "Service", "services", {"svc"}, kStatus | kAll},
      {"", "v1", "ServiceAccount", "serviceaccounts", {"sa"}, 0},
      {"apiextensions.k8s.io",
       "v1",
       "CustomResourceDefinition",
       "customresourcedefinitions",
       {"crd", "crds"},
       kCluster | kStatus | kGeneration},
      {"apps", "v1", "DaemonSet", "daemonsets", {"ds"}, kStatus | kGeneration | kAll},
      {"apps",
       "v1",
       "Deployment",
       "deployments",
       {"deploy"},
       kStatus | kGeneration | kScale | kAll},
      {"apps", "v1", "ReplicaSet", "replicasets", {"rs"}, kStatus | kGeneration | kScale | kAll},
      {"apps", "v1", "StatefulSet", "statefulsets", {"sts"}, kStatus | kGeneration | kScale | kAll},
      {"batch", "v1", "Job", "jobs", {}, kStatus | kGeneration | kAll},
      {"coordination.k8s.io", "v1", "Lease", "leases", {}, 0},
      {"node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", {}, kCluster},
      {"policy",
       "v1",
       "PodDisruptionBudget",
       "poddisruptionbudgets",
       {"pdb"},
       kStatus | kGeneration},
      {"scheduling.k8s.io",
       "v1",
       "PriorityClass",
       "priorityclasses",
       {"pc"},
       kCluster | kGeneration},
      {"storage.k8s.io", "v1", "CSINode", "csinodes", {}, kCluster},
      {"storage.k8s.io", "v1", "StorageClass", "storageclasses", {"sc"}, kCluster},
      {"storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", {}, kCluster | kStatus},
  };
}

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : std::string{};
}

std::vector<std::string> texts_at(const json::object& object, FieldPath path) {
  std::vector<std::string> out;
  if (const json::array* list = array_field(object, path)) {
    for (const json::value& item : *list) out.push_back(text_of(item));
  }
  return out;
}

const json::object* stored_version(const json::object& definition) {
  const json::array* versions = array_field(definition, {"spec", "versions"});
  if (versions == nullptr) return nullptr;
  for (const json::value& version : *versions) {
    if (version.is_object() && bool_field(version.get_object(), {"storage"}))
      return &version.get_object();
  }
  return nullptr;
}

std::vector<TableColumn> columns_of(const json::object& version) {
  std::vector<TableColumn> columns;
  if (const json::array* list = array_field(version, {"additionalPrinterColumns"})) {
    for (const json::value& item : *list) {
      if (!item.is_object()) continue;
      const json::object& column = item.get_object();
      columns.push_back({.name = std::string(text_field(column, {"name"})),
                         .type = std::string(text_field(column, {"type"})),
                         .format = std::string(text_field(column, {"format"})),
                         .description = std::string(text_field(column, {"description"})),
                         .priority = static_cast<int>(int_field(column, {"priority"})),
                         .json_path = std::string(text_field(column, {"jsonPath"}))});
    }
  }
  return columns;
}

}  // namespace

std::vector<ResourceType> built_in_types() {
  std::vector<ResourceType> types;
  for (const BuiltIn& row : built_in_table()) {
    ResourceType type;
    type.group = row.group;
    type.version = row.version;
    type.kind = row.kind;
    type.list_kind = fmt::format("{}List", row.kind);
    type.plural = row.plural;
    type.singular = lower(row.kind);
    type.short_names = row.short_names;
    type.namespaced = (row.traits & kCluster) == 0;
    type.has_status = (row.traits & kStatus) != 0;
    type.has_generation = (row.traits & kGeneration) != 0;
    if ((row.traits & kScale) != 0) type.scale = ScalePaths{};
    if ((row.traits & kAll) != 0) type.categories = {"all"};
    types.push_back(std::move(type));
  }
  std::ranges::sort(types, {}, [](const ResourceType& t) { return std::tie(t.group, t.plural); });
  return types;
}

ResourceType type_of_definition(const json::object& definition) {
  const json::object& version = *stored_version(definition);
  ResourceType type;
  type.group = text_field(definition, {"spec", "group"});
  type.version = text_field(version, {"name"});
  type.kind = text_field(definition, {"spec", "names", "kind"});
  type.list_kind = text_field(definition, {"spec", "names", "listKind"});
  if (type.list_kind.empty()) type.list_kind = type.kind + "List";
  type.plural = text_field(definition, {"spec", "names", "plural"});
  type.singular = text_field(definition, {"spec", "names", "singular"});
  if (type.singular.empty()) type.singular = lower(type.kind);
  type.short_names = texts_at(definition, {"spec", "names", "shortNames"});
  type.categories = texts_at(definition, {"spec", "names", "categories"});
  type.namespaced = text_field(definition, {"spec", "scope"}) == "Namespaced";
  type.has_status = object_field(version, {"subresources", "status"}) != nullptr;
  type.has_generation = true;
  type.is_custom = true;
  if (const json::object* scale = object_field(version, {"subresources", "scale"})) {
    type.scale =
        ScalePaths{.spec_replicas = std::string(text_field(*scale, {"specReplicasPath"})),
                   .status_replicas = std::string(text_field(*scale, {"statusReplicasPath"})),
                   .label_selector = std::string(text_field(*scale, {"labelSelectorPath"}))};
  }
  type.columns = columns_of(version);
  if (const json::object* schema = object_field(version, {"schema", "openAPIV3Schema"})) {
    type.schema = std::make_shared<const json::object>(*schema);
  }
  return type;
}

std::vector<StatusCause> validate_definition(const json::object& definition) {
  std::vector<StatusCause> causes;
  const auto require = [&](FieldPath path, std::string_view field) {
    if (text_field(definition, path).empty()) causes.push_back(field_required(std::string(field)));
  };
  require({"spec", "group"}, "spec.group");
  require({"spec", "names", "plural"}, "spec.names.plural");
  require({"spec", "names", "kind"}, "spec.names.kind");
  const std::string_view scope = text_field(definition, {"spec", "scope"});
  if (scope != "Namespaced" && scope != "Cluster") {
    causes.push_back(field_not_supported("spec.scope",
                                         json::value(json::string_view(scope.data(), scope.size())),
                                         {"Cluster", "Namespaced"}));
  }
  const json::object* version = stored_version(definition);
  if (version == nullptr) {
    causes.push_back(field_invalid("spec.versions", std::string_view{},
                                   "must have exactly one version marked as storage version"));
  } else if (text_field(*version, {"name"}).empty()) {
    causes.push_back(field_required("spec.versions[0].name"));
  } else if (object_field(*version, {"schema", "openAPIV3Schema"}) == nullptr) {
    causes.push_back(
        field_required("spec.versions[0].schema.openAPIV3Schema", "schemas are required"));
  }
  const std::string wanted =
      fmt::format("{}.{}", text_field(definition, {"spec", "names", "plural"}),
                  text_field(definition, {"spec", "group"}));
  if (causes.empty() && name_of(definition) != wanted) {
    causes.push_back(field_invalid(
        "metadata.name", name_of(definition),
        fmt::format("must be spec.names.plural+\".\"+spec.group, which is {}", wanted)));
  }
  return causes;
}

json::object served_definition_status(const json::object& definition, std::string_view now_text) {
  const ResourceType type = type_of_definition(definition);
  const json::string_view now(now_text.data(), now_text.size());
  const auto condition = [&](const char* name, const char* reason, const char* message) {
    return json::object{{"type", name},
                        {"status", "True"},
                        {"lastTransitionTime", now},
                        {"reason", reason},
                        {"message", message}};
  };
  json::object names{{"plural", type.plural},
                     {"singular", type.singular},
                     {"kind", type.kind},
                     {"listKind", type.list_kind}};
  if (!type.short_names.empty()) names["shortNames"] = json::value_from(type.short_names);
  if (!type.categories.empty()) names["categories"] = json::value_from(type.categories);
  return {
      {"conditions", json::array{condition("NamesAccepted", "NoConflicts", "no conflicts found"),
                                 condition("Established", "InitialNamesAccepted",
                                           "the initial names have been accepted")}},
      {"acceptedNames", std::move(names)},
      {"storedVersions", json::array{json::value(type.version)}}};
}

}  // namespace hyperwright::sim
