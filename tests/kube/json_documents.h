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
                {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {}}}, {"name": "tmp", "emptyDir": {}}],
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

}  // namespace hyperwright::kube
