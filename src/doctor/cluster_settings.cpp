#include "doctor/cluster_settings.h"

#include <fmt/format.h>

namespace hyperwright::doctor {
namespace {

using hyperpod::Cluster;
using hyperpod::ClusterStatus;

std::string update(const Cluster& cluster, std::string_view flags) {
  return fmt::format("aws sagemaker update-cluster --cluster-name {} {}", cluster.name, flags);
}

Finding check_status(const Cluster& cluster) {
  const std::string found =
      fmt::format("{} is {}{}", cluster.name, to_string(cluster.status),
                  cluster.failure_message.empty() ? "" : ": " + cluster.failure_message);
  switch (cluster.status) {
    case ClusterStatus::InService:
      return ok(kClusterStatus, found);
    case ClusterStatus::Updating:
    case ClusterStatus::SystemUpdating:
      return problem(kClusterStatus, found,
                     "wait until it is InService: HyperPod refuses launches and deletions while "
                     "this lasts");
    default:
      return problem(kClusterStatus, found,
                     fmt::format("it must be InService: aws sagemaker list-cluster-events "
                                 "--cluster-name {} says what happened",
                                 cluster.name));
  }
}

Finding check_orchestrator(const Cluster& cluster) {
  return problem(kClusterStatus, fmt::format("{} is not orchestrated by EKS", cluster.name),
                 "autoscaling needs a HyperPod cluster on EKS");
}

Finding check_provisioning(const Cluster& cluster) {
  if (cluster.is_continuous) return ok(kProvisioningMode, "Continuous");
  return problem(kProvisioningMode, "it is not Continuous: BatchAddClusterNodes is refused",
                 update(cluster,
                        "--node-provisioning-mode Continuous; clusters that were made "
                        "without it may have to be created anew"));
}

Finding check_recovery(const Cluster& cluster) {
  if (cluster.node_recovery == hyperpod::NodeRecovery::Automatic)
    return ok(kNodeRecovery, "Automatic");
  return problem(kNodeRecovery,
                 "it is None: nodes that the health agent finds bad are neither rebooted nor "
                 "replaced",
                 update(cluster, "--node-recovery Automatic"));
}

Finding check_auto_scaling(const Cluster& cluster) {
  if (cluster.auto_scaling_mode != hyperpod::AutoScalingMode::Enable)
    return ok(kAutoScaling, "the managed Karpenter is off");
  return problem(kAutoScaling,
                 "its Mode is Enable: the managed Karpenter would buy for the same pods",
                 update(cluster, "--auto-scaling Mode=Disable"));
}

}  // namespace

Findings check_cluster_settings(const Cluster& cluster) {
  Findings findings = {check_status(cluster)};
  if (cluster.eks_cluster_arn.empty()) findings.push_back(check_orchestrator(cluster));
  findings.push_back(check_provisioning(cluster));
  findings.push_back(check_recovery(cluster));
  findings.push_back(check_auto_scaling(cluster));
  return findings;
}

}  // namespace hyperwright::doctor
