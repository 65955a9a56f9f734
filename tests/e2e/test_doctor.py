"""`hyperwright doctor` on a set-up that is healthy, and on those that are not: what is wrong is told, with what mends it."""

import json
import subprocess

import pytest

import manifests
from cluster import ACCOUNT
from hyperwright import KEYS, REGION, SUBNETS, World, group
from process import free_ports
from recorder import ec2_without

AGENT = "111122223333.dkr.ecr.us-east-1.amazonaws.com/hyperpod-health-monitoring-agent:"
GROUPS = [group("cpu", "ml.m5.xlarge", "subnet-a"), group("gpu", "ml.g5.xlarge", "subnet-b")]
BROKEN = {
    "unrecovered": {"NodeRecovery": "None"},
    "managed": {
        "AutoScaling": {"Mode": "Enable", "AutoScalerType": "Karpenter"},
        "ClusterRole": "arn:aws:iam::111122223333:role/hyperpod-karpenter",
    },
    "used": {"InstanceGroups": [group("cpu", "ml.m5.xlarge", "subnet-a", count=1), GROUPS[1]]},
}


def health_agent(image):
    manifest = manifests.daemon_set("health-monitoring-agent")
    manifest["spec"]["template"]["spec"]["containers"][0]["image"] = image
    return manifest


@pytest.fixture(scope="module")
def setup(shared_cluster, crds, binary, directory):
    """A healthy cluster hp1 with its objects, and clusters beside it with one thing wrong each."""
    shared_cluster.reset()
    world = World(shared_cluster, binary, directory / "doctor")
    try:
        world.start(groups=GROUPS, controller=False)
        for number, (name, changed) in enumerate(BROKEN.items()):
            world.hyperpod.create_cluster(
                **{
                    "ClusterName": name,
                    "NodeProvisioningMode": "Continuous",
                    "Orchestrator": {"Eks": {"ClusterArn": f"arn:aws:eks:us-east-1:111122223333:cluster/e2e-{number}"}},
                    "VpcConfig": {"SecurityGroupIds": ["sg-0a"], "Subnets": ["subnet-a"]},
                    "InstanceGroups": GROUPS,
                    **changed,
                }
            )
        world.apply_class("default", "cpu", "gpu")
        world.apply_pool("default")
        shared_cluster.kubectl("create", "namespace", "aws-hyperpod")
        world.api.create("daemonsets", health_agent(AGENT + "1.0.1892.0_1.0.424.0"), "aws-hyperpod")
        yield world
    finally:
        world.stop()


class Told:
    """What doctor said."""

    def __init__(self, done):
        self.code = done.returncode
        self.errors = done.stderr
        self.text = done.stdout
        self.findings = json.loads(done.stdout)["findings"] if done.stdout.startswith("{") else []

    def of(self, check, result):
        return [f"{entry['found']}; fix: {entry.get('fix', '')}" for entry in self.findings if (entry["check"], entry["result"]) == (check, result)]

    def wrong(self):
        return sorted({entry["check"] for entry in self.findings if entry["result"] in ("problem", "warning")})


def doctor(setup, *flags, cluster="hp1", output="json", environment=None, **changed):
    named = {
        "--cluster": cluster,
        "--kubeconfig": setup.cluster.kubeconfig,
        "--endpoint": setup.recorder.endpoint,
        "--region": REGION,
        "--output": output,
        **{f"--{name.replace('_', '-')}": value for name, value in changed.items()},
    }
    command = [setup.binary, "doctor", *(f"{name}={value}" for name, value in named.items()), *flags]
    return Told(subprocess.run(command, capture_output=True, text=True, env=environment or setup.environment, timeout=60))


def test_a_healthy_set_up(setup):
    told = doctor(setup, "--probe-writes", as_service_account=f"{ACCOUNT}/{ACCOUNT}")
    assert told.code == 0, told.text
    assert told.wrong() == [], told.text
    (rights,) = told.of("Kubernetes rights", "ok")
    assert rights.startswith(f"system:serviceaccount:{ACCOUNT}:{ACCOUNT} may do all that the controller does")
    (actions,) = told.of("AWS permissions", "ok")
    assert "sagemaker:BatchAddClusterNodes" in actions
    assert setup.target_counts() == {"cpu": 0, "gpu": 0}, "a probe changes nothing"


def test_it_is_read_by_people(setup):
    told = doctor(setup, output="text", as_service_account=f"{ACCOUNT}/{ACCOUNT}")
    assert told.code == 0, told.text
    lines = told.text.splitlines()
    found = lines[0].index("FOUND")
    for line in lines[:-2]:
        assert line[found - 1] == " " and line[found] != " ", line
    assert lines[-1].startswith("0 problems, 0 warnings, ") and lines[-1].endswith(": nothing blocks")
    assert "\x1b" not in told.text, "no colours but on a terminal"
    assert "v1.36.3 at https://127.0.0.1" in lines[1]


