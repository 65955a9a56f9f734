// What a kubelet writes into its Node: that it is Ready, where it is reached and what it runs on.
// Capacity and allocatable stay as the Node's creator set them.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "base/time.h"

namespace hyperwright::sim {

// A kubelet of the simulation serves this Node: HyperPod's label, or the annotation
// hyperwright.dev/simulated: "true".
bool is_simulated_node(const boost::json::object& node);

// The Node as its kubelet reports it when it is up. `address` is used where the Node has none.
boost::json::object ready_node(const boost::json::object& node, const std::string& address,
                               std::string_view kubelet_version, Time now);
// The Node as the node lifecycle controller marks it when its kubelet has gone silent.
boost::json::object silent_node(const boost::json::object& node, Time now);
// The Node without the taints that start-up agents take off (startup.hyperwright.dev/…).
boost::json::object started_node(const boost::json::object& node);
bool has_startup_taint(const boost::json::object& node);

}  // namespace hyperwright::sim
