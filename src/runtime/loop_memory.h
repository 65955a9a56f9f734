// What a loop remembers beside the picture, as JSON.
#pragma once

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "runtime/loop.h"

namespace hyperwright::runtime {

boost::json::value encode(const Loop::Memory& memory);
Result<Loop::Memory> decode_loop_memory(const boost::json::value& json);

}  // namespace hyperwright::runtime
