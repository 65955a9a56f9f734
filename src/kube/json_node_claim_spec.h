// Codec of what a NodePool's template and a NodeClaim have in common.
#pragma once

#include <boost/json/fwd.hpp>

#include "kube/json_reader.h"
#include "kube/node_claim.h"

namespace hyperwright::kube {

// Fields that are absent get the defaults of the CRD.
NodeClaimSpec decode_node_claim_spec(const JsonField& spec);
boost::json::object encode_node_claim_spec(const NodeClaimSpec& spec);

// A span of time, or "Never": then, and when it cannot be read, nullopt. Absent: `otherwise`.
std::optional<Duration> decode_duration_or_never(const JsonField& field,
                                                 std::optional<Duration> otherwise);
std::string encode_duration_or_never(std::optional<Duration> duration);

}  // namespace hyperwright::kube
