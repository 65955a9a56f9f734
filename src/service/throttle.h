// Request rates: one token bucket for each operation, in whole millionths of a request.
#pragma once

#include <string_view>

#include "service/turn.h"

namespace hyperwright::service {

// Takes one token; false: there is none, the call is throttled. Always true without a limit in the
// scenario.
bool take_token(Turn& turn, std::string_view operation);

}  // namespace hyperwright::service
