#include "cli/files.h"

#include <fmt/format.h>

#include "cli/scheduler_config.h"
#include "client/file_text.h"

namespace hyperwright::cli {

Result<std::string> read_file_of(std::string_view flag, const std::string& path) {
  auto text = client::read_file_text(path);
  if (text) return text;
  return fail(ErrorCode::Invalid, fmt::format("{} {}", flag, text.error().text()),
              fmt::format("give {} the path of a file that can be read", flag));
}

Result<std::string> apply_price_file(hyperpod::InstanceTypes& types, const std::string& path) {
  if (path.empty()) return std::string();
  auto text = read_file_of("--prices", path);
  if (!text) return fail(text.error());
  if (auto applied = types.apply_prices(*text); !applied)
    return fail(applied.error(), "--prices " + path);
  return text;
}

Result<hyperpod::Discounts> read_discounts(const std::string& path,
                                           const hyperpod::InstanceTypes& types) {
  if (path.empty()) return hyperpod::Discounts{};
  const auto text = read_file_of("--discounts", path);
  if (!text) return fail(text.error());
  auto discounts = hyperpod::Discounts::parse(*text, types);
  if (!discounts) return fail(discounts.error(), "--discounts " + path);
  return discounts;
}

Result<std::vector<state::DefaultSpreadConstraint>> read_scheduler_config(const std::string& path) {
  if (path.empty()) return std::vector<state::DefaultSpreadConstraint>{};
  const auto text = read_file_of("--scheduler-config", path);
  if (!text) return fail(text.error());
  return parse_scheduler_config(*text, "--scheduler-config " + path);
}

Result<client::SubnetZones> read_subnet_zones(const std::string& path) {
  if (path.empty()) return client::SubnetZones{};
  const auto text = read_file_of("--subnet-zones", path);
  if (!text) return fail(text.error());
  return client::parse_subnet_zones(*text, "--subnet-zones " + path);
}

}  // namespace hyperwright::cli
