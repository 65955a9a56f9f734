"""HyperPod never says "no capacity" in an answer: the controller must find out, and buy elsewhere."""

from api import holds_for, wait_for
from hyperwright import group

TYPE = "node.kubernetes.io/instance-type"
GPU_GROUPS = [group("gpu-g6", "ml.g6.xlarge", "subnet-a"), group("gpu-g5", "ml.g5.xlarge", "subnet-a")]


def none_of(instance_type, zone="us-east-1a", until="24h"):
    return {"type": instance_type, "zone": zone, "available": 0, "from": "0s", "until": until}


def test_the_next_best_offering_is_bought_when_the_cheapest_is_out_of_capacity(world):
    world.start(groups=GPU_GROUPS, scenario={"capacity": [none_of("ml.g6.xlarge")]})
    world.apply_class("gpu", "gpu-g6", "gpu-g5")
    world.apply_pool("gpu", node_class="gpu")
    world.apply_deployment("inference", replicas=2, cpu="1", gpus=1)

    pods = world.wait_running("app=inference", count=2, within=120)
    assert {world.node_of(pod)["metadata"]["labels"][TYPE] for pod in pods} == {"ml.g5.xlarge"}
    asked = [node for call in world.recorder.of("BatchAddClusterNodes") for node in call.request["NodesToAdd"]]
    assert asked[0]["InstanceGroupName"] == "gpu-g6", "the cheapest was asked for first"
    # Without its withdrawal HyperPod would retry for ever, and give two nodes for one need.
    wait_for("the failed nodes are withdrawn", lambda: world.target_counts() == {"gpu-g6": 0, "gpu-g5": 2})
    world.check_one_claim_a_node()

    world.api.scale("inference", 0)
    world.wait_until_empty()


def test_capacity_in_another_zone_is_used(world):
    groups = [group("gpu-a", "ml.g6.xlarge", "subnet-a"), group("gpu-b", "ml.g6.xlarge", "subnet-b")]
    world.start(groups=groups, scenario={"capacity": [none_of("ml.g6.xlarge", zone="us-east-1a")]})
    world.apply_class("gpu", "gpu-a", "gpu-b")
    world.apply_pool("gpu", node_class="gpu")
    world.apply_deployment("inference", replicas=1, cpu="1", gpus=1)

    (pod,) = world.wait_running("app=inference", count=1, within=120)
    assert world.node_of(pod)["metadata"]["labels"]["topology.kubernetes.io/zone"] == "us-east-1b"
    world.api.scale("inference", 0)
    world.wait_until_empty()


def test_pods_wait_when_there_is_no_capacity_anywhere_and_nothing_is_left_over(world):
    world.start(groups=GPU_GROUPS, scenario={"capacity": [none_of("ml.g6.xlarge"), none_of("ml.g5.xlarge")]})
    world.apply_class("gpu", "gpu-g6", "gpu-g5")
    world.apply_pool("gpu", node_class="gpu")
    world.apply_deployment("inference", replicas=1, cpu="1", gpus=1)

    def asked():
        return {
            node["InstanceGroupName"]
            for call in world.recorder.of("BatchAddClusterNodes")
            for node in call.request["NodesToAdd"]
        }

    wait_for("both types were tried", lambda: asked() == {"gpu-g6", "gpu-g5"}, within=120)
    wait_for("both were withdrawn", lambda: not world.claims() and not world.hyperpod_nodes(), within=120)
    calls = len(world.recorder.of("BatchAddClusterNodes"))
    holds_for(5, "no hot loop of launches", lambda: len(world.recorder.of("BatchAddClusterNodes")) == calls)
    world.api.scale("inference", 0)
    world.wait_until_empty()
