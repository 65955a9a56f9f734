// The enumerators of the API with their texts, one table an enumeration: to_string, reading, and
// the list of allowed values in an error message all come from it.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "hyperpod/cluster.h"

namespace hyperwright::hyperpod {

template <typename Enum>
using EnumText = std::pair<Enum, std::string_view>;

// In the API's order. Specialized for every enumeration of cluster.h.
template <typename Enum>
std::span<const EnumText<Enum>> enum_texts();

template <>
std::span<const EnumText<ClusterStatus>> enum_texts();
template <>
std::span<const EnumText<InstanceGroupStatus>> enum_texts();
template <>
std::span<const EnumText<InstanceStatus>> enum_texts();
template <>
std::span<const EnumText<CapacityType>> enum_texts();
template <>
std::span<const EnumText<EventLevel>> enum_texts();
template <>
std::span<const EnumText<EventResourceType>> enum_texts();
template <>
std::span<const EnumText<AutoScalingMode>> enum_texts();
template <>
std::span<const EnumText<AutoScalingStatus>> enum_texts();
template <>
std::span<const EnumText<NodeRecovery>> enum_texts();
template <>
std::span<const EnumText<kube::TaintEffect>> enum_texts();

// nullopt: the API has no such value.
template <typename Enum>
std::optional<Enum> enum_of(std::string_view text) {
  const auto texts = enum_texts<Enum>();
  const auto at = std::ranges::find(texts, text, &EnumText<Enum>::second);
  return at == texts.end() ? std::nullopt : std::optional<Enum>(at->first);
}

}  // namespace hyperwright::hyperpod
