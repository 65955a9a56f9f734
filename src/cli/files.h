// Files that flags name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "client/subnet_zones.h"
#include "hyperpod/discount.h"
#include "hyperpod/instance_type.h"
#include "state/options.h"

namespace hyperwright::cli {

// The text of the file that `flag` ("--prices") names. A file that is not there is bad input.
Result<std::string> read_file_of(std::string_view flag, const std::string& path);

// Puts the prices of a CSV file over those of `types`, and gives its text; no file: nothing.
Result<std::string> apply_price_file(hyperpod::InstanceTypes& types, const std::string& path);

// The discounts of a CSV file on types of `types`; no file: none.
Result<hyperpod::Discounts> read_discounts(const std::string& path,
                                           const hyperpod::InstanceTypes& types);

// The constraints of a file of --scheduler-config; no file: none.
Result<std::vector<state::DefaultSpreadConstraint>> read_scheduler_config(const std::string& path);

// The zones of subnets in a file; no file: none.
Result<client::SubnetZones> read_subnet_zones(const std::string& path);

}  // namespace hyperwright::cli
