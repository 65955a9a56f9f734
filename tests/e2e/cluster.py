"""A real Kubernetes on the loopback: etcd, API server, controllers, scheduler, and kwok as kubelets.

The binaries come from scripts/kubernetes. Everything lies in one directory, on free ports; stop()
leaves nothing behind. kwok plays the kubelet of every node that HyperPod's compute-type label
marks, by the stages in stages/*.yaml. It starts in about four seconds.

There are two users: the administrator (`kubeconfig`), and the ServiceAccount of the Helm chart with the
rights that the chart gives it and no others (`token_kubeconfig`): Hyperwright's controllers are that one.
"""

import base64
import os
import pathlib
import subprocess

from api import Kubernetes, wait_for
from certificates import Authority
from process import Process, free_ports, wait_until

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
HYPERPOD_NODES = "sagemaker.amazonaws.com/compute-type=hyperpod"
OURS = ("hyperpodnodeclasses", "nodepools", "nodeclaims")
WORKLOADS = (
    "deployments", "statefulsets", "daemonsets", "jobs", "replicasets", "poddisruptionbudgets", "pods",
    "persistentvolumeclaims",
)  # fmt: skip
CHART = ROOT / "deploy/helm/hyperwright"
ACCOUNT = "hyperwright-e2e"  # its namespace, and the chart's release, have that name, too
ALWAYS = ("nodes", "persistentvolumes", "csinodes")


def binaries():
    """The directory of the Kubernetes binaries, built now if they are not there."""
    return pathlib.Path(subprocess.check_output([ROOT / "scripts/kubernetes"], text=True).strip())


