"""The definitions, tried on a real API server: each rule with an object that it takes and one that it refuses.

What can be decided of one object is created with dryRun; what compares a new object with the old one is patched.
"""

import copy
import json
import subprocess

import pytest

import manifests
from api import ApiError, wait_for

CLASS = "karpenter.sagemaker.amazonaws.com"


def pool():
    return manifests.node_pool("tried")


def claim():
    return {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodeClaim",
        "metadata": {"name": "tried"},
        "spec": {
            "nodeClassRef": {"group": CLASS, "kind": "HyperpodNodeClass", "name": "default"},
            "requirements": [{"key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"]}],
        },
    }


def node_class():
    return manifests.node_class("tried", "cpu")


def overlay():
    return {
        "apiVersion": "karpenter.sh/v1alpha1",
        "kind": "NodeOverlay",
        "metadata": {"name": "tried"},
        "spec": {"requirements": [{"key": "kubernetes.io/arch", "operator": "Exists"}]},
    }


def buffer():
    return {
        "apiVersion": "autoscaling.x-k8s.io/v1beta1",
        "kind": "CapacityBuffer",
        "metadata": {"name": "tried", "namespace": "default"},
        "spec": {"podTemplateRef": {"name": "web"}, "replicas": 1},
    }


PATHS = {
    "NodePool": "/apis/karpenter.sh/v1/nodepools",
    "NodeClaim": "/apis/karpenter.sh/v1/nodeclaims",
    "HyperpodNodeClass": f"/apis/{CLASS}/v1/hyperpodnodeclasses",
    "NodeOverlay": "/apis/karpenter.sh/v1alpha1/nodeoverlays",
    "CapacityBuffer": "/apis/autoscaling.x-k8s.io/v1beta1/namespaces/default/capacitybuffers",
}
ABSENT = object()


def changed(manifest, path, value):
    """The manifest with another value at `path`, "spec.template.spec.taints"; ABSENT takes the field away."""
    manifest = copy.deepcopy(manifest)
    *parents, last = path.split(".")
    place = manifest
    for part in parents:
        place = place.setdefault(part, {})
    if value is ABSENT:
        place.pop(last, None)
    else:
        place[last] = value
    return manifest


def create(cluster, manifest, dry=True):
    path = PATHS[manifest["kind"]] + ("?dryRun=All&fieldValidation=Strict" if dry else "")
    return cluster.api.request("POST", path, manifest)


def refusal(cluster, manifest):
    """What the API server says against it; "" when it takes it."""
    try:
        create(cluster, manifest)
    except ApiError as error:
        assert error.status in (400, 422), error
        return json.loads(error.text)["message"]
    return ""


def requirement(key="team", operator="In", values=("a",), **more):
    made = {"key": key, "operator": operator, **more}
    return made if values is None else {**made, "values": list(values)}


def taint(**fields):
    return [{"key": "gpu", "effect": "NoSchedule", **fields}]


SPEC = "spec.template.spec"
LABELS = "spec.template.metadata.labels"
BUDGETS = "spec.disruption.budgets"
LONG = "a" * 64

