#include "cli/feature_gates.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"

namespace hyperwright::cli {
namespace {

constexpr std::string_view kHowToWrite =
    "write gates such as StaticCapacity=true,NodeOverlay=false";

// What Go takes for a boolean, because the same values stand in Karpenter's manifests.
std::optional<bool> parse_boolean(std::string_view text) {
  static constexpr std::array<std::string_view, 6> kTrue = {"1", "t", "T", "true", "TRUE", "True"};
  static constexpr std::array<std::string_view, 6> kFalse = {"0",     "f",     "F",
                                                             "false", "FALSE", "False"};
  if (std::ranges::find(kTrue, text) != kTrue.end()) return true;
  if (std::ranges::find(kFalse, text) != kFalse.end()) return false;
  return std::nullopt;
}

bool* gate_named(state::FeatureGates& gates, std::string_view name) {
  if (name == "ReservedCapacity") return &gates.reserved_capacity;
  if (name == "NodeOverlay") return &gates.node_overlay;
  if (name == "StaticCapacity") return &gates.static_capacity;
  if (name == "CapacityBuffer") return &gates.capacity_buffer;
  return nullptr;
}

}  // namespace

Result<ParsedFeatureGates> parse_feature_gates(std::string_view text) {
  ParsedFeatureGates parsed;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view entry = trimmed(text.substr(0, comma));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    if (entry.empty()) continue;
    const std::size_t equals = entry.find('=');
    const std::string_view name = trimmed(entry.substr(0, equals));
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view{} : trimmed(entry.substr(equals + 1));
    const auto is_on = parse_boolean(value);
    if (!is_on) {
      return fail(ErrorCode::Invalid,
                  fmt::format("--feature-gates: \"{}\" is neither true nor false", entry),
                  std::string(kHowToWrite));
    }
    if (bool* const gate = gate_named(parsed.gates, name)) {
      *gate = *is_on;
    } else {
      parsed.unknown.emplace_back(name);
    }
  }
  return parsed;
}

}  // namespace hyperwright::cli
