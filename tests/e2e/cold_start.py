"""From the start of `hyperwright controller` to its first decision, in a cluster that is large already.

    make bench        or        python tests/e2e/cold_start.py [NODES] [PODS A NODE]

5,000 Nodes with their NodeClaims and instances, 50,000 pods that run, and 50 that wait: all of them are
in a real kube-apiserver on this machine before the controller starts. A controller before it has brought
statuses and labels up to date, as in every cluster that had one. Nobody else is there (no scheduler, no
other controllers), so that what is measured is the controller and the API server that answers it.

The clock starts with the process and stops when the first NodeClaim for the waiting pods is created: start,
leadership, the lists of all kinds, the batch window of one second, the plan, and one call. Memory is the
process's highest (VmHWM), of its whole life until then.

The API server makes one object of each kind; the others are its bytes, under another name and uid of the
same length, written to etcd directly. 60,000 calls would take minutes. HyperPod is `hyperwright service`,
whose instances were asked for by its API and never join: their Nodes are there already.
"""

import base64
import json
import os
import pathlib
import re
import sys
import tempfile
import time
import uuid

import urllib3

import manifests
from api import wait_for
from bench import measured_binary, row, tell
from cluster import Cluster
from hyperwright import World, group
from process import free_ports

TYPE, ZONE, ZONE_ID = "ml.m5.4xlarge", "us-east-1a", "use1-az1"
GROUP = "cpu"
SPACES = 8  # namespaces of the pods
WORKLOADS = 40
WAITING = 50
OPERATIONS = 100  # of one transaction; etcd allows 128
SIZE = {"cpu": "16", "memory": "64Gi", "pods": "58", "ephemeral-storage": "100Gi"}


class Store:
    """etcd, spoken to as the API server speaks to it: values are whatever that has written."""

    def __init__(self, url):
        self.url = url
        self.pool = urllib3.PoolManager()
        self.waiting = []

    def get(self, key):
        answer = self._call("range", {"key": _text(key.encode())})
        return base64.b64decode(answer["kvs"][0]["value"])

    def put(self, key, value):
        self.waiting.append({"requestPut": {"key": _text(key.encode()), "value": _text(value)}})
        if len(self.waiting) >= OPERATIONS:
            self.flush()

    def flush(self):
        if self.waiting:
            self._call("txn", {"success": self.waiting})
        self.waiting = []

    def _call(self, what, body):
        answer = self.pool.request("POST", f"{self.url}/v3/kv/{what}", body=json.dumps(body))
        if answer.status != 200:
            raise AssertionError(f"etcd {what}: {answer.status} {answer.data[:300]!r}")
        return json.loads(answer.data)


def _text(value):
    return base64.b64encode(value).decode()


class Copies:
    """One object as etcd has it, and others like it: each old text becomes a new one of its length."""

    def __init__(self, store, key, made, **texts):
        self.store = store
        self.key = key
        self.value = store.get(key)
        self.texts = {"uid": made["metadata"]["uid"], **texts}

    def put(self, **changed):
        key, value = self.key, self.value
        for what, new in {"uid": str(uuid.uuid4()), **changed}.items():
            old = self.texts[what]
            assert len(old) == len(new), f"{old} and {new} differ in length"
            key, value = key.replace(old, new), value.replace(old.encode(), new.encode())
        self.store.put(key, value)


class QuietCluster(Cluster):
    """etcd and the API server, and nobody who does anything with the objects."""

    def _start_controllers(self):
        pass

    def _apiserver_flags(self):
        # Nobody is there who would make the accounts of namespaces.
        return (*super()._apiserver_flags(), "--disable-admission-plugins=ServiceAccount")


# -- objects ------------------------------------------------------------------------------------------


def condition(kind, reason, status="True", **more):
    return {"type": kind, "status": status, "reason": reason, "lastTransitionTime": "2026-11-01T00:00:00Z", **more}


def labels_of(node):
    return {
        "karpenter.sh/nodepool": GROUP,
        "karpenter.sh/capacity-type": "on-demand",
        "karpenter.sagemaker.amazonaws.com/hyperpodnodeclass": "default",
        "sagemaker.amazonaws.com/instance-group-name": GROUP,
        **node["metadata"]["labels"],
        "topology.k8s.aws/zone-id": ZONE_ID,
    }


