"""What goes wrong around the controller: it survives, says so, and buys nothing twice.

The API server and the HyperPod service are killed, answers are garbage, certificates expire,
credentials are revoked, disks are full, clocks are set back. The truth about what was bought is the
service's: every node that it was asked for has its claim and is needed, and in the end none is left.
And what it decided meanwhile can be derived again from its journal.
"""

import datetime
import json
import os
import random
import resource
import signal
import time

import pytest

import manifests
from api import ApiError, condition, wait_for
from clock import Clock
from front import Front
from hyperwright import group

FULL = "3"  # cpu of a pod that fills a node


def start(world, **options):
    world.api.delete_all("leases", "default")  # a controller that was killed in another test held it
    world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a")], journal=True, **options)
    world.apply_class("default", "cpu")
    world.apply_pool("cpu")


def check_nothing_twice(world, pods):
    """So many pods run, each on a node of its own, and no other node was ever asked for."""
    world.wait_running("app=web", pods, within=120)
    world.check_one_claim_a_node()
    assert len(world.recorder.launched()) == pods, "bought twice for one need"


def check_end(world, pods):
    check_nothing_twice(world, pods)
    world.api.scale("web", 0)
    world.wait_until_empty(within=120)
    check_played_again(world)


def check_played_again(world):
    """All lives of the controller, whatever it was answered."""
    world.controller.stop()
    verdict = json.loads(world.replay(world.journal))
    assert verdict["same"] and sum(file["turns"] for file in verdict["files"]) > 20, verdict


def check_still_runs(world):
    """It may have lost its lease meanwhile, which ends it; then Kubernetes would start it again."""
    if not world.controller.running:
        assert "lease" in world.controller.tail(5)
        world.start_controller()


# -- processes that are killed -----------------------------------------------------------------------


def test_api_server_is_killed_while_pods_wait(world):
    start(world, scenario={"delays": {"launch": "3s", "register": "500ms", "terminate": "500ms"}})
    world.apply_deployment("web", replicas=4, cpu=FULL)
    wait_for("nodes were asked for", world.recorder.launched)
    seen = len(world.log_of("controller"))
    world.cluster.kill_api_server()
    wait_for("it told that watches broke", lambda: "watch failed, it is begun again" in world.log_of("controller")[seen:])
    world.cluster.start_api_server()
    check_still_runs(world)
    check_end(world, pods=4)


def test_service_is_killed_while_launches_are_under_way(world):
    """Three times: its answer is lost, the first node has joined, nodes are going."""
    start(world, state=True)
    joined = []
    world.nodes_seen.hooks.append(lambda kind, node: kind == "ADDED" and joined.append(node["metadata"]["name"]))

    def kill(*_):
        world.recorder.after.clear()
        world.service.kill()
        return True

    def restart_when_killed(what):
        wait_for(what, lambda: not world.service.running)
        world.restart_service()

    world.recorder.after["BatchAddClusterNodes"] = kill
    world.apply_deployment("web", replicas=4, cpu=FULL)
    restart_when_killed("killed with the call carried out")
    assert len(world.hyperpod_nodes()) == 4, "what was asked for is kept"

    wait_for("the first node has joined", lambda: joined)
    seen = len(world.log_of("controller"))
    world.service.kill()
    wait_for("it told that HyperPod does not answer", lambda: "effect failed" in world.log_of("controller")[seen:])
    world.restart_service()
    check_nothing_twice(world, pods=4)
    assert len(joined) == len(set(joined)) == 4, "registered twice"

    world.recorder.after["BatchDeleteClusterNodes"] = kill
    world.api.scale("web", 0)
    restart_when_killed("killed with nodes on their way out")
    world.wait_until_empty(within=120)
    check_played_again(world)


