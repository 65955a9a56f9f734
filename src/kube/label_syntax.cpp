// What Kubernetes takes for a label key and a label value, and what a NodePool or a pod may require
// of nodes. Source: Kubernetes, Labels and Selectors; Karpenter, NodePool runtime validation.

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/number.h"
#include "kube/requirement.h"
#include "kube/well_known.h"

namespace hyperwright::kube {
namespace {

constexpr std::size_t kNameMax = 63;
constexpr std::size_t kDomainMax = 253;

bool is_lower_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_alphanumeric(char c) { return is_lower_alphanumeric(c) || (c >= 'A' && c <= 'Z'); }

// Letters and digits at both ends, '-', '_' and '.' too in between.
bool is_label_text(std::string_view text) {
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::ranges::all_of(
             text, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_dns_name(std::string_view text) {
  for (;;) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || !is_lower_alphanumeric(label.front()) ||
        !is_lower_alphanumeric(label.back()))
      return false;
    if (!std::ranges::all_of(label, [](char c) { return is_lower_alphanumeric(c) || c == '-'; }))
      return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

Failure invalid(const NodeRequirement& requirement, std::string_view what, std::string remedy) {
  return fail(ErrorCode::Invalid,
              fmt::format("requirement {} {} [{}]: {}", requirement.key, to_string(requirement.op),
                          fmt::join(requirement.values, " "), what),
              std::move(remedy));
}

bool is_capacity_type(std::string_view value) {
  return value == kOnDemand || value == kSpot || value == kReserved;
}

// A value that nobody offers beside one that somebody does is no error: the list may be shared by
// clusters.
Status validate_capacity_type(const NodeRequirement& requirement) {
  const auto known = std::ranges::count_if(requirement.values, is_capacity_type);
  static constexpr std::string_view kRemedy = "use on-demand, spot or reserved";
  if (known == 0)
    return invalid(requirement, "there is no such capacity type", std::string(kRemedy));
  if (requirement.min_values && known < *requirement.min_values) {
    return invalid(requirement,
                   fmt::format("{} of the values are capacity types, minValues is {}", known,
                               *requirement.min_values),
                   std::string(kRemedy));
  }
  return {};
}

}  // namespace

std::optional<std::string> label_key_problem(std::string_view key) {
  const std::size_t slash = key.find('/');
  std::string_view name = key;
  if (slash != std::string_view::npos) {
    const std::string_view domain = key.substr(0, slash);
    name = key.substr(slash + 1);
    if (domain.empty()) return fmt::format("key \"{}\" has nothing before its slash", key);
    if (domain.size() > kDomainMax) {
      return fmt::format("key \"{}\" has {} characters before its slash, at most {} are allowed",
                         key, domain.size(), kDomainMax);
    }
    if (!is_dns_name(domain))
      return fmt::format("key \"{}\": \"{}\" is no lower-case DNS name", key, domain);
  }
  if (name.size() > kNameMax) {
    return fmt::format("key \"{}\" has a name of {} characters, at most {} are allowed", key,
                       name.size(), kNameMax);
  }
  if (!is_label_text(name)) {
    return fmt::format(
        "key \"{}\": its name must be letters, digits, '-', '_' and '.', with a letter or digit at "
        "both ends",
        key);
  }
  return std::nullopt;
}

std::optional<std::string> label_value_problem(std::string_view value) {
  if (value.empty()) return std::nullopt;
  if (value.size() > kNameMax) {
    return fmt::format("value \"{}\" has {} characters, at most {} are allowed", value,
                       value.size(), kNameMax);
  }
  if (!is_label_text(value)) {
    return fmt::format(
        "value \"{}\" must be letters, digits, '-', '_' and '.', with a letter or digit at both "
        "ends",
        value);
  }
  return std::nullopt;
}

Status validate(const NodeRequirement& requirement) {
  const std::string_view key = normalized_key(requirement.key);
  if (const auto problem = label_key_problem(key)) {
    return invalid(requirement, *problem, "use a label key such as example.com/team");
  }
  if (is_restricted_label(key)) {
    return invalid(requirement, fmt::format("key {} is restricted", key),
                   "require a well-known label or one of your own; karpenter.sh/ and "
                   "kubernetes.io/hostname are set by the autoscaler");
  }
  for (const std::string& value : requirement.values) {
    if (const auto problem = label_value_problem(value))
      return invalid(requirement, *problem, "use a legal label value");
  }
  const bool is_bound = requirement.op == NodeOperator::Gt || requirement.op == NodeOperator::Lt ||
                        requirement.op == NodeOperator::Gte || requirement.op == NodeOperator::Lte;
  if (is_bound) {
    const auto operand =
        requirement.values.size() == 1 ? parse_int64(requirement.values[0]) : std::nullopt;
    if (!operand || *operand < 0) {
      return invalid(
          requirement,
          fmt::format("{} takes one whole number of 0 or more", to_string(requirement.op)),
          R"(write values: ["8"], for example)");
    }
  }
  if (requirement.op == NodeOperator::In) {
    if (requirement.values.empty())
      return invalid(requirement, "In has no values", "list one value or more, or use Exists");
    if (requirement.min_values && static_cast<std::size_t>(std::max(0, *requirement.min_values)) >
                                      requirement.values.size()) {
      return invalid(requirement,
                     fmt::format("minValues is {}, and there are {} values",
                                 *requirement.min_values, requirement.values.size()),
                     "list more values or lower minValues");
    }
    if (key == kCapacityType) return validate_capacity_type(requirement);
  }
  return {};
}

}  // namespace hyperwright::kube
