// What decides where a pod's volumes let it run: PersistentVolumes, their claims, StorageClasses,
// and how many volumes of a driver a node may attach (CSINode). All of them are only read.
//
// Drivers are named as CSI names them. Volumes and provisioners of the old in-tree plugins come
// under the name of the driver that Kubernetes migrated them to (KEP-625), so that they meet the
// attach limits that CSINode tells.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/object_meta.h"
#include "kube/pod.h"

namespace hyperwright::kube {

struct PersistentVolume {
  ObjectMeta meta;
  std::string csi_driver;  // "": neither CSI nor a plugin that was migrated to it (NFS, hostPath)
  std::string csi_handle;  // the volume, to its driver: two volumes of one handle attach once
  bool is_local = false;   // local or hostPath: such a volume is on one node
  std::vector<NodeSelectorTerm> node_terms;  // ORed; empty: reachable from everywhere
  bool operator==(const PersistentVolume&) const = default;
};

struct PersistentVolumeClaim {
  ObjectMeta meta;
  std::optional<std::string> storage_class;  // absent: the default one; "": none
  std::string volume_name;                   // of the PersistentVolume; "": not bound
  std::string phase;                         // Pending, Bound, Lost; "" if not written yet
  bool is_bind_completed = false;            // annotation pv.kubernetes.io/bind-completed
  bool operator==(const PersistentVolumeClaim&) const = default;
};

struct StorageClass {
  ObjectMeta meta;
  std::string provisioner;          // a CSI driver; in-tree names come translated
  bool waits_for_consumer = false;  // volumeBindingMode: WaitForFirstConsumer
  bool is_default = false;          // of several default classes the newest one counts
  std::vector<NodeSelectorTerm> allowed_topologies;  // ORed, each expression In; empty: everywhere
  bool operator==(const StorageClass&) const = default;
};

// Of the Node of the same name.
struct CsiNode {
  ObjectMeta meta;
  std::map<std::string, std::int64_t> limits;  // by driver; a driver without one has no limit
  bool operator==(const CsiNode&) const = default;
};

// The CSI driver that an in-tree provisioner ("kubernetes.io/aws-ebs") was migrated to; any other
// name as it is.
std::string csi_driver_of(std::string_view provisioner);

}  // namespace hyperwright::kube
