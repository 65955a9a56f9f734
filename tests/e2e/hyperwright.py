"""Hyperwright's processes for one test: the HyperPod service, the recorder before it, the controller.

    world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a")])
    world.apply_pool("cpu")
    …
    world.wait_until_empty()
"""

import json
import os
import re
import subprocess
import urllib.request

import boto3
import botocore.config
import yaml

import manifests
from api import wait_for
from process import Process, free_ports, wait_until
from recorder import Recorder

REGION = "us-east-1"
SUBNETS = {"subnet-a": "us-east-1a", "subnet-b": "us-east-1b"}
QUICK = {"launch": "500ms", "register": "500ms", "terminate": "500ms"}
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AWS_EC2_METADATA_DISABLED": "true"}
LOGICAL_ID = "hyperwright.dev/node-logical-id"


def group(name, instance_type, subnet, count=0, **more):
    """An instance group as CreateCluster wants it; at zero, as HyperPod's documents ask for autoscaling."""
    return {
        "InstanceGroupName": name,
        "InstanceType": instance_type,
        "InstanceCount": count,
        "ExecutionRole": "arn:aws:iam::111122223333:role/hyperpod-execution",
        "LifeCycleConfig": {"SourceS3Uri": "s3://sagemaker-lifecycle", "OnCreate": "on_create.sh"},
        "OverrideVpcConfig": {"SecurityGroupIds": ["sg-0a"], "Subnets": [subnet]},
        **more,
    }


