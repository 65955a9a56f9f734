// What the watch brings again after an answer brought it, or in the wrong order.
#pragma once

#include "kube/object_meta.h"

namespace hyperwright::state {

// A version that is no newer than the known one of the same object is an echo.
inline bool is_echo(const kube::ObjectMeta& known, const kube::ObjectMeta& came) {
  return came.resource_version != 0 && came.resource_version <= known.resource_version;
}

}  // namespace hyperwright::state
