// Label selectors of PodDisruptionBudgets, workloads, affinity terms and spread constraints.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kube/string_map.h"

namespace hyperwright::kube {

enum class SelectorOperator : std::uint8_t { In, NotIn, Exists, DoesNotExist };

struct SelectorRequirement {
  std::string key;
  SelectorOperator op = SelectorOperator::In;
  std::vector<std::string> values;
  auto operator<=>(const SelectorRequirement&) const = default;
};

// An empty selector matches everything; an absent one (std::optional at its user) nothing.
struct LabelSelector {
  StringMap match_labels;
  std::vector<SelectorRequirement> match_expressions;
  auto operator<=>(const LabelSelector&) const = default;
  // NotIn matches where the key is absent, as in Kubernetes.
  [[nodiscard]] bool matches(const StringMap& labels) const;
};

}  // namespace hyperwright::kube
