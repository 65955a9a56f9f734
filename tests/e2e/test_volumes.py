"""A pod goes where its volume is: what is planned for it, kube-scheduler binds it to."""

import manifests
from api import wait_for
from hyperwright import group

ZONE = "topology.kubernetes.io/zone"
DRIVER = "ebs.csi.aws.com"
GROUPS = [group("cpu-a", "ml.m5.xlarge", "subnet-a"), group("cpu-b", "ml.m5.xlarge", "subnet-b")]


def volume(name, zone):
    """A disk that was made by hand, as the driver writes it: it can be attached in one zone."""
    term = {"matchExpressions": [{"key": ZONE, "operator": "In", "values": [zone]}]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "capacity": {"storage": "1Gi"},
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Retain",
            "claimRef": {"namespace": "default", "name": name},
            "csi": {"driver": DRIVER, "volumeHandle": f"vol-{name}"},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [term]}},
        },
    }


def claim(name, volume_name):
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name},
        "spec": {
            "storageClassName": "",
            "volumeName": volume_name,
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }


def deployment(name, claim_name):
    made = manifests.deployment(name, replicas=1, cpu="100m")
    spec = made["spec"]["template"]["spec"]
    spec["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": claim_name}}]
    spec["containers"][0]["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
    return made


def start(world):
    world.start(groups=GROUPS)
    world.apply_class("default", "cpu-a", "cpu-b")
    world.apply_pool("default")


def apply_volume(world, name, zone):
    """A claim that is bound to a volume in the zone."""
    world.api.create("persistentvolumes", volume(name, zone))
    world.api.create("persistentvolumeclaims", claim(name, name))
    wait_for(
        f"claim {name} is bound",
        lambda: world.api.get("persistentvolumeclaims", name)["status"].get("phase") == "Bound",
    )


def zone_of(world, pod):
    return world.node_of(pod)["metadata"]["labels"][ZONE]


def finish(world, *deployments):
    """Nothing is left over, and no node was bought that nobody needed."""
    world.check_one_claim_a_node()
    for name in deployments:
        world.api.scale(name, 0)
    world.wait_until_empty()


def test_a_pod_gets_a_node_in_the_zone_of_its_volume(world):
    start(world)
    for name, zone in (("east-a", "us-east-1a"), ("east-b", "us-east-1b")):
        apply_volume(world, name, zone)
        world.api.create("deployments", deployment(name, name))

    for name, zone in (("east-a", "us-east-1a"), ("east-b", "us-east-1b")):
        (pod,) = world.wait_running(f"app={name}", count=1)
        assert zone_of(world, pod) == zone
    assert len(world.nodes_seen.seen) == 2, "a node for each zone, and no other was ever there"
    finish(world, "east-a", "east-b")


def register_driver(world, node, limit):
    """What the kubelet writes when the driver has started on its node; kwok's kubelets have none."""
    driver = {"name": DRIVER, "nodeID": node, "allocatable": {"count": limit}, "topologyKeys": []}
    limited = {"apiVersion": "storage.k8s.io/v1", "kind": "CSINode", "metadata": {"name": node}}
    world.api.create("csinodes", {**limited, "spec": {"drivers": [driver]}})


def test_a_node_that_can_attach_no_more_is_passed_by(world):
    start(world)
    for name in ("first", "second"):
        apply_volume(world, name, "us-east-1b")
    world.api.create("deployments", deployment("first", "first"))
    (pod,) = world.wait_running("app=first", count=1)
    full = pod["spec"]["nodeName"]
    register_driver(world, full, limit=1)

    world.api.create("deployments", deployment("second", "second"))

    def other_nodes():
        return [node["metadata"]["name"] for node in world.api.list("nodes") if node["metadata"]["name"] != full]

    (other,) = wait_for("another node is bought", other_nodes)
    register_driver(world, other, limit=1)
    (pod,) = world.wait_running("app=second", count=1)
    assert pod["spec"]["nodeName"] == other
    assert zone_of(world, pod) == "us-east-1b"
    assert len(world.nodes_seen.seen) == 2
    finish(world, "first", "second")


def test_a_claim_that_is_not_there_is_named_and_keeps_nobody_else_waiting(world):
    start(world)
    world.api.create("deployments", deployment("lost", "nowhere"))
    world.apply_deployment("plain", replicas=1, cpu="100m")
    world.wait_running("app=plain", count=1)

    def told():
        return [
            event["message"]
            for event in world.api.list("events", "default")
            if event["reason"] == "FailedScheduling" and '"nowhere" does not exist' in event["message"]
        ]

    wait_for("an event names the claim", told)
    world.api.delete("deployments", "lost")
    finish(world, "plain")