def test_the_controllers_own_account_can_ask_too(setup):
    told = doctor(setup, kubeconfig=setup.cluster.token_kubeconfig)
    assert told.code == 0, told.text
    assert told.wrong() == [], told.text


def test_who_may_read_nothing_is_told_what_was_not_checked(setup, tmp_path):
    """Discovery is for everybody: which versions are served is seen all the same."""
    kubeconfig, _ = setup.cluster.kubeconfig_of("default", "default", tmp_path / "kubeconfig")
    told = doctor(setup, kubeconfig=kubeconfig)
    assert told.code == 1
    (found,) = told.of("custom resources", "ok")
    assert "nodepools.karpenter.sh v1" in found and "their fields may not be read" in found
    assert any("could not be asked: " in line for line in told.of("custom resources", "problem"))
    (agent,) = told.of("health monitoring agent", "problem")
    assert agent.startswith("could not be asked: ")


def test_rights_that_may_not_be_asked_for_block(setup, tmp_path):
    """Who may not create subjectaccessreviews learns nothing of another's rights: that is not nothing to say."""
    kubeconfig, _ = setup.cluster.kubeconfig_of("default", "default", tmp_path / "kubeconfig")
    told = doctor(setup, kubeconfig=kubeconfig, as_service_account=f"{ACCOUNT}/{ACCOUNT}")
    assert told.code == 1
    (rights,) = told.of("Kubernetes rights", "problem")
    assert rights.startswith("could not be asked: ") and "subjectaccessreviews" in rights


def test_an_account_without_rights(setup):
    told = doctor(setup, as_service_account="default/default")
    assert told.code == 1
    assert told.wrong() == ["Kubernetes rights"]
    missing = told.of("Kubernetes rights", "problem")
    assert any("system:serviceaccount:default:default may not create, delete, list, patch, watch nodeclaims.karpenter.sh" in line for line in missing)
    assert all("deploy/rbac.yaml" in line for line in missing)


def test_a_definition_that_is_not_installed(setup):
    setup.cluster.kubectl("delete", "crd", "nodeoverlays.karpenter.sh")
    try:
        assert doctor(setup).code == 0, "no gate is open"
        told = doctor(setup, feature_gates="NodeOverlay=true")
    finally:
        setup.cluster.install_crds(setup.binary)
    assert told.code == 1
    assert told.of("custom resources", "problem") == [
        "nodeoverlays.karpenter.sh is not installed; fix: hyperwright crds --apply"
    ]


def test_an_older_karpenter_beside_it(setup):
    crd = setup.api.get("customresourcedefinitions", "nodepools.karpenter.sh")
    old = {**crd["spec"]["versions"][0], "name": "v1beta1", "storage": False}
    versions = [*crd["spec"]["versions"], old]
    setup.api.patch("customresourcedefinitions", "nodepools.karpenter.sh", {"spec": {"versions": versions}})
    try:
        told = doctor(setup)
    finally:
        setup.api.patch("customresourcedefinitions", "nodepools.karpenter.sh", {"spec": {"versions": versions[:1]}})
    assert told.code == 1
    (found,) = told.of("another Karpenter", "problem")
    assert "nodepools.karpenter.sh is also there as v1beta1" in found


def test_a_definition_of_another_that_drops_fields(setup):
    crd = setup.api.get("customresourcedefinitions", "nodepools.karpenter.sh")
    without = json.loads(json.dumps(crd["spec"]["versions"][0]))
    del without["schema"]["openAPIV3Schema"]["properties"]["status"]["properties"]["nodeClassObservedGeneration"]
    setup.api.patch("customresourcedefinitions", "nodepools.karpenter.sh", {"spec": {"versions": [without]}})
    try:
        told = doctor(setup)
    finally:
        setup.cluster.install_crds(setup.binary)
    assert told.code == 0
    (found,) = told.of("custom resources", "warning")
    assert "nodepools.karpenter.sh is another definition than ours and lacks status.nodeClassObservedGeneration" in found


def test_a_cluster_that_is_not_there(setup):
    told = doctor(setup, cluster="hp-one")
    assert told.code == 1
    (found,) = told.of("HyperPod cluster", "problem")
    assert "ResourceNotFound" in found and "aws sagemaker list-clusters" in found
    assert told.of("NodeRecovery", "not checked")


@pytest.mark.parametrize(
    "cluster, check, found",
    [
        ("unrecovered", "NodeRecovery", "update-cluster --cluster-name unrecovered --node-recovery Automatic"),
        ("managed", "AutoScaling", "update-cluster --cluster-name managed --auto-scaling Mode=Disable"),
    ],
)
def test_a_setting_that_blocks(setup, cluster, check, found):
    told = doctor(setup, cluster=cluster)
    assert told.code == 1
    assert told.wrong() == [check], told.text
    (problem,) = told.of(check, "problem")
    assert found in problem