class Cluster:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.bin = binaries()
        self.processes = []
        etcd, peer, secure = free_ports(3)
        self.etcd = f"http://127.0.0.1:{etcd}"
        self.peer = f"http://127.0.0.1:{peer}"
        self.port = secure
        self.server = f"https://127.0.0.1:{secure}"

    def start(self):
        try:
            self._make_credentials()
            self._start("etcd", *self._etcd_flags())
            self.api = Kubernetes(self.server, self.authority.certificate, *self.admin)
            self.start_api_server()
            self._start_controllers()
            self._make_account()
            self.started_objects = {kind: self._names(kind) for kind in ("namespaces",)}
        except BaseException:
            self.stop()
            raise
        return self

    def _start_controllers(self):
        self._start("kube-controller-manager", *self._controller_manager_flags())
        self._start("kube-scheduler", *self._scheduler_flags())
        self._start("kwok", *self._kwok_flags())
        # Pods need the default account, and it is the controllers that make it.
        wait_until("the default service account", self._has_account, self.processes)

    def start_api_server(self):
        """Also after a kill: etcd has kept what it knew."""
        self.api_server = self._start("kube-apiserver", *self._apiserver_flags())
        wait_until("kube-apiserver is ready", self._ready, self.processes)

    def kill_api_server(self):
        self.api_server.kill()
        self.processes.remove(self.api_server)

    def stop(self):
        for process in reversed(self.processes):
            process.kill()

    def kubectl(self, *arguments, stdin=None):
        """What a person would type; returns what it prints."""
        command = [self.bin / "kubectl", f"--kubeconfig={self.kubeconfig}", *arguments]
        done = subprocess.run(command, input=stdin, text=True, capture_output=True)
        if done.returncode:
            raise AssertionError(f"kubectl {' '.join(map(str, arguments))}: {done.stderr}")
        return done.stdout

    def helm(self, *arguments):
        """The same of helm; what it says beside its output is in the error, if there is one."""
        command = [self.bin / "helm", f"--kubeconfig={self.kubeconfig}", *arguments]
        done = subprocess.run(command, text=True, capture_output=True)
        if done.returncode:
            raise AssertionError(f"helm {' '.join(map(str, arguments))}: {done.stderr}")
        return done.stdout

    def kubeconfig_of(self, account, namespace, path):
        """A kubeconfig of a ServiceAccount, as a pod of it would be let in."""
        token = self.kubectl("create", "token", account, f"--namespace={namespace}", "--duration=24h").strip()
        return self._write_kubeconfig(account, f"{{token: {token}}}", namespace, path), token

    def install_crds(self, binary):
        """Karpenter's and HyperPod's kinds, as `hyperwright crds` prints them."""
        manifests = subprocess.check_output([binary, "crds"], text=True)
        self.kubectl("apply", "-f", "-", stdin=manifests)
        self.kubectl("wait", "--for=condition=Established", "--timeout=20s", "crd", "--all")

    def namespace(self, name):
        """A namespace that is ready for pods."""
        self.api.create("namespaces", {"metadata": {"name": name}})
        wait_for(f"account of namespace {name}", lambda: self.api.get("serviceaccounts", "default", name))
        return name

    def reset(self):
        """Takes away what a test left: workloads, nodes and our objects, finalizers or not."""
        served = {entry["spec"]["names"]["plural"] for entry in self.api.list("customresourcedefinitions")}
        wiped = [kind for kind in (*OURS, *ALWAYS) if kind in ALWAYS or kind in served]
        for namespace in self._work_namespaces():
            for kind in WORKLOADS:
                self.api.delete_all(kind, namespace)
            self.api.delete_all("events", namespace)
        for kind in wiped:
            self.api.delete_all(kind, "")
        wait_for("the cluster is empty again", lambda: not self._left(wiped), within=30)
        for name in self._names("namespaces") - self.started_objects["namespaces"]:
            self.api.delete("namespaces", name)

    def _left(self, wiped):
        """What is still there; finalizers, whose owners may have been killed, are taken off."""
        left = []
        for kind in (*wiped, *WORKLOADS):
            for item in self.api.list(kind):
                meta = item["metadata"]
                left.append(f"{kind}/{meta['name']}")
                if not meta.get("deletionTimestamp"):
                    self.api.delete(kind, meta["name"], meta.get("namespace", ""), grace=0)
                elif meta.get("finalizers"):
                    self._take_finalizers(kind, meta)
                elif kind == "pods":
                    self.api.delete(kind, meta["name"], meta["namespace"], grace=0)
        return left

    def _take_finalizers(self, kind, meta):
        try:
            self.api.patch(kind, meta["name"], {"metadata": {"finalizers": None}}, meta.get("namespace", ""))
        except Exception as error:  # it has gone meanwhile
            if getattr(error, "status", None) != 404:
                raise

    def _work_namespaces(self):
        return [name for name in self._names("namespaces") if not name.startswith("kube-")]

    def _names(self, kind):
        return {item["metadata"]["name"] for item in self.api.list(kind)}

    def _ready(self):
        try:
            return self.api.request("GET", "/readyz") == "ok"
        except Exception:
            return False

    def _has_account(self):
        return self.api.get("serviceaccounts", "default", "default") is not None

    def _start(self, name, *flags):
        log = self.directory / f"{name}.log"
        env = {**os.environ, "GOMAXPROCS": os.environ.get("GOMAXPROCS", "2")}
        process = Process(name, [self.bin / name, *flags], log, env)
        self.processes.append(process)
        return process

    def _make_credentials(self):
        self.authority = Authority(self.directory)
        self.serving = self.authority.issue("apiserver", "kube-apiserver", addresses=["IP:127.0.0.1", "DNS:localhost"])
        self.admin = self.authority.issue("admin", "admin", "system:masters")
        self.accounts = self.authority.key_pair("service-accounts")
        certificate, key = (_encoded(path) for path in self.admin)
        self.kubeconfig = self._write_kubeconfig(
            "admin", f"{{client-certificate-data: {certificate}, client-key-data: {key}}}"
        )

    def _make_account(self):
        self.kubectl("create", "namespace", ACCOUNT)
        parts = [f"--show-only=templates/{name}.yaml" for name in ("serviceaccount", "rbac")]
        flags = (f"--namespace={ACCOUNT}", "--set=settings.cluster=any")
        self.kubectl("apply", "-f", "-", stdin=self.helm("template", ACCOUNT, CHART, *flags, *parts))
        self.token_kubeconfig, self.token = self.kubeconfig_of(
            ACCOUNT, ACCOUNT, self.directory / "controller.kubeconfig"
        )

    def kubeconfig_by(self, server):
        """The controller's, for another way to the API server."""
        path = self.directory / "controller-elsewhere.kubeconfig"
        return self._write_kubeconfig(ACCOUNT, f"{{token: {self.token}}}", ACCOUNT, path, server)

    def _write_kubeconfig(self, user, credentials, namespace="default", path=None, server=None):
        path = path or self.directory / f"{user}.kubeconfig"
        path.write_text(
            f"""apiVersion: v1
kind: Config
current-context: e2e
clusters:
- name: e2e
  cluster: {{server: "{server or self.server}", certificate-authority-data: {_encoded(self.authority.certificate)}}}
users:
- name: {user}
  user: {credentials}
contexts:
- name: e2e
  context: {{cluster: e2e, user: {user}, namespace: {namespace}}}
"""
        )
        return path

    def _etcd_flags(self):
        return (
            f"--data-dir={self.directory / 'etcd'}",
            f"--listen-client-urls={self.etcd}",
            f"--advertise-client-urls={self.etcd}",
            f"--listen-peer-urls={self.peer}",
            f"--initial-advertise-peer-urls={self.peer}",
            f"--initial-cluster=default={self.peer}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        )

    def _apiserver_flags(self):
        return (
            f"--etcd-servers={self.etcd}",
            "--bind-address=127.0.0.1",
            f"--secure-port={self.port}",
            "--advertise-address=192.0.2.1",  # never used: nothing reconciles endpoints
            "--endpoint-reconciler-type=none",
            f"--cert-dir={self.directory}",
            f"--tls-cert-file={self.serving[0]}",
            f"--tls-private-key-file={self.serving[1]}",
            f"--client-ca-file={self.authority.certificate}",
            "--authorization-mode=Node,RBAC",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-signing-key-file={self.accounts[0]}",
            f"--service-account-key-file={self.accounts[1]}",
        )

    def _controller_manager_flags(self):
        return (
            f"--kubeconfig={self.kubeconfig}",
            "--bind-address=127.0.0.1",
            "--secure-port=0",
            "--leader-elect=false",
            f"--service-account-private-key-file={self.accounts[0]}",
            f"--root-ca-file={self.authority.certificate}",
            "--use-service-account-credentials=false",
            "--kube-api-qps=500",
            "--kube-api-burst=1000",
            "--concurrent-deployment-syncs=20",
            "--concurrent-replicaset-syncs=20",
        )

    def _scheduler_flags(self):
        return (
            f"--kubeconfig={self.kubeconfig}",
            "--bind-address=127.0.0.1",
            "--secure-port=0",
            "--leader-elect=false",
            "--kube-api-qps=500",
            "--kube-api-burst=1000",
        )

    def _kwok_flags(self):
        stages = sorted((HERE / "stages").glob("*.yaml"))
        return (
            f"--kubeconfig={self.kubeconfig}",
            f"--manage-nodes-with-label-selector={HYPERPOD_NODES}",
            "--node-lease-duration-seconds=40",
            "--node-ip=127.0.0.1",
            "--cidr=10.244.0.0/16",
            *(f"--config={stage}" for stage in stages),
        )


def _encoded(path):
    return base64.b64encode(path.read_bytes()).decode()
