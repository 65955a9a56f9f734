// What the volumes of a pod say about its node, as the checker has it: written from the
// documentation, without anything of src/scheduling or of what it counts by.
//
//   every claim is there (but for those of generic ephemeral volumes, which come with the pod), is
//     not going, and is bound, or waits for its first consumer and something can make its volume
//   the node affinity of bound volumes, and the topologies of the classes of others, allow the node
//   no driver has more volumes on the node than its CSINode says
//
// As Karpenter has it, the hostname of a local volume is not asked for, and new nodes have no
// limit.
//
// Source: Kubernetes, Persistent Volumes, Storage Classes, Node-specific Volume Limits.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "kube/object_meta.h"
#include "kube/pod.h"
#include "kube/string_map.h"
#include "kube/volumes.h"

namespace hyperwright::checker {

struct Storage {
  std::map<std::string, kube::PersistentVolume> volumes;  // by name
  std::map<kube::ObjectKey, kube::PersistentVolumeClaim> claims;
  std::map<std::string, kube::StorageClass> classes;  // by name
};

// By driver.
using VolumeLimits = std::map<std::string, std::int64_t>;

// One sentence each; empty: the pod's volumes allow a node with these labels.
std::vector<std::string> volume_problems(const Storage& storage, const kube::Pod& pod,
                                         const kube::StringMap& labels);

// The same for the limits of its node. `before`: pods that were there, `all`: those that are there
// in the end. A volume that the node has already is free.
std::vector<std::string> attach_problems(const Storage& storage, const kube::Pod& pod,
                                         const std::vector<const kube::Pod*>& before,
                                         const std::vector<const kube::Pod*>& all,
                                         const VolumeLimits& limits);

}  // namespace hyperwright::checker
