// One rich document of each kind, as the Kubernetes API writes it: every field that is read stands
// in it.
#pragma once

#include <string_view>

namespace hyperwright::kube {

inline constexpr std::string_view kPodDocument = R"({
  "apiVersion": "v1", "kind": "Pod",
  "metadata": {
    "name": "web-1", "namespace": "default", "uid": "u-1", "resourceVersion": "42", "generation": 3,
    "creationTimestamp": "2026-11-24T12:00:00Z", "deletionTimestamp": "2026-11-24T13:00:00.250000Z",
    "deletionGracePeriodSeconds": 30,
    "labels": {"app": "web", "pod-template-hash": "abc"},
    "annotations": {"karpenter.sh/do-not-disrupt": "true", "controller.kubernetes.io/pod-deletion-cost": "5",
                    "kubectl.kubernetes.io/last-applied-configuration": "{}"},
    "finalizers": ["example.com/hold"],
    "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "u-0",
                         "controller": true, "blockOwnerDeletion": true}],
    "managedFields": [{"manager": "kubectl"}]
  },
  "spec": {
    "nodeName": "n1", "schedulerName": "default-scheduler", "terminationGracePeriodSeconds": 60,
    "priority": 1000, "priorityClassName": "high", "nodeSelector": {"disk": "ssd"},
    "containers": [
      {"name": "main", "image": "i", "env": [{"name": "SECRET", "value": "hunter2"}],
       "ports": [{"containerPort": 80}, {"containerPort": 8080, "hostPort": 8080, "hostIP": "10.0.0.1", "protocol": "UDP"}],
       "resources": {"requests": {"cpu": "1500m", "memory": "2Gi", "nvidia.com/gpu": 1, "example.com/x": "3"},
                     "limits": {"cpu": 2}}},
      {"name": "side", "resources": {"requests": {"cpu": 0.5}}}],
    "initContainers": [{"name": "proxy", "restartPolicy": "Always", "resources": {"requests": {"memory": "1Gi"}}},
                       {"name": "init", "resources": {"requests": {"ephemeral-storage": "10G"}}}],
    "overhead": {"cpu": "250m"},
    "affinity": {
      "nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
          {"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["z1", "z2"]},
                                {"key": "generation", "operator": "Gt", "values": ["4"]}]},
          {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}]},
        "preferredDuringSchedulingIgnoredDuringExecution": [
          {"weight": 7, "preference": {"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}}]},
      "podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
        {"topologyKey": "topology.kubernetes.io/zone", "labelSelector": {"matchLabels": {"app": "db"}},
         "namespaces": ["default"], "namespaceSelector": {}, "matchLabelKeys": ["v"], "mismatchLabelKeys": ["w"]}]},
      "podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
        {"weight": 9, "podAffinityTerm": {"topologyKey": "kubernetes.io/hostname", "labelSelector": {
          "matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}}}]}},
    "topologySpreadConstraints": [
      {"maxSkew": 2, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway",
       "labelSelector": {"matchLabels": {"app": "web"}}, "minDomains": 3, "nodeAffinityPolicy": "Ignore",
       "nodeTaintsPolicy": "Honor", "matchLabelKeys": ["pod-template-hash"]}],
    "tolerations": [{"operator": "Exists"}, {"key": "gpu", "value": "a", "effect": "NoSchedule"},
                    {"key": "x", "operator": "Gt", "value": "5", "effect": "NoExecute", "tolerationSeconds": 300}],
    "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data-0"}},
                {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": {"storageClassName": "fast"}}}}, {"name": "tmp", "emptyDir": {}}],
    "resourceClaims": [{"name": "gpu", "resourceClaimName": "g"}]
  },
  "status": {
    "phase": "Pending", "nominatedNodeName": "n2", "startTime": "2026-11-24T12:00:05Z",
    "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                    "lastTransitionTime": "2026-11-24T12:00:01Z"}, {"type": "Ready", "status": "True"}],
    "containerStatuses": [{"name": "main", "resources": {"requests": {"cpu": "2"}}, "allocatedResources": {"cpu": "3"}}]
  }
})";

