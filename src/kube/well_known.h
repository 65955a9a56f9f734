// Names that Kubernetes, Karpenter and HyperPod give to labels, annotations, taints and finalizers,
// and the few that are ours (hyperwright.dev/...).
#pragma once

#include <string_view>

namespace hyperwright::kube {

// Kubernetes
inline constexpr std::string_view kHostname = "kubernetes.io/hostname";
inline constexpr std::string_view kZone = "topology.kubernetes.io/zone";
inline constexpr std::string_view kRegion = "topology.kubernetes.io/region";
inline constexpr std::string_view kInstanceType = "node.kubernetes.io/instance-type";
inline constexpr std::string_view kArch = "kubernetes.io/arch";
inline constexpr std::string_view kOs = "kubernetes.io/os";
inline constexpr std::string_view kWindowsBuild = "node.kubernetes.io/windows-build";
inline constexpr std::string_view kZoneId = "topology.k8s.aws/zone-id";
inline constexpr std::string_view kTaintNotReady = "node.kubernetes.io/not-ready";
inline constexpr std::string_view kTaintUnreachable = "node.kubernetes.io/unreachable";
inline constexpr std::string_view kTaintUnschedulable = "node.kubernetes.io/unschedulable";
inline constexpr std::string_view kTaintUninitialized =
    "node.cloudprovider.kubernetes.io/uninitialized";
inline constexpr std::string_view kReadinessTaintPrefix = "readiness.k8s.io/";
inline constexpr std::string_view kExcludeFromLoadBalancers =
    "node.kubernetes.io/exclude-from-external-load-balancers";

// Karpenter
inline constexpr std::string_view kKarpenterGroup = "karpenter.sh";
inline constexpr std::string_view kNodePool = "karpenter.sh/nodepool";
inline constexpr std::string_view kCapacityType = "karpenter.sh/capacity-type";
inline constexpr std::string_view kRegistered = "karpenter.sh/registered";
inline constexpr std::string_view kInitialized = "karpenter.sh/initialized";
inline constexpr std::string_view kDoNotSyncTaints = "karpenter.sh/do-not-sync-taints";
inline constexpr std::string_view kDoNotDisrupt = "karpenter.sh/do-not-disrupt";
inline constexpr std::string_view kPodDeletionCost = "controller.kubernetes.io/pod-deletion-cost";
inline constexpr std::string_view kNodePoolHash = "karpenter.sh/nodepool-hash";
inline constexpr std::string_view kNodePoolHashVersion = "karpenter.sh/nodepool-hash-version";
inline constexpr std::string_view kMinValuesRelaxed = "karpenter.sh/nodeclaim-min-values-relaxed";
inline constexpr std::string_view kPriceOverlayApplied = "karpenter.sh/price-overlay-applied";
inline constexpr std::string_view kCapacityOverlayApplied = "karpenter.sh/capacity-overlay-applied";
inline constexpr std::string_view kTerminationTimestamp =
    "karpenter.sh/nodeclaim-termination-timestamp";
inline constexpr std::string_view kTerminationFinalizer = "karpenter.sh/termination";
inline constexpr std::string_view kTaintDisrupted = "karpenter.sh/disrupted";
inline constexpr std::string_view kTaintUnregistered = "karpenter.sh/unregistered";
inline constexpr std::string_view kOnDemand = "on-demand";
inline constexpr std::string_view kSpot = "spot";
inline constexpr std::string_view kReserved = "reserved";

// HyperPod
inline constexpr std::string_view kNodeClassGroup = "karpenter.sagemaker.amazonaws.com";
inline constexpr std::string_view kNodeClassKind = "HyperpodNodeClass";
// Karpenter's label key of a NodeClass: <group>/<lower-case kind>.
inline constexpr std::string_view kNodeClassLabel =
    "karpenter.sagemaker.amazonaws.com/hyperpodnodeclass";
inline constexpr std::string_view kComputeType = "sagemaker.amazonaws.com/compute-type";
inline constexpr std::string_view kInstanceGroup = "sagemaker.amazonaws.com/instance-group-name";
inline constexpr std::string_view kClusterName = "sagemaker.amazonaws.com/cluster-name";
// NVIDIA's: how the GPUs of a group's nodes are partitioned, "all-1g.5gb".
inline constexpr std::string_view kMigConfig = "nvidia.com/mig.config";
inline constexpr std::string_view kNodeHealthStatus = "sagemaker.amazonaws.com/node-health-status";
inline constexpr std::string_view kDeepHealthCheckStatus =
    "sagemaker.amazonaws.com/deep-health-check-status";

// Ours
inline constexpr std::string_view kNodeLogicalId = "hyperwright.dev/node-logical-id";
// When it was stored, which is when HyperPod was known to look for an instance.
inline constexpr std::string_view kLogicalIdStoredAt = "hyperwright.dev/node-logical-id-stored-at";
// The whole launch call that a claim was born for, as JSON; see state/launch.h.
inline constexpr std::string_view kLaunch = "hyperwright.dev/launch";
// What Nodes of a (group, type) were seen to offer, as JSON, on the NodeClass.
inline constexpr std::string_view kSeenCapacity = "hyperwright.dev/seen-capacity";
// The reservation that a node's instance is of: the name of its group's training plan.
inline constexpr std::string_view kReservationId = "hyperwright.dev/reservation-id";
// On a Node: the UID of the claim that it belongs to.
inline constexpr std::string_view kNodeClaimUid = "hyperwright.dev/nodeclaim-uid";

}  // namespace hyperwright::kube
