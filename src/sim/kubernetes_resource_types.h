// What kinds of object the simulated Kubernetes API serves, and what they are called: the built-in
// ones that a node autoscaler, its workloads and kubectl need, and those that
// CustomResourceDefinitions add.
//
// A resource is named as kubectl names it everywhere here: plural.group, and the plural alone in
// the core group: "pods", "deployments.apps", "nodepools.karpenter.sh".
//
// Of a CustomResourceDefinition one version is served: the one that it stores. There is no
// conversion.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "sim/kubernetes_status.h"

namespace hyperwright::sim {

struct TableColumn {
  std::string name;
  std::string type = "string";  // string, integer, number, boolean, date
  std::string format;           // "name" marks the column that names the object
  std::string description;
  int priority = 0;       // above 0: shown by `kubectl get -o wide` only
  std::string json_path;  // custom resources; built-in columns are computed by kubernetes_tables
};

// Where the scale subresource finds its three fields.
struct ScalePaths {
  std::string spec_replicas = ".spec.replicas";
  std::string status_replicas = ".status.replicas";
  std::string label_selector;  // of a custom resource: the path of a selector's text; may be empty
};

struct ResourceType {
  std::string group;  // empty: core
  std::string version;
  std::string kind;
  std::string list_kind;
  std::string plural;
  std::string singular;
  std::vector<std::string> short_names;
  std::vector<std::string> categories;
  bool namespaced = true;
  bool has_status = false;  // a status subresource: writes to the object leave status alone, and
                            // the other way round
  bool has_generation = false;  // metadata.generation counts the changes of the wanted state
  std::optional<ScalePaths> scale;

  // Of custom resources only.
  bool is_custom = false;
  std::vector<TableColumn> columns;
  std::shared_ptr<const boost::json::object>
      schema;  // spec.versions[].schema.openAPIV3Schema; may be null

  [[nodiscard]] std::string resource() const {
    return group.empty() ? plural : plural + "." + group;
  }
  [[nodiscard]] std::string api_version() const {
    return group.empty() ? version : group + "/" + version;
  }
  [[nodiscard]] ErrorSubject subject(std::string_view name) const {
    return {group, kind, plural, name};
  }
};

// Every built-in type, ordered by group (core first) and plural.
std::vector<ResourceType> built_in_types();

// The type that a CustomResourceDefinition defines. Requires: it passed validate_definition.
ResourceType type_of_definition(const boost::json::object& definition);
// What is wrong with a CustomResourceDefinition, empty when nothing is.
std::vector<StatusCause> validate_definition(const boost::json::object& definition);
// status.acceptedNames, status.conditions and status.storedVersions of a definition that is served.
// `now_text`: RFC 3339.
boost::json::object served_definition_status(const boost::json::object& definition,
                                             std::string_view now_text);

}  // namespace hyperwright::sim
