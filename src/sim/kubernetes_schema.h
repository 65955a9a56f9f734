// The structural schemas of CustomResourceDefinitions: defaults, pruning of unknown fields,
// validation.
//
// Known: type, properties, additionalProperties, items, required, enum, pattern, minimum, maximum
// (and exclusive), multipleOf, minLength, maxLength, minItems, maxItems, uniqueItems,
// minProperties, maxProperties, format (date-time only), nullable, default, allOf, anyOf, oneOf,
// not, x-kubernetes-int-or-string, x-kubernetes-preserve-unknown-fields,
// x-kubernetes-embedded-resource, x-kubernetes-list-type and -map-keys. Not evaluated: CEL
// (x-kubernetes-validations).
//
// Source: Kubernetes, Tasks > Extend Kubernetes with CustomResourceDefinitions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "sim/kubernetes_status.h"

namespace hyperwright::sim {

// apiVersion, kind and metadata of the object itself are not the schema's business and are left
// alone.
void set_schema_defaults(const boost::json::object& schema, boost::json::object& object);
// Removes what the schema does not know; answers the paths that went ("spec.foo"), sorted.
std::vector<std::string> prune(const boost::json::object& schema, boost::json::object& object);
std::vector<StatusCause> validate(const boost::json::object& schema,
                                  const boost::json::object& object);

}  // namespace hyperwright::sim
