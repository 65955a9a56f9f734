// Codecs of where a pod wants to be: node affinity, pod affinity and anti-affinity, topology
// spread, tolerations.
#pragma once

#include <vector>

#include <boost/json/fwd.hpp>

#include "kube/json_reader.h"
#include "kube/pod.h"

namespace hyperwright::kube {

// `spec` is a PodSpec. Fills the terms, constraints and tolerations, and nothing else.
void decode_placement(const JsonField& spec, Scheduling& scheduling);
void put_placement(boost::json::object& spec, const Scheduling& scheduling);
// `terms` is a list of NodeSelectorTerm.
std::vector<NodeSelectorTerm> decode_node_terms(const JsonField& terms);
boost::json::array encode_node_terms(const std::vector<NodeSelectorTerm>& terms);

}  // namespace hyperwright::kube
