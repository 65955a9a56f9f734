"""A small Kubernetes client: plain objects in, plain objects out, and a wait for a state.

It speaks HTTP itself, so that a poll costs a millisecond and a test can ask often. What a person
would type goes through kubectl instead (`Cluster.kubectl`).
"""

import contextlib
import json
import ssl
import threading
import time

import urllib3

GROUPS = {
    "pods": "/api/v1",
    "nodes": "/api/v1",
    "events": "/api/v1",
    "namespaces": "/api/v1",
    "serviceaccounts": "/api/v1",
    "persistentvolumes": "/api/v1",
    "persistentvolumeclaims": "/api/v1",
    "deployments": "/apis/apps/v1",
    "replicasets": "/apis/apps/v1",
    "daemonsets": "/apis/apps/v1",
    "statefulsets": "/apis/apps/v1",
    "jobs": "/apis/batch/v1",
    "poddisruptionbudgets": "/apis/policy/v1",
    "leases": "/apis/coordination.k8s.io/v1",
    "csinodes": "/apis/storage.k8s.io/v1",
    "nodepools": "/apis/karpenter.sh/v1",
    "nodeclaims": "/apis/karpenter.sh/v1",
    "hyperpodnodeclasses": "/apis/karpenter.sagemaker.amazonaws.com/v1",
    "customresourcedefinitions": "/apis/apiextensions.k8s.io/v1",
}
CLUSTER_WIDE = {
    "nodes", "namespaces", "persistentvolumes", "csinodes",
    "nodepools", "nodeclaims", "hyperpodnodeclasses", "customresourcedefinitions",
}  # fmt: skip


class ApiError(Exception):
    def __init__(self, status, text):
        super().__init__(f"HTTP {status}: {text[:500]}")
        self.status = status
        self.text = text


class Kubernetes:
    """The API server, seen with the rights of an administrator."""

    def __init__(self, server, ca, certificate, key):
        self.server = server
        context = ssl.create_default_context(cafile=ca)
        context.load_cert_chain(certificate, key)
        self.pool = urllib3.PoolManager(ssl_context=context, maxsize=8)

    def request(self, method, path, body=None, content_type="application/json"):
        answer = self.pool.request(
            method,
            self.server + path,
            body=None if body is None else json.dumps(body),
            headers={"Content-Type": content_type},
        )
        if answer.status >= 300:
            raise ApiError(answer.status, answer.data.decode(errors="replace"))
        return json.loads(answer.data) if answer.data[:1] == b"{" else answer.data.decode()

    @staticmethod
    def path(kind, name="", namespace="", subresource=""):
        parts = [GROUPS[kind]]
        if namespace and kind not in CLUSTER_WIDE:
            parts += ["namespaces", namespace]
        return "/".join(parts + [part for part in (kind, name, subresource) if part])

    def get(self, kind, name, namespace="default"):
        """The object, or None when there is none of that name."""
        try:
            return self.request("GET", self.path(kind, name, namespace))
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def list(self, kind, namespace="", labels=""):
        query = "?labelSelector=" + labels.replace("=", "%3D").replace(",", "%2C") if labels else ""
        return self.request("GET", self.path(kind, namespace=namespace) + query)["items"]

    def create(self, kind, manifest, namespace="default"):
        return self.request("POST", self.path(kind, namespace=namespace), manifest)

    def patch(self, kind, name, change, namespace="default", subresource=""):
        path = self.path(kind, name, namespace, subresource)
        return self.request("PATCH", path, change, "application/merge-patch+json")

    def delete(self, kind, name, namespace="default", grace=None):
        body = None if grace is None else {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": grace}
        try:
            self.request("DELETE", self.path(kind, name, namespace), body)
        except ApiError as error:
            if error.status != 404:
                raise

    def delete_all(self, kind, namespace):
        """Every object of a kind in a namespace (in the cluster, when the kind has none), in one call."""
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0, "propagationPolicy": "Background"}
        self.request("DELETE", self.path(kind, namespace=namespace), body)

    def scale(self, name, replicas, namespace="default"):
        self.patch("deployments", name, {"spec": {"replicas": replicas}}, namespace, "scale")

    def watch(self, kind):
        return Watch(self, kind)


class Watch:
    """Follows a kind and remembers every object that ever was there, also those that have gone."""

    def __init__(self, kubernetes, kind):
        self.kubernetes = kubernetes
        self.kind = kind
        self.seen = {}  # uid -> the newest version that was seen
        self.hooks = []  # called with (type of the event, object)
        self.stopped = False
        answer = kubernetes.request("GET", kubernetes.path(kind))
        for item in answer["items"]:
            self.seen[item["metadata"]["uid"]] = item
        self.version = answer["metadata"]["resourceVersion"]
        self.response = None
        self.thread = threading.Thread(target=self._follow, daemon=True)
        self.thread.start()

    def _follow(self):
        while not self.stopped:
            url = f"{self.kubernetes.server}{self.kubernetes.path(self.kind)}?watch=true&resourceVersion={self.version}"
            try:
                self.response = self.kubernetes.pool.request("GET", url, preload_content=False)
                for line in _lines(self.response):
                    self._fold(json.loads(line))
                    if self.stopped:
                        return
            except (urllib3.exceptions.HTTPError, ValueError, AttributeError, OSError):
                if not self.stopped:
                    time.sleep(0.05)

    def _fold(self, event):
        item = event["object"]
        if event["type"] == "ERROR":
            raise ValueError(f"watch of {self.kind}: {item}")
        self.version = item["metadata"]["resourceVersion"]
        self.seen[item["metadata"]["uid"]] = item
        for hook in list(self.hooks):
            hook(event["type"], item)

    def stop(self):
        self.stopped = True
        if self.response is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                self.response.shutdown()
        self.thread.join(timeout=5)


def _lines(response):
    rest = b""
    for chunk in response.stream(65536, decode_content=True):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line for line in lines if line)


def wait_for(what, ask, within=30, every=0.05):
    """Asks until the answer is true and returns it; tells what was waited for, and the last answer.

    The only wait of these tests: they wait for a state, with a deadline, and never for a while.
    """
    deadline = time.monotonic() + within
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within} s in vain: {what}; last answer: {answer!r}")
        time.sleep(every)


def holds_for(seconds, what, ask, every=0.1):
    """The state holds now and goes on to hold: for what must *not* happen."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert ask(), f"did not hold: {what}"
        time.sleep(every)


def condition(item, kind):
    """The status of a condition: "True", "False", "Unknown", or None without it."""
    for entry in (item or {}).get("status", {}).get("conditions", []):
        if entry["type"] == kind:
            return entry["status"]
    return None


def is_ready(node):
    return condition(node, "Ready") == "True"
