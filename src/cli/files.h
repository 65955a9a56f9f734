// Files that flags name.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "client/subnet_zones.h"
#include "hyperpod/instance_type.h"

namespace hyperwright::cli {

// The text of the file that `flag` ("--prices") names. A file that is not there is bad input.
Result<std::string> read_file_of(std::string_view flag, const std::string& path);

// Puts the prices of a CSV file over those of `types`; no file: nothing.
Status apply_price_file(hyperpod::InstanceTypes& types, const std::string& path);

// The zones of subnets in a file; no file: none.
Result<client::SubnetZones> read_subnet_zones(const std::string& path);

}  // namespace hyperwright::cli