# (rule, object, field, values that are taken, values that are refused, a part of what is said then)
RULES = [
    ("pool template is required", pool, "spec.template", [], [ABSENT], "spec.template"),
    ("requirements are required, and may be empty", pool, f"{SPEC}.requirements", [[]], [ABSENT], "requirements"),
    ("a label value is a label's", pool, LABELS, [{"a": "b"}, {"a": ""}], [{"a": "b c"}, {"a": LONG}], "labels"),
    ("at most 100 labels", pool, LABELS, [{f"l{i}": "x" for i in range(99)}], [{f"l{i}": "x" for i in range(101)}], "labels"),
    ("labels of karpenter.sh are reserved", pool, LABELS,
     [{"karpenter.sh/capacity-type": "spot"}, {"example.com/karpenter.sh": "x"}],
     [{"karpenter.sh/nodepool": "x"}, {"karpenter.sh/any": "x"}, {"sub.karpenter.sh/any": "x"}], "karpenter.sh"),
    ("the hostname is the node's", pool, LABELS, [{"kubernetes.io/os": "linux"}], [{"kubernetes.io/hostname": "x"}], "hostname"),
    ("annotations are free", pool, "spec.template.metadata.annotations", [{"any thing": "at all"}], [], ""),
    ("a taint has a key and an effect", pool, f"{SPEC}.taints",
     [taint(), taint(value="v"), taint(effect="NoExecute"), taint(effect="PreferNoSchedule")],
     [taint(key=""), [{"key": "gpu"}], [{"effect": "NoSchedule"}], taint(effect="Never")], "taints"),
    ("a taint's key and value are a label's", pool, f"{SPEC}.taints",
     [taint(key="example.com/gpu")], [taint(key="a b"), taint(key="/gpu"), taint(value="a b")], "taints"),
    ("startup taints follow the same rules", pool, f"{SPEC}.startupTaints", [taint()], [taint(effect="Never")], "startupTaints"),
    ("an operator is one of eight", pool, f"{SPEC}.requirements",
     [[requirement(operator=operator, values=values)] for operator, values in
      (("In", "a"), ("NotIn", "a"), ("Exists", None), ("DoesNotExist", None), ("Gt", "1"), ("Lt", "1"), ("Gte", "1"), ("Lte", "1"))],
     [[requirement(operator="Is")], [requirement(operator="")]], "operator"),
    ("In needs a value", pool, f"{SPEC}.requirements", [[requirement()]],
     [[requirement(values=())], [requirement(values=None)]], "In needs one value"),
    ("Gt and the like take one number", pool, f"{SPEC}.requirements",
     [[requirement(operator=operator, values=["0"])] for operator in ("Gt", "Lt", "Gte", "Lte")],
     [[requirement(operator=operator, values=values)] for operator in ("Gt", "Lt", "Gte", "Lte")
      for values in (["-1"], ["many"], ["1", "2"], [], None)], "one whole number"),
    ("minValues is 1 to 50", pool, f"{SPEC}.requirements",
     [[requirement(minValues=1)], [requirement(operator="Exists", values=None, minValues=50)]],
     [[requirement(minValues=0)], [requirement(operator="Exists", values=None, minValues=51)]], "minValues"),
    ("In with minValues has as many values", pool, f"{SPEC}.requirements",
     [[requirement(values=["a", "b"], minValues=2)], [requirement(values=[f"v{i}" for i in range(60)])]],
     [[requirement(values=["a"], minValues=2)]], "minValues needs as many values"),
    ("a requirement's key is a label's", pool, f"{SPEC}.requirements",
     [[requirement(key="example.com/team")]], [[requirement(key="a b")], [requirement(key="x/y/z")], [requirement(key="a" * 317)]], "key"),
    ("a requirement's value is a label's", pool, f"{SPEC}.requirements", [[requirement(values=["a.b_c-d"])]],
     [[requirement(values=["a b"])], [requirement(values=[LONG])]], "values"),
    ("keys of karpenter.sh are reserved", pool, f"{SPEC}.requirements",
     [[requirement(key="karpenter.sh/capacity-type", values=["spot"])]],
     [[requirement(key="karpenter.sh/nodepool")], [requirement(key="karpenter.sh/any")], [requirement(key="kubernetes.io/hostname")]], "requirements"),
    ("at most 100 requirements", pool, f"{SPEC}.requirements",
     [[requirement(key=f"k{i}") for i in range(100)]], [[requirement(key=f"k{i}") for i in range(101)]], "100"),
    ("a class is named whole", pool, f"{SPEC}.nodeClassRef", [{"group": CLASS, "kind": "HyperpodNodeClass", "name": "x"}],
     [ABSENT, {"group": CLASS, "kind": "K"}, {"group": "", "kind": "K", "name": "x"}, {"group": "a/b", "kind": "K", "name": "x"},
      {"group": CLASS, "kind": "", "name": "x"}, {"group": CLASS, "kind": "K", "name": ""}], "nodeClassRef"),
    ("a grace period is a time", pool, f"{SPEC}.terminationGracePeriod", ["30s", "1h30m"], ["Never", "1hr", "-1s", ""], "terminationGracePeriod"),
    ("an expiry is a time or Never", pool, f"{SPEC}.expireAfter", ["720h", "Never", "1h30m"], ["FooNever", "1hr", "-1s", "1d"], "expireAfter"),
    ("consolidateAfter is a time or Never", pool, "spec.disruption.consolidateAfter", ["0s", "Never"], ["soon", "-1s"], "consolidateAfter"),
    ("a policy is one of three", pool, "spec.disruption.consolidationPolicy", ["WhenEmpty", "WhenEmptyOrUnderutilized", "Balanced"],
     ["WhenUnderutilized", "balanced", ""], "consolidationPolicy"),
    ("a budget is a number or a share", pool, BUDGETS, [[], [{"nodes": "0"}], [{"nodes": "100%"}], [{"nodes": "12345"}]],
     [[{"nodes": "101%"}], [{"nodes": "-1"}], [{"nodes": "10 %"}], [{"nodes": ""}]], "nodes"),
    ("a schedule is cron or a name", pool, BUDGETS,
     [[{"nodes": "1", "duration": "1h", "schedule": schedule}] for schedule in ("* * * * *", "@daily", "0 0 * * tue-mon", "0  9 * * mon-fri")],
     [[{"nodes": "1", "duration": "1h", "schedule": schedule}] for schedule in ("* * * *", "@never", "")], "schedule"),
    ("a duration has hours and minutes", pool, BUDGETS,
     [[{"nodes": "1", "schedule": "@daily", "duration": duration}] for duration in ("8h", "30m", "1h30m", "8h0m0s", "8h0s")],
     [[{"nodes": "1", "schedule": "@daily", "duration": duration}] for duration in ("30s", "1h30m10s", "1d", "")], "duration"),
    ("schedule and duration go together", pool, BUDGETS, [[{"nodes": "1", "schedule": "@daily", "duration": "8h"}], [{"nodes": "1"}]],
     [[{"nodes": "1", "schedule": "@daily"}], [{"nodes": "1", "duration": "8h"}]], "both schedule and duration"),
    ("reasons are three", pool, BUDGETS, [[{"nodes": "1", "reasons": ["Underutilized", "Empty", "Drifted"]}], [{"nodes": "1", "reasons": []}]],
     [[{"nodes": "1", "reasons": ["Expired"]}], [{"nodes": "1", "reasons": [""]}], [{"nodes": "1", "reasons": ["Empty", "Empty"]}]], "reasons"),
    ("at most 50 budgets", pool, BUDGETS, [[{"nodes": "1"}] * 50], [[{"nodes": "1"}] * 51], "50"),
    ("a limit is a quantity", pool, "spec.limits", [{"cpu": "100", "memory": "1Ti", "nodes": 5, "nvidia.com/gpu": 8}],
     [{"cpu": "many"}, {"cpu": "1 Gi"}], "limits"),
    ("a weight is 1 to 100", pool, "spec.weight", [1, 100], [0, 101, "1"], "weight"),
    ("replicas are 0 or more", pool, "spec.replicas", [0, 5], [-1], "replicas"),
    ("a field that is not known is told", pool, f"{SPEC}.terminationGracePeriodSeconds", [], [30], "unknown field"),
    ("a claim needs class and requirements", claim, "spec.requirements", [[]], [ABSENT], "requirements"),
    ("a claim may name its pool", claim, "spec.requirements", [[requirement(key="karpenter.sh/nodepool")]],
     [[requirement(key="karpenter.sh/any")], [requirement(key="kubernetes.io/hostname")], [requirement(operator="In", values=())],
      [requirement(operator="Gt", values=["x"])], [requirement(minValues=2)]], "requirements"),
    ("a claim's requests are quantities", claim, "spec.resources", [{"requests": {"cpu": "1500m", "pods": 3}}], [{"requests": {"cpu": "x"}}], "requests"),
    ("a claim's taints are taints", claim, "spec.taints", [taint()], [taint(effect="Never")], "taints"),
    ("a claim's times are times", claim, "spec.expireAfter", ["Never", "1h"], ["1d"], "expireAfter"),
    ("a class names 1 to 10 groups", node_class, "spec.instanceGroups", [["a"], [f"g{i}" for i in range(10)]],
     [[], [f"g{i}" for i in range(11)], ABSENT], "instanceGroups"),
    ("a group is named once", node_class, "spec.instanceGroups", [["a", "b"]], [["a", "a"]], "instanceGroups"),
    ("a group's name is HyperPod's", node_class, "spec.instanceGroups", [["a-1"], ["G"]], [["-a"], ["a_b"], [""], ["a" * 64]], "instanceGroups"),
    ("an overlay's price has no sign", overlay, "spec.price", ["42", "42.5", "0"], ["+1", "-1", ".5", "42.", "1e10", ""], "price"),
    ("an adjustment has a sign", overlay, "spec.priceAdjustment", ["+0.5", "-10", "+10%", "+250%", "-25.5%", "-100%"],
     ["10", "10%", "-101%", "+", ""], "priceAdjustment"),
    ("an overlay's weight is 1 to 10000", overlay, "spec.weight", [1, 10000], [0, 10001], "weight"),
    ("an overlay adds what is not known", overlay, "spec.capacity", [{"example.com/dongle": "2"}],
     [{"cpu": "1"}, {"memory": "1Gi"}, {"ephemeral-storage": "1Gi"}, {"pods": "1"}], "known of each type"),
    ("an overlay's requirements", overlay, "spec.requirements",
     [[], [requirement(key="karpenter.sh/nodepool")], [requirement(operator="NotIn")]],
     [ABSENT, [requirement(operator="NotIn", values=())], [requirement(values=None)], [requirement(operator="Lt", values=["x"])],
      [requirement(key="karpenter.sh/any")], [requirement(key="kubernetes.io/hostname")]], "requirements"),
    ("a buffer's template is named", buffer, "spec.podTemplateRef", [{"name": "x"}], [{"name": ""}, {}], "podTemplateRef"),
    ("a buffer's numbers are 0 or more", buffer, "spec.replicas", [0, 3], [-1], "replicas"),
    ("a buffer's share is 0 or more", buffer, "spec.percentage", [0, 250], [-1], "percentage"),
    ("a buffer's limits are quantities", buffer, "spec.limits", [{"cpu": "4"}], [{"cpu": "x"}], "limits"),
    ("a buffer has one reference", buffer, "spec.scalableRef", [], [{"kind": "Deployment", "name": "x"}], "not both"),
    ("a template needs replicas or limits", buffer, "spec.replicas", [], [ABSENT], "needs replicas or limits"),
]  # fmt: skip


