// The columns of the built-in kinds in kubectl's tables, and how their cells are computed.
// Workloads' cells are in kubernetes_workload_columns.cpp, pods' and nodes' in
// kubernetes_pod_columns.cpp and kubernetes_node_columns.cpp, the small ones' in
// kubernetes_columns.cpp.
//
// Source: kubectl's output, as in Kubernetes, Reference > kubectl.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/time.h"
#include "sim/kubernetes_resource_types.h"

namespace hyperwright::sim {

// Requires: a built-in type.
std::vector<TableColumn> built_in_columns(const ResourceType& type);
// One cell for each of the columns.
boost::json::array built_in_cells(const ResourceType& type, const boost::json::object& object,
                                  Time now);

// Parts of it
// -----------------------------------------------------------------------------------------

// "5m" since an RFC 3339 time; "<unknown>" when there is none.
std::string age_text(std::string_view since, Time now);
std::string age_of(const boost::json::object& object, Time now);
std::string text_or(std::string_view text, std::string_view otherwise);

boost::json::array pod_cells(const boost::json::object& pod, Time now);
boost::json::array node_cells(const boost::json::object& node, Time now);
boost::json::array workload_cells(const ResourceType& type, const boost::json::object& object,
                                  Time now);

}  // namespace hyperwright::sim
