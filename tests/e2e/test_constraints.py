"""What Hyperwright plans, kube-scheduler binds, with no node left over.

The pods wait before there is a NodePool, so that all of them are planned at once. Nodes are of one size
(4 cpu, of which pods get a little less), so that their exact number follows from the constraint.
"""

import collections

import manifests
from api import holds_for
from hyperwright import SUBNETS, group

ZONE = "topology.kubernetes.io/zone"
HOSTNAME = "kubernetes.io/hostname"
THREE_ZONES = {**SUBNETS, "subnet-c": "us-east-1c"}


def start(world):
    """Three groups of one type, each in its zone; no NodePool yet."""
    groups = [group(f"cpu-{subnet[-1]}", "ml.m5.xlarge", subnet) for subnet in THREE_ZONES]
    world.start(groups=groups, scenario={"subnets": THREE_ZONES})


def offer(world):
    world.apply_class("default", "cpu-a", "cpu-b", "cpu-c")
    world.apply_pool("cpu")


def check_bought(world, nodes):
    """So many nodes were ever bought, pods stand on all of them, and it stays like that."""

    def bought():
        return len(world.recorder.launched()), len(world.hyperpod_nodes()), len(world.claims())

    assert bought() == (nodes, nodes, nodes)
    pods = [pod for pod in manifests.running(world.api) if not is_daemon(pod)]
    assert len({pod["spec"]["nodeName"] for pod in pods}) == nodes
    holds_for(3, "nothing more is bought, and nothing given back", lambda: bought() == (nodes, nodes, nodes))


def is_daemon(pod):
    return any(owner["kind"] == "DaemonSet" for owner in pod["metadata"].get("ownerReferences", []))


def places(world, pods, label):
    """How many of the pods stand in each value of their nodes' label."""
    return collections.Counter(world.node_of(pod)["metadata"]["labels"][label] for pod in pods)


def nodes_of(pods):
    return [pod["spec"]["nodeName"] for pod in pods]


def leave(world, *deployments):
    for name in deployments:
        world.api.scale(name, 0)
    world.wait_until_empty()


def test_pods_that_spread_over_zones_stand_evenly_in_all_of_them(world):
    start(world)
    # Two of them fill a node: a zone that is there before the others takes no third.
    world.apply_deployment("web", replicas=6, cpu="1500m", spread=[manifests.evenly("web", ZONE)])
    offer(world)

    pods = world.wait_running("app=web", count=6)
    assert places(world, pods, ZONE) == {"us-east-1a": 2, "us-east-1b": 2, "us-east-1c": 2}
    check_bought(world, nodes=3)
    leave(world, "web")


def test_pods_that_keep_apart_get_a_node_each_which_others_share(world):
    start(world)
    apart = manifests.near("quorum", HOSTNAME, "podAntiAffinity")
    world.apply_deployment("quorum", replicas=3, cpu="1", affinity=apart)
    # Wherever they go first, they leave room for one that keeps apart.
    world.apply_deployment("filler", replicas=3, cpu="500m")
    offer(world)

    pods = world.wait_running("app=quorum", count=3)
    assert len(set(nodes_of(pods))) == 3
    world.wait_running("app=filler", count=3)
    check_bought(world, nodes=3)
    leave(world, "quorum", "filler")


def test_pods_that_want_to_be_in_the_zone_of_another_are(world):
    start(world)
    world.apply_deployment("store", replicas=1, cpu="1", node_selector={ZONE: "us-east-1b"})
    world.apply_deployment("web", replicas=4, cpu="1", affinity=manifests.near("store", ZONE))
    offer(world)

    world.wait_running("app=store", count=1)
    pods = world.wait_running("app=web", count=4)
    assert places(world, pods, ZONE) == {"us-east-1b": 4}
    check_bought(world, nodes=2)
    leave(world, "web", "store")


def test_pods_that_want_to_be_on_the_node_of_another_are(world):
    start(world)
    world.apply_deployment("cache", replicas=1, cpu="1")
    world.apply_deployment("web", replicas=2, cpu="1", affinity=manifests.near("cache", HOSTNAME))
    world.apply_deployment("large", replicas=1, cpu="3")
    offer(world)

    (cache,) = world.wait_running("app=cache", count=1)
    pods = world.wait_running("app=web", count=2)
    assert set(nodes_of(pods)) == {cache["spec"]["nodeName"]}
    world.wait_running("app=large", count=1)
    check_bought(world, nodes=2)
    leave(world, "web", "cache", "large")


def test_what_daemonsets_take_is_not_promised_to_pods(world):
    start(world)
    world.api.create("daemonsets", manifests.daemon_set("agent", cpu="1"))
    # Three of them would fit a node that had no agent.
    world.apply_deployment("web", replicas=5, cpu="1")
    offer(world)

    pods = world.wait_running("app=web", count=5)
    agents = world.wait_running("app=agent", count=3)
    assert sorted(nodes_of(agents)) == sorted(set(nodes_of(pods)))
    check_bought(world, nodes=3)
    leave(world, "web")
