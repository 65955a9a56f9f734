// Which volumes a pod attaches to its node, as the attach limits of CSI drivers count them.
//
//   bound claim      its PersistentVolume's driver and handle: two volumes of one handle attach
//   once unbound claim    the provisioner of its StorageClass, by the claim's own name ephemeral
//   claim  the same; as long as the claim is not there, by its template, and without a
//                    class by the default one, the newest of several
//
// A volume without a CSI driver (NFS, hostPath), and one of which nothing can be told yet, is
// attached nowhere.
//
// Source: Kubernetes, Node-specific Volume Limits; Karpenter, pkg/scheduling/volumeusage.go.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "kube/pod.h"
#include "kube/volumes.h"
#include "state/cluster_state.h"

namespace hyperwright::state {

struct AttachedVolume {
  std::string driver;
  std::string volume;  // tells the driver's volumes apart
  auto operator<=>(const AttachedVolume&) const = default;
};

// Sorted, each once.
std::vector<AttachedVolume> attached_volumes(const ClusterState& state, const kube::Pod& pod);

// The class of claims that name none; nullptr: there is no default.
const kube::StorageClass* default_storage_class(const ClusterState& state);

// The pods that are bound to the node leave no room for this one's volumes; alone they would be
// within the limits of its drivers.
bool is_attach_limit_reached(const ClusterState& state, std::string_view node,
                             const kube::Pod& pod);

}  // namespace hyperwright::state