inline constexpr std::string_view kNodeDocument = R"({
  "apiVersion": "v1", "kind": "Node",
  "metadata": {"name": "hyperpod-i-0", "uid": "u-2", "resourceVersion": "7",
               "labels": {"kubernetes.io/hostname": "h0", "sagemaker.amazonaws.com/compute-type": "hyperpod"},
               "annotations": {"hyperwright.dev/nodeclaim-uid": "u-3", "volumes.kubernetes.io/x": "y"}},
  "spec": {"providerID": "aws:///use1-az1/sagemaker/cluster/hyperpod-abcdefghij01-i-0", "unschedulable": true,
           "taints": [{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"},
                      {"key": "a", "value": "b", "effect": "NoExecute", "timeAdded": "2026-11-24T12:00:00Z"}]},
  "status": {"capacity": {"cpu": "4", "memory": "16Gi", "pods": "14", "hugepages-2Mi": "0"},
             "allocatable": {"cpu": "3920m", "memory": "15Gi", "pods": "14"},
             "conditions": [{"type": "MemoryPressure", "status": "False"},
                            {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "ready",
                             "lastHeartbeatTime": "2026-11-24T12:05:00Z", "lastTransitionTime": "2026-11-24T12:00:00Z"},
                            {"type": "AcceleratedHardwareReady", "status": "False", "reason": "XidError"}],
             "images": [{"names": ["i"]}]}
})";

inline constexpr std::string_view kNodePoolDocument = R"({
  "apiVersion": "karpenter.sh/v1", "kind": "NodePool",
  "metadata": {"name": "gpu", "uid": "u-4", "resourceVersion": "9", "generation": 2,
               "annotations": {"karpenter.sh/nodepool-hash": "1", "example.com/note": "x"}},
  "spec": {
    "weight": 50, "replicas": 3, "limits": {"cpu": "1000", "memory": "1Ti", "nodes": 0, "nvidia.com/gpu": "64"},
    "disruption": {"consolidateAfter": "1h30m", "consolidationPolicy": "WhenEmpty",
                   "budgets": [{"nodes": "20%", "reasons": ["Drifted", "Empty"]},
                               {"nodes": "0", "schedule": "@daily", "duration": "10m", "reasons": []}]},
    "template": {
      "metadata": {"labels": {"team": "ml"}, "annotations": {"example.com/owner": "me"}},
      "spec": {
        "nodeClassRef": {"group": "karpenter.sagemaker.amazonaws.com", "kind": "HyperpodNodeClass", "name": "default"},
        "taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}],
        "startupTaints": [{"key": "init", "effect": "NoExecute"}],
        "requirements": [{"key": "node.kubernetes.io/instance-type", "operator": "In", "values": ["ml.p5.48xlarge", "ml.g5.xlarge"], "minValues": 2},
                         {"key": "kubernetes.io/arch", "operator": "Exists"}],
        "terminationGracePeriod": "1h", "expireAfter": "Never"}}},
  "status": {"nodes": 4, "resources": {"cpu": "16", "nodes": "4"}, "nodeClassObservedGeneration": 5,
             "conditions": [{"type": "Ready", "status": "True", "reason": "Ready", "message": "",
                             "lastTransitionTime": "2026-11-24T12:00:00Z", "observedGeneration": 2}]}
})";

inline constexpr std::string_view kNodeClaimDocument = R"({
  "apiVersion": "karpenter.sh/v1", "kind": "NodeClaim",
  "metadata": {"name": "gpu-7xk2p", "uid": "u-5", "resourceVersion": "11", "generation": 1,
               "labels": {"karpenter.sh/nodepool": "gpu"}, "finalizers": ["karpenter.sh/termination"],
               "annotations": {"hyperwright.dev/launch": "{}", "example.com/owner": "me"}},
  "spec": {
    "nodeClassRef": {"group": "karpenter.sagemaker.amazonaws.com", "kind": "HyperpodNodeClass", "name": "default"},
    "taints": [{"key": "gpu", "value": "yes", "effect": "PreferNoSchedule"}], "expireAfter": "720h",
    "requirements": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["z1"]},
                     {"key": "gen", "operator": "Lte", "values": ["9"]}],
    "resources": {"requests": {"cpu": "1500m", "pods": "3", "nvidia.com/gpu": "1"}}},
  "status": {"nodeName": "hyperpod-i-0", "providerID": "aws:///a", "imageID": "ami", "lastPodEventTime": "2026-11-24T12:00:00Z",
             "capacity": {"cpu": "4"}, "allocatable": {"cpu": "3920m", "memory": "-5"},
             "conditions": [{"type": "Launched", "status": "Unknown", "reason": "AwaitingCapacity", "message": "m",
                             "lastTransitionTime": "2026-11-24T12:00:00Z", "observedGeneration": 1}]}
})";

