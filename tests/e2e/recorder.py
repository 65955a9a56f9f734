"""Stands between the controller and the HyperPod API: writes down every call, and can cut the line.

A hook may stop a call before it reaches the service, or keep its answer from the controller. That
is how a test kills the controller at an exact moment: "the call went out, its answer never came".
"""

import dataclasses
import http.client
import http.server
import json
import threading
import urllib.parse


@dataclasses.dataclass
class Call:
    operation: str  # BatchAddClusterNodes, DescribeSubnets, …
    request: dict
    status: int = 0  # 0: it never reached the service
    answer: dict = dataclasses.field(default_factory=dict)


class Recorder:
    def __init__(self, upstream):
        """upstream: the URL of the service."""
        self.upstream = urllib.parse.urlparse(upstream).netloc
        self.calls = []
        self.before = {}  # operation -> function of the call; true: the call does not go on
        self.instead = {}  # operation -> function of the call; (status, answer) that comes instead of the service's
        self.after = {}  # operation -> function of the call; true: the answer does not go back
        self.refusal = None  # (status, type, message) that every call is answered with, unseen by the service
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                recorder._forward(self)

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def of(self, operation):
        return [call for call in self.calls if call.operation == operation]

    def launched(self):
        """Every NodeLogicalId that a BatchAdd call was ever answered with."""
        return {
            node["NodeLogicalId"]
            for call in self.of("BatchAddClusterNodes")
            for node in call.answer.get("Successful", [])
        }

    def _forward(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        call = _read_call(handler.headers.get("X-Amz-Target"), body)
        self.calls.append(call)
        if self.before.get(call.operation, _go_on)(call):
            return _cut(handler)
        if call.operation in self.instead:
            return _answer(handler, *self.instead[call.operation](call))
        if self.refusal:
            call.status = self.refusal[0]
            return _refuse(handler, *self.refusal)
        connection = http.client.HTTPConnection(self.upstream, timeout=60)
        try:
            # The Host header stays the controller's, because its signature covers it.
            connection.request(handler.command, handler.path, body, dict(handler.headers))
            answer = connection.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException):
            return _cut(handler)
        finally:
            connection.close()
        call.status, call.answer = answer.status, _parsed(data)
        if self.after.get(call.operation, _go_on)(call):
            return _cut(handler)
        try:
            handler.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("content-length", "connection", "transfer-encoding", "date", "server"):
                    handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(data)))
            handler.end_headers()
            handler.wfile.write(data)
        except OSError:
            pass  # the controller was killed meanwhile


def ec2_without(subnets, gone):
    """EC2's answers to DescribeSubnets where of `subnets` (id -> zone) one is gone: by ids all are refused, by a filter not."""

    def answer(call):
        ids = [value for name, value in call.request.items() if name.startswith("SubnetId.")]
        wanted = [value for name, value in call.request.items() if name.startswith("Filter.1.Value.")]
        if gone in ids:
            code, message = "InvalidSubnetID.NotFound", f"The subnet ID '{gone}' does not exist"
            return 400, f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors></Response>"
        items = "".join(
            f"<item><subnetId>{name}</subnetId><availabilityZone>{zone}</availabilityZone></item>"
            for name, zone in subnets.items()
            if name in (ids or wanted) and name != gone
        )
        return 200, f"<DescribeSubnetsResponse><subnetSet>{items}</subnetSet></DescribeSubnetsResponse>"

    return answer


def _refuse(handler, status, kind, message):
    body = json.dumps({"__type": kind, "message": message}).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/x-amz-json-1.1")
    handler.send_header("x-amzn-ErrorType", kind)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _go_on(_):
    return False


def _answer(handler, status, answer):
    data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def _cut(handler):
    handler.close_connection = True


def _parsed(data):
    try:
        return json.loads(data)
    except ValueError:
        return {}


def _read_call(target, body):
    if target:
        return Call(target.rpartition(".")[2], _parsed(body))
    fields = dict(urllib.parse.parse_qsl(body.decode(errors="replace")))
    return Call(fields.get("Action", "?"), fields)
