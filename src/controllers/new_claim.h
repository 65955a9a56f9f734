// The NodeClaim for a node that the solver wants: born complete, with its name, finalizer, labels
// and the launch call that it belongs to.
#pragma once

#include <string>

#include "hyperpod/cluster.h"
#include "kube/node_claim.h"
#include "kube/node_pool.h"
#include "scheduling/plan.h"
#include "state/launch.h"

namespace hyperwright::controllers {

// Labels: the template's, one value for each custom key that is required, and what the offering
// fixes. Custom labels and taints of the instance group come with its nodes, so the claim has them,
// too.
kube::NodeClaim new_claim(std::string name, const kube::NodePool& pool,
                          const scheduling::NewNode& node, const hyperpod::Cluster& cluster,
                          const state::Launch& launch, std::string_view arch);

}  // namespace hyperwright::controllers
