"""The objects that the tests create, and the questions that they ask about pods."""

GROUP = "karpenter.sagemaker.amazonaws.com"


def hyperpod_node(name, instance_type="ml.m5.xlarge", zone="us-east-1a", cpu="4", memory="16Gi", pods="14"):
    """A Node as HyperPod registers it: not ready yet, its compute type on it."""
    size = {"cpu": cpu, "memory": memory, "pods": pods, "ephemeral-storage": "100Gi"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/os": "linux",
                "node.kubernetes.io/instance-type": instance_type,
                "topology.kubernetes.io/zone": zone,
                "topology.kubernetes.io/region": zone[:-1],
                "sagemaker.amazonaws.com/compute-type": "hyperpod",
            },
        },
        "spec": {"providerID": f"aws:///use1-az1/sagemaker/cluster/hyperpod-abcdefghij01-{name.removeprefix('hyperpod-')}"},
        "status": {"capacity": size, "allocatable": size},
    }  # fmt: skip


def pod_template(
    labels, cpu=None, memory=None, gpus=0, node_selector=None, annotations=None, tolerations=None, affinity=None, spread=()
):
    requests = {key: value for key, value in (("cpu", cpu), ("memory", memory)) if value}
    resources = {"requests": requests}
    if gpus:
        resources = {"requests": {**requests, "nvidia.com/gpu": str(gpus)}, "limits": {"nvidia.com/gpu": str(gpus)}}
    return {
        "metadata": {"labels": labels, "annotations": annotations or {}},
        "spec": {
            "terminationGracePeriodSeconds": 1,
            "nodeSelector": node_selector or {},
            "tolerations": tolerations or [],
            "affinity": affinity or {},
            "topologySpreadConstraints": list(spread),
            "containers": [{"name": "main", "image": "example.com/main:1", "resources": resources}],
        },
    }


def deployment(name, replicas, **pod):
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": pod_template(labels, **pod)},
    }


def daemon_set(name, **pod):
    """On every node of HyperPod's."""
    labels = {"app": name}
    pod = {"node_selector": {"sagemaker.amazonaws.com/compute-type": "hyperpod"}, **pod}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": name, "labels": labels},
        "spec": {"selector": {"matchLabels": labels}, "template": pod_template(labels, **pod)},
    }


def near(app, topology_key, kind="podAffinity"):
    """Affinity to pods of an app, or with kind podAntiAffinity distance from them."""
    term = {"topologyKey": topology_key, "labelSelector": {"matchLabels": {"app": app}}}
    return {kind: {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def evenly(app, topology_key, max_skew=1):
    """A topology spread constraint over pods of an app."""
    return {
        "topologyKey": topology_key,
        "maxSkew": max_skew,
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": app}},
    }


def job(name, parallelism, run_seconds=1, **pod):
    template = pod_template({"app": name}, annotations={"hyperwright.dev/run-seconds": str(run_seconds)}, **pod)
    template["spec"]["restartPolicy"] = "Never"
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"parallelism": parallelism, "completions": parallelism, "template": template},
    }


def node_class(name, *groups):
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "HyperpodNodeClass",
        "metadata": {"name": name},
        "spec": {"instanceGroups": list(groups)},
    }


def node_pool(
    name,
    node_class="default",
    requirements=(),
    limits=None,
    weight=None,
    consolidate_after="1s",
    labels=None,
    taints=(),
    group=GROUP,
    kind="HyperpodNodeClass",
):
    """A pool whose empty nodes go quickly, and any number of them at once."""
    spec = {
        "disruption": {
            "consolidationPolicy": "WhenEmpty",
            "consolidateAfter": consolidate_after,
            "budgets": [{"nodes": "100%"}],
        },
        "template": {
            "metadata": {"labels": labels or {}},
            "spec": {
                "nodeClassRef": {"group": group, "kind": kind, "name": node_class},
                "expireAfter": "Never",
                "requirements": list(requirements),
                "taints": list(taints),
            },
        },
    }
    if limits:
        spec["limits"] = limits
    if weight:
        spec["weight"] = weight
    return {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": name}, "spec": spec}


def running(api, labels="", count=None, namespace="default"):
    """The running pods; with a count, only when there are exactly so many pods and all of them run."""
    pods = [pod for pod in api.list("pods", namespace, labels) if not pod["metadata"].get("deletionTimestamp")]
    done = [pod for pod in pods if pod["status"].get("phase") == "Running"]
    if count is None:
        return done
    return done if len(done) == len(pods) == count else None


def unschedulable(api, labels="", namespace="default"):
    """The pods that the scheduler has said to find no node for."""
    return [
        pod
        for pod in api.list("pods", namespace, labels)
        if any(
            entry["type"] == "PodScheduled" and entry.get("reason") == "Unschedulable"
            for entry in pod["status"].get("conditions", [])
        )
    ]
