#include "sim/scheduler_node_affinity.h"

#include <algorithm>

#include "base/number.h"

namespace hyperwright::sim {
namespace {

bool compares(const kube::NodeRequirement& requirement, const std::string& value) {
  const auto left = parse_int64(value);
  const auto right =
      requirement.values.size() == 1 ? parse_int64(requirement.values.front()) : std::nullopt;
  if (!left || !right) return false;
  switch (requirement.op) {
    case kube::NodeOperator::Gt:
      return *left > *right;
    case kube::NodeOperator::Lt:
      return *left < *right;
    case kube::NodeOperator::Gte:
      return *left >= *right;
    default:
      return *left <= *right;
  }
}

}  // namespace

bool matches(const kube::NodeRequirement& requirement, const std::string* value) {
  const auto is_listed = [&] {
    return std::ranges::find(requirement.values, *value) != requirement.values.end();
  };
  switch (requirement.op) {
    case kube::NodeOperator::In:
      return value != nullptr && is_listed();
    case kube::NodeOperator::NotIn:
      return value == nullptr || !is_listed();
    case kube::NodeOperator::Exists:
      return value != nullptr;
    case kube::NodeOperator::DoesNotExist:
      return value == nullptr;
    default:
      return value != nullptr && compares(requirement, *value);
  }
}

bool matches(const kube::NodeSelectorTerm& term, const kube::Node& node) {
  if (term.match_expressions.empty() && term.match_fields.empty()) return false;
  const bool labels =
      std::ranges::all_of(term.match_expressions, [&](const kube::NodeRequirement& requirement) {
        return matches(requirement, node.meta.labels.find(requirement.key));
      });
  return labels &&
         std::ranges::all_of(term.match_fields, [&](const kube::NodeRequirement& requirement) {
           return requirement.key == "metadata.name" && matches(requirement, &node.meta.name);
         });
}

bool matches_node_selection(const kube::Scheduling& pod, const kube::Node& node) {
  for (const auto& [key, value] : pod.node_selector) {
    const std::string* label = node.meta.labels.find(key);
    if (label == nullptr || *label != value) return false;
  }
  return pod.required_node_terms.empty() ||
         std::ranges::any_of(pod.required_node_terms, [&](const kube::NodeSelectorTerm& term) {
           return matches(term, node);
         });
}

std::int64_t preference(const kube::Scheduling& pod, const kube::Node& node) {
  std::int64_t met = 0;
  std::int64_t all = 0;
  for (const kube::PreferredNodeTerm& preferred : pod.preferred_node_terms) {
    all += preferred.weight;
    if (matches(preferred.term, node)) met += preferred.weight;
  }
  return all == 0 ? 0 : met * 100 / all;
}

}  // namespace hyperwright::sim