def test_disk_is_full_under_the_service(world):
    """It answers 500 and has done nothing; with space again all goes on."""
    start(world, state=True)
    log, journal = (world.directory / "service.log").stat().st_size, f"{world.state_file}-wal"
    full = os.stat(journal).st_size
    assert log < full, "the log may grow on"
    resource.prlimit(world.service.popen.pid, resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY))
    world.apply_deployment("web", replicas=2, cpu=FULL)
    refused = wait_for(
        "a launch was refused", lambda: [call for call in world.recorder.of("BatchAddClusterNodes") if call.status == 500]
    )
    assert refused[0].answer["__type"] == "InternalFailure"
    assert world.service.running and "state cannot be written" in world.log_of("service")
    assert world.hyperpod_nodes() == [] and not world.recorder.launched(), "half done"

    resource.prlimit(world.service.popen.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    check_nothing_twice(world, pods=2)
    assert "state is written again" in world.log_of("service")
    world.service.kill()
    world.restart_service()
    check_end(world, pods=2)


# -- answers that are wrong --------------------------------------------------------------------------


@pytest.fixture
def front(cluster):
    """Before the world, so that it is there until the controller has given its lease back."""
    front = Front(cluster)
    yield front
    front.stop()


def is_new_claim(method, path):
    return method == "POST" and "/nodeclaims" in path


def is_patch(method, path):
    return method == "PATCH" and ("/nodeclaims" in path or "/nodes" in path)


def test_api_server_answers_what_is_none_of_its_answers(front, world):
    """And in the end its certificate expires, and is renewed."""
    start(world, controller=False)
    world.start_controller(**{"--kubeconfig": world.cluster.kubeconfig_by(front.url)})
    world.apply_deployment("web", replicas=1, cpu=FULL)
    check_nothing_twice(world, pods=1)
    pods = 1
    for what, told, fault in [
        ("a login page", "no JSON", dict(status=200)),
        ("a page that is not found", "404", dict(status=404)),
        ("a gateway without a server", "502", dict(status=502)),
        ("credentials are not good any more", "401", dict(status=401, body=UNAUTHORIZED, content_type="application/json")),
        ("claims are made, and a login page comes back", None, dict(status=200, only=is_new_claim, after=True)),
        ("claims are made, and a page that is not found comes back", None, dict(status=404, only=is_new_claim, after=True)),
        ("claims and nodes are changed, and a page that is not found comes back", None, dict(status=404, only=is_patch, after=True)),
    ]:  # fmt: skip
        pods += 1
        seen = len(world.log_of("controller"))
        with front.answering(**fault):
            world.api.scale("web", pods)
            wait_for(f"it met {what}", lambda: front.faults_given >= 3 or (fault.get("after") and front.faults_given))
            if told:
                wait_for(f"it told of {what}", lambda: told in world.log_of("controller")[seen:])
        check_still_runs(world)
        check_nothing_twice(world, pods)
    pods += 1
    expire_and_renew_certificate(world, front, lambda: world.api.scale("web", pods))
    check_still_runs(world)
    check_end(world, pods)


def expire_and_renew_certificate(world, front, meanwhile):
    good, expired = (
        world.cluster.authority.issue(name, "front", addresses=["IP:127.0.0.1"], days=days)
        for name, days in (("front-good", 7), ("front-expired", 0))
    )
    front.show(expired)
    front.cut()
    meanwhile()
    wait_for("it told that the certificate has expired", lambda: "certificate has expired" in world.log_of("controller"))
    front.show(good)


UNAUTHORIZED = json.dumps(
    {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "Unauthorized", "reason": "Unauthorized", "code": 401}
).encode()


def refused_calls(world):
    lines = world.metrics().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("karpenter_cloudprovider_errors_total{"))