def node_manifest(cluster_id, instance, claim_uid, logical_id):
    name = f"hyperpod-{instance}"
    node = manifests.hyperpod_node(name, TYPE, ZONE, cpu=SIZE["cpu"], memory=SIZE["memory"], pods=SIZE["pods"])
    registered = {"karpenter.sh/registered": "true", "karpenter.sh/initialized": "true"}
    node["spec"]["providerID"] = f"aws:///{ZONE_ID}/sagemaker/cluster/hyperpod-{cluster_id}-{instance}"
    node["metadata"]["labels"] = {**labels_of(node), **registered}
    node["metadata"]["annotations"] = {
        "hyperwright.dev/nodeclaim-uid": claim_uid,
        "hyperwright.dev/node-logical-id": logical_id,
        "csi.volume.kubernetes.io/nodeid": json.dumps({"fsx.csi.aws.com": name}),
        "volumes.kubernetes.io/controller-managed-attach-detach": "true",
    }
    node["metadata"]["finalizers"] = ["karpenter.sh/termination"]
    node["status"] |= {
        "conditions": [
            condition("MemoryPressure", "KubeletHasSufficientMemory", "False"),
            condition("DiskPressure", "KubeletHasNoDiskPressure", "False"),
            condition("PIDPressure", "KubeletHasSufficientPID", "False"),
            condition("Ready", "KubeletReady"),
        ],
        "images": [
            {"names": [f"602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/image-{i}@sha256:{'4f1c2b9d' * 8}"], "sizeBytes": 10**8}
            for i in range(20)
        ],
    }
    return node


def claim_manifest(name, node, batch, logical_id):
    call = {"group": GROUP, "type": TYPE, "zone": ZONE, "count": 1}
    launch = {"batch": batch, "specification": 0, "specifications": [call]}
    return {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodeClaim",
        "metadata": {
            "name": name,
            "labels": {key: value for key, value in labels_of(node).items() if key != "kubernetes.io/hostname"},
            "annotations": {
                "karpenter.sh/nodepool-hash-version": "hyperwright-v1",
                "hyperwright.dev/launch": json.dumps(launch, separators=(",", ":")),
                "hyperwright.dev/node-logical-id": logical_id,
            },
            "finalizers": ["karpenter.sh/termination"],
        },
        "spec": {
            "nodeClassRef": {"group": manifests.GROUP, "kind": "HyperpodNodeClass", "name": "default"},
            "expireAfter": "Never",
            "requirements": [{"key": "node.kubernetes.io/instance-type", "operator": "In", "values": [TYPE]}],
            "resources": {"requests": {"cpu": "15", "pods": "10"}},
        },
    }  # fmt: skip


def claim_status(node):
    return {
        "nodeName": node["metadata"]["name"],
        "providerID": node["spec"]["providerID"],
        "capacity": SIZE,
        "allocatable": SIZE,
        "conditions": [condition(kind, kind) for kind in ("Launched", "Registered", "Initialized", "Ready")],
    }


def container(name, cpu):
    return {
        "name": name,
        "image": f"111122223333.dkr.ecr.us-west-2.amazonaws.com/{name}:v1.42.0",
        "args": [f"--config=/etc/{name}/config.yaml", "--log-format=json"],
        "ports": [{"name": name, "containerPort": 8080}],
        "env": [{"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://collector.observability:4317"}],
        "resources": {"requests": {"cpu": cpu, "memory": "256Mi"}, "limits": {"memory": "256Mi"}},
        "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10},
        "volumeMounts": [{"name": "config", "mountPath": f"/etc/{name}"}],
    }


def pod_manifest(name, space, workload, node=None):
    owner = f"{workload}-7d9c5f6b8d"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": space,
            "labels": {
                "app.kubernetes.io/instance": workload,
                "app.kubernetes.io/managed-by": "Helm",
                "app.kubernetes.io/name": workload,
                "pod-template-hash": "7d9c5f6b8d",
            },
            "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "8080"},
            "ownerReferences": [
                {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": owner, "uid": str(uuid.uuid4()), "controller": True}
            ],
        },
        "spec": {
            "containers": [container("main", "1400m"), container("proxy", "100m")],
            "volumes": [{"name": "config", "configMap": {"name": workload}}],
            **({"nodeName": node} if node else {}),
        },
    }  # fmt: skip


