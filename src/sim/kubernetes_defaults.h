// The defaults that clients and controllers rely on, as the API server fills them in on every
// write: of pods and pod templates, of the workloads that carry templates, of services and of
// PodDisruptionBudgets. Filling in twice does nothing more.
//
// Source: Kubernetes API reference, the "Defaults to" of each field.
#pragma once

#include <string_view>

#include <boost/json/fwd.hpp>

namespace hyperwright::sim {

void set_defaults(std::string_view resource, boost::json::object& object);

}  // namespace hyperwright::sim
