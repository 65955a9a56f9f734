// What the picture holds already is not written again: in the JSON of an event or an effect
// (codec.h), what is known of it is replaced by what differs (json_delta.h).
//
//   {"changed": {"~": "Node", "name": "n1", "by": {"metadata": {"resourceVersion": "813"}, ...}}}
//   {"answered": {..., "cluster": {"~": "Cluster", "by": {}}}}
//   {"answered": {..., "nodes": {"items": [17, -4, [19, {"status": "Running"}]]}}}
//
// A number is a HyperPod node of the picture, by its place among the logical ids. A list of
// HyperPod's names neither zone nor capacity type; then it is -1 - place, and those of the picture
// are left out.
//
// Both directions need the same picture: the one before the turn for its events, and the one after
// it for its effects. An object without a UID is written in full, as is what the picture does not
// hold: a turn must not be compared with itself.
#pragma once

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "state/cluster_state.h"

namespace hyperwright::state {

void abbreviate(boost::json::value& json, const ClusterState& known);
// Fails with Invalid where it stands for something that the picture does not hold.
Status write_out(boost::json::value& json, const ClusterState& known);

}  // namespace hyperwright::state
