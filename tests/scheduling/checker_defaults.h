// The cluster's default spread constraints as the checker has them: written from the documentation,
// without anything of src/scheduling.
//
// Source: Kubernetes, Pod Topology Spread Constraints, Cluster-level default constraints: for pods
// that define none; selectors are calculated from the Services, ReplicaSets, StatefulSets or
// ReplicationControllers that the pod belongs to.
#pragma once

#include "kube/pod.h"
#include "state/cluster_state.h"

namespace hyperwright::scheduling {

// The pod with the constraints that it has after all.
kube::Pod with_default_spread(kube::Pod pod, const state::ClusterState& state);

}  // namespace hyperwright::scheduling
