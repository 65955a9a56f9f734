// Zones of the subnets that instance groups use. Where one is not known its HyperpodNodeClass is
// not Ready. A group of one instance type over several zones has no zone that could be promised:
// HyperPod picks one, and pods that ask for a zone do not get a node there.
#pragma once

#include <vector>

#include "base/error.h"
#include "doctor/finding.h"
#include "hyperpod/cluster.h"
#include "state/cluster_state.h"

namespace hyperwright::doctor {

inline constexpr std::string_view kSubnets = "zones of subnets";

// Ids of all subnets of the groups that are to be bought of, sorted.
std::vector<std::string> subnets_to_ask(const hyperpod::Cluster& cluster,
                                        const state::ClusterState& objects);

// `subnets` as EC2 and --subnet-zones tell them, or why EC2 did not.
Findings check_subnets(const hyperpod::Cluster& cluster, const state::ClusterState& objects,
                       const Result<std::vector<hyperpod::Subnet>>& subnets);

}  // namespace hyperwright::doctor
