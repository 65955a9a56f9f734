// The records of the service as JSON texts, and back. What is empty, zero or false is left out.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "service/control_plane.h"

namespace hyperwright::service {

// Without what has records of its own: a cluster without its groups, nodes, events and calls, the
// ControlPlane without clusters and outputs.
std::string encode_record(const ControlPlane& state);
std::string encode_record(const ClusterRecord& cluster);
std::string encode_record(const GroupRecord& group);
std::string encode_record(const NodeRecord& node);
std::string encode_record(const EventRecord& event);
std::string encode_record(const AddCall& call);
std::string encode_record(const OutputRecord& output);

// Fails with Invalid: the text is no JSON object, or a field cannot be read.
Result<ControlPlane> decode_service(std::string_view text);
Result<ClusterRecord> decode_cluster(std::string_view text);
Result<GroupRecord> decode_group(std::string_view text);
Result<NodeRecord> decode_node(std::string_view text);
Result<EventRecord> decode_event(std::string_view text);
Result<AddCall> decode_add_call(std::string_view text);
Result<OutputRecord> decode_output(std::string_view text);

}  // namespace hyperwright::service
