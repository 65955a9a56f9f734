// The clocks of this machine.
#pragma once

#include "base/time.h"

namespace hyperwright::client {

// The time of day: what others wrote, and what people read, is by it.
Time wall_now();
// Counts from anywhere, and nobody sets it: for waits, rates and deadlines.
Time steady_now();

}  // namespace hyperwright::client
