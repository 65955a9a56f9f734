"""The Kubernetes of these tests is what the scenarios take it for."""

import manifests
from api import is_ready, wait_for
from cluster import Cluster


def taint_keys(node):
    return {taint["key"] for taint in node["spec"].get("taints", [])}


def test_answers_as_the_version_that_it_was_built_from(cluster):
    assert cluster.api.request("GET", "/version")["gitVersion"] == "v1.36.3"


def test_a_node_that_hyperpod_registers_is_tainted_until_its_kubelet_is_ready(cluster):
    created = cluster.api.create("nodes", manifests.hyperpod_node("hyperpod-i-0123456789abcdef0"))
    assert "node.kubernetes.io/not-ready" in taint_keys(created)

    def node():
        return cluster.api.get("nodes", created["metadata"]["name"])

    wait_for("the node is ready", lambda: is_ready(node()))
    wait_for("the controllers take the taint off", lambda: not taint_keys(node()))
    assert node()["status"]["allocatable"] == created["status"]["allocatable"]
    assert cluster.api.get("leases", created["metadata"]["name"], "kube-node-lease")


def test_a_pod_waits_for_a_node_and_then_runs_there(cluster):
    cluster.api.create("deployments", manifests.deployment("web", replicas=2, cpu="1"))
    wait_for("two pods are unschedulable", lambda: len(manifests.unschedulable(cluster.api)) == 2)

    cluster.api.create("nodes", manifests.hyperpod_node("hyperpod-i-0123456789abcdef1"))
    running = wait_for("both run", lambda: manifests.running(cluster.api, "app=web", count=2))
    assert {pod["spec"]["nodeName"] for pod in running} == {"hyperpod-i-0123456789abcdef1"}
    # The kubelets keep what the scheduler wrote.
    assert all("PodScheduled" in {c["type"] for c in pod["status"]["conditions"]} for pod in running)


def test_a_job_completes_after_its_seconds(cluster):
    cluster.api.create("nodes", manifests.hyperpod_node("hyperpod-i-0123456789abcdef2"))
    cluster.api.create("jobs", manifests.job("train", parallelism=2, cpu="1", run_seconds=1))
    wait_for("both workers are done", lambda: cluster.api.get("jobs", "train")["status"].get("succeeded") == 2)


def test_a_pod_that_is_evicted_goes_and_comes_back_elsewhere(cluster):
    for number in (3, 4):
        cluster.api.create("nodes", manifests.hyperpod_node(f"hyperpod-i-0123456789abcdef{number}"))
    cluster.api.create("deployments", manifests.deployment("web", replicas=1, cpu="1"))
    pod = wait_for("it runs", lambda: manifests.running(cluster.api, "app=web", count=1))[0]
    cluster.kubectl("cordon", pod["spec"]["nodeName"])
    cluster.api.request(
        "POST",
        cluster.api.path("pods", pod["metadata"]["name"], "default", "eviction"),
        {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod["metadata"]["name"]}},
    )

    def moved():
        pods = manifests.running(cluster.api, "app=web", count=1)
        return pods and pods[0]["spec"]["nodeName"] != pod["spec"]["nodeName"]

    wait_for("it runs on the other node", moved)


def test_both_kubeconfigs_are_let_in(cluster):
    for kubeconfig in (cluster.kubeconfig, cluster.token_kubeconfig):
        assert cluster.kubectl("get", "nodes", "--kubeconfig", kubeconfig) == ""


def test_reset_takes_away_what_holds_on_by_finalizers(cluster):
    node = manifests.hyperpod_node("hyperpod-i-0123456789abcdef5")
    node["metadata"]["finalizers"] = ["karpenter.sh/termination"]
    cluster.api.create("nodes", node)
    cluster.api.create("deployments", manifests.deployment("web", replicas=3, cpu="1"))
    wait_for("pods are there", lambda: len(cluster.api.list("pods")) == 3)
    cluster.reset()
    assert cluster.api.list("nodes") == []
    assert cluster.api.list("pods") == []


def test_stop_leaves_no_process(cluster, tmp_path):
    other = Cluster(tmp_path).start()
    assert all(process.running for process in other.processes)
    other.stop()
    assert not any(process.running for process in other.processes)
