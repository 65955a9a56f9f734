"""The definitions, tried on a real API server: each rule with an object that it takes and one that it refuses.

What can be decided of one object is created with dryRun; what compares a new object with the old one is patched.
"""

import json
import subprocess

import pytest

from api import ApiError, wait_for
from crd_rules import ABSENT, CLASS, RULES, SPEC, buffer, changed, claim, node_class, overlay, pool

PATHS = {
    "NodePool": "/apis/karpenter.sh/v1/nodepools",
    "NodeClaim": "/apis/karpenter.sh/v1/nodeclaims",
    "HyperpodNodeClass": f"/apis/{CLASS}/v1/hyperpodnodeclasses",
    "NodeOverlay": "/apis/karpenter.sh/v1alpha1/nodeoverlays",
    "CapacityBuffer": "/apis/autoscaling.x-k8s.io/v1beta1/namespaces/default/capacitybuffers",
}


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
