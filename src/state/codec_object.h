// Kubernetes objects inside events and effects: kube/json.h's form, by their kind.
#pragma once

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "state/event.h"

namespace hyperwright::state {

boost::json::value encode_object(const Object& object);
Result<Object> decode_object(const boost::json::value& json);

}  // namespace hyperwright::state
