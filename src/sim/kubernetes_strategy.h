// What a write may change, kind by kind: upstream calls it the registry's strategies. A new object
// loses a status that is not its writer's to set; an update of the object leaves status alone, and
// one of status everything else; metadata that the server owns stays as it is; metadata.generation
// counts the changes of the wanted state.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/time.h"
#include "sim/kubernetes_resource_types.h"

namespace hyperwright::sim {

// Initial status, generation and timestamps of a new object; what the client wrote there is
// dropped. A node keeps its status: its kubelet registers it with one.
void prepare_for_create(const ResourceType& type, boost::json::object& object, std::string_view uid,
                        Time now);

// Takes over from `old` what this write may not touch, and counts the generation.
void prepare_for_update(const ResourceType& type, const boost::json::object& old,
                        boost::json::object& updated);
void prepare_for_status_update(const ResourceType& type, const boost::json::object& old,
                               boost::json::object& updated);

// Guaranteed, Burstable or BestEffort, by the requests and limits of cpu and memory.
std::string_view qos_class(const boost::json::object& pod);

}  // namespace hyperwright::sim
