"""Who the controller is in Kubernetes, what it says of a right that it lacks, and who of two acts."""

import json
import urllib.error
import urllib.request

from api import wait_for
from hyperwright import group

# As `aws eks get-token` does it, but that its tokens are good for two seconds.
PLUGIN = """#!/bin/sh
echo run >> "$RUNS"
case "$KUBERNETES_EXEC_INFO" in *ExecCredential*) ;; *) echo "it is not told what is wanted" >&2; exit 3 ;; esac
printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","status":'
printf '{"token":"%s","expirationTimestamp":"%s"}}' "$TOKEN" "$(date -u -d '+2 seconds' +%Y-%m-%dT%H:%M:%SZ)"
"""


def start(world, **flags):
    world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a")], controller=False)
    world.start_controller(**flags)
    world.apply_class("default", "cpu")
    world.apply_pool("cpu")


def plugin_kubeconfig(world, command):
    """What `aws eks update-kubeconfig` writes, with a program of ours; a field at a time may be JSON."""
    text = world.cluster.token_kubeconfig.read_text()
    user = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": str(command),
            "args": ["eks", "get-token", "--cluster-name", "e2e"],
            "env": [
                {"name": "TOKEN", "value": world.cluster.token},
                {"name": "RUNS", "value": str(world.directory / "runs")},
            ],
        }
    }
    path = world.directory / "kubeconfig"
    path.write_text(text.replace(f"{{token: {world.cluster.token}}}", json.dumps(user)))
    return path


def test_an_exec_plugin_lets_the_controller_in_and_runs_again_when_its_token_expires(world):
    world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a")], controller=False)
    plugin = world.directory / "get-token"
    plugin.write_text(PLUGIN)
    plugin.chmod(0o700)
    world.start_controller(**{"--kubeconfig": plugin_kubeconfig(world, plugin)})
    world.apply_class("default", "cpu")
    world.apply_pool("cpu")
    world.apply_deployment("web", replicas=1, cpu="1")
    world.wait_running("app=web", 1)
    runs = world.directory / "runs"
    wait_for("it has run again", lambda: runs.read_text().count("run") > 2)
    assert world.cluster.token not in world.controller.log.read_text()


def test_the_first_freezes_the_second_takes_over_and_the_first_ends_without_an_effect(world):
    quick = {
        "--leader-elect-lease-duration": "3s",
        "--leader-elect-renew-deadline": "2s",
        "--leader-elect-retry-period": "500ms",
    }
    start(world, **quick)
    first = world.controller
    second = world.run_controller("second", **quick)
    wait_for("the second waits", lambda: "waiting for the lease" in second.log.read_text())
    first.freeze()
    wait_for("the second leads", lambda: "acquired the lease" in second.log.read_text())
    world.apply_deployment("web", replicas=1, cpu="1")
    world.wait_running("app=web", 1)
    before = len(world.recorder.calls)
    first.thaw()
    wait_for("the first has ended", lambda: not first.running)
    assert first.popen.returncode == 3 and "lost the lease" in first.log.read_text()
    assert [call.operation for call in world.recorder.calls[before:] if call.operation.startswith("Batch")] == []
    assert len(world.recorder.launched()) == 1


def test_a_right_that_is_missing_is_told_with_verb_resource_and_remedy(world):
    world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a")], controller=False)
    path = world.directory / "kubeconfig"
    text = world.cluster.kubeconfig.read_text()
    assert "{client-certificate-data: " in text
    path.write_text(text.replace("{client-certificate-data: ", "{as: nobody, as-groups: [system:authenticated], client-certificate-data: "))
    controller = world.run_controller("refused", **{"--kubeconfig": path, "--leader-election-namespace": "default"})

    def told():
        """The lines about the Lease."""
        return [line for line in controller.log.read_text().splitlines() if "is forbidden" in line and "leases" in line]

    (line, *_) = wait_for("it is told", told)
    assert 'with the verb "get" on the resource "leases" of the API group "coordination.k8s.io"' in json.loads(line)["fix"]

    def why_it_is_not_ready():
        """Who may not see the Lease never leads, and is no replica to count on."""
        lines = map(json.loads, controller.log.read_text().splitlines())
        (address,) = [line["address"] for line in lines if line["message"] == "serving health probes"]
        try:
            return urllib.request.urlopen(address + "/readyz", timeout=2).read().decode()
        except urllib.error.HTTPError as refusal:
            assert refusal.code == 503
            return refusal.read().decode()

    wait_for("readiness says why", lambda: "lease cannot be read: GET" in why_it_is_not_ready())
