"""Pods per second end to end on a real Kubernetes, beside what kube-scheduler alone reaches there.

    make bench        or        python tests/e2e/bench.py [PODS] [PODS A NODE]

Both runs create the same Deployments and wait until every pod runs. "kube-scheduler alone" finds the
nodes there already; "hyperwright" starts from none and must decide, launch, join and register them
(HyperPod's own delays are zero, and the batch window of one second idle is part of the figure). What
lies between the two figures is what the autoscaler costs. All of it shares this machine's cores.

Two lines are of the time within: from the watch event of the last pending pod to the first
BatchAddClusterNodes (the window, the decision, and the API server's time to create the claims), and
from the last launch to the last bound pod (kubelets join, Nodes are registered, taints go, the
scheduler binds). Beneath each stands what the same API server takes for that part without
Hyperwright: a bare client creates the same claims, or the same Nodes beside the same pending pods,
with as many calls at once. Rows are those of bench/figures/table.h.
"""

import concurrent.futures
import os
import pathlib
import sys
import tempfile
import time

import manifests
from api import Kubernetes, wait_for
from cluster import ROOT, Cluster
from hyperwright import World, group

DEPLOYMENTS = 10
WINDOW = 1.0  # --batch-idle-duration, as the controller has it by default
CALLS_AT_ONCE = 32  # as src/client/call_window.h has it


def row(figure, value, unit, note="", aim="-"):
    text = f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"
    print(f"{figure:<52} {text:>10} {unit:<9} {aim:<16} {note}", flush=True)


def tell(text):
    """Progress, on a terminal only; the next line overwrites it."""
    if sys.stderr.isatty():
        print(f"\r\033[K  {text}", end="", file=sys.stderr, flush=True)


def measured_binary():
    binary = pathlib.Path(os.environ.get("HYPERWRIGHT_BINARY", ROOT / "build/release/hyperwright"))
    if not binary.exists():
        sys.exit(f"error: no binary at {binary}\nfix: build it (make bench), or set HYPERWRIGHT_BINARY")
    return binary