class World:
    def __init__(self, cluster, binary, directory):
        self.cluster = cluster
        self.api = cluster.api
        self.binary = binary
        self.directory = directory
        self.processes = []
        self.watches = []
        self.name = "hp1"
        self.environment = {**os.environ, **KEYS}
        self.recorder = self.service = self.controller = self.journal = None
        directory.mkdir(parents=True, exist_ok=True)

    def start(self, groups, scenario=None, controller=True, state=False, journal=False):
        """Service, cluster and controller; both watch lists are on before anything happens.

        With state the service keeps a file, and may be killed and started again. With journal the
        controller keeps one, through all its lives.
        """
        self.journal = self.directory / "journal" if journal else None
        self.nodes_seen = self._watch("nodes")
        self.claims_seen = self._watch("nodeclaims")
        self.start_service({"subnets": SUBNETS, "delays": QUICK, **(scenario or {})}, state)
        self.create_cluster(groups)
        if controller:
            self.start_controller()
        return self

    def start_service(self, scenario, state=False):
        path = self.directory / "scenario.yaml"
        path.write_text(yaml.safe_dump(scenario))
        self.state_file = self.directory / "state.db"
        self.service_port = free_ports(1)[0] if state else 0
        self.service_arguments = (
            "service", f"--kubeconfig={self.cluster.kubeconfig}", f"--port={self.service_port}",
            f"--scenario={path}", f"--region={REGION}", *([f"--state={self.state_file}"] if state else []),
        )  # fmt: skip
        self.endpoint = self._run_service()
        self.recorder = Recorder(self.endpoint)
        session = boto3.Session(KEYS["AWS_ACCESS_KEY_ID"], KEYS["AWS_SECRET_ACCESS_KEY"], region_name=REGION)
        self.hyperpod = session.client(
            "sagemaker", endpoint_url=self.endpoint, config=botocore.config.Config(retries={"max_attempts": 1})
        )

    def restart_service(self):
        """After a kill: where it was, with what is in its file."""
        self._run_service()

    def _run_service(self):
        """Returns its endpoint, once it listens."""
        log = self.directory / "service.log"
        seen = log.read_text() if log.exists() else ""
        self.service = self._run("service", *self.service_arguments)
        told = []

        def listens():
            told[:] = re.findall(r"hyperpod endpoint: (http://\S+)", log.read_text()[len(seen) :])
            return told

        wait_until("the service tells its endpoint", listens, [self.service])
        return told[-1]

    def create_cluster(self, groups):
        self.hyperpod.create_cluster(
            ClusterName=self.name,
            NodeProvisioningMode="Continuous",
            NodeRecovery="Automatic",
            Orchestrator={"Eks": {"ClusterArn": "arn:aws:eks:us-east-1:111122223333:cluster/e2e"}},
            VpcConfig={"SecurityGroupIds": ["sg-0a"], "Subnets": list(SUBNETS)},
            InstanceGroups=groups,
        )
        wait_for("the HyperPod cluster is in service", lambda: self.describe_cluster()["ClusterStatus"] == "InService")

    def start_controller(self, *flags, **changed):
        """Also after a kill: it takes up what it finds. `changed` as of controller_arguments."""
        self.metrics_port, self.probe_port = free_ports(2)
        ports = {"--metrics-port": self.metrics_port, "--health-probe-port": self.probe_port}
        self.controller = self._run("controller", *self.controller_arguments(**ports, **changed), *flags)
        wait_until("the controller is ready", lambda: self.probe("/readyz"), [self.controller])

    def controller_arguments(self, **changed):
        """Its command line, with flags of the test's own over the usual ones."""
        flags = {
            "--cluster": self.name,
            "--kubeconfig": self.cluster.token_kubeconfig,
            "--endpoint": self.recorder.endpoint,
            "--region": REGION,
            "--metrics-port": 0,
            "--health-probe-port": 0,
            **({"--journal": self.journal} if self.journal else {}),
            **changed,
        }
        return ["controller", *(f"{name}={value}" for name, value in flags.items())]

    def run_controller(self, name, **changed):
        """One more controller, which need not become ready."""
        return self._run(name, *self.controller_arguments(**changed))

    def kill_controller(self):
        self.controller.kill()

    def replay(self, *arguments, code=0):
        """What `hyperwright replay` says, as JSON."""
        done = subprocess.run(
            [self.binary, "replay", *map(str, arguments), "--json"], capture_output=True, text=True, timeout=120
        )
        assert done.returncode == code, f"{done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def stop(self):
        for process in reversed(self.processes):
            process.stop(within=5)
        for watch in self.watches:
            watch.stop()
        if self.recorder:
            self.recorder.stop()

    def log_of(self, name):
        """The lines that a process (controller, service) has written, all its lives together."""
        return (self.directory / f"{name}.log").read_text()

    def probe(self, path):
        return self._http(self.probe_port, path) is not None

    def metrics(self):
        """The text of /metrics."""
        return self._http(self.metrics_port, "/metrics") or ""

    # -- objects ---------------------------------------------------------------------------------

    def apply_class(self, name, *groups):
        self.api.create("hyperpodnodeclasses", manifests.node_class(name, *groups))

    def apply_pool(self, name, **pool):
        self.api.create("nodepools", manifests.node_pool(name, **pool))

    def apply_deployment(self, name, replicas, **pod):
        self.api.create("deployments", manifests.deployment(name, replicas, **pod))

    def wait_running(self, labels, count, within=90):
        return wait_for(
            f"{count} pods of {labels} run", lambda: manifests.running(self.api, labels, count), within
        )

    # -- questions -------------------------------------------------------------------------------

    def describe_cluster(self):
        return self.hyperpod.describe_cluster(ClusterName=self.name)

    def hyperpod_nodes(self, group=None):
        pages = self.hyperpod.get_paginator("list_cluster_nodes").paginate(
            ClusterName=self.name, IncludeNodeLogicalIds=True
        )
        nodes = [node for page in pages for node in page["ClusterNodeSummaries"]]
        return [node for node in nodes if group in (None, node["InstanceGroupName"])]

    def target_counts(self):
        return {entry["InstanceGroupName"]: entry["TargetCount"] for entry in self.describe_cluster()["InstanceGroups"]}

    def claims(self):
        return self.api.list("nodeclaims")

    def claim_ids(self):
        """The logical id of each claim; None for one that has none yet."""
        return [claim["metadata"].get("annotations", {}).get(LOGICAL_ID) for claim in self.claims()]

    def node_of(self, pod):
        return self.api.get("nodes", pod["spec"]["nodeName"])

    # -- states ----------------------------------------------------------------------------------

    def wait_until_empty(self, foreign=0, within=90):
        """No claim, no node, and the HyperPod cluster back where it was: nothing costs money."""

        def empty():
            left = {
                "claims": len(self.claims()),
                "nodes": len(self.api.list("nodes")) - foreign,
                "hyperpod": len(self.hyperpod_nodes()) - foreign,
                "targets": sum(self.target_counts().values()) - foreign,
            }
            self.last_left = left
            return not any(left.values())

        try:
            wait_for("claims, nodes and HyperPod cluster are back at zero", empty, within)
        except AssertionError as error:
            raise AssertionError(f"{error}; left: {self.last_left}") from None

    def check_one_claim_a_node(self):
        """Each HyperPod node has exactly one claim, and each claim its node.

        A claim that goes outlives its node for a while: until a list of HyperPod's shows that it is gone.
        """

        def nodes():
            return sorted(node["NodeLogicalId"] for node in self.hyperpod_nodes())

        wait_for(
            "HyperPod's nodes and the claims belong together one by one",
            lambda: nodes() == sorted(id or "none" for id in self.claim_ids()),
            within=45,
        )

    def describe(self):
        """For the report of a failed test."""
        parts = []
        for arguments in (("nodeclaims", "-o", "wide"), ("nodes",), ("pods", "-o", "wide"), ("events",)):
            try:
                parts.append(self.cluster.kubectl("get", *arguments))
            except AssertionError as error:
                parts.append(str(error))
        if self.recorder:
            parts += [
                f"{call.operation} {call.status} {json.dumps(call.request)[:300]} -> {json.dumps(call.answer)[:300]}"
                for call in self.recorder.calls
                if call.operation.startswith("Batch")
            ]
        return "\n".join(parts)

    def _watch(self, kind):
        watch = self.api.watch(kind)
        self.watches.append(watch)
        return watch

    def _run(self, name, *arguments):
        process = Process(name, [self.binary, *arguments], self.directory / f"{name}.log", self.environment)
        self.processes.append(process)
        return process

    @staticmethod
    def _http(port, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
                return answer.read().decode()
        except OSError:
            return None
