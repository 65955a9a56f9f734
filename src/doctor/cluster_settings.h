// What the HyperPod cluster must be like before anything is bought for it, setting by setting. The
// controller itself holds to two of them and does not start without (cli/controller.cpp):
// continuous provisioning, and no managed autoscaling.
//
// Source: Amazon SageMaker HyperPod, "Autoscaling", prerequisites.
#pragma once

#include "doctor/finding.h"
#include "hyperpod/cluster.h"

namespace hyperwright::doctor {

inline constexpr std::string_view kClusterStatus = "HyperPod cluster";
inline constexpr std::string_view kProvisioningMode = "NodeProvisioningMode";
inline constexpr std::string_view kNodeRecovery = "NodeRecovery";
inline constexpr std::string_view kAutoScaling = "AutoScaling";

Findings check_cluster_settings(const hyperpod::Cluster& cluster);

}  // namespace hyperwright::doctor
