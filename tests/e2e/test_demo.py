"""The README's first command: the demo, whole, with kubectl and boto3 on it while it runs."""

import json
import os
import pathlib
import pty
import re
import signal
import subprocess

import boto3
import pytest

from cluster import binaries
from hyperwright import KEYS, REGION
from process import Process, wait_until

MANIFEST = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "mine"},
    "spec": {"containers": [{"name": "mine", "image": "mine", "resources": {"requests": {"cpu": "1"}}}]},
}


ROOT = pathlib.Path(__file__).resolve().parents[2]


def indented(step, story):
    """As deep as the steps of the story, which stand at its end."""
    depth = re.search(r"^( *)- at:", story, re.M)[1]
    return "".join(f"{depth}{line}\n" for line in step.splitlines())


class Demo:
    def __init__(self, binary, directory, *flags):
        directory.mkdir(parents=True, exist_ok=True)
        self.kubeconfig = directory / "kubeconfig"
        self.process = Process("demo", [binary, "demo", f"--kubeconfig={self.kubeconfig}", *flags], directory / "demo.log")
        self.endpoint = None
        wait_until("the demo tells its endpoint", self._told, [self.process])

    def _told(self):
        found = re.findall(r"AWS_ENDPOINT_URL_SAGEMAKER=(http://\S+)", self.process.log.read_text())
        self.endpoint = found[-1] if found else None
        return self.endpoint

    def kubectl(self, *arguments, text=None):
        done = subprocess.run(
            [binaries() / "kubectl", f"--kubeconfig={self.kubeconfig}", *arguments], input=text, capture_output=True, text=True
        )
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return done.stdout


@pytest.fixture
def demo(binary, directory, request):
    """Slow enough that a person, or this test, can look on."""
    demo = Demo(binary, directory / request.node.name, "--speed=30")
    yield demo
    demo.process.stop()


def test_the_story_ends_with_every_pod_run_and_the_cluster_at_zero(binary, directory):
    demo = Demo(binary, directory / "demo-once", "--once", "--speed=20000")
    wait_until("the story ends", lambda: not demo.process.running, [], within=120)
    text = demo.process.log.read_text()
    assert demo.process.popen.returncode == 0, text
    assert re.search(r"^pods run +17$", text, re.M), text
    assert re.search(r"^cluster +at zero$", text, re.M), text


def test_the_same_seed_tells_the_same_story_at_any_speed(binary, directory):
    def story(speed):
        demo = Demo(binary, directory / f"demo-{speed}", "--once", f"--speed={speed}", "--seed=7")
        wait_until("the story ends", lambda: not demo.process.running, [], within=120)
        return [line for line in demo.process.log.read_text().splitlines() if re.match(r"\d\d:", line)]

    assert story(20000) == story(200000)


def test_a_pod_that_never_ran_is_told_by_the_exit_code(binary, directory):
    story = (ROOT / "examples" / "demo-story.yaml").read_text()
    huge = {**MANIFEST, "metadata": {"name": "huge"}}
    huge["spec"] = {"containers": [{"name": "a", "image": "a", "resources": {"requests": {"cpu": "500"}}}]}
    file = directory / "never-runs.yaml"
    apply = f"- at: 1m\n  apply: |\n    {json.dumps(huge)}\n"
    file.write_text(f"{story.rstrip()}\n{indented(apply, story)}{indented('- {at: 20m, delete: [pod/huge]}', story)}")
    demo = Demo(binary, directory / "demo-never", "--once", "--speed=20000", f"--story={file}")
    wait_until("the story ends", lambda: not demo.process.running, [], within=120)
    text = demo.process.log.read_text()
    assert demo.process.popen.returncode == 1, text
    assert re.search(r"^pods never run +1$", text, re.M), text
    assert re.search(r"^cluster +at zero$", text, re.M), text


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_who_stops_the_story_sees_what_it_came_to(demo, stop):
    demo.process.popen.send_signal(stop)
    assert demo.process.popen.wait(timeout=10) == 1, "the story was not over"
    assert re.search(r"^cost +\$", demo.process.log.read_text(), re.M)


def test_on_a_terminal_it_stays_until_it_is_stopped(binary, tmp_path):
    """Read from a pseudo terminal, to which Ctrl-C is a byte."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TMPDIR"] = str(tmp_path)
        os.execv(binary, [str(binary), "demo", "--speed=20000"])
    seen = ""
    while "Ctrl-C ends" not in seen:
        seen += os.read(terminal, 65536).decode(errors="replace")
    kubeconfig = pathlib.Path(re.search(r"KUBECONFIG=(\S+)", seen)[1])
    assert os.waitpid(pid, os.WNOHANG) == (0, 0), "it stays"
    assert kubeconfig.exists()
    os.write(terminal, b"\x03")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, seen
    assert not kubeconfig.exists()


def test_kubectl_works_on_the_demo_while_it_runs(demo):
    wait_until("the pool is ready", lambda: "True" in demo.kubectl("get", "nodepools", "general"), [demo.process])
    assert "NODECLASS" in demo.kubectl("get", "nodepools")
    assert "demo" in demo.kubectl("get", "hyperpodnodeclasses")
    demo.kubectl("apply", "-f", "-", text=json.dumps(MANIFEST))
    wait_until("my pod runs", lambda: "Running" in demo.kubectl("get", "pod", "mine"), [demo.process], within=90)
    assert "Scheduled" in demo.kubectl("describe", "pod", "mine")
    assert "general-" in demo.kubectl("get", "nodeclaims")
    node = json.loads(demo.kubectl("get", "pod", "mine", "-o", "json"))["spec"]["nodeName"]
    assert "karpenter.sh/nodepool" in demo.kubectl("get", "node", node, "--show-labels")
    seen = demo.kubectl("get", "pods", "--watch", "--request-timeout=2s", "--output-watch-events")
    assert "ADDED" in seen
    demo.kubectl("delete", "pod", "mine", "--wait=false")


def test_boto3_works_on_the_demo_while_it_runs(demo):
    session = boto3.Session(KEYS["AWS_ACCESS_KEY_ID"], KEYS["AWS_SECRET_ACCESS_KEY"], region_name=REGION)
    hyperpod = session.client("sagemaker", endpoint_url=demo.endpoint)
    cluster = hyperpod.describe_cluster(ClusterName="demo")
    assert {group["InstanceGroupName"] for group in cluster["InstanceGroups"]} == {"cpu", "gpu", "train"}
    assert [found["ClusterName"] for found in hyperpod.list_clusters()["ClusterSummaries"]] == ["demo"]

    def nodes():
        return hyperpod.list_cluster_nodes(ClusterName="demo", IncludeNodeLogicalIds=True)["ClusterNodeSummaries"]

    wait_until("the autoscaler launched nodes", nodes, [demo.process], within=60)
    assert all(node["NodeLogicalId"] for node in nodes())
