// The custom resource definitions of a cluster, beside those that this binary carries: what is
// missing, whose they are, and how ours are put there.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "client/kubernetes_client.h"
#include "kube/crd_comparison.h"

namespace hyperwright::cli {

struct InstalledCrd {
  std::string name;       // "nodepools.karpenter.sh"
  std::string_view yaml;  // ours
  bool is_needed = true;  // false: it is for a feature gate that is off by default
  std::optional<kube::CrdComparison> found;  // nullopt: it is not installed

  // It is there, and lacks nothing that ours has.
  [[nodiscard]] bool is_complete() const { return found && found->missing.empty(); }
};

// Waits. In the order of kube::crds(). Fails where definitions may not be read, with Forbidden.
Result<std::vector<InstalledCrd>> look_at_crds(client::KubernetesClient& kubernetes);

// Puts one of ours there, over what there is, and waits until its kind is served.
Status apply_crd(client::KubernetesClient& kubernetes, const InstalledCrd& crd);

}  // namespace hyperwright::cli
