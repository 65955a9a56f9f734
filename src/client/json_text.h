// JSON texts from the network: whatever they hold, reading them gives a value or an error that says
// where.
#pragma once

#include <string_view>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "kube/json_members.h"

namespace hyperwright::client {

// Fails with Invalid, and shows the beginning of a text that is no JSON. All values of one text
// share memory that one thread at a time may use, copies too: json::value(value, {}) has its own.
Result<boost::json::value> parse_json(std::string_view text);

using kube::text_at;

// The beginning of a text, on one line, for messages: 80 bytes at most, control characters as
// spaces.
std::string beginning_of(std::string_view text);

}  // namespace hyperwright::client
