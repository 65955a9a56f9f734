"""What the controller asks of AWS beside HyperPod: the price list, who it is, and keys that are rotated under it."""

import contextlib
import http.server
import json
import re
import threading
import urllib.error
import urllib.request

import pytest

from api import condition, wait_for
from hyperwright import REGION, SUBNETS, group
from recorder import ec2_without

TYPE = "node.kubernetes.io/instance-type"
GROUPS = [group("gpu-g6", "ml.g6.xlarge", "subnet-a"), group("gpu-g5", "ml.g5.xlarge", "subnet-a")]


@contextlib.contextmanager
def serving(answer):
    """A server on the loopback; `answer(headers, body)` gives status, headers and body of each POST."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, text = answer(self.headers, body)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def product(instance_type, dollars):
    return json.dumps({
        "product": {"attributes": {"regionCode": REGION, "usagetype": f"USE1-Cluster:{instance_type}"}},
        "terms": {"OnDemand": {"x": {"priceDimensions": {"y": {"unit": "Hrs", "pricePerUnit": {"USD": dollars}}}}}},
    })  # fmt: skip


def price_list(*products):
    """The service, one product a page; the calls that it gets stand in its list."""
    calls = []

    def answer(_, body):
        asked = json.loads(body)
        calls.append(asked)
        page = int(asked.get("NextToken", 0))
        text = {"FormatVersion": "aws_v1", "PriceList": [products[page]]}
        if page + 1 < len(products):
            text["NextToken"] = str(page + 1)
        return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(text).encode()

    return calls, answer


def lines(world, message):
    found = [json.loads(line) for line in world.log_of("controller").splitlines() if line.startswith("{")]
    return [line for line in found if line["message"] == message]


def price_of(world, instance_type):
    found = re.search(rf'offering_price_estimate{{[^}}]*instance_type="{re.escape(instance_type)}"[^}}]*}} (\S+)', world.metrics())
    return float(found[1]) if found else None


def test_the_price_list_decides_what_is_cheapest_and_is_kept(world, tmp_path):
    world.start(groups=GROUPS, controller=False)
    # Built in, the g6 is the cheaper one of the two.
    calls, answer = price_list(product("ml.g6.xlarge", "2.5000000000"), product("ml.g5.xlarge", "1.2500000000"))
    with serving(answer) as pricing:
        world.environment["AWS_ENDPOINT_URL_PRICING"] = pricing
        world.start_controller(f"--price-cache={tmp_path}")
        wait_for("the list is read", lambda: lines(world, "read the price list"))
        assert calls[0]["Filters"][0] == {"Type": "TERM_MATCH", "Field": "regionCode", "Value": REGION}
        world.apply_class("gpu", "gpu-g6", "gpu-g5")
        world.apply_pool("gpu", node_class="gpu")
        world.apply_deployment("inference", replicas=1, cpu="1", gpus=1)
        (pod,) = world.wait_running("app=inference", count=1)
        assert world.node_of(pod)["metadata"]["labels"][TYPE] == "ml.g5.xlarge"
        wait_for("the list's price counts", lambda: price_of(world, "ml.g6.xlarge") == 2.5)
    kept = (tmp_path / f"prices-{REGION}.csv").read_text()
    assert re.search(rf"^{REGION},ml\.g6\.xlarge,2\.500000,20\d\d-\S+Z$", kept, re.M), kept

    # The service is gone: a new start takes what was kept, and asks nobody.
    asked = len(calls)
    world.kill_controller()
    (tmp_path / "discounts.csv").write_text("instance_group,percent\ngpu-g6,80\n")
    world.start_controller(f"--price-cache={tmp_path}", f"--discounts={tmp_path}/discounts.csv")
    world.api.scale("inference", 2)
    pods = world.wait_running("app=inference", count=2)
    assert {world.node_of(pod)["metadata"]["labels"][TYPE] for pod in pods} == {"ml.g5.xlarge", "ml.g6.xlarge"}
    wait_for("the discount counts", lambda: price_of(world, "ml.g6.xlarge") == 0.5)
    assert price_of(world, "ml.g5.xlarge") == 1.25
    assert len(calls) == asked
    (taken,) = lines(world, "took the kept price list")
    assert (taken["prices"], taken["oldest"][:2]) == ("2", "20"), taken
    world.api.scale("inference", 0)
    world.wait_until_empty()


def test_a_subnet_that_is_gone_concerns_the_groups_that_use_it_alone(world):
    """Of both subnets one is gone: the class whose group is there is told, the other one buys."""
    groups = [group("cpu", "ml.m5.xlarge", "subnet-a"), group("old", "ml.m5.2xlarge", "subnet-b")]
    world.start(groups=groups, controller=False)
    world.recorder.instead["DescribeSubnets"] = ec2_without(SUBNETS, "subnet-b")
    world.start_controller("--no-price-list")
    world.apply_class("cpu", "cpu")
    world.apply_class("old", "old")
    world.apply_pool("cpu", node_class="cpu")
    world.apply_deployment("web", replicas=1, cpu="1")
    world.wait_running("app=web", count=1)
    old = world.api.get("hyperpodnodeclasses", "old")
    (told,) = [entry for entry in old["status"]["conditions"] if entry["type"] == "SubnetsReady"]
    assert (told["status"], told["reason"]) == ("False", "ZoneUnknown")
    assert 'subnet subnet-b of instance group "old" is not known: EC2 has no such subnet' in told["message"]
    assert condition(world.api.get("hyperpodnodeclasses", "cpu"), "Ready") == "True"
    world.api.scale("web", 0)
    world.wait_until_empty()


def test_an_endpoint_without_prices_or_sts_is_no_problem(world):
    world.start(groups=GROUPS)
    wait_for("it is told once", lambda: lines(world, "no price list is offered here, prices stay as they are"))
    assert not lines(world, "who we are to AWS is not known")


def test_the_log_says_whose_keys_these_are(world):
    identity = (
        b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        b"<Arn>arn:aws:sts::111122223333:assumed-role/hyperwright/a</Arn><UserId>X:a</UserId><Account>111122223333</Account>"
        b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
    world.start(groups=GROUPS, controller=False)
    with serving(lambda *_: (200, {"Content-Type": "text/xml"}, identity)) as sts:
        world.environment["AWS_ENDPOINT_URL_STS"] = sts
        world.start_controller("--no-price-list")
        (line,) = wait_for("it is told", lambda: lines(world, "calling AWS"))
    assert (line["account"], line["arn"]) == ("111122223333", "arn:aws:sts::111122223333:assumed-role/hyperwright/a")


@pytest.fixture
def rotated(world, tmp_path):
    """Keys from a credential_process, and an endpoint that accepts only those of the set that is given."""
    accepted = {"FIRST"}

    def forward(headers, body):
        key = re.search(r"Credential=(\w+)/", headers.get("Authorization", ""))
        if not key or key[1] not in accepted:
            text = b'{"__type":"ExpiredTokenException","Message":"The security token included in the request is expired"}'
            return 400, {"Content-Type": "application/x-amz-json-1.1"}, text
        request = urllib.request.Request(world.recorder.endpoint, body, {
            name: headers[name] for name in ("Authorization", "X-Amz-Target", "Content-Type", "X-Amz-Date") if name in headers
        })  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, {"Content-Type": response.headers["Content-Type"]}, response.read()
        except urllib.error.HTTPError as refused:
            return refused.code, {"Content-Type": refused.headers["Content-Type"]}, refused.read()

    def give(name):
        (tmp_path / "keys").write_text(json.dumps({"Version": 1, "AccessKeyId": name, "SecretAccessKey": "s"}))
        accepted.clear()
        accepted.add(name)

    give("FIRST")
    (tmp_path / "config").write_text(f"[default]\ncredential_process = /bin/cat {tmp_path}/keys\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        world.environment.pop(name)
    world.environment["AWS_CONFIG_FILE"] = str(tmp_path / "config")
    with serving(forward) as endpoint:
        yield endpoint, give


def test_keys_that_are_rotated_stop_nothing(world, rotated):
    endpoint, give = rotated
    world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a")], controller=False)
    world.start_controller("--no-price-list", **{"--endpoint": endpoint})
    assert lines(world, "found keys for AWS")[0]["source"] == "custom-process"
    give("SECOND")
    world.apply_class("cpu", "cpu")
    world.apply_pool("cpu", node_class="cpu")
    world.apply_deployment("web", replicas=1, cpu="1")
    world.wait_running("app=web", count=1, within=120)
    assert len(lines(world, "found keys for AWS")) == 2
    world.api.scale("web", 0)
    world.wait_until_empty()