inline constexpr std::string_view kNodeClassDocument = R"({
  "apiVersion": "karpenter.sagemaker.amazonaws.com/v1", "kind": "HyperpodNodeClass",
  "metadata": {"name": "default", "uid": "u-6", "annotations": {"hyperwright.dev/seen-capacity": "{}"}},
  "spec": {"instanceGroups": ["gpu-a", "cpu-a"]},
  "status": {"instanceGroups": [{"name": "gpu-a", "instanceTypes": ["ml.p5.48xlarge"],
               "subnets": [{"id": "subnet-1", "zone": "us-west-2a", "zoneId": "usw2-az2"}],
               "desiredLabels": [{"key": "nvidia.com/mig.config", "value": "all-1g"}], "capacities": {"Spot": {}}}],
             "conditions": [{"type": "Ready", "status": "False", "reason": "UnhealthyDependents", "message": "x",
                             "lastTransitionTime": "2026-11-24T12:00:00Z"}]}
})";

inline constexpr std::string_view kDaemonSetDocument = R"({
  "apiVersion": "apps/v1", "kind": "DaemonSet",
  "metadata": {"name": "agent", "namespace": "kube-system", "uid": "u-7"},
  "spec": {"template": {"metadata": {"labels": {"app": "agent"}}, "spec": {
    "priorityClassName": "system-node-critical",
    "containers": [{"name": "c", "resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": "1", "memory": "128Mi"}}}],
    "tolerations": [{"operator": "Exists"}]}}}
})";

inline constexpr std::string_view kPodDisruptionBudgetDocument = R"({
  "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
  "metadata": {"name": "web", "namespace": "default", "uid": "u-8"},
  "spec": {"selector": {"matchLabels": {"app": "web"}}, "minAvailable": 2, "maxUnavailable": "25%",
           "unhealthyPodEvictionPolicy": "AlwaysAllow"},
  "status": {"disruptionsAllowed": 1}
})";

inline constexpr std::string_view kPersistentVolumeDocument = R"({
  "apiVersion": "v1", "kind": "PersistentVolume",
  "metadata": {"name": "pv-1", "uid": "u-9", "annotations": {"pv.kubernetes.io/provisioned-by": "ebs.csi.aws.com"}},
  "spec": {"csi": {"driver": "ebs.csi.aws.com", "volumeHandle": "vol-1", "fsType": "ext4"},
           "local": {"path": "/mnt"}, "capacity": {"storage": "1Gi"},
           "nodeAffinity": {"required": {"nodeSelectorTerms": [
             {"matchExpressions": [{"key": "topology.ebs.csi.aws.com/zone", "operator": "In", "values": ["z1"]}]},
             {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}]}}}
})";

inline constexpr std::string_view kPersistentVolumeClaimDocument = R"({
  "apiVersion": "v1", "kind": "PersistentVolumeClaim",
  "metadata": {"name": "data-0", "namespace": "default", "uid": "u-10",
               "annotations": {"pv.kubernetes.io/bind-completed": "yes", "karpenter.sh/do-not-disrupt": "true"}},
  "spec": {"storageClassName": "", "volumeName": "pv-1", "accessModes": ["ReadWriteOnce"]},
  "status": {"phase": "Bound"}
})";

inline constexpr std::string_view kStorageClassDocument = R"({
  "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
  "metadata": {"name": "gp3", "uid": "u-11", "creationTimestamp": "2026-11-24T12:00:00Z",
               "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
  "provisioner": "kubernetes.io/aws-ebs", "volumeBindingMode": "WaitForFirstConsumer", "parameters": {"type": "gp3"},
  "allowedTopologies": [{"matchLabelExpressions": [{"key": "topology.kubernetes.io/zone", "values": ["z1", "z2"]},
                                                   {"key": "rack", "values": ["r1"]}]}, {}]
})";

inline constexpr std::string_view kCsiNodeDocument = R"({
  "apiVersion": "storage.k8s.io/v1", "kind": "CSINode",
  "metadata": {"name": "hyperpod-i-0", "uid": "u-12"},
  "spec": {"drivers": [{"name": "ebs.csi.aws.com", "nodeID": "i-0", "topologyKeys": [], "allocatable": {"count": 25}},
                       {"name": "fsx.csi.aws.com", "nodeID": "i-0", "allocatable": {}},
                       {"name": "efs.csi.aws.com", "nodeID": "i-0", "topologyKeys": null}]}
})";

