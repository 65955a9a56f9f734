"""`hyperwright explain pod` says of a pod what its events say, and counts what fell to which rule."""

import json
import subprocess

import pytest

import manifests
from api import condition, wait_for
from hyperwright import REGION, group

GROUPS = [group("cpu", "ml.m5.xlarge", "subnet-a"), group("gpu", "ml.g5.xlarge", "subnet-b")]


@pytest.fixture
def offered(world):
    """A controller, and one NodePool over both groups."""
    world.start(groups=GROUPS)
    world.apply_class("default", "cpu", "gpu")
    world.apply_pool("default")
    return world


def explain(world, pod, *flags):
    command = [
        world.binary, "explain", "pod", pod, f"--cluster={world.name}", f"--kubeconfig={world.cluster.kubeconfig}",
        f"--endpoint={world.recorder.endpoint}", f"--region={REGION}", *flags,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, env=world.environment, timeout=60)


def only_pod(world, labels):
    return wait_for(f"a pod of {labels}", lambda: world.api.list("pods", "default", labels))[0]


def failed_scheduling(world, pod):
    """What the controller's event says of it, once it does."""

    def told():
        return [
            event["message"]
            for event in world.api.list("events", "default")
            if event["involvedObject"].get("uid") == pod["metadata"]["uid"]
            and event.get("reportingInstance") == "hyperwright"
            and event["reason"] == "FailedScheduling"
        ]

    return wait_for("its event FailedScheduling", told, within=60)[-1]


def test_a_pod_without_a_place_is_explained_with_the_sentence_of_its_event(offered):
    offered.apply_deployment("train", replicas=1, cpu="1", gpus=8)
    pod = only_pod(offered, "app=train")
    message = failed_scheduling(offered, pod)
    name = f"default/{pod['metadata']['name']}"

    done = explain(offered, name)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f"pod {name} has no place"
    assert message == f"Failed to schedule pod, {lines[1].strip()}"
    assert 'it asks for 8 nvidia.com/gpu; the largest type in NodePool "default" has 1 (ml.g5.xlarge)' in lines[1]

    done = explain(offered, name, "-o", "json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["sentence"] == lines[1].strip()
    (pool,) = told["nodePools"]
    assert (pool["name"], pool["types"], pool["offerings"]) == ("default", 2, 2)
    rule = pool["rules"][pool["decisive"]]
    assert (rule["rule"], rule["key"], rule["wanted"], rule["found"], rule["types"]) == ("Resource", "nvidia.com/gpu", "8", "1", 2)
    assert sum(outcome["types"] for outcome in pool["outcomes"]) == 2


def test_a_pod_on_its_node_is_explained_with_what_it_costs(offered):
    offered.apply_deployment("web", replicas=1, cpu="1")
    (pod,) = offered.wait_running("app=web", count=1)
    done = explain(offered, f"default/{pod['metadata']['name']}", "--output=json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["placement"]["where"] == "Bound"
    assert told["placement"]["name"] == pod["spec"]["nodeName"]
    bought = told["placement"]["offering"]
    assert bought["instanceType"] == "ml.m5.xlarge"
    assert (bought["usdPerHour"], bought["priceSource"], bought["priceEstimated"]) == ("0.230400", "BuiltIn", True)
    assert [offering["instanceType"] for offering in told["nodePools"][0]["usable"]] == ["ml.m5.xlarge", "ml.g5.xlarge"]


def test_what_would_be_bought_is_said_without_a_controller_and_nothing_is_changed(offered):
    wait_for("the NodePool is Ready", lambda: condition(offered.api.get("nodepools", "default"), "Ready") == "True")
    offered.kill_controller()
    offered.api.create("pods", pod_of("web"))
    wait_for("it waits", lambda: manifests.unschedulable(offered.api))

    done = explain(offered, "web")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:2] == [
        "pod default/web has a place",
        '  a new node of NodePool "default" is to be bought for it: ml.m5.xlarge in us-east-1a (on-demand, $0.23 an hour), '
        "the cheapest of 2 offerings",
    ]
    assert not offered.claims() and not offered.hyperpod_nodes()
    assert not [call for call in offered.recorder.calls if call.operation.startswith("Batch")]


def test_a_pod_that_no_pool_may_be_bought_for(world):
    """Nobody has called the NodePool Ready: there was no controller yet."""
    world.start(groups=GROUPS, controller=False)
    world.apply_class("default", "cpu", "gpu")
    world.apply_pool("default")
    world.api.create("pods", pod_of("web"))
    wait_for("it waits", lambda: manifests.unschedulable(world.api))
    done = explain(world, "web")
    assert done.returncode == 1, done.stderr
    assert 'no NodePool can be used: NodePool "default" is not Ready' in done.stdout


def pod_of(name):
    template = manifests.pod_template({"app": name}, cpu="1")
    return {"metadata": {"name": name, **template["metadata"]}, "spec": template["spec"]}


def test_a_pod_that_is_not_there(offered):
    done = explain(offered, "default/nobody")
    assert done.returncode == 2
    assert "error: there is no pod nobody in namespace default" in done.stderr
    assert "fix: kubectl get pods --namespace default" in done.stderr
    assert done.stdout == ""
