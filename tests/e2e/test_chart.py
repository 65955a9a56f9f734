"""The Helm chart: it renders, the API server takes what it renders, its rights suffice, and its arguments start the
controller. No kubelet runs its pods here: the test starts the program as the pod would, with the pod's account."""

import itertools
import json
import re
import subprocess

import pytest
import yaml

from api import condition, wait_for
from cluster import ACCOUNT, CHART, ROOT, binaries
from hyperwright import REGION, group
from process import free_ports, wait_until

# Flags that a pod has no use for: it finds its Kubernetes itself, and the chart says where its ports listen.
NOT_IN_A_POD = {"--help", "--kubeconfig", "--context", "--bind-address", "--feature-gates"}

EVERYTHING = {
    "settings": {
        "cluster": "training",
        "region": "us-west-2",
        "preferencePolicy": "Ignore",
        "minValuesPolicy": "BestEffort",
        "batchIdleDuration": "2s",
        "logLevel": "debug",
        "metricsPort": 9090,
    },
    "featureGates": {"StaticCapacity": True, "ReservedCapacity": False},
    "files": {
        "prices": "instance_type,usd_per_hour\nml.m5.xlarge,0.2\n",
        "subnetZones": "subnet-a: us-west-2a\n",
        "schedulerConfig": "podTopologySpread: {defaultConstraints: []}\n",
    },
    "image": {"repository": "registry.example.com/hyperwright", "digest": "sha256:" + "0" * 64},
    "imagePullSecrets": [{"name": "registry"}],
    "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/hyperwright"}},
    "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
    "podAnnotations": {"team": "platform"},
    "podLabels": {"team": "platform"},
    "extraArgs": ["--log-level=info"],
    "extraEnv": [{"name": "AWS_CA_BUNDLE", "value": "/bundle/ca.pem"}],
    "envFrom": [{"secretRef": {"name": "keys"}}],
    "extraVolumes": [{"name": "bundle", "configMap": {"name": "ca"}}],
    "extraVolumeMounts": [{"name": "bundle", "mountPath": "/bundle"}],
}
LITTLE = {
    "settings": {"cluster": "arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghij01"},
    "replicaCount": 1,
    "podDisruptionBudget": {"enabled": False},
    "rbac": {"create": False},
    "serviceAccount": {"create": False, "name": "mine"},
    "priorityClassName": "",
    "affinity": {},
    "tolerations": [],
    "topologySpreadConstraints": [],
    "fullnameOverride": "autoscaler",
}