@pytest.mark.parametrize("rule, make, field, taken, refused, said", RULES, ids=[rule[0] for rule in RULES])
def test_a_rule(shared_cluster, crds, rule, make, field, taken, refused, said):
    for value in taken:
        assert refusal(shared_cluster, changed(make(), field, value)) == "", value
    for value in refused:
        message = refusal(shared_cluster, changed(make(), field, value))
        assert said in message, f"{value!r}: {message or 'it is taken'}"


def test_rules_over_two_fields(shared_cluster, crds):
    def said(manifest):
        return refusal(shared_cluster, manifest)

    static = changed(pool(), "spec.replicas", 2)
    assert said(static) == ""
    assert said(changed(static, "spec.limits", {"nodes": 5})) == ""
    assert said(changed(static, "spec.limits", {})) == ""
    assert "may limit nodes only" in said(changed(static, "spec.limits", {"cpu": "5"}))
    assert "has no weight" in said(changed(static, "spec.weight", 5))
    priced = changed(overlay(), "spec.price", "1")
    assert "not both" in said(changed(priced, "spec.priceAdjustment", "+1"))
    scalable = changed(changed(buffer(), "spec.podTemplateRef", ABSENT), "spec.scalableRef", {"kind": "Deployment", "name": "x"})
    assert said(changed(scalable, "spec.replicas", ABSENT)) == ""
    assert said(changed(changed(buffer(), "spec.replicas", ABSENT), "spec.limits", {"cpu": "1"})) == ""


