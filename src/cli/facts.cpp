#include "cli/facts.h"

#include <utility>

#include "cli/files.h"

namespace hyperwright::cli {

Result<Facts> facts_of(const ControllerOptions& options) {
  auto core = core_options(options);
  if (!core) return fail(core.error());
  auto default_spread = read_scheduler_config(options.scheduler_config);
  if (!default_spread) return fail(default_spread.error());
  core->default_spread = *std::move(default_spread);
  hyperpod::InstanceTypes types = hyperpod::InstanceTypes::shipped();
  auto own_prices = apply_price_file(types, options.prices);
  if (!own_prices) return fail(own_prices.error());
  auto discounts = read_discounts(options.discounts, types);
  if (!discounts) return fail(discounts.error());
  core->discounts = *std::move(discounts);
  auto zones = read_subnet_zones(options.subnet_zones);
  if (!zones) return fail(zones.error());
  return Facts{*std::move(core), std::move(types), *std::move(own_prices), *std::move(zones)};
}

}  // namespace hyperwright::cli
