// What makes a pod a daemon: tied to one node, and tolerant of that node's troubles.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "kube/taint.h"

namespace hyperwright::sim {

// The tolerations that every pod of a DaemonSet gets; one more with the host's network.
std::vector<kube::Toleration> daemon_tolerations(bool uses_host_network);
// A pod of the DaemonSet for this node, with generateName.
boost::json::object daemon_pod(const boost::json::object& daemon_set, std::string_view node,
                               std::string_view hash);
// The node that a daemon's pod is on, or tied to; empty when it is neither.
std::string daemon_node(const boost::json::object& pod);

}  // namespace hyperwright::sim
