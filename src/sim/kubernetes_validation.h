// Is an object of a built-in kind acceptable? A simulated API server needs not refuse everything
// that a real one refuses, but what users get wrong and what controllers rely on: names and labels,
// required fields, selectors that match their template, and what may not change once it is written.
//
// Source: Kubernetes, Concepts > Object Names and IDs, Labels and Selectors; the API reference.
#pragma once

#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "sim/kubernetes_resource_types.h"

namespace hyperwright::sim {

std::vector<StatusCause> validate_metadata(const ResourceType& type,
                                           const boost::json::object& object);
// Empty for custom resources, which their schema validates.
std::vector<StatusCause> validate_new(const ResourceType& type, const boost::json::object& object);
std::vector<StatusCause> validate_update(const ResourceType& type, const boost::json::object& old,
                                         const boost::json::object& updated);

// A finalizer may not be added to an object that is on its way out.
std::vector<StatusCause> validate_finalizers(const boost::json::object& old,
                                             const boost::json::object& updated);

}  // namespace hyperwright::sim
