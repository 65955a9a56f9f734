"""The rules of the definitions, each with values that it takes and values that it refuses."""

import copy

import manifests

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


def requirement(key="team", operator="In", values=("a",), **more):
    made = {"key": key, "operator": operator, **more}
    return made if values is None else {**made, "values": list(values)}


def taint(**fields):
    return [{"key": "gpu", "effect": "NoSchedule", **fields}]


SPEC = "spec.template.spec"
LABELS = "spec.template.metadata.labels"
BUDGETS = "spec.disruption.budgets"
LONG = "a" * 64

# What stands in several kinds has the same rules there, written down once in each definition.
NODES = ((pool, SPEC), (claim, "spec"))
EVERY = (*NODES, (overlay, "spec"))

# (rule, places, field, values that are taken, values that are refused, a part of what is said then)
SHARED = [
    ("requirements are required, and may be empty", EVERY, "requirements", [[]], [ABSENT], "requirements"),
    ("a taint has a key and an effect", NODES, "taints",
     [taint(), taint(value="v"), taint(effect="NoExecute"), taint(effect="PreferNoSchedule")],
     [taint(key=""), [{"key": "gpu"}], [{"effect": "NoSchedule"}], taint(effect="Never")], "taints"),
    ("a taint's key and value are a label's", NODES, "taints",
     [taint(key="example.com/gpu")], [taint(key="a b"), taint(key="/gpu"), taint(value="a b")], "taints"),
    ("startup taints follow the same rules", NODES, "startupTaints", [taint(), taint(value="v")],
     [taint(effect="Never"), taint(key=""), taint(key="a b"), taint(value="a b"), [{"key": "gpu"}]], "startupTaints"),
    ("an operator is one of eight", EVERY, "requirements",
     [[requirement(operator=operator, values=values)] for operator, values in
      (("In", "a"), ("NotIn", "a"), ("Exists", None), ("DoesNotExist", None), ("Gt", "1"), ("Lt", "1"), ("Gte", "1"), ("Lte", "1"))],
     [[requirement(operator="Is")], [requirement(operator="")]], "operator"),
    ("In needs a value", EVERY, "requirements", [[requirement()]],
     [[requirement(values=())], [requirement(values=None)]], "one value or more"),
    ("Gt and the like take one number", EVERY, "requirements",
     [[requirement(operator=operator, values=["0"])] for operator in ("Gt", "Lt", "Gte", "Lte")],
     [[requirement(operator=operator, values=values)] for operator in ("Gt", "Lt", "Gte", "Lte")
      for values in (["-1"], ["many"], ["1", "2"], [], None)], "one whole number"),
    ("minValues is 1 to 50", NODES, "requirements",
     [[requirement(minValues=1)], [requirement(operator="Exists", values=None, minValues=50)]],
     [[requirement(minValues=0)], [requirement(operator="Exists", values=None, minValues=51)]], "minValues"),
    ("In with minValues has as many values", NODES, "requirements",
     [[requirement(values=["a", "b"], minValues=2)], [requirement(values=[f"v{i}" for i in range(60)])]],
     [[requirement(values=["a"], minValues=2)]], "minValues needs as many values"),
    ("a requirement's key is a label's", EVERY, "requirements",
     [[requirement(key="example.com/team")]], [[requirement(key="a b")], [requirement(key="x/y/z")], [requirement(key="a" * 317)]], "key"),
    ("a requirement's value is a label's", EVERY, "requirements", [[requirement(values=["a.b_c-d"])]],
     [[requirement(values=["a b"])], [requirement(values=[LONG])]], "values"),
    ("at most 100 requirements", EVERY, "requirements",
     [[requirement(key=f"k{i}") for i in range(100)]], [[requirement(key=f"k{i}") for i in range(101)]], "100"),
    ("a class is named whole", NODES, "nodeClassRef", [{"group": CLASS, "kind": "HyperpodNodeClass", "name": "x"}],
     [ABSENT, {"group": CLASS, "kind": "K"}, {"group": "", "kind": "K", "name": "x"}, {"group": "a/b", "kind": "K", "name": "x"},
      {"group": CLASS, "kind": "", "name": "x"}, {"group": CLASS, "kind": "K", "name": ""}], "nodeClassRef"),
    ("a grace period is a time", NODES, "terminationGracePeriod", ["30s", "1h30m"], ["Never", "1hr", "-1s", ""], "terminationGracePeriod"),
    ("an expiry is a time or Never", NODES, "expireAfter", ["720h", "Never", "1h30m"], ["FooNever", "1hr", "-1s", "1d"], "expireAfter"),
]  # fmt: skip

