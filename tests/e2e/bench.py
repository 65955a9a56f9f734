"""Pods per second end to end on a real Kubernetes, beside what kube-scheduler alone reaches there.

    make bench        or        python tests/e2e/bench.py [PODS] [PODS A NODE]

Both runs create the same Deployments and wait until every pod runs. "kube-scheduler alone" finds the
nodes there already; "hyperwright" starts from none and must decide, launch, join and register them
(HyperPod's own delays are zero, and the batch window of one second idle is part of the figure). What
lies between the two figures is what the autoscaler costs. All of it shares this machine's cores.
"""

import os
import pathlib
import sys
import tempfile
import time

import manifests
from api import wait_for
from cluster import ROOT, Cluster
from hyperwright import World, group

DEPLOYMENTS = 10


def create_pods(api, count, cpu):
    for number in range(DEPLOYMENTS):
        api.create("deployments", manifests.deployment(f"load-{number}", count // DEPLOYMENTS, cpu=cpu))


class Progress:
    """Follows the pods by one watch: when the first came, the last was bound, and the last ran."""

    def __init__(self, api, count):
        self.count = count
        self.bound, self.running = set(), set()
        self.first = self.last_bound = self.last_running = None
        self.watch = api.watch("pods")
        self.watch.hooks.append(self._fold)

    def _fold(self, _, pod):
        now, uid = time.monotonic(), pod["metadata"]["uid"]
        self.first = self.first or now
        if pod["spec"].get("nodeName") and uid not in self.bound:
            self.bound.add(uid)
            self.last_bound = now
        if pod["status"].get("phase") == "Running" and uid not in self.running:
            self.running.add(uid)
            self.last_running = now

    def wait(self):
        wait_for(f"{self.count} pods run", lambda: len(self.running) >= self.count, within=600, every=0.1)
        self.watch.stop()

    def line(self, name):
        bound, running = self.last_bound - self.first, self.last_running - self.first
        return f"{name:24} {self.count / bound:8.1f} pods/s bound {self.count / running:8.1f} pods/s running   ({running:.1f} s)"


def scheduler_alone(cluster, pods, per_node):
    cluster.reset()
    for number in range(pods // per_node):
        cluster.api.create("nodes", manifests.hyperpod_node(f"hyperpod-i-{number:017x}", cpu="16", pods="58"))
    ready = "node.kubernetes.io/not-ready"
    wait_for(
        "nodes are ready",
        lambda: not any(t["key"] == ready for n in cluster.api.list("nodes") for t in n["spec"].get("taints", [])),
        within=120,
    )
    progress = Progress(cluster.api, pods)
    create_pods(cluster.api, pods, f"{15000 // per_node}m")
    progress.wait()
    return progress.line("kube-scheduler alone")


def with_hyperwright(cluster, binary, directory, pods, per_node):
    cluster.reset()
    world = World(cluster, binary, directory / "bench")
    try:
        none = {"launch": "0s", "register": "0s", "terminate": "0s"}
        world.start(groups=[group("cpu", "ml.m5.4xlarge", "subnet-a")], scenario={"delays": none})
        world.apply_class("default", "cpu")
        world.apply_pool("cpu")
        progress = Progress(cluster.api, pods)
        create_pods(cluster.api, pods, f"{15000 // per_node}m")
        progress.wait()
        return f"{progress.line('hyperwright')}   {len(world.recorder.launched())} nodes"
    finally:
        world.stop()


def main(pods=500, per_node=10):
    binary = pathlib.Path(os.environ.get("HYPERWRIGHT_BINARY", ROOT / "build/release/hyperwright"))
    if not binary.exists():
        sys.exit(f"error: no binary at {binary}\nfix: build it (make release), or set HYPERWRIGHT_BINARY")
    with tempfile.TemporaryDirectory(prefix="hyperwright-bench-") as directory:
        directory = pathlib.Path(directory)
        cluster = Cluster(directory).start()
        try:
            print(f"{pods} pods, {per_node} a node, {os.cpu_count()} cores for everything", flush=True)
            print(scheduler_alone(cluster, pods, per_node), flush=True)
            cluster.install_crds(binary)
            print(with_hyperwright(cluster, binary, directory, pods, per_node), flush=True)
        finally:
            cluster.stop()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
