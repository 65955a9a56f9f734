#include "tests/scenarios/runner/settings.h"

#include <fmt/format.h>

#include "tests/scenarios/runner/topology_words.h"

namespace hyperwright::scenarios {
namespace {

// Whether the second of two words stands there; where none does, the first is meant.
bool is_second(Fields& fields, std::string_view key, std::string_view first,
               std::string_view second) {
  const auto node = fields.take(key);
  if (!node) return false;
  const std::string word = node->IsScalar() ? node->Scalar() : std::string{};
  if (word != first && word != second)
    fields.problem(*node, fmt::format("{}: {} is {} or {}", fields.what(), key, first, second));
  return word == second;
}

}  // namespace

void read_settings(const YAML::Node& settings, state::Options& options, Problems& problems) {
  Fields fields(settings, "settings", problems);
  options.default_spread = spreads_of(fields, "default spread", {});
  for (state::DefaultSpreadConstraint& constraint : options.default_spread)
    constraint.selector.reset();
  if (is_second(fields, "preference policy", "Respect", "Ignore"))
    options.preference_policy = state::PreferencePolicy::Ignore;
  if (is_second(fields, "min values policy", "Strict", "BestEffort"))
    options.min_values_policy = state::MinValuesPolicy::BestEffort;
}

}  // namespace hyperwright::scenarios
