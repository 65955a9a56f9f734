"""Pods bring nodes, and nodes go when their pods have gone: the main job, on a real Kubernetes."""

import manifests
from api import condition, holds_for, wait_for
from hyperwright import group

ZONE = "topology.kubernetes.io/zone"
TYPE = "node.kubernetes.io/instance-type"


def test_pods_bring_nodes_and_nodes_go_back_to_zero(world):
    world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a")])
    world.apply_class("default", "cpu")
    world.apply_pool("cpu")
    world.apply_deployment("web", replicas=3, cpu="3")

    pods = world.wait_running("app=web", count=3)
    nodes = {pod["spec"]["nodeName"]: world.node_of(pod) for pod in pods}
    assert len(nodes) == 3, "a pod of 3 cpu fills an ml.m5.xlarge"
    for node in nodes.values():
        labels = node["metadata"]["labels"]
        assert labels["karpenter.sh/nodepool"] == "cpu"
        assert labels["karpenter.sh/registered"] == "true"
        assert labels[TYPE] == "ml.m5.xlarge"
    wait_for("every claim is ready", lambda: all(condition(claim, "Ready") == "True" for claim in world.claims()))
    world.check_one_claim_a_node()
    assert world.target_counts() == {"cpu": 3}

    world.api.scale("web", 0)
    world.wait_until_empty()
    assert len(world.recorder.launched()) == 3, "no node was launched for nobody"


def test_a_job_of_several_workers_pays_for_its_time_only(world):
    world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a")])
    world.apply_class("default", "cpu")
    world.apply_pool("cpu")
    world.api.create("jobs", manifests.job("train", parallelism=4, cpu="3", run_seconds=2))

    wait_for("all workers are done", lambda: world.api.get("jobs", "train")["status"].get("succeeded") == 4, within=90)
    world.wait_until_empty()
    assert len(world.recorder.launched()) == 4


def test_a_second_wave_uses_the_nodes_that_are_there(world):
    world.start(groups=[group("cpu", "ml.m5.4xlarge", "subnet-a")])
    world.apply_class("default", "cpu")
    world.apply_pool("cpu", consolidate_after="60s")
    world.apply_deployment("first", replicas=1, cpu="2")
    world.wait_running("app=first", count=1)

    world.apply_deployment("second", replicas=4, cpu="2")
    world.wait_running("app=second", count=4)
    assert len(world.recorder.launched()) == 1, "sixteen cpu hold five pods of two"


def test_each_zone_gets_the_nodes_of_its_pods(world):
    world.start(groups=[group("cpu-a", "ml.m5.xlarge", "subnet-a"), group("cpu-b", "ml.m5.xlarge", "subnet-b")])
    world.apply_class("default", "cpu-a", "cpu-b")
    world.apply_pool("cpu")
    world.apply_deployment("east", replicas=2, cpu="3", node_selector={ZONE: "us-east-1a"})
    world.apply_deployment("west", replicas=1, cpu="3", node_selector={ZONE: "us-east-1b"})

    for app, count, zone in (("east", 2, "us-east-1a"), ("west", 1, "us-east-1b")):
        for pod in world.wait_running(f"app={app}", count):
            assert world.node_of(pod)["metadata"]["labels"][ZONE] == zone
    assert world.target_counts() == {"cpu-a": 2, "cpu-b": 1}

    world.api.scale("east", 0)
    wait_for("zone a is empty", lambda: world.target_counts() == {"cpu-a": 0, "cpu-b": 1}, within=90)
    assert len(manifests.running(world.api, "app=west")) == 1, "the other zone's pod was left in peace"
    world.api.scale("west", 0)
    world.wait_until_empty()


def test_the_heavier_pool_is_asked_first_though_it_is_dearer(world):
    world.start(groups=[group("dear", "ml.m5.4xlarge", "subnet-a"), group("cheap", "ml.c5.xlarge", "subnet-a")])
    world.apply_class("dear", "dear")
    world.apply_class("cheap", "cheap")
    world.apply_pool("first", node_class="dear", weight=50, limits={"nodes": "1"})
    world.apply_pool("second", node_class="cheap", weight=1)
    world.apply_deployment("web", replicas=1, cpu="3")
    (pod,) = world.wait_running("app=web", count=1)
    assert world.node_of(pod)["metadata"]["labels"]["karpenter.sh/nodepool"] == "first"

    # Its limit is one node of sixteen cpu: the sixth pod of three cpu goes to the other pool.
    world.api.scale("web", 6)
    pods = world.wait_running("app=web", count=6)
    pools = [world.node_of(pod)["metadata"]["labels"]["karpenter.sh/nodepool"] for pod in pods]
    assert sorted(pools) == ["first"] * 5 + ["second"]

    world.api.scale("web", 0)
    world.wait_until_empty()


def test_a_limit_is_never_exceeded_and_the_pods_beyond_it_are_told(world):
    world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a")])
    world.apply_class("default", "cpu")
    world.apply_pool("cpu", limits={"cpu": "8"})
    most = []
    world.claims_seen.hooks.append(lambda *_: most.append(len(world.claims())))
    world.apply_deployment("web", replicas=5, cpu="3")

    wait_for("two pods run", lambda: len(manifests.running(world.api, "app=web")) == 2, within=90)

    def told():
        return [
            event
            for event in world.api.list("events")
            if event["reason"] == "FailedScheduling"
            and event.get("source", {}).get("component") != "default-scheduler"
            and event.get("reportingComponent") != "default-scheduler"
            and "limit" in event["message"]
        ]

    wait_for("an event on a pod names the limit", told, within=30)
    holds_for(
        5,
        "two nodes, three pods pending",
        lambda: len(manifests.running(world.api, "app=web")) == 2 and len(world.claims()) == 2,
    )
    assert max(most) == 2, "eight cpu are two nodes of four"
    assert len(world.recorder.launched()) == 2

    world.api.patch("nodepools", "cpu", {"spec": {"limits": {"cpu": "20"}}})
    world.wait_running("app=web", count=5)
    world.api.scale("web", 0)
    world.wait_until_empty()


def test_metrics_and_probes_answer(world):
    world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a")])
    world.apply_class("default", "cpu")
    world.apply_pool("cpu")
    world.apply_deployment("web", replicas=1, cpu="3")
    world.wait_running("app=web", count=1)
    assert world.probe("/healthz") and world.probe("/readyz")
    created = [line for line in world.metrics().splitlines() if line.startswith("karpenter_nodeclaims_created_total{")]
    assert created and 'nodepool="cpu"' in created[0] and float(created[0].rsplit(" ", 1)[1]) == 1
