// Files that flags name.
#pragma once

#include <string>

#include "base/error.h"
#include "hyperpod/instance_type.h"

namespace hyperwright::cli {

// Puts the prices of a CSV file over those of `types`; no file: nothing.
Status apply_price_file(hyperpod::InstanceTypes& types, const std::string& path);

}  // namespace hyperwright::cli