def test_what_is_left_out_has_its_default(shared_cluster, crds):
    made = pool()
    made["spec"]["disruption"] = {"consolidationPolicy": "WhenEmpty"}
    del made["spec"]["template"]["spec"]["expireAfter"]
    spec = create(shared_cluster, made)["spec"]
    assert spec["disruption"] == {"consolidationPolicy": "WhenEmpty", "consolidateAfter": "0s", "budgets": [{"nodes": "10%"}]}
    assert spec["template"]["spec"]["expireAfter"] == "720h"
    del made["spec"]["disruption"]
    assert create(shared_cluster, made)["spec"]["disruption"] == {
        "consolidationPolicy": "WhenEmptyOrUnderutilized", "consolidateAfter": "0s", "budgets": [{"nodes": "10%"}],
    }  # fmt: skip
    assert create(shared_cluster, claim())["spec"]["expireAfter"] == "720h"
    assert create(shared_cluster, buffer())["spec"]["provisioningStrategy"] == "buffer.x-k8s.io/active-capacity"
    written = changed(pool(), f"{SPEC}.expireAfter", "1h30m")
    assert create(shared_cluster, written)["spec"]["template"]["spec"]["expireAfter"] == "1h30m"


@pytest.fixture
def there(cluster, crds):
    """Creates an object, and patches it: what may change, and what not."""

    class There:
        def __init__(self, manifest):
            self.path = f"{PATHS[manifest['kind']]}/{manifest['metadata']['name']}"
            create(cluster, manifest, dry=False)

        def patch(self, change, subresource=""):
            try:
                return cluster.api.request("PATCH", self.path + subresource, change, "application/merge-patch+json")
            except ApiError as error:
                assert error.status == 422, error
                return json.loads(error.text)["message"]

    yield There
    for kind in ("NodePool", "NodeClaim", "HyperpodNodeClass"):
        cluster.api.request("DELETE", PATHS[kind])