def test_aws_refuses_for_a_while(world):
    """Keys that are revoked in mid-flight, which it backs off from for 30 seconds; a service that is broken."""
    start(world)
    world.apply_deployment("web", replicas=1, cpu=FULL)
    check_nothing_twice(world, pods=1)
    pods = 1
    for refusal in [
        (403, "UnrecognizedClientException", "The security token included in the request is invalid."),
        (500, "InternalFailure", "The request processing has failed because of an unknown error."),
    ]:
        pods += 1
        seen, counted = len(world.log_of("controller")), refused_calls(world)
        world.recorder.refusal = refusal
        world.api.scale("web", pods)
        wait_for(f"it told of {refusal[1]}", lambda: refusal[1] in world.log_of("controller")[seen:])
        wait_for("it is counted", lambda: refused_calls(world) > counted)
        world.recorder.refusal = None
        check_nothing_twice(world, pods)
    check_end(world, pods)


# -- what is large, and what is late -----------------------------------------------------------------


def test_pool_with_all_the_annotations_that_are_admitted(world):
    """The API server takes 256 KiB of them on one object; tests/client has what is larger."""
    start(world)
    world.api.patch("nodepools", "cpu", {"metadata": {"annotations": {"notes.example.com/all": "x" * 250 * 1024}}})
    world.apply_deployment("web", replicas=1, cpu=FULL)
    (pod,) = world.wait_running("app=web", 1)
    node = world.node_of(pod)
    assert "notes.example.com/all" not in json.dumps(node) + json.dumps(world.claims()), "carried on"
    assert "x" * 1000 not in world.log_of("controller")
    check_end(world, pods=1)


def told_of_pool(world, name):
    """The message of its condition, where it is invalid."""
    for entry in world.api.get("nodepools", name).get("status", {}).get("conditions", []):
        if entry["type"] == "ValidationSucceeded" and entry["status"] == "False":
            return entry["message"]
    return ""


def pools_with_claims(world):
    return {claim["metadata"]["labels"]["karpenter.sh/nodepool"] for claim in world.claims()}


def test_pools_whose_annotations_cannot_go_on_to_claims(world):
    """The API server takes the pools: a megabyte, a key that is none, and an id that would take somebody's node."""
    start(world)
    for name, annotations, told in [
        ("large", {"notes.example.com/all": "x" * 1_000_000}, "have 1000021 bytes, at most 57344 go on to nodes"),
        ("odd", {"not a key!": "x"}, 'annotations[not a key!]: key "not a key!"'),
        ("taker", {"hyperwright.dev/node-logical-id": "somebodys"}, "is set by the autoscaler; remove it"),
    ]:
        pool = manifests.node_pool(name, weight=100)
        pool["spec"]["template"]["metadata"]["annotations"] = annotations
        world.api.create("nodepools", pool)
        wait_for(f"NodePool {name} is told", lambda: told in told_of_pool(world, name))
    world.apply_deployment("web", replicas=1, cpu=FULL)
    check_nothing_twice(world, pods=1)
    assert pools_with_claims(world) == {"cpu"}
    assert "x" * 1000 not in world.log_of("controller")
    check_end(world, pods=1)


ADMISSION = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpol"


