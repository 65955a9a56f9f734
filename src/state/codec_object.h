// Kubernetes objects inside events and effects: kube/json.h's form, by their kind.
//
// What could not be read of a NodePool or a HyperpodNodeClass (decode_problems) has no place in that form:
// it stands beside, as member "decodeProblems", or a replay would take a broken pool for a sound one.
#pragma once

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "state/event.h"

namespace hyperwright::state {

template <typename T>
boost::json::value encode_object(const T& typed);
boost::json::value encode_object(const Object& object);
Result<Object> decode_object(const boost::json::value& json);

}  // namespace hyperwright::state