def test_what_may_not_change_does_not(there):
    dynamic = there(pool())
    reference = {"group": CLASS, "kind": "HyperpodNodeClass", "name": "default"}

    def with_class(**change):
        return dynamic.patch({"spec": {"template": {"spec": {"nodeClassRef": {**reference, **change}}}}})

    assert "group of a nodeClassRef cannot change" in with_class(group="example.com")
    assert "kind of a nodeClassRef cannot change" in with_class(kind="Other")
    assert with_class(name="another")["spec"]["template"]["spec"]["nodeClassRef"]["name"] == "another"
    assert "stays static or dynamic" in dynamic.patch({"spec": {"replicas": 1}})

    manifest = changed(pool(), "spec.replicas", 0)
    manifest["metadata"]["name"] = "static"
    static = there(manifest)
    assert "stays static or dynamic" in static.patch({"spec": {"replicas": None}})
    assert static.patch({"spec": {"replicas": 3}}, "/scale")["spec"]["replicas"] == 3

    made = there(claim())
    assert "cannot change" in made.patch({"spec": {"expireAfter": "1h"}})
    assert made.patch({"metadata": {"labels": {"a": "b"}}})["metadata"]["labels"]["a"] == "b"


def test_status_is_a_door_of_its_own_and_conditions_have_a_shape(there):
    made = there(node_class())
    good = {"type": "Ready", "status": "True", "reason": "Ready", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"}
    assert "status" not in made.patch({"status": {"conditions": [good]}})
    taken = made.patch({"status": {"conditions": [good], "instanceGroups": [
        {"name": "cpu", "instanceTypes": ["ml.m5.xlarge"], "subnets": [{"id": "subnet-a", "zone": "us-east-1a", "zoneId": "use1-az1"}],
         "desiredLabels": [{"key": "a", "value": "b"}], "capacities": {"Spot": {}}},
    ]}}, "/status")  # fmt: skip
    assert taken["status"]["instanceGroups"][0]["capacities"] == {"Spot": {}}
    for change in ({"status": "Yes"}, {"type": "a b"}, {"lastTransitionTime": "now"}, {"lastTransitionTime": None}):
        assert "is invalid" in made.patch({"status": {"conditions": [{**good, **change}]}}, "/status"), change


COLUMNS = {
    "nodepools": ["NAME", "NODECLASS", "NODES", "READY", "AGE", "WEIGHT", "CPU", "MEMORY"],
    "nodeclaims": ["NAME", "TYPE", "CAPACITY", "ZONE", "NODE", "READY", "AGE", "IMAGEID", "ID", "NODEPOOL", "NODECLASS", "DRIFTED"],
    "hyperpodnodeclasses": ["NAME", "READY", "GROUPS", "AGE"],
    "nodeoverlays": ["NAME", "READY", "AGE", "WEIGHT"],
    "overlays": ["NAME", "READY", "AGE", "WEIGHT"],
    "cb": ["NAME", "STRATEGY", "PODTEMPLATE", "REPLICAS", "CONDITIONSTYPE", "CONDITIONSSTATUS", "CONDITIONSREASON", "AGE"],
}  # fmt: skip


def test_columns_are_karpenters(cluster, crds):
    for manifest in (pool(), claim(), node_class(), overlay(), buffer()):
        create(cluster, manifest, dry=False)
    try:
        for kind, columns in COLUMNS.items():
            assert cluster.kubectl("get", kind, "-o", "wide").splitlines()[0].split() == columns
        assert "nodepool.karpenter.sh/tried" in cluster.kubectl("get", "karpenter", "-o", "name")
    finally:
        for path in PATHS.values():
            cluster.api.request("DELETE", path)


# -- hyperwright crds --------------------------------------------------------------------------------


@pytest.fixture
def hyperwright_crds(cluster, crds, binary):
    """Runs the command on the cluster; its definitions are put right afterwards."""

    def run(*flags):
        command = [binary, "crds", *flags, f"--kubeconfig={cluster.kubeconfig}"]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    yield run
    assert run("--apply", "--force").returncode == 0


def told(checked):
    """What it says of each definition."""
    return dict(line.split(maxsplit=1) for line in checked.stdout.splitlines())


def test_definitions_of_another_karpenter_are_told_and_left_alone(cluster, hyperwright_crds):
    checked = hyperwright_crds("--check")
    assert checked.returncode == 0, checked.stderr
    assert set(told(checked).values()) == {"Hyperwright's, complete"} and len(told(checked)) == 5

    # As an older Karpenter of another vendor would have it.
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/nodepools.karpenter.sh"
    theirs = cluster.api.request("GET", path)
    del theirs["metadata"]["labels"]
    theirs["metadata"]["annotations"] = {"meta.helm.sh/release-name": "karpenter-crd", "meta.helm.sh/release-namespace": "kube-system"}
    properties = theirs["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    del properties["replicas"]
    theirs["spec"]["versions"][0]["subresources"].pop("scale")
    validations = theirs["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    validations.pop("x-kubernetes-validations")
    cluster.api.request("PUT", path, theirs)

    checked = hyperwright_crds("--check")
    assert checked.returncode == 1
    assert told(checked)["nodepools.karpenter.sh"] == (
        "not Hyperwright's (Helm release karpenter-crd in kube-system), lacks subresource scale, spec.replicas"
    )
    refused = hyperwright_crds("--apply")
    assert refused.returncode == 3 and refused.stdout == ""
    assert "nodepools.karpenter.sh is not Hyperwright's" in refused.stderr and "spec.replicas" in refused.stderr
    assert "--force" in refused.stderr
    assert "labels" not in cluster.api.request("GET", path)["metadata"]

    forced = hyperwright_crds("--apply", "--force")
    assert forced.returncode == 0, forced.stderr
    assert "nodepools.karpenter.sh replaced, it was not Hyperwright's (Helm release karpenter-crd" in forced.stdout
    assert hyperwright_crds("--check").returncode == 0


def test_what_is_missing_is_created_and_served_at_once(cluster, hyperwright_crds):
    cluster.kubectl("delete", "crd", "nodeoverlays.karpenter.sh", "hyperpodnodeclasses.karpenter.sagemaker.amazonaws.com")
    checked = hyperwright_crds("--check")
    assert checked.returncode == 1
    assert told(checked)["nodeoverlays.karpenter.sh"] == "missing, its feature gate needs it"
    assert told(checked)["hyperpodnodeclasses.karpenter.sagemaker.amazonaws.com"] == "missing"
    applied = hyperwright_crds("--apply")
    assert applied.returncode == 0, applied.stderr
    assert "hyperpodnodeclasses.karpenter.sagemaker.amazonaws.com created" in applied.stdout
    assert "nodepools.karpenter.sh updated" in applied.stdout
    wait_for("its kind is taken", lambda: refusal_or_missing(cluster, node_class()) == "")


def refusal_or_missing(cluster, manifest):
    try:
        return refusal(cluster, manifest)
    except AssertionError:  # 404: another of the API server's threads does not know the kind yet
        return "missing"
