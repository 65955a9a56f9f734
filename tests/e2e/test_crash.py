"""The controller may be killed between any two effects: nothing leaks, nothing is launched twice.

The recorder, or a watch, kills it with SIGKILL at an exact moment of its work; then it is started
again. What it must know lives in Kubernetes objects and in HyperPod.
"""

import threading

import pytest

import manifests
from api import wait_for
from hyperwright import group

PODS = 4  # each fills a node

CALL_SENT = "the launch call is on its way and never arrives"
CALL_ANSWERED = "the launch call was carried out and its answer is lost"
CLAIM_CREATED = "the first NodeClaim was created"
NODE_REGISTERED = "the first node has joined"
DELETE_SENT = "the call that ends nodes is on its way and never arrives"
DELETE_ANSWERED = "the call that ends nodes was carried out and its answer is lost"
TAINTED = "the first node is tainted to go"


class Kill:
    """Kills the controller once, at the first sign that `sign` accepts."""

    def __init__(self, world):
        self.world = world
        self.done = threading.Event()
        self.lock = threading.Lock()

    def __call__(self, *_):
        """As a hook of the recorder: true, so that the line is cut with the killed process."""
        with self.lock:
            if self.done.is_set():
                return False
            self.world.kill_controller()
            self.done.set()
            return True

    def when(self, accepts):
        """As a hook of a watch."""
        return lambda kind, item: self() if accepts(kind, item) else False

    def wait(self):
        wait_for("the controller was killed", self.done.is_set, within=60)


def start(world):
    world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a")])
    world.apply_class("default", "cpu")
    world.apply_pool("cpu")


def tainted(_, node):
    return any(taint["key"] == "karpenter.sh/disrupted" for taint in node["spec"].get("taints", []))


@pytest.mark.parametrize("moment", [CLAIM_CREATED, CALL_SENT, CALL_ANSWERED, NODE_REGISTERED])
def test_killed_while_nodes_come(world, moment):
    start(world)
    kill = Kill(world)
    if moment == CLAIM_CREATED:
        world.claims_seen.hooks.append(kill.when(lambda kind, _: kind == "ADDED"))
    elif moment == CALL_SENT:
        world.recorder.before["BatchAddClusterNodes"] = kill
    elif moment == CALL_ANSWERED:
        world.recorder.after["BatchAddClusterNodes"] = kill
    else:
        world.nodes_seen.hooks.append(kill.when(lambda kind, _: kind == "ADDED"))
    world.apply_deployment("web", replicas=PODS, cpu="3")
    kill.wait()
    world.start_controller()

    world.wait_running("app=web", PODS, within=120)
    wait_for("every node has its claim", lambda: None not in world.claim_ids() and len(world.claims()) == PODS)
    world.check_one_claim_a_node()
    assert len(world.recorder.launched()) == PODS, "launched twice for one need"

    world.api.scale("web", 0)
    world.wait_until_empty(within=120)


@pytest.mark.parametrize("moment", [TAINTED, DELETE_SENT, DELETE_ANSWERED])
def test_killed_while_nodes_go(world, moment):
    start(world)
    world.apply_deployment("web", replicas=PODS, cpu="3")
    world.wait_running("app=web", PODS)
    kill = Kill(world)
    if moment == TAINTED:
        world.nodes_seen.hooks.append(kill.when(tainted))
    elif moment == DELETE_SENT:
        world.recorder.before["BatchDeleteClusterNodes"] = kill
    else:
        world.recorder.after["BatchDeleteClusterNodes"] = kill
    world.api.scale("web", 0)
    kill.wait()
    world.start_controller()

    world.wait_until_empty(within=120)
    assert len(world.recorder.launched()) == PODS


def test_killed_while_it_drains_and_the_pods_come_back_elsewhere(world):
    """A user deletes a claim; the controller dies while the pod, which stops slowly, is being evicted."""
    start(world)
    world.apply_deployment("web", replicas=1, cpu="3", annotations={"hyperwright.dev/stop-seconds": "2"})
    (pod,) = world.wait_running("app=web", 1)
    (claim,) = world.claims()
    world.api.delete("nodeclaims", claim["metadata"]["name"])

    def evicted():
        found = world.api.get("pods", pod["metadata"]["name"])
        return found is None or found["metadata"].get("deletionTimestamp")

    wait_for("its pod is being evicted", evicted)
    world.kill_controller()
    world.start_controller()

    wait_for("the old claim is gone", lambda: claim["metadata"]["name"] not in names(world.claims()), within=120)
    (moved,) = world.wait_running("app=web", 1, within=120)
    assert moved["spec"]["nodeName"] != pod["spec"]["nodeName"]
    wait_for("one node is left", lambda: len(world.hyperpod_nodes()) == 1)
    world.check_one_claim_a_node()
    assert len(world.recorder.launched()) == 2
    assert len(manifests.running(world.api, "app=web")) == 1


def names(items):
    return {item["metadata"]["name"] for item in items}
