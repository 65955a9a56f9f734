"""What Hyperwright does not own it does not touch: another Karpenter's objects, and foreign nodes."""

import pytest

from api import holds_for, wait_for
from hyperwright import LOGICAL_ID, group


def test_another_karpenters_pool_and_claim_stay_as_they_are(world):
    world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a")], controller=False)
    ec2 = {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass"}
    world.apply_pool("theirs", weight=100, **ec2)
    claim = {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodeClaim",
        "metadata": {
            "name": "theirs-x7k2p",
            "labels": {"karpenter.sh/nodepool": "theirs"},
            "finalizers": ["karpenter.sh/termination"],
        },
        "spec": {
            "nodeClassRef": {**ec2, "name": "default"},
            "requirements": [{"key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"]}],
        },
    }
    theirs = [("nodepools", "theirs"), ("nodeclaims", "theirs-x7k2p")]
    world.api.create("nodeclaims", claim)
    before = [world.api.get(*key)["metadata"]["resourceVersion"] for key in theirs]

    world.start_controller()
    world.apply_class("default", "cpu")
    world.apply_pool("ours")
    world.apply_deployment("web", replicas=2, cpu="3")
    for pod in world.wait_running("app=web", count=2):
        assert world.node_of(pod)["metadata"]["labels"]["karpenter.sh/nodepool"] == "ours"
    world.api.scale("web", 0)
    wait_for("our nodes are gone", lambda: not world.hyperpod_nodes() and len(world.claims()) == 1, within=90)

    assert [world.api.get(*key)["metadata"]["resourceVersion"] for key in theirs] == before


def test_a_foreign_node_in_a_group_of_ours_is_never_deleted(world):
    """HyperPod's own Karpenter would scale the group to zero; that is refused here."""
    world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a", count=1)])
    (foreign,) = wait_for("the foreign node runs", lambda: running_nodes(world))
    world.apply_class("default", "cpu")
    world.apply_pool("cpu")
    world.apply_deployment("web", replicas=3, cpu="3")
    world.wait_running("app=web", count=3)
    world.api.scale("web", 0)
    world.wait_until_empty(foreign=1)

    def there():
        return [node["NodeLogicalId"] for node in running_nodes(world)] == [foreign["NodeLogicalId"]]

    holds_for(5, "the foreign node runs", there)
    (node,) = world.api.list("nodes")
    assert not [taint for taint in node["spec"].get("taints", []) if taint["key"].startswith("karpenter.sh/")]
    assert LOGICAL_ID not in node["metadata"].get("annotations", {})
    asked = [id for call in world.recorder.of("BatchDeleteClusterNodes") for id in call.request.get("NodeLogicalIds", [])]
    assert foreign["NodeLogicalId"] not in asked


def running_nodes(world):
    return [node for node in world.hyperpod_nodes() if node["InstanceStatus"]["Status"] == "Running"]


def test_two_controllers_for_one_cluster_are_kept_apart_by_a_lease(world):
    world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a")])
    first = world.controller
    second = world.run_controller("second")
    world.apply_class("default", "cpu")
    world.apply_pool("cpu")
    world.apply_deployment("web", replicas=3, cpu="3")
    world.wait_running("app=web", count=3)
    assert len(world.recorder.launched()) == 3

    # The other one takes over when the first is gone.
    first.kill()
    second.check()
    world.api.scale("web", 0)
    world.wait_until_empty(within=120)


@pytest.mark.parametrize(
    "flag, value, word",
    [
        ("--cluster", "nobody", "nobody"),
        ("--kubeconfig", "/nowhere/kubeconfig", "/nowhere/kubeconfig"),
        ("--frobnicate", "yes", "--frobnicate"),
    ],
)
def test_bad_input_names_what_is_wrong_and_ends_with_2_or_3(world, flag, value, word):
    world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a")], controller=False)
    process = world.run_controller("bad", **{flag: value})
    wait_for("it ends", lambda: not process.running, within=20)
    assert process.popen.returncode in (2, 3)
    assert word in process.tail()


def test_a_cluster_whose_managed_autoscaling_is_on_is_refused(world):
    world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a")], controller=False)
    world.hyperpod.update_cluster(
        ClusterName=world.name,
        ClusterRole="arn:aws:iam::111122223333:role/hyperpod-karpenter",
        AutoScaling={"Mode": "Enable", "AutoScalerType": "Karpenter"},
    )
    process = world.run_controller("refused")
    wait_for("it ends", lambda: not process.running, within=20)
    assert process.popen.returncode == 3
    assert "AutoScaling" in process.tail()
