#include "kube/selector.h"

#include <algorithm>

namespace hyperwright::kube {
namespace {

bool matches_one(const SelectorRequirement& requirement, const StringMap& labels) {
  const std::string* value = labels.find(requirement.key);
  const auto is_listed = [&] {
    return std::ranges::find(requirement.values, *value) != requirement.values.end();
  };
  switch (requirement.op) {
    case SelectorOperator::In:
      return value != nullptr && is_listed();
    case SelectorOperator::NotIn:
      return value == nullptr || !is_listed();
    case SelectorOperator::Exists:
      return value != nullptr;
    case SelectorOperator::DoesNotExist:
      return value == nullptr;
  }
  return false;
}

}  // namespace

bool LabelSelector::matches(const StringMap& labels) const {
  for (const auto& [key, value] : match_labels) {
    const std::string* own = labels.find(key);
    if (own == nullptr || *own != value) return false;
  }
  return std::ranges::all_of(match_expressions, [&](const SelectorRequirement& requirement) {
    return matches_one(requirement, labels);
  });
}

}  // namespace hyperwright::kube
