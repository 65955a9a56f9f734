// YAML bodies as JSON: of one document, with the scalars that Kubernetes' own reader knows (true,
// yes and on are booleans; whole and decimal numbers; null and ~; everything quoted is text).
#pragma once

#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "base/error.h"

namespace hyperwright::sim {

// JSON is YAML too. Fails with Invalid, and names line and column.
Result<boost::json::value> parse_yaml(std::string_view text);

}  // namespace hyperwright::sim