# (rule, object, field, ...)
RULES = [
    ("pool template is required", pool, "spec.template", [], [ABSENT], "spec.template"),
    ("a label value is a label's", pool, LABELS, [{"a": "b"}, {"a": ""}], [{"a": "b c"}, {"a": LONG}], "labels"),
    ("at most 100 labels", pool, LABELS, [{f"l{i}": "x" for i in range(99)}], [{f"l{i}": "x" for i in range(101)}], "labels"),
    ("labels of karpenter.sh are reserved", pool, LABELS,
     [{"karpenter.sh/capacity-type": "spot"}, {"example.com/karpenter.sh": "x"}],
     [{"karpenter.sh/nodepool": "x"}, {"karpenter.sh/any": "x"}, {"sub.karpenter.sh/any": "x"}], "karpenter.sh"),
    ("the hostname is the node's", pool, LABELS, [{"kubernetes.io/os": "linux"}], [{"kubernetes.io/hostname": "x"}], "hostname"),
    ("annotations are free", pool, "spec.template.metadata.annotations", [{"any thing": "at all"}], [], ""),
    ("keys of karpenter.sh are reserved", pool, f"{SPEC}.requirements",
     [[requirement(key="karpenter.sh/capacity-type", values=["spot"])]],
     [[requirement(key="karpenter.sh/nodepool")], [requirement(key="karpenter.sh/any")], [requirement(key="kubernetes.io/hostname")]], "requirements"),
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
    ("a claim may name its pool", claim, "spec.requirements", [[requirement(key="karpenter.sh/nodepool")]],
     [[requirement(key="karpenter.sh/any")], [requirement(key="kubernetes.io/hostname")]], "requirements"),
    ("a claim's requests are quantities", claim, "spec.resources", [{"requests": {"cpu": "1500m", "pods": 3}}], [{"requests": {"cpu": "x"}}], "requests"),
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
    ("an overlay may name pools, and NotIn needs a value, too", overlay, "spec.requirements",
     [[requirement(key="karpenter.sh/nodepool")], [requirement(operator="NotIn")]],
     [[requirement(operator="NotIn", values=())], [requirement(key="karpenter.sh/any")], [requirement(key="kubernetes.io/hostname")]],
     "requirements"),
    ("a buffer's template is named", buffer, "spec.podTemplateRef", [{"name": "x"}], [{"name": ""}, {}], "podTemplateRef"),
    ("a buffer's numbers are 0 or more", buffer, "spec.replicas", [0, 3], [-1], "replicas"),
    ("a buffer's share is 0 or more", buffer, "spec.percentage", [0, 250], [-1], "percentage"),
    ("a buffer's limits are quantities", buffer, "spec.limits", [{"cpu": "4"}], [{"cpu": "x"}], "limits"),
    ("a buffer has one reference", buffer, "spec.scalableRef", [], [{"kind": "Deployment", "name": "x"}], "not both"),
    ("a template needs replicas or limits", buffer, "spec.replicas", [], [ABSENT], "needs replicas or limits"),
    *((f"{make.__name__}: {rule}", make, f"{place}.{field}", *values) for rule, places, field, *values in SHARED for make, place in places),
]  # fmt: skip
