// The instance groups that nodes are to come from: they exist, take launches, have no nodes but
// those of NodeClaims, and no minimum. HyperPod refuses additions and deletions while a group is
// below its MinInstanceCount; nodes that no NodeClaim owns are never touched, and go on costing.
//
// Source: Amazon SageMaker HyperPod, "Autoscaling", considerations; "Scaling", MinInstanceCount.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/finding.h"
#include "hyperpod/cluster.h"
#include "hyperpod/instance_type.h"
#include "state/cluster_state.h"

namespace hyperwright::doctor {

inline constexpr std::string_view kInstanceGroups = "instance groups";
inline constexpr std::string_view kPrices = "prices";

// Those that a HyperpodNodeClass names; where there is no class yet, all of the cluster's. A group
// for the system's own pods, which no class names, may have nodes.
std::vector<const hyperpod::InstanceGroup*> groups_to_buy_of(const hyperpod::Cluster& cluster,
                                                             const state::ClusterState& objects);

// `nodes` as ListClusterNodes tells them; nullopt: they are not known. `objects` needs
// HyperpodNodeClasses and NodeClaims.
Findings check_instance_groups(const hyperpod::Cluster& cluster, const state::ClusterState& objects,
                               const std::optional<std::vector<hyperpod::Node>>& nodes);

// A type without a price is left out of plans.
Findings check_prices(const hyperpod::Cluster& cluster, const state::ClusterState& objects);

}  // namespace hyperwright::doctor
