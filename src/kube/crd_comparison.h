// What an installed custom resource definition lacks of one of ours. A cluster may have those of
// another Karpenter, older or newer: what they have more does no harm, and a field that they lack
// is dropped by the API server without a word. So this names each such field.
#pragma once

#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

namespace hyperwright::kube {

struct CrdComparison {
  bool is_ours = false;  // it carries the label of deploy/crds
  // Who else it seems to be of: "Helm release karpenter-crd in kube-system"; empty: not known.
  std::string owner{};
  // In the order of our schema: `spec.replicas`, `spec.disruption.consolidationPolicy "Balanced"`,
  // `spec.weight of type integer`, `version v1`, `subresource status`. Of a map that is missing
  // whole, the map alone.
  std::vector<std::string> missing{};
};

// Both are CustomResourceDefinitions; of ours the one version counts.
CrdComparison compare_crd(const boost::json::value& ours, const boost::json::value& installed);

// `spec.replicas, spec.weight and 3 more`
std::string in_words(const std::vector<std::string>& missing);

// The API server says of an installed definition that it serves the kind.
bool is_established(const boost::json::value& definition);

}  // namespace hyperwright::kube