@pytest.fixture
def refused_pool(world):
    """The API server takes no NodeClaims of the NodePool "refused"."""
    name = "no-claims-of-refused"
    rule = {"apiGroups": ["karpenter.sh"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["nodeclaims"]}
    says = {"expression": "object.metadata.labels['karpenter.sh/nodepool'] != 'refused'", "message": "not on my watch"}
    policy = {"matchConstraints": {"resourceRules": [rule]}, "validations": [says]}
    binding = {"policyName": name, "validationActions": ["Deny"]}
    world.api.request("POST", ADMISSION + "icies", {"metadata": {"name": name}, "spec": policy})
    world.api.request("POST", ADMISSION + "icybindings", {"metadata": {"name": name}, "spec": binding})
    yield "refused"
    for path in (f"{ADMISSION}icybindings/{name}", f"{ADMISSION}icies/{name}"):
        world.api.request("DELETE", path)


def test_pool_whose_claims_the_api_server_refuses(world, refused_pool):
    """The pool waits and is told; its instance group, and the other pool that uses it, does not wait."""
    start(world)
    claim = {
        "metadata": {"name": "probe", "labels": {"karpenter.sh/nodepool": refused_pool}},
        "spec": manifests.node_pool("any")["spec"]["template"]["spec"],
    }
    wait_for("the policy is in force", lambda: is_refused(world, claim))
    world.apply_pool(refused_pool, weight=100)
    wait_for("the pool is ready", lambda: condition(world.api.get("nodepools", refused_pool), "Ready") == "True")
    world.apply_deployment("web", replicas=1, cpu=FULL)
    check_nothing_twice(world, pods=1)
    assert pools_with_claims(world) == {"cpu"}
    told = [event for event in world.api.list("events") if event["reason"] == "FailedCreate"]
    assert {event["involvedObject"]["name"] for event in told} == {refused_pool}
    assert "not on my watch" in told[0]["message"]
    check_end(world, pods=1)


def is_refused(world, claim):
    """Asked without an effect."""
    body = {"apiVersion": "karpenter.sh/v1", "kind": "NodeClaim", **claim}
    try:
        world.api.request("POST", "/apis/karpenter.sh/v1/nodeclaims?dryRun=All", body)
    except ApiError as error:
        assert "not on my watch" in error.text, error
        return True
    return False


def test_clock_is_set_back(world):
    """By an hour, under service and controller: nobody waits an hour for anything, and nothing happens again."""
    clock = Clock(world.directory)
    world.environment.update(clock.environment)
    start(world)
    world.apply_deployment("web", replicas=1, cpu=FULL)
    check_nothing_twice(world, pods=1)
    seen = len(world.log_of("controller"))
    clock.set(-3600)
    wait_for("it told that the clock was set back", lambda: "the clock was set back" in world.log_of("controller")[seen:])
    world.api.scale("web", 2)
    an_hour_ago = f"{datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=55):%Y-%m-%dT%H:%M}"
    wait_for("the controller's clock is an hour behind", lambda: any(
        json.loads(line)["time"] < an_hour_ago for line in world.log_of("controller")[seen:].splitlines()
    ))  # fmt: skip
    check_nothing_twice(world, pods=2)
    clock.set(0)
    wait_for("it told that the clock is right again", lambda: "the clock has caught up" in world.log_of("controller")[seen:])
    world.api.scale("web", 3)
    check_end(world, pods=3)


# -- the controller, at any moment -------------------------------------------------------------------


@pytest.mark.parametrize("kills", [3, pytest.param(25, marks=pytest.mark.kills)])
def test_controller_is_killed_at_random_moments(world, kills):
    """While nodes come and while they go. KILLS_SEED=N draws the moments of another run again."""
    seed = int(os.environ.get("KILLS_SEED") or random.SystemRandom().randrange(10**6))
    print(f"KILLS_SEED={seed}")
    draw = random.Random(seed)
    start(world, controller=False)
    world.apply_deployment("web", replicas=0, cpu=FULL)
    pods = 0
    for life in range(kills):
        going = life > kills // 2
        pods = max(1, pods - draw.randint(1, 2)) if going else pods + draw.randint(1, 2)
        # A lease of its own each time: the one of the dead would be waited for.
        controller = world.run_controller("controller", **{"--leader-election-name": f"life-{life}"})
        world.api.scale("web", pods)
        time.sleep(draw.uniform(0, 4))
        controller.popen.send_signal(signal.SIGKILL)
        controller.popen.wait()
        if life == kills // 2:
            world.start_controller("--leader-election-name=between")
            check_nothing_twice(world, pods)
            world.kill_controller()
            most = pods
    world.start_controller("--leader-election-name=last")
    world.wait_running("app=web", pods, within=120)
    wait_for("the nodes that are not needed are gone", lambda: len(world.hyperpod_nodes()) == pods, within=120)
    world.check_one_claim_a_node()
    assert len(world.recorder.launched()) == most, "bought twice for one need"
    world.api.scale("web", 0)
    world.wait_until_empty(within=120)
    check_played_again(world)
