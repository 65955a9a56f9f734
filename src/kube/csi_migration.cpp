// Which CSI driver took over from which in-tree plugin.
// Source: Kubernetes, KEP-625 (CSI migration), and the list of migrated plugins in Concepts >
// Storage > Volumes.
#include <algorithm>
#include <array>

#include "kube/volumes.h"

namespace hyperwright::kube {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kMigrated = {{
    {"kubernetes.io/aws-ebs", "ebs.csi.aws.com"},
    {"kubernetes.io/gce-pd", "pd.csi.storage.gke.io"},
    {"kubernetes.io/cinder", "cinder.csi.openstack.org"},
    {"kubernetes.io/azure-disk", "disk.csi.azure.com"},
    {"kubernetes.io/azure-file", "file.csi.azure.com"},
    {"kubernetes.io/vsphere-volume", "csi.vsphere.vmware.com"},
    {"kubernetes.io/portworx-volume", "pxd.portworx.com"},
}};

}  // namespace

std::string csi_driver_of(std::string_view provisioner) {
  const auto* const it =
      std::ranges::find(kMigrated, provisioner, &decltype(kMigrated)::value_type::first);
  return std::string(it == kMigrated.end() ? provisioner : it->second);
}

}  // namespace hyperwright::kube