def test_a_cluster_without_continuous_provisioning(setup):
    def described(_):
        return 200, {
            "ClusterArn": "arn:aws:sagemaker:us-east-1:111122223333:cluster/abcdefghij01",
            "ClusterName": "hp1",
            "ClusterStatus": "InService",
            "Orchestrator": {"Eks": {"ClusterArn": "arn:aws:eks:us-east-1:111122223333:cluster/e2e"}},
            "InstanceGroups": [{**entry, "CurrentCount": 0, "TargetCount": 0, "Status": "InService"} for entry in GROUPS],
        }

    told = with_answer(setup, "DescribeCluster", described)
    assert told.code == 1
    assert told.wrong() == ["NodeProvisioningMode"]


def test_nodes_that_nobody_claims_are_told_and_block_nothing(setup):
    told = doctor(setup, cluster="used")
    assert told.code == 0
    (found,) = told.of("instance groups", "warning")
    assert "cpu has 1 node without a NodeClaim" in found


@pytest.mark.parametrize("status", ["Updating", "SystemUpdating"])
def test_a_cluster_that_is_being_updated_blocks_while_it_lasts(setup, status):
    described = setup.describe_cluster()
    described = {name: described[name] for name in ("ClusterArn", "ClusterName", "Orchestrator", "NodeProvisioningMode", "NodeRecovery", "InstanceGroups")}
    described["InstanceGroups"] = [{**entry, "CurrentCount": 0, "TargetCount": 0, "Status": "InService"} for entry in GROUPS]
    told = with_answer(setup, "DescribeCluster", lambda _: (200, {**described, "ClusterStatus": status}))
    assert told.code == 1
    assert told.wrong() == ["HyperPod cluster"], told.text
    assert "wait until it is InService" in told.of("HyperPod cluster", "problem")[0]


def test_a_call_that_is_not_answered_blocks(setup):
    throttled = {"__type": "ThrottlingException", "Message": "Rate exceeded"}
    told = with_answer(setup, "ListClusterNodes", lambda _: (400, throttled))
    assert told.code == 1
    (found,) = told.of("AWS permissions", "problem")
    assert "could not be asked: sagemaker:ListClusterNodes" in found and "Rate exceeded" in found


def test_an_empty_policy_is_told_whole_in_one_run(setup):
    def refused(action):
        sentence = f"User: arn:aws:iam::111122223333:user/x is not authorized to perform: {action}"
        return lambda _: (400, {"__type": "AccessDeniedException", "Message": sentence})

    needed = ("DescribeCluster", "ListClusterNodes", "DescribeClusterNode", "ListClusterEvents", "DescribeClusterEvent")
    xml = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>"
    setup.recorder.instead.update({name: refused(f"sagemaker:{name}") for name in needed})
    setup.recorder.instead.update({"DescribeSubnets": lambda _: (403, xml), "GetProducts": refused("pricing:GetProducts")})
    try:
        told = doctor(setup)
        without = doctor(setup, "--no-price-list")
    finally:
        setup.recorder.instead.clear()
    assert told.code == 1
    refusals = "\n".join(told.of("AWS permissions", "problem"))
    for action in (*(f"sagemaker:{name}" for name in needed), "ec2:DescribeSubnets"):
        assert f"{action} is refused" in refusals and f"allow {action} in the IAM policy" in refusals, action
    (prices,) = told.of("AWS permissions", "warning")
    assert "pricing:GetProducts is refused" in prices
    assert "allow pricing:GetProducts in the IAM policy" in prices and "--no-price-list" in prices
    assert without.of("AWS permissions", "warning") == []


def test_prices_that_may_not_be_read_block_nothing(setup):
    told = with_answer(setup, "GetProducts", lambda _: (400, {"__type": "AccessDeniedException", "Message": "no"}))
    assert told.code == 0
    assert told.wrong() == ["AWS permissions"]


@pytest.mark.parametrize("operation", ["ListClusterNodes", "ListClusterEvents", "DescribeClusterNode", "DescribeCluster"])
def test_a_permission_that_is_missing_is_named(setup, operation):
    sentence = f"User: arn:aws:iam::111122223333:user/x is not authorized to perform: sagemaker:{operation}"
    told = with_answer(setup, operation, lambda _: (400, {"__type": "AccessDeniedException", "Message": sentence}))
    assert told.code == 1
    (found,) = told.of("AWS permissions", "problem")
    assert f"sagemaker:{operation} is refused" in found and f"allow sagemaker:{operation} in the IAM policy" in found


