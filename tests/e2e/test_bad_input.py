"""Whatever is wrong is told once, where the user looks, with the thing, the value and the remedy.

At a terminal that is two lines, "error: ..." and "fix: ...", and the exit code: 2 for bad input, 3
for what is refused or out of reach. For an object it is its condition, and the others go on.
"""

import contextlib
import http.server
import json
import os
import pathlib
import socket
import subprocess
import threading

import pytest
import urllib3

import manifests
from api import wait_for
from hyperwright import KEYS, REGION, SUBNETS, group
from process import Process, free_ports, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]

POOL_SPEC = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/template/properties/spec/properties"
CLUSTER = ("controller", "--cluster=hp1", "--metrics-port=0", "--health-probe-port=0")


@pytest.fixture
def run(binary, tmp_path):
    """Runs it as a user does, in a folder of its own and with no more environment than is given."""

    def run(*arguments, within=30, **environment):
        return subprocess.run(
            [binary, *arguments], cwd=tmp_path, timeout=within, capture_output=True, text=True,
            env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], **environment},
        )  # fmt: skip

    return run


@pytest.fixture
def kubeconfig(tmp_path):
    """A kubeconfig of a server where nobody listens, or of the one that is given."""

    def write(server=None, token="any"):
        path = tmp_path / "kubeconfig"
        path.write_text(
            "current-context: e2e\n"
            f"clusters: [{{name: e2e, cluster: {{server: '{server or nowhere()}'}}}}]\n"
            f"users: [{{name: e2e, user: {{token: '{token}'}}}}]\n"
            "contexts: [{name: e2e, context: {cluster: e2e, user: e2e}}]\n"
        )
        return f"--kubeconfig={path}"

    return write


def nowhere():
    return f"http://127.0.0.1:{free_ports(1)[0]}"


