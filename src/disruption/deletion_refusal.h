// Whether HyperPod refuses to delete nodes at the moment. No voluntary drain starts then: its node
// would be paid for, drained and useless.
//
// Source: SageMaker API, BatchDeleteClusterNodes (refused while the cluster is updated, patched or
// deleted); HyperPod, "Scaling on EKS", MinInstanceCount (a group that has not reached it is
// Creating or Updating).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hyperpod/cluster.h"

namespace hyperwright::disruption {

// nullptr: the cluster was not described yet. nullopt: deletions are taken.
std::optional<std::string> deletion_refusal(const hyperpod::Cluster* cluster,
                                            std::string_view group);

}  // namespace hyperwright::disruption