def create_pods(api, count, cpu):
    for number in range(DEPLOYMENTS):
        api.create("deployments", manifests.deployment(f"load-{number}", count // DEPLOYMENTS, cpu=cpu))


def is_unschedulable(pod):
    conditions = pod["status"].get("conditions", [])
    return any(entry["type"] == "PodScheduled" and entry.get("reason") == "Unschedulable" for entry in conditions)


class Progress:
    """Follows the pods by one watch: when each came, was found unschedulable, was bound, and ran."""

    def __init__(self, api, count):
        self.count = count
        self.came, self.unschedulable, self.bound, self.running = {}, {}, {}, {}
        self.watch = api.watch("pods")
        self.watch.hooks.append(self._fold)

    def _fold(self, _, pod):
        now, uid = time.monotonic(), pod["metadata"]["uid"]
        self.came.setdefault(uid, now)
        if pod["spec"].get("nodeName"):
            self.bound.setdefault(uid, now)
        elif is_unschedulable(pod):
            self.unschedulable.setdefault(uid, now)
        if pod["status"].get("phase") == "Running":
            self.running.setdefault(uid, now)

    def wait(self, what):
        def done():
            tell(f"{what}: {len(self.came)} pods came, {len(self.bound)} are bound, {len(self.running)} run")
            return len(self.running) >= self.count

        wait_for(f"{self.count} pods run", done, within=600, every=0.1)
        self.watch.stop()
        tell("")

    def first(self):
        return min(self.came.values())

    def rows(self, name, note):
        bound = max(self.bound.values()) - self.first()
        running = max(self.running.values()) - self.first()
        row(f"end to end: {name}, pods bound", self.count / bound, "pods/s", f"{self.count} pods in {bound:.1f} s; {note}")
        row(f"end to end: {name}, pods running", self.count / running, "pods/s", f"in {running:.1f} s")
        return self.count / bound


def create_at_once(cluster, kind, objects):
    """A bare client: nothing but the calls, over connections of its own. Returns the seconds they took."""
    api = Kubernetes(cluster.server, cluster.authority.certificate, *cluster.admin)
    api.pool.connection_pool_kw["maxsize"] = CALLS_AT_ONCE
    with concurrent.futures.ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
        begun = time.monotonic()
        list(pool.map(lambda item: api.create(kind, item), objects))
        return time.monotonic() - begun


def nodes_for(pods, per_node):
    return [
        manifests.hyperpod_node(f"hyperpod-i-{number:017x}", "ml.m5.4xlarge", cpu="16", memory="64Gi", pods="58")
        for number in range(-(-pods // per_node))
    ]


def scheduler_alone(cluster, pods, per_node):
    cluster.reset()
    nodes = nodes_for(pods, per_node)
    create_at_once(cluster, "nodes", nodes)
    ready = "node.kubernetes.io/not-ready"
    wait_for(
        "nodes are ready",
        lambda: not any(t["key"] == ready for n in cluster.api.list("nodes") for t in n["spec"].get("taints", [])),
        within=120,
    )
    progress = Progress(cluster.api, pods)
    create_pods(cluster.api, pods, f"{15000 // per_node}m")
    progress.wait("kube-scheduler alone")
    return progress.rows("kube-scheduler alone", f"{len(nodes)} nodes were there")


def nodes_join_alone(cluster, pods, per_node):
    """The second half of what Hyperwright's run waits for: pods wait, and all Nodes are registered at once."""
    cluster.reset()
    progress = Progress(cluster.api, pods)
    create_pods(cluster.api, pods, f"{15000 // per_node}m")
    wait_for("all pods are found unschedulable", lambda: len(progress.unschedulable) >= pods, within=300)
    joined = time.monotonic()
    create_at_once(cluster, "nodes", nodes_for(pods, per_node))
    progress.wait("nodes join without Hyperwright")
    bound = max(progress.bound.values()) - joined
    row("end to end: the same without Hyperwright", bound * 1000, "ms", "Nodes by a bare client: join, kwok, taints, bind")


def with_hyperwright(cluster, binary, directory, pods, per_node, alone):
    cluster.reset()
    world = World(cluster, binary, directory / "bench")
    launches = []
    try:
        none = {"launch": "0s", "register": "0s", "terminate": "0s"}
        world.start(groups=[group("cpu", "ml.m5.4xlarge", "subnet-a")], scenario={"delays": none})
        world.recorder.before["BatchAddClusterNodes"] = lambda _: launches.append(time.monotonic())
        world.apply_class("default", "cpu")
        world.apply_pool("cpu")
        progress = Progress(cluster.api, pods)
        create_pods(cluster.api, pods, f"{15000 // per_node}m")
        progress.wait("hyperwright")
        nodes = len(world.recorder.launched())
        bound = progress.rows("hyperwright", f"{nodes} nodes bought, {-(-pods // per_node)} needed")
        row("end to end: hyperwright beside kube-scheduler alone", bound / alone, "x", "of pods bound a second")
        decision_row(progress, launches, pods)
        claims = list(world.claims_seen.seen.values())
        joined = max(progress.bound.values()) - launches[-1]
    finally:
        world.stop()
    claims_alone(cluster, claims)
    row("end to end: last launch to last pod bound", joined * 1000, "ms", "join, register, initialize, bind")


def claims_alone(cluster, claims):
    """The same claims once more, under other names, while nobody looks at them."""
    again = [
        {
            **{key: claim[key] for key in ("apiVersion", "kind", "spec")},
            "metadata": {
                "name": f"bare-{claim['metadata']['name']}",
                **{key: claim["metadata"].get(key) for key in ("labels", "annotations", "finalizers")},
            },
        }
        for claim in claims
    ]
    taken = create_at_once(cluster, "nodeclaims", again)
    note = f"{len(again)} creations, {CALLS_AT_ONCE} at once: the API server's part of the line above"
    row("end to end: its NodeClaims by a bare client", taken * 1000, "ms", note)


def decision_row(progress, launches, pods):
    """The wait of the last pending pod, where the batch was complete when it was bought."""
    pending = sorted(progress.unschedulable.values())
    before = [at for at in pending if at < launches[0] - WINDOW / 2]
    note = f"window of {WINDOW * 1000:.0f} ms and {(launches[0] - before[-1] - WINDOW) * 1000:.0f} ms"
    if len(before) < pods:
        note += f"; {pods - len(before)} pods came later"
    row("end to end: last pending pod to first BatchAdd", (launches[0] - before[-1]) * 1000, "ms", note, "window + 50 ms")


def main(pods=500, per_node=10):
    binary = measured_binary()
    with tempfile.TemporaryDirectory(prefix="hyperwright-bench-") as directory:
        directory = pathlib.Path(directory)
        tell("starting Kubernetes")
        cluster = Cluster(directory).start()
        try:
            cluster.install_crds(binary)
            alone = scheduler_alone(cluster, pods, per_node)
            with_hyperwright(cluster, binary, directory, pods, per_node, alone)
            nodes_join_alone(cluster, pods, per_node)
        finally:
            cluster.stop()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
