// The part of kubectl's JSONPath that printer columns use:
//
//   .spec.replicas    .metadata.labels.topology\.kubernetes\.io/zone    .metadata.labels['a.b/c']
//   .spec.taints[0].key    .spec.items[*].name    .status.conditions[?(@.type=="Ready")].status
//
// A path that cannot be read finds nothing.
//
// Source: Kubernetes, Reference > kubectl > JSONPath Support.
#pragma once

#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

namespace hyperwright::sim {

// Pointers into `object`, in order.
std::vector<const boost::json::value*> find_json_path(const boost::json::object& object,
                                                      std::string_view path);

}  // namespace hyperwright::sim