inline constexpr std::string_view kNamespaceDocument = R"({
  "apiVersion": "v1", "kind": "Namespace",
  "metadata": {"name": "team-a", "uid": "u-13", "labels": {"kubernetes.io/metadata.name": "team-a", "team": "a"}},
  "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}
})";

inline constexpr std::string_view kServiceDocument = R"({
  "apiVersion": "v1", "kind": "Service",
  "metadata": {"name": "web", "namespace": "default", "uid": "u-14"},
  "spec": {"selector": {"app": "web"}, "clusterIP": "10.0.0.1", "ports": [{"port": 80}]}
})";

inline constexpr std::string_view kDeploymentDocument = R"({
  "apiVersion": "apps/v1", "kind": "Deployment",
  "metadata": {"name": "web", "namespace": "default", "uid": "u-15", "generation": 4},
  "spec": {"replicas": 6, "selector": {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "v", "operator": "Exists"}]},
           "template": {"metadata": {"labels": {"app": "web", "v": "1"}}, "spec": {
             "containers": [{"name": "c", "resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": "1", "memory": "128Mi"}}}],
             "nodeSelector": {"disk": "ssd"},
             "volumes": [{"name": "tmp", "ephemeral": {"volumeClaimTemplate": {"spec": {}}}}]}}},
  "status": {"readyReplicas": 6}
})";

inline constexpr std::string_view kReplicationControllerDocument = R"({
  "apiVersion": "v1", "kind": "ReplicationController",
  "metadata": {"name": "old", "namespace": "default", "uid": "u-16"},
  "spec": {"selector": {"app": "old"}, "template": {"metadata": {"labels": {"app": "old"}}, "spec": {
    "containers": [{"name": "c", "resources": {"requests": {"cpu": "1"}}}]}}}
})";

inline constexpr std::string_view kPodTemplateDocument = R"({
  "apiVersion": "v1", "kind": "PodTemplate",
  "metadata": {"name": "headroom", "namespace": "default", "uid": "u-17", "generation": 2},
  "template": {"metadata": {"labels": {"app": "headroom"}}, "spec": {
    "containers": [{"name": "c", "resources": {"limits": {"cpu": "2", "nvidia.com/gpu": "1"}}}],
    "tolerations": [{"key": "gpu", "operator": "Exists"}]}}
})";

inline constexpr std::string_view kNodeOverlayDocument = R"({
  "apiVersion": "karpenter.sh/v1alpha1", "kind": "NodeOverlay",
  "metadata": {"name": "discount", "uid": "u-18", "resourceVersion": "7", "generation": 2},
  "spec": {"weight": 10, "price": "1.25", "priceAdjustment": "-10%", "capacity": {"example.com/fpga": "4", "hugepages-2Mi": "1Gi"},
           "requirements": [{"key": "node.kubernetes.io/instance-type", "operator": "In", "values": ["ml.g5.xlarge"]},
                            {"key": "gen", "operator": "Gte", "values": ["5"]}]},
  "status": {"conditions": [{"type": "ValidationSucceeded", "status": "True", "reason": "ValidationSucceeded", "message": "",
                             "lastTransitionTime": "2026-11-24T12:00:00Z", "observedGeneration": 2}]}
})";

inline constexpr std::string_view kCapacityBufferDocument = R"({
  "apiVersion": "autoscaling.x-k8s.io/v1beta1", "kind": "CapacityBuffer",
  "metadata": {"name": "spare", "namespace": "default", "uid": "u-19", "resourceVersion": "8", "generation": 3},
  "spec": {"provisioningStrategy": "buffer.x-k8s.io/active-capacity", "podTemplateRef": {"name": "headroom"},
           "scalableRef": {"apiGroup": "apps", "kind": "Deployment", "name": "web"}, "replicas": 3, "percentage": 20,
           "limits": {"cpu": "8", "nvidia.com/gpu": "0"}},
  "status": {"podTemplateRef": {"name": "headroom"}, "replicas": 2, "podTemplateGeneration": 2,
             "provisioningStrategy": "buffer.x-k8s.io/active-capacity",
             "conditions": [{"type": "ReadyForProvisioning", "status": "True", "reason": "Resolved", "message": "m",
                             "lastTransitionTime": "2026-11-24T12:00:00Z", "observedGeneration": 3}]}
})";

}  // namespace hyperwright::kube
