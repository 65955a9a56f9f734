// Kubernetes objects inside events and effects: kube/json.h's form, by their kind.
#pragma once

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "state/event.h"

namespace hyperwright::state {

boost::json::value encode_object(const Object& object);
// By its `kind`.
Result<Object> decode_object(const boost::json::value& json);
// Of a list, in which Kubernetes leaves kind and apiVersion out.
Result<Object> decode_object(Kind kind, const boost::json::value& json);

}  // namespace hyperwright::state