def test_a_subnet_that_is_gone_is_told_of_the_group_that_uses_it(setup):
    told = with_answer(setup, "DescribeSubnets", ec2_without(SUBNETS, "subnet-b"))
    assert told.code == 1
    assert told.wrong() == ["zones of subnets"]
    (found,) = told.of("zones of subnets", "problem")
    assert "instance group gpu: subnet-b does not exist" in found


def test_zones_that_may_not_be_asked_for(setup, tmp_path):
    refusal = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>"
    told = with_answer(setup, "DescribeSubnets", lambda _: (403, refusal))
    assert told.code == 1
    assert told.wrong() == ["AWS permissions", "zones of subnets"]
    assert "--subnet-zones" in told.of("zones of subnets", "problem")[0]
    (tmp_path / "zones").write_text("subnet-a: us-east-1a\nsubnet-b: us-east-1b\n")
    assert doctor(setup, subnet_zones=tmp_path / "zones").code == 0


def test_keys_that_are_missing_or_have_expired(setup):
    without = {name: value for name, value in setup.environment.items() if name not in KEYS}
    told = doctor(setup, environment={**without, "HOME": "/nowhere", "AWS_EC2_METADATA_DISABLED": "true"})
    assert told.code == 1
    assert "no keys for AWS: env: AWS_ACCESS_KEY_ID" in told.of("AWS identity", "problem")[0], told.text
    assert told.of("Kubernetes rights", "ok"), "Kubernetes is looked at all the same"
    expired = {"__type": "ExpiredTokenException", "Message": "The security token included in the request is expired"}
    told = with_answer(setup, "DescribeCluster", lambda _: (400, expired))
    assert told.code == 1
    assert "expired" in told.of("AWS permissions", "problem")[0]


def test_a_health_agent_that_is_too_old(setup):
    with_image(setup, AGENT + "1.0.674.0_1.0.199.0")
    told = doctor(setup)
    with_image(setup, AGENT + "1.0.1892.0_1.0.424.0")
    assert told.code == 1
    assert told.wrong() == ["health monitoring agent"]
    assert "older than 1.0.742.0_1.0.241.0" in told.of("health monitoring agent", "problem")[0]


def test_daemon_sets_that_leave_no_room(setup):
    setup.api.create("daemonsets", manifests.daemon_set("monster", cpu="5"))
    for number in range(9):
        setup.api.create("daemonsets", manifests.daemon_set(f"agent-{number}"))
    told = doctor(setup)
    setup.api.delete_all("daemonsets", "default")
    assert told.code == 1
    assert told.wrong() == ["DaemonSet overhead", "pod density"]
    assert "ml.m5.xlarge of instance group cpu: its 11 DaemonSets ask for cpu" in told.of("DaemonSet overhead", "problem")[0]
    assert "has room for 14 pods, and 11 DaemonSets run there: 3 are left" in told.of("pod density", "warning")[0]


def test_kubernetes_out_of_reach_and_a_token_that_is_not_accepted(setup, tmp_path):
    text = setup.cluster.token_kubeconfig.read_text()
    (tmp_path / "away").write_text(text.replace(setup.cluster.server, f"https://127.0.0.1:{free_ports(1)[0]}"))
    (tmp_path / "revoked").write_text(text.replace(setup.cluster.token, "stolen-and-revoked"))
    for name, found in (("away", "connect"), ("revoked", "401 Unauthorized")):
        told = doctor(setup, kubeconfig=tmp_path / name)
        assert told.code == 1
        assert told.wrong() == ["Kubernetes API"]
        assert found in told.of("Kubernetes API", "problem")[0]
        assert "stolen" not in told.text
    nowhere = f"http://127.0.0.1:{free_ports(1)[0]}"
    told = doctor(setup, kubeconfig=tmp_path / "away", endpoint=nowhere)
    assert told.code == 3
    assert told.wrong() == ["AWS permissions", "Kubernetes API"]


@pytest.mark.parametrize(
    "changed, told",
    [
        ({"output": "yaml"}, '"yaml" is not known'),
        ({"kubeconfig": "/nowhere/kubeconfig"}, "/nowhere/kubeconfig"),
        ({"as_service_account": "hyperwright"}, "write NAMESPACE/NAME"),
        ({"endpoint": "somewhere"}, "is no URL"),
        ({"preference_policy": "Maybe"}, "is no policy"),
    ],
)
def test_bad_input(setup, changed, told):
    done = doctor(setup, **changed)
    assert done.code == 2
    assert told in done.errors and done.text == ""


def with_answer(setup, operation, answer):
    setup.recorder.instead[operation] = answer
    try:
        return doctor(setup)
    finally:
        del setup.recorder.instead[operation]


def with_image(setup, image):
    change = {"spec": health_agent(image)["spec"]}
    setup.api.patch("daemonsets", "health-monitoring-agent", change, "aws-hyperpod")
