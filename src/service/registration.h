// The Node object that a HyperPod instance registers with in the EKS cluster: its name, provider
// id, labels and taints are those that HyperPod gives, and nothing of Karpenter's is on it. It is
// not ready at first.
//
// Source: observed HyperPod nodes; HyperPod, "Kubernetes labels" of node health.
#pragma once

#include <string>

#include "kube/node.h"
#include "service/output.h"
#include "service/turn.h"

namespace hyperwright::service {

// "hyperpod-i-...". Requires: the node has an instance.
std::string node_name(const NodeRecord& node);
kube::Node node_object(const Turn& turn, const ClusterRecord& cluster, const GroupRecord& group,
                       const NodeRecord& node);

// What a new KubernetesConfig changes on a registered node of the group; `before` is the group as
// it was.
NodeToChange change_of(const ClusterRecord& cluster, const GroupRecord& before,
                       const GroupRecord& after, const NodeRecord& node);

}  // namespace hyperwright::service
