// Custom resource definitions: those that the controller needs are there, in the version that it
// speaks, and with the fields that it reads and writes; a field that a definition does not have is
// dropped by the API server without a word.
//
// NodePool and NodeClaim are shared with another Karpenter, if there is one. HyperPod allows that
// at v1 alone: an older one serves, or has stored, v1beta1.
//
// Source: Amazon SageMaker HyperPod, "Autoscaling", prerequisites; Kubernetes, "Versions in
// CustomResourceDefinitions".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "base/error.h"
#include "doctor/finding.h"
#include "state/options.h"

namespace hyperwright::doctor {

inline constexpr std::string_view kDefinitions = "custom resources";
inline constexpr std::string_view kOtherKarpenter = "another Karpenter";

struct Definition {
  std::string name;  // "nodepools.karpenter.sh"
  std::string kind;
  std::vector<std::string> served;  // versions
  std::vector<std::string> stored;  // versions in which objects may lie in etcd
  std::string storage_version;
  bool is_established = true;
  // nullopt: the definition itself may not be read, only what is served.
  std::optional<boost::json::value> document;
};

// A CustomResourceDefinition. Fails with Invalid.
Result<Definition> decode_definition(const boost::json::value& json);

struct AskedDefinition {
  Definition ours;  // as `hyperwright crds` prints it
  Result<Definition> theirs;
};
Findings check_definitions(const std::vector<AskedDefinition>& asked,
                           const state::Options& options);

}  // namespace hyperwright::doctor