@contextlib.contextmanager
def answering(status, body):
    """A server that answers everything with this."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_GET

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def check_told(done, code, error, fix):
    """Exactly one error, each of whose parts holds what a user needs."""
    lines = done.stderr.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["error", "fix"], done.stderr
    for part in (error,) if isinstance(error, str) else error:
        assert part in lines[0]
    assert fix in lines[1]
    assert done.stdout == ""
    assert done.returncode == code


# -- the command line --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line, error, fix",
    [
        ("", "no command is given", "controller"),
        ("contrller", 'no command "contrller"', "did you mean controller?"),
        ("demo --sped 60", 'demo has no flag "--sped"', "did you mean --speed?"),
        ("controller --clustr hp1", 'no flag "--clustr"', "did you mean --cluster?"),
        ("controller --clustr=hp1", 'no flag "--clustr"', "did you mean --cluster?"),
        ("controller --nothing-like-it", 'no flag "--nothing-like-it"', "hyperwright controller --help"),
        ("controller hp1", '"hp1" stands there without a flag', "put a flag before it"),
        ("controller", "--cluster is required", "hyperwright controller --help"),
        ("controller --cluster", "--cluster has no value", "hyperwright controller --help"),
        ("controller --cluster a --cluster b", "--cluster is given twice", "give it once"),
        ("demo --speed fast", '--speed: "fast" is no speed', "from 1 to 1000000"),
        ("demo --seed one", '--seed: "one" is no seed', "whole number"),
        ("demo --seed=-1", '--seed: "-1" is no seed', "0 or more"),
        ("service --seed=-1", '--seed: "-1" is no seed', "0 or more"),
        ("service --region=us_west", '--region "us_west" is no region', "us-east-1"),
        ("service --port 99999", '--port: "99999" is no port', "0 to 65535"),
        ("controller --cluster a --log-level loud", 'log level "loud"', "debug, info, warn or error"),
        ("controller --cluster a --batch-idle-duration soon", '--batch-idle-duration: "soon"', "30s"),
        ("controller --cluster a --unavailable-for -1m", "--unavailable-for is -1m", "10m"),
        ("controller --cluster a --preference-policy Maybe", '--preference-policy: "Maybe" is no policy', "Respect or Ignore"),
        ("controller --cluster a --min-values-policy strict", '--min-values-policy: "strict" is no policy', "Strict or BestEffort"),
        ("explain", "pod is required", "hyperwright explain --help"),
        ("explain node a --cluster a", 'pod: "node" is not known', "hyperwright explain pod NAMESPACE/NAME"),
        ("explain pod --cluster a", "NS/NAME is required", "hyperwright explain --help"),
        ("explain pod a/b --cluster a -o yaml", '"yaml" is not known', "write text or json"),
        ("explain pod a/b", "--cluster is required", "hyperwright explain --help"),
        ("controller --cluster a --capacity-timeout 0s", "--capacity-timeout is 0s, it must be at least 1s", "10m"),
    ],
)
def test_a_command_line_that_is_wrong(run, line, error, fix):
    check_told(run(*line.split()), 2, error, fix)


def test_a_cluster_without_a_name(run):
    check_told(run("controller", "--cluster", ""), 2, "--cluster is empty", "name or the ARN")


@pytest.mark.parametrize(
    "flag, text, error, fix",
    [
        ("--prices", None, "prices: cannot be read: No such file", "give --prices the path of a file"),
        ("--prices", "instance_type,price\n", 'line 1: column "price" is not known', "usd_per_hour"),
        ("--prices", "instance_type,usd_per_hour\nml.m5.xlarge,1\nml.g5.xlarge,cheap\n",
         'line 3: usd_per_hour of ml.g5.xlarge: "cheap" is no amount of dollars', "66.048"),
        ("--prices", "instance_type,usd_per_hour\nm5.xlarge,1\n", 'line 2: instance_type "m5.xlarge" is not known', "ml."),
        ("--subnet-zones", None, "subnet-zones: cannot be read: No such file", "give --subnet-zones the path"),
        ("--subnet-zones", "subnet-a: us-east-1a\nsubnet-b: use1-az2\n",
         'subnet-zones:2: subnet-b: "use1-az2" is the id of a zone', "aws ec2 describe-subnets --subnet-ids subnet-b"),
        ("--scheduler-config", None, "scheduler-config: cannot be read: No such file", "give --scheduler-config the path"),
        ("--scheduler-config", "podTopologySpread:\n  defaultConstraints:\n  - {maxSkew: 0}\n",
         'scheduler-config:3: podTopologySpread.defaultConstraints[0].maxSkew is "0"', "a whole number of 1 or more"),
        ("--scheduler-config", "podTopologySpread: {defaults: []}\n", "podTopologySpread.defaults is not known", "defaultConstraints"),
        ("--subnet-zones", "us-east-1a: subnet-a\n", '"us-east-1a" is no subnet id', "subnet-0a1b2c3d: us-west-2a"),
    ],
)  # fmt: skip
def test_a_file_with_a_wrong_line(run, tmp_path, flag, text, error, fix):
    path = tmp_path / flag.strip("-")
    if text is not None:
        path.write_text(text)
    check_told(run("controller", "--cluster=a", f"{flag}={path}"), 2, (flag, str(path), error), fix)


@pytest.mark.parametrize(
    "text, error, fix",
    [
        ("delays: {launch: soon}", 'scenario:1: delays.launch "soon"', "90s"),
        ("subnets: {}\ncapasity: []", "scenario:2: capasity is not known", 'did you mean "capacity"?'),
    ],
)
def test_a_scenario_with_a_wrong_line(run, tmp_path, text, error, fix):
    (tmp_path / "scenario").write_text(text)
    check_told(run("service", "--scenario=scenario"), 2, error, fix)


@pytest.mark.parametrize(
    "was, wrong, error",
    [
        ("InstanceCount: 0", "InstanceCount: x", "mine.yaml: cluster: SerializationException"),
        ("kind: Deployment", "kind: Pud", "mine.yaml: steps["),
    ],
)
def test_a_story_with_something_that_the_apis_refuse(run, tmp_path, was, wrong, error):
    story = (ROOT / "examples" / "demo-story.yaml").read_text()
    assert was in story
    (tmp_path / "mine.yaml").write_text(story.replace(was, wrong, 1))
    done = run("demo", f"--story={tmp_path / 'mine.yaml'}", "--once", "--speed=20000")
    assert done.returncode == 2, done
    assert error in done.stderr and "fix: " in done.stderr, done.stderr


def test_a_story_that_is_not_there(run):
    check_told(run("demo", "--story=mine.yaml"), 2, "--story mine.yaml: cannot be read", "--story")


# -- who and where -----------------------------------------------------------------------------------


def test_a_kubeconfig_that_is_missing(run):
    for done in (run(*CLUSTER, "--kubeconfig=/nowhere/config"), run("service", KUBECONFIG="/nowhere/config")):
        check_told(done, 2, "no kubeconfig: /nowhere/config: cannot be read: No such file", "--kubeconfig FILE")
    check_told(run(*CLUSTER), 2, ".kube/config", "--kubeconfig FILE")


def test_a_kubeconfig_that_is_wrong(run, kubeconfig, tmp_path):
    check_told(run(*CLUSTER, kubeconfig(), "--context=prod"), 3, 'no context "prod"', "it has contexts: e2e")
    (tmp_path / "broken").write_text("clusters: [")
    check_told(run(*CLUSTER, "--kubeconfig=broken"), 2, "broken:1: not YAML", "correct this line")


def test_credentials_that_are_missing(run, kubeconfig):
    off = {"AWS_EC2_METADATA_DISABLED": "true"}
    flags = (*CLUSTER, kubeconfig(), f"--region={REGION}")
    remedy = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    check_told(run(*flags, **off), 3, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set", remedy)
    check_told(run(*flags, AWS_ACCESS_KEY_ID="A"), 3, ": AWS_SECRET_ACCESS_KEY is not set", remedy)
    done = run(*flags, AWS_ACCESS_KEY_ID="A", AWS_SECRET_ACCESS_KEY="hush hush")
    check_told(done, 2, "the secret access key contains a space", "without")
    assert "hush" not in done.stderr


@pytest.mark.parametrize("pod", ["a/b/c", "/b", "a/"])
def test_a_pod_that_is_none(run, kubeconfig, pod):
    check_told(run("explain", "pod", pod, "--cluster=a", kubeconfig()), 2, f'"{pod}" is no pod', "NAMESPACE/NAME")


def test_an_api_that_is_out_of_reach_for_an_explanation(run, kubeconfig):
    closed = nowhere()
    done = run("explain", "pod", "a/b", "--cluster=hp1", kubeconfig(), f"--endpoint={closed}", **KEYS)
    check_told(done, 3, ("--cluster hp1: DescribeCluster", closed, "connect"), "check the address")


def test_a_region_or_an_endpoint_that_is_none(run, kubeconfig):
    check_told(run(*CLUSTER, kubeconfig(), **KEYS), 2, "no AWS region", "--region us-west-2")
    check_told(run(*CLUSTER, kubeconfig(), "--region=US West", **KEYS), 2, 'region "US West"', "us-west-2")
    check_told(run(*CLUSTER, kubeconfig(), "--endpoint=localhost:1", **KEYS), 2, '"localhost:1" is no URL', "http://host:port")


def test_a_hyperpod_api_that_is_out_of_reach(run, kubeconfig):
    closed = nowhere()
    done = run(*CLUSTER, kubeconfig(), f"--endpoint={closed}", **KEYS)
    check_told(done, 3, ("--cluster hp1: DescribeCluster", closed, "connect"), "check the address")


def test_an_endpoint_that_hangs_up(run, kubeconfig):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        threading.Thread(target=hang_up_on_all, args=(listener,), daemon=True).start()
        done = run(*CLUSTER, kubeconfig(), "--endpoint=http://%s:%s" % listener.getsockname(), **KEYS)
    check_told(done, 3, ("--cluster hp1: DescribeCluster", "no whole answer came"), "look at the server there")


def hang_up_on_all(listener):
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.close()


def test_whoever_has_enough_before_an_answer_comes_may_stop_it(binary, kubeconfig, tmp_path):
    with socket.socket() as listener:  # takes the connection, and never answers
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        endpoint = "--endpoint=http://%s:%s" % listener.getsockname()
        command = [binary, *CLUSTER, kubeconfig(), endpoint]
        controller = Process("controller", command, tmp_path / "log", {**os.environ, **KEYS})
        listener.accept()
        assert controller.stop(within=5) == 0
    assert controller.log.read_text() == ""


def test_an_endpoint_that_is_something_else(run, kubeconfig):
    with answering(200, "<html>hello</html>") as url:
        done = run(*CLUSTER, kubeconfig(), f"--endpoint={url}", **KEYS)
    check_told(done, 3, ("--cluster hp1: DescribeCluster", "<html>hello</html>"), "check --endpoint")


def test_a_kubernetes_api_that_is_out_of_reach_for_the_service(run, kubeconfig):
    closed = nowhere()
    done = run("service", "--port=0", kubeconfig(closed))
    check_told(done, 3, (f"Kubernetes at {closed}", "connect"), "check the address")


@pytest.fixture
def served(world):
    """A HyperPod cluster, and no controller."""
    return world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a")], controller=False)


def run_at(served, run, cluster="hp1", **flags):
    usual = {"--kubeconfig": served.cluster.token_kubeconfig, "--endpoint": served.endpoint}
    ports = {"--metrics-port": 0, "--health-probe-port": 0}
    changed = [f"{name}={value}" for name, value in {**usual, **ports, **flags}.items()]
    return run("controller", f"--cluster={cluster}", *changed, **KEYS)


def test_a_cluster_name_that_is_wrong(served, run):
    done = run_at(served, run, cluster="hp-one")
    check_told(done, 3, ("--cluster hp-one", "ResourceNotFound"), "aws sagemaker list-clusters")
    impossible = run_at(served, run, cluster="hp one")
    check_told(impossible, 2, ("--cluster hp one", "ValidationException"), "aws sagemaker list-clusters")


def test_a_kubernetes_api_that_is_out_of_reach_or_something_else(served, run, kubeconfig):
    closed = nowhere()
    kubeconfig(closed)
    done = run_at(served, run, **{"--kubeconfig": "kubeconfig"})
    check_told(done, 3, (f"Kubernetes at {closed}", "connect"), "check the address")
    with answering(200, "<html>hello</html>") as url:
        kubeconfig(url)
        done = run_at(served, run, **{"--kubeconfig": "kubeconfig"})
    check_told(done, 2, (f"Kubernetes at {url}", "<html>hello</html>"), "check the server's address")


def test_definitions_that_are_not_installed(served, run, kubeconfig):
    with answering(404, json.dumps({"kind": "Status", "reason": "NotFound", "message": "no such group"})) as url:
        kubeconfig(url)
        done = run_at(served, run, **{"--kubeconfig": "kubeconfig"})
    check_told(done, 3, "has no karpenter.sh/v1", "hyperwright crds --apply")


def test_a_token_that_is_not_accepted(served, run, tmp_path):
    text = served.cluster.token_kubeconfig.read_text().replace(served.cluster.token, "stolen-and-revoked")
    (tmp_path / "revoked").write_text(text)
    done = run_at(served, run, **{"--kubeconfig": "revoked"})
    check_told(done, 3, ("Kubernetes at", "401", "Unauthorized"), "is not accepted")
    assert "stolen" not in done.stderr


def test_a_port_that_is_taken(served, run):
    port = served.endpoint.rpartition(":")[2]
    done = run_at(served, run, **{"--metrics-port": port})
    check_told(done, 3, ("--metrics-port", port, "in use"), "free port")


# -- objects in the cluster --------------------------------------------------------------------------


def refused_by_kubectl(world, manifest):
    """What `kubectl apply` says when the API server takes it not."""
    with pytest.raises(AssertionError) as refusal:
        world.cluster.kubectl("apply", "-f", "-", stdin=json.dumps(manifest))
    return str(refusal.value)


def why_false(world, kind, name, type):
    """Reason and message of a condition, once it is False and its cause is known: a pool whose class was not
    looked at yet is False with the reason NodeClassReadinessUnknown for a moment."""

    def told():
        for entry in (world.api.get(kind, name).get("status") or {}).get("conditions", []):
            if entry["type"] == type and entry["status"] == "False" and not entry["reason"].endswith("Unknown"):
                return entry["reason"], entry["message"]
        return None

    return wait_for(f"{type} of {kind}/{name} is False", told)


def check_the_rest_goes_on(world):
    """A class and a pool that are right serve a pod, whatever else is there."""
    world.apply_class("right", "cpu")
    world.apply_pool("right", node_class="right")
    world.apply_deployment("web", replicas=1, cpu="1")
    (pod,) = world.wait_running("app=web", count=1)
    assert world.node_of(pod)["metadata"]["labels"]["karpenter.sh/nodepool"] == "right"
    assert world.controller.running


@pytest.fixture
def controlled(world):
    return world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a"), group("cpu-b", "ml.m5.xlarge", "subnet-b")])


def test_a_node_pool_with_a_wrong_operator_is_refused_by_the_definitions(controlled):
    def refusal(**requirement):
        pool = manifests.node_pool("odd", requirements=[{"key": "kubernetes.io/arch", **requirement}])
        return refused_by_kubectl(controlled, pool)

    said = refusal(operator="Is", values=["amd64"])
    assert "spec.template.spec.requirements[0].operator" in said and '"Is"' in said and '"NotIn"' in said
    said = refusal(operator="In")
    assert "spec.template.spec.requirements[0]" in said and "operator In needs one value or more" in said
    said = refusal(operator="Gt", values=["many"])
    assert "operators Gt, Lt, Gte and Lte take one whole number" in said


@pytest.fixture
def loose_definitions(controlled):
    """Older definitions of another Karpenter may let anything through."""
    anything = {"type": "array", "items": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    change = [{"op": "replace", "path": f"{POOL_SPEC}/requirements", "value": anything}]
    controlled.cluster.kubectl("patch", "crd", "nodepools.karpenter.sh", "--type=json", f"--patch={json.dumps(change)}")
    yield controlled
    controlled.controller.stop()
    controlled.api.delete_all("nodepools", "")
    controlled.cluster.install_crds(controlled.binary)


def test_a_wrong_operator_that_arrives_all_the_same_is_told_in_the_pools_condition(loose_definitions):
    world = loose_definitions

    def arrives():
        """The API server takes up new definitions within a moment."""
        try:
            world.apply_pool("odd", node_class="right", requirements=[{"key": "team", "operator": "Is", "values": ["a"]}])
        except Exception as error:
            assert getattr(error, "status", None) == 422, error
            return False
        return True

    wait_for("the loose definitions are served", arrives)
    reason, message = why_false(world, "nodepools", "odd", "ValidationSucceeded")
    assert reason == "NodePoolValidationFailed"
    assert "spec.template.spec.requirements[0].operator" in message and '"Is"' in message and "NotIn" in message
    assert message in world.cluster.kubectl("describe", "nodepool", "odd")
    check_the_rest_goes_on(world)


def test_a_taint_that_stands_twice_is_told_in_the_pools_condition(controlled):
    taint = {"key": "gpu", "effect": "NoSchedule"}
    pool = manifests.node_pool("odd", node_class="right", taints=[taint])
    pool["spec"]["template"]["spec"]["startupTaints"] = [taint]
    controlled.api.create("nodepools", pool)
    reason, message = why_false(controlled, "nodepools", "odd", "ValidationSucceeded")
    assert reason == "NodePoolValidationFailed"
    assert 'taint "gpu" with effect NoSchedule' in message and "startupTaints[0]; remove one" in message
    check_the_rest_goes_on(controlled)


def test_a_pool_whose_class_is_not_there(controlled):
    controlled.apply_pool("odd", node_class="nobody")
    reason, message = why_false(controlled, "nodepools", "odd", "NodeClassReady")
    assert reason == "NodeClassNotFound" and '"nobody"' in message


def test_a_class_with_a_group_that_does_not_exist(controlled):
    controlled.apply_class("odd", "cpu", "gpu-1")
    controlled.apply_pool("odd", node_class="odd")
    reason, message = why_false(controlled, "hyperpodnodeclasses", "odd", "InstanceGroupReady")
    assert reason == "InstanceGroupNotFound"
    assert '"gpu-1" is no instance group of cluster "hp1", which has: cpu, cpu-b' in message
    reason, message = why_false(controlled, "nodepools", "odd", "NodeClassReady")
    assert "InstanceGroupReady=False" in message  # points at the class
    check_the_rest_goes_on(controlled)


def test_a_class_with_more_than_ten_groups(controlled):
    said = refused_by_kubectl(controlled, manifests.node_class("odd", *(f"group-{i}" for i in range(11))))
    assert "spec.instanceGroups" in said and "must have at most 10 items" in said
    check_the_rest_goes_on(controlled)


def test_a_node_that_never_joins(world):
    world.start(
        groups=[group("cpu", "ml.c5.large", "subnet-a"), group("cpu-b", "ml.m5.xlarge", "subnet-b")],
        scenario={"never_joins": [{"group": "cpu"}]},
        controller=False,
    )
    world.start_controller("--registration-timeout=3s")
    world.apply_class("odd", "cpu")
    world.apply_pool("odd", node_class="odd", weight=10)
    world.apply_deployment("odd", replicas=1, cpu="1", node_selector={"karpenter.sh/nodepool": "odd"})
    reason, message = why_false(world, "nodepools", "odd", "NodeRegistrationHealthy")
    assert reason == "RegistrationFailed"
    assert "none joined the cluster within 3s of its instance" in message
    told = wait_for("an event names the claim", lambda: events_of(world, "NodeClaim", "RegistrationFailed"))
    assert told[0]["involvedObject"]["name"].startswith("odd-")
    assert message in told[0]["message"]

    world.api.delete("deployments", "odd")
    world.apply_class("right", "cpu-b")
    world.apply_pool("right", node_class="right")
    world.apply_deployment("web", replicas=1, cpu="1", node_selector={"karpenter.sh/nodepool": "right"})
    world.wait_running("app=web", count=1)
    world.api.scale("web", 0)
    world.wait_until_empty()


def events_of(world, kind, reason):
    return [
        event
        for event in world.api.list("events")
        if event["involvedObject"]["kind"] == kind and event["reason"] == reason
    ]


# -- zones from a file -------------------------------------------------------------------------------


def test_zones_of_a_file_are_used_and_ec2_is_not_asked(served):
    path = served.directory / "zones"
    path.write_text("".join(f"{subnet}\t{zone}\n" for subnet, zone in SUBNETS.items()))
    served.start_controller(f"--subnet-zones={path}")
    served.apply_class("default", "cpu")
    served.apply_pool("cpu")
    served.apply_deployment("web", replicas=1, cpu="1")
    (pod,) = served.wait_running("app=web", count=1)
    assert served.node_of(pod)["metadata"]["labels"]["topology.kubernetes.io/zone"] == "us-east-1a"
    assert served.recorder.of("DescribeSubnets") == []


# -- bodies that are no JSON -------------------------------------------------------------------------


def test_the_demos_doors_tell_what_is_wrong_with_a_body_and_go_on(binary, tmp_path):
    ports = free_ports(2)
    flags = (f"--kubernetes-port={ports[0]}", f"--hyperpod-port={ports[1]}", f"--kubeconfig={tmp_path / 'kubeconfig'}")
    demo = Process("demo", [binary, "demo", "--speed=1", *flags], tmp_path / "demo.log")
    try:
        wait_until("the demo is there", lambda: "list-cluster-nodes" in demo.log.read_text(), [demo])
        kubernetes, hyperpod = (f"http://127.0.0.1:{port}" for port in ports)
        pods = f"{kubernetes}/api/v1/namespaces/default/pods"
        answer = urllib3.request("POST", pods, body=b"{nonsense", headers={"Content-Type": "application/json"})
        assert answer.status == 400
        assert answer.json()["kind"] == "Status" and answer.json()["reason"] == "BadRequest"
        assert "not valid JSON" in answer.json()["message"]
        assert urllib3.request("GET", pods).status == 200

        headers = {
            "X-Amz-Target": "SageMaker.ListClusters",
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": "AWS4-HMAC-SHA256 is not checked here",
        }
        answer = urllib3.request("POST", hyperpod, body=b"{nonsense", headers=headers)
        assert answer.status == 400
        assert answer.json()["__type"] == "SerializationException"
        assert "JSON" in answer.json()["message"]
        assert urllib3.request("POST", hyperpod, body=b"{}", headers=headers).status == 200
        demo.check()
    finally:
        demo.stop()