def helm(*arguments):
    """Helm without a cluster: (exit code, what it printed, what it complained of)."""
    done = subprocess.run([binaries() / "helm", *arguments], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def render(tmp_path):
    """The objects of the chart with these values, by (kind, name)."""

    def rendered(values, *flags):
        (tmp_path / "values.yaml").write_text(yaml.safe_dump(values))
        code, output, errors = helm("template", "hyperwright", CHART, "-n", "hyperwright", "-f", tmp_path / "values.yaml", *flags)
        assert code == 0, errors
        objects = [item for item in yaml.safe_load_all(output) if item]
        return {(item["kind"], item["metadata"]["name"]): item for item in objects}

    return rendered


def container(objects, name="hyperwright"):
    (only,) = objects["Deployment", name]["spec"]["template"]["spec"]["containers"]
    return only


@pytest.mark.parametrize("values", [{"settings": {"cluster": "c"}}, EVERYTHING, LITTLE])
def test_it_passes_lint(values, tmp_path):
    (tmp_path / "values.yaml").write_text(yaml.safe_dump(values))
    code, output, errors = helm("lint", "--strict", CHART, "-f", tmp_path / "values.yaml")
    assert code == 0, output + errors
    assert "WARNING" not in output, output


@pytest.mark.parametrize(
    "values, told",
    [
        ({}, "settings.cluster is empty"),
        ({"settings": {"cluster": "c", "batchIdelDuration": "1s"}}, "batchIdelDuration"),
        ({"settings": {"cluster": "c", "preferencePolicy": "Maybe"}}, "preferencePolicy"),
        ({"settings": {"cluster": "c", "batchMaxDuration": "10"}}, "batchMaxDuration"),
        ({"settings": {"cluster": "c"}, "featureGates": {"StaticCapacity": "yes"}}, "StaticCapacity"),
        ({"settings": {"cluster": "c"}, "serviceAccount": {"create": False}}, "serviceAccount.name"),
    ],
)
def test_wrong_values_are_refused_by_name(values, told, tmp_path):
    (tmp_path / "values.yaml").write_text(yaml.safe_dump(values))
    code, _, errors = helm("template", "hyperwright", CHART, "-f", tmp_path / "values.yaml")
    assert code != 0
    assert told in errors


def test_every_flag_of_the_controller_has_a_value(binary):
    help_text = subprocess.run([binary, "controller", "--help"], capture_output=True, text=True, check=True).stdout
    flags = set(re.findall(r"^  (?:-\w )?(--[a-z][a-z-]*)", help_text, re.M))
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    offered = {"--" + re.sub(r"(?=[A-Z])", "-", name).lower() for part in ("settings", "files") for name in values[part]}
    assert flags - NOT_IN_A_POD == offered
    schema = json.loads((CHART / "values.schema.json").read_text())["properties"]
    assert set(schema) - {"global"} == set(values)
    for part in ("settings", "files", "image"):
        assert set(schema[part]["properties"]) == set(values[part])


def test_values_become_arguments_and_files(render):
    objects = render(EVERYTHING)
    told = container(objects)["args"]
    assert told[:2] == ["controller", "--bind-address=0.0.0.0"]
    for argument in (
        "--cluster=training",
        "--region=us-west-2",
        "--preference-policy=Ignore",
        "--batch-idle-duration=2s",
        "--metrics-port=9090",
        "--feature-gates=ReservedCapacity=false,StaticCapacity=true",
        "--prices=/etc/hyperwright/prices.csv",
        "--subnet-zones=/etc/hyperwright/subnet-zones",
        "--scheduler-config=/etc/hyperwright/scheduler-config.yaml",
    ):
        assert argument in told
    assert told[-1] == "--log-level=info"
    files = objects["ConfigMap", "hyperwright"]["data"]
    assert files["prices.csv"] == EVERYTHING["files"]["prices"]
    assert set(files) == {"prices.csv", "subnet-zones", "scheduler-config.yaml"}
    assert container(objects)["image"] == "registry.example.com/hyperwright@sha256:" + "0" * 64
    assert objects["ServiceMonitor", "hyperwright"]["metadata"]["labels"]["release"] == "prometheus"


def test_the_price_list_is_kept_on_the_volume(render):
    told = container(render({"settings": {"cluster": "c"}}))
    assert "--price-cache=/var/lib/hyperwright" in told["args"]
    assert {"name": "work", "mountPath": "/var/lib/hyperwright"} in told["volumeMounts"]
    told = container(render({"settings": {"cluster": "c", "priceCache": ""}}))
    assert not [argument for argument in told["args"] if argument.startswith("--price-cache")]


def test_what_is_turned_off_is_not_rendered(render):
    objects = render(LITTLE)
    assert {kind for kind, _ in objects} == {"Deployment", "Service"}
    assert objects["Deployment", "autoscaler"]["spec"]["template"]["spec"]["serviceAccountName"] == "mine"


def test_a_changed_file_starts_new_pods(render):
    def stamp(prices):
        objects = render({"settings": {"cluster": "c"}, "files": {"prices": prices}})
        return objects["Deployment", "hyperwright"]["spec"]["template"]["metadata"]["annotations"]["checksum/files"]

    assert stamp("a") != stamp("b")


def test_its_rights_are_those_of_rbac_yaml_and_its_definitions_those_of_the_program(render, binary):
    objects = render({"settings": {"cluster": "c"}}, "--include-crds")
    for wanted in yaml.safe_load_all((ROOT / "deploy/rbac.yaml").read_text()):
        if wanted["kind"] in ("ClusterRole", "Role"):
            assert objects[wanted["kind"], "hyperwright"]["rules"] == wanted["rules"]
    printed = yaml.safe_load_all(subprocess.check_output([binary, "crds"], text=True))
    there = [item for (kind, _), item in objects.items() if kind == "CustomResourceDefinition"]
    by_name = {item["metadata"]["name"]: item for item in there}
    assert by_name == {item["metadata"]["name"]: item for item in printed}


NUMBERS = itertools.count(1)  # a namespace that is going cannot be made again at once


@pytest.fixture
def installed(cluster, crds):
    """The chart on the cluster, in a namespace that lets in only what may run anywhere ("restricted")."""
    name = f"hyperwright-chart-{next(NUMBERS)}"
    cluster.kubectl("create", "namespace", name)
    cluster.kubectl("label", "namespace", name, "pod-security.kubernetes.io/enforce=restricted")

    def install(*values):
        cluster.helm("install", name, CHART, f"--namespace={name}", "--skip-crds", "--set=settings.cluster=hp1", *values)
        return name

    yield install
    cluster.helm("uninstall", name, f"--namespace={name}", "--ignore-not-found", "--wait")


def test_the_api_server_takes_all_of_it(cluster, installed):
    name = installed()
    pods = wait_for("two pods are made", lambda: (found := cluster.api.list("pods", name)) and len(found) == 2 and found)
    for pod in pods:
        assert pod["spec"]["priorityClassName"] == "system-cluster-critical"
        assert pod["spec"]["serviceAccountName"] == name
    (budget,) = cluster.api.list("poddisruptionbudgets", name)
    assert budget["spec"]["selector"]["matchLabels"].items() <= pods[0]["metadata"]["labels"].items()
    cluster.helm("uninstall", name, f"--namespace={name}")
    wait_for("all of it is gone", lambda: not cluster.api.list("pods", name))
    left = cluster.kubectl("get", "all,clusterroles,clusterrolebindings", "-n", name, "-l", f"app.kubernetes.io/instance={name}", "-o", "name")
    assert left == ""


def test_the_pods_arguments_start_a_controller_that_buys_with_its_rights(world, installed):
    """Kubelet's part: the arguments of the Deployment, the token of its account, and its readiness probe."""
    world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a")], controller=False)
    world.metrics_port, world.probe_port = free_ports(2)
    name = installed(
        f"--set=settings.endpoint={world.recorder.endpoint}",
        f"--set=settings.region={REGION}",
        f"--set=settings.metricsPort={world.metrics_port}",
        f"--set=settings.healthProbePort={world.probe_port}",
        f"--set=settings.priceCache={world.directory}",  # the volume's place in the pod, which is not here
        "--set=featureGates.CapacityBuffer=true",
        "--set=replicaCount=0",
    )
    (only,) = world.api.get("deployments", name, name)["spec"]["template"]["spec"]["containers"]
    kubeconfig, _ = world.cluster.kubeconfig_of(name, name, world.directory / "pod.kubeconfig")
    world.controller = world._run("controller", *only["args"], f"--kubeconfig={kubeconfig}")
    probe = only["readinessProbe"]["httpGet"]["path"]
    wait_until("the controller is ready", lambda: world.probe(probe), [world.controller])
    wait_for("the Lease in its own namespace", lambda: world.api.get("leases", "hyperwright-leader-election", name))

    world.apply_class("default", "cpu")
    world.apply_pool("default")
    wait_for("the NodePool is Ready", lambda: condition(world.api.get("nodepools", "default"), "Ready") == "True")
    world.apply_deployment("web", replicas=2, cpu="3")
    world.wait_running("app=web", count=2)
    world.api.scale("web", 0)
    world.wait_until_empty()
    assert '"403' not in world.controller.log.read_text() and "Forbidden" not in world.controller.log.read_text()


def test_the_controllers_of_all_tests_have_the_charts_rights_and_no_others(cluster):
    told = cluster.kubectl("auth", "whoami", f"--kubeconfig={cluster.token_kubeconfig}", "-o", "json")
    assert json.loads(told)["status"]["userInfo"]["username"] == f"system:serviceaccount:{ACCOUNT}:{ACCOUNT}"
    for verb, kind in (("get", "secrets"), ("create", "pods"), ("update", "nodes"), ("delete", "nodepools")):
        with pytest.raises(AssertionError):
            cluster.kubectl("auth", "can-i", verb, kind, "--all-namespaces", f"--kubeconfig={cluster.token_kubeconfig}")