def container_status(name):
    digest = "4f1c2b9d8e7a6f5c" * 4
    image = f"111122223333.dkr.ecr.us-west-2.amazonaws.com/{name}"
    return {
        "name": name, "image": f"{image}:v1.42.0", "imageID": f"{image}@sha256:{digest}", "containerID": f"containerd://{digest}",
        "ready": True, "started": True, "restartCount": 0, "state": {"running": {"startedAt": "2026-11-01T00:00:12Z"}},
    }  # fmt: skip


def running_status():
    return {
        "phase": "Running",
        "conditions": [condition(kind, "") for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")],
        "hostIP": "10.1.2.3",
        "podIP": "10.1.4.5",
        "podIPs": [{"ip": "10.1.4.5"}],
        "startTime": "2026-11-01T00:00:10Z",
        "containerStatuses": [container_status("main"), container_status("proxy")],
    }


def waiting_status(nodes):
    message = f"0/{nodes} nodes are available: {nodes} Insufficient cpu."
    return {
        "phase": "Pending",
        "conditions": [condition("PodScheduled", "Unschedulable", "False", message=message)],
    }


# -- the cluster --------------------------------------------------------------------------------------


def fill(cluster, cluster_id, instances, per_node):
    """Nodes, claims and pods over these instances, by (instance id, logical id)."""
    api, store = cluster.api, Store(cluster.etcd)
    (instance, logical_id), batch, claim_name = instances[0], str(uuid.uuid4()), "cpu-00000"
    node = node_manifest(cluster_id, instance, "", logical_id)
    claim = api.create("nodeclaims", claim_manifest(claim_name, node, batch, logical_id))
    api.patch("nodeclaims", claim_name, {"status": claim_status(node)}, subresource="status")
    claim_uid = claim["metadata"]["uid"]
    made = api.create("nodes", node_manifest(cluster_id, instance, claim_uid, logical_id))
    node_name = made["metadata"]["name"]
    # A new Node is tainted by the API server until the node controller, which is not there, has seen it.
    api.patch("nodes", node_name, {"spec": {"taints": None}})

    spaces = [f"team-{number}" for number in range(SPACES)]
    for space in spaces:
        api.create("namespaces", {"metadata": {"name": space}})
    pod_name, workload = "worker-000-7d9c5f6b8d-00000", "worker-000"
    pod = api.create("pods", pod_manifest(pod_name, spaces[0], workload, node_name), spaces[0])
    api.patch("pods", pod_name, {"status": running_status()}, spaces[0], "status")

    nodes = Copies(
        store, f"/registry/minions/{node_name}", made, instance=instance, logical_id=logical_id, claim_uid=claim_uid
    )
    claims = Copies(
        store, f"/registry/karpenter.sh/nodeclaims/{claim_name}", claim,
        name=claim_name, instance=instance, logical_id=logical_id, batch=batch,
    )  # fmt: skip
    pods = Copies(
        store, f"/registry/pods/{spaces[0]}/{pod_name}", pod,
        name=pod_name, space=spaces[0], workload=workload, instance=instance,
    )  # fmt: skip
    count = 0
    for number, (other, other_id) in enumerate(instances):
        if number > 0:
            other_uid = str(uuid.uuid4())
            nodes.put(instance=other, logical_id=other_id, claim_uid=other_uid)
            claims.put(
                uid=other_uid, name=f"cpu-{number:05}", instance=other, logical_id=other_id, batch=str(uuid.uuid4())
            )
        for _ in range(per_node):
            count += 1
            turn = count % WORKLOADS
            pods.put(
                name=f"worker-000-7d9c5f6b8d-{count:05}", workload=f"worker-{turn:03}", space=spaces[turn % SPACES], instance=other
            )
        if number % 100 == 0:
            tell(f"{number} nodes, {count} pods are written")
    store.flush()
    return count + 1


def add_waiting_pods(api, nodes):
    for number in range(WAITING):
        name = f"waits-{number:05}"
        api.create("pods", pod_manifest(name, "team-0", "worker-000"), "team-0")
        api.patch("pods", name, {"status": waiting_status(nodes)}, "team-0", "status")


def launch(world, nodes):
    """So many instances, by HyperPod's API; returns (instance id, logical id) of each."""
    left = nodes
    while left > 0:
        part = min(left, 50)
        world.hyperpod.batch_add_cluster_nodes(
            ClusterName=world.name, ClientToken=str(uuid.uuid4()),
            NodesToAdd=[{"InstanceGroupName": GROUP, "IncrementTargetCountBy": part}],
        )  # fmt: skip
        left -= part

    def there():
        listed = [(n.get("InstanceId"), n["NodeLogicalId"]) for n in world.hyperpod_nodes(GROUP)]
        tell(f"{len(listed)} of {nodes} instances are listed")
        return listed if len(listed) == nodes and all(instance for instance, _ in listed) else None

    return wait_for(f"{nodes} instances are there", there, within=120, every=1)


# -- what is measured ---------------------------------------------------------------------------------


def peak_memory_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024 / 1e6


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def longest_turn(metrics):
    """The least bucket that holds all turns of the loop, in seconds."""
    buckets = re.findall(r'hyperwright_loop_turn_duration_seconds_bucket\{le="([^"]+)"\} (\d+)', metrics)
    total = int(buckets[-1][1]) if buckets else 0
    return next((le for le, count in buckets if int(count) == total), "?")


def let_one_settle(world):
    """A controller that writes what it has to write, and ends."""
    world.start_controller()
    written, quiet_since = None, time.monotonic()
    while time.monotonic() - quiet_since < 10:
        world.controller.check()
        now = sum(int(n) for n in re.findall(r"^hyperwright_effects_total\{.*\} (\d+)", world.metrics(), re.MULTILINE))
        if now != written and (written is None or now - written > 2):  # but looks at HyperPod, which never end
            written, quiet_since = now, time.monotonic()
            tell(f"a first controller settles: {written} calls")
        time.sleep(1)
    world.controller.stop()
    tell("")


def start_and_wait(world):
    log = world.directory / "controller.log"
    begun = time.monotonic()
    world.metrics_port, world.probe_port = free_ports(2)
    flags = {"--metrics-port": world.metrics_port, "--health-probe-port": world.probe_port, "--endpoint": world.endpoint}
    controller = world.run_controller("controller", **flags)
    while "created nodeclaim" not in (log.read_text() if log.exists() else ""):
        controller.check()
        if time.monotonic() - begun > 300:
            raise AssertionError(f"no decision in 300 s\n{controller.tail()}")
        time.sleep(0.02)
    taken = time.monotonic() - begun
    pid = controller.popen.pid
    return taken, peak_memory_mb(pid), processor_seconds(pid), world.metrics()


def main(nodes=5000, per_node=10):
    binary = measured_binary()
    with tempfile.TemporaryDirectory(prefix="hyperwright-cold-") as directory:
        directory = pathlib.Path(directory)
        tell("starting Kubernetes")
        cluster = QuietCluster(directory).start()
        world = World(cluster, binary, directory / "cold")
        try:
            cluster.install_crds(binary)
            world.start_service(
                {
                    "subnets": {"subnet-a": ZONE},
                    "delays": {"launch": "0s", "register": "0s", "terminate": "0s"},
                    "never_joins": [{"group": GROUP}],
                }
            )
            world.create_cluster([group(GROUP, TYPE, "subnet-a")])
            world.apply_class("default", GROUP)
            world.apply_pool(GROUP, consolidate_after="Never")
            cluster_id = world.describe_cluster()["ClusterArn"].rpartition("/")[2]
            pods = fill(cluster, cluster_id, launch(world, nodes), per_node)
            let_one_settle(world)
            add_waiting_pods(cluster.api, nodes)
            taken, memory, processor, metrics = start_and_wait(world)
        finally:
            world.stop()
            cluster.stop()
    size = f"{nodes:,} nodes, {pods:,} pods"
    turn = longest_turn(metrics)
    row("cold start until the first NodeClaim", taken, "s", f"{size}; {processor:.1f} s of processor; no turn over {turn} s", "10 s")
    row("cold start: memory at its highest", memory, "MB", size, "250 MB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
