"""boto3, the aws command line and kubectl against `hyperwright service` and what it registers."""

import json
import subprocess
import sys

import botocore.exceptions
import pytest
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from api import is_ready, wait_for
from hyperwright import REGION, SUBNETS, group

NODE = "sagemaker.amazonaws.com/"


@pytest.fixture
def served(world):
    """A cluster with one group at zero, and nobody who scales it."""
    return world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a")], controller=False)


def test_a_node_that_is_added_joins_kubernetes_as_hyperpods_nodes_do(served):
    answer = served.hyperpod.batch_add_cluster_nodes(
        ClusterName=served.name,
        ClientToken="one",
        NodesToAdd=[{"InstanceGroupName": "cpu", "IncrementTargetCountBy": 1}],
    )
    (added,) = answer["Successful"]
    assert answer["Failed"] == []
    (node,) = wait_for("it joins", lambda: served.api.list("nodes"))
    labels = node["metadata"]["labels"]
    assert labels[NODE + "compute-type"] == "hyperpod"
    assert labels[NODE + "instance-group-name"] == "cpu"
    assert labels["node.kubernetes.io/instance-type"] == "ml.m5.xlarge"
    assert labels["topology.kubernetes.io/zone"] == "us-east-1a"
    assert not [key for key in labels if key.startswith("karpenter.sh/")]
    assert not [taint for taint in node["spec"].get("taints", []) if taint["key"].startswith("karpenter.sh/")]

    details = served.hyperpod.describe_cluster_node(ClusterName=served.name, NodeLogicalId=added["NodeLogicalId"])
    assert node["spec"]["providerID"].endswith(details["NodeDetails"]["InstanceId"])
    wait_for("its kubelet is ready", lambda: is_ready(served.api.get("nodes", node["metadata"]["name"])))
    wait_for("HyperPod says Running", lambda: served.hyperpod_nodes()[0]["InstanceStatus"]["Status"] == "Running")
    assert node["metadata"]["name"] in served.cluster.kubectl("get", "nodes")

    served.hyperpod.batch_delete_cluster_nodes(ClusterName=served.name, NodeLogicalIds=[added["NodeLogicalId"]])
    wait_for("it is gone", lambda: not served.hyperpod_nodes() and not served.api.list("nodes"))


def test_a_token_that_is_used_again_gives_the_same_nodes(served):
    call = {
        "ClusterName": served.name,
        "ClientToken": "twice",
        "NodesToAdd": [{"InstanceGroupName": "cpu", "IncrementTargetCountBy": 3}],
    }
    answers = [served.hyperpod.batch_add_cluster_nodes(**call)["Successful"] for _ in range(2)]
    first, second = ({node["NodeLogicalId"] for node in answer} for answer in answers)
    assert first == second and len(first) == 3
    assert served.target_counts() == {"cpu": 3}


def test_zones_of_subnets_are_answered_on_the_same_endpoint(served):
    import boto3

    ec2 = boto3.Session("key", "secret", region_name=REGION).client("ec2", endpoint_url=served.endpoint)
    subnets = ec2.describe_subnets(SubnetIds=list(SUBNETS))["Subnets"]
    assert {subnet["SubnetId"]: subnet["AvailabilityZone"] for subnet in subnets} == SUBNETS
    with pytest.raises(botocore.exceptions.ClientError, match="InvalidSubnetID.NotFound"):
        ec2.describe_subnets(SubnetIds=["subnet-a", "subnet-gone"])
    (found,) = ec2.describe_subnets(Filters=[{"Name": "subnet-id", "Values": ["subnet-gone", "subnet-b"]}])["Subnets"]
    assert (found["SubnetId"], found["AvailabilityZone"]) == ("subnet-b", SUBNETS["subnet-b"])
    with pytest.raises(botocore.exceptions.ClientError, match="FilterLimitExceeded"):
        ec2.describe_subnets(Filters=[{"Name": "subnet-id", "Values": ["subnet-a"] * 201}])


@pytest.mark.parametrize(
    "change, code",
    [
        ({"ClusterName": "nobody"}, "ResourceNotFound"),
        ({"NodesToAdd": [{"InstanceGroupName": "cpu", "IncrementTargetCountBy": 50}] * 2}, "ValidationException"),
    ],
)
def test_a_wrong_call_gets_an_error_of_aws(served, change, code):
    call = {"ClusterName": served.name, "NodesToAdd": [{"InstanceGroupName": "cpu", "IncrementTargetCountBy": 1}]}
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        served.hyperpod.batch_add_cluster_nodes(**{**call, **change})
    assert caught.value.response["Error"]["Code"] == code


def test_a_group_that_does_not_exist_is_a_failure_inside_of_the_answer(served):
    answer = served.hyperpod.batch_add_cluster_nodes(
        ClusterName=served.name, NodesToAdd=[{"InstanceGroupName": "nobody", "IncrementTargetCountBy": 2}]
    )
    assert answer["Successful"] == []
    assert [(fail["ErrorCode"], fail["FailedCount"]) for fail in answer["Failed"]] == [("InstanceGroupNotFound", 2)]


def test_the_aws_command_line_works(served):
    def aws(*arguments):
        command = [sys.executable, "-m", "awscli", "--endpoint-url", served.endpoint, "--region", REGION, *arguments]
        done = subprocess.run(command, text=True, capture_output=True, env=served.environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    (summary,) = aws("sagemaker", "list-clusters")["ClusterSummaries"]
    assert summary["ClusterName"] == served.name
    described = aws("sagemaker", "describe-cluster", "--cluster-name", served.name)
    assert described["InstanceGroups"][0]["InstanceGroupName"] == "cpu"
    aws(
        "sagemaker", "batch-add-cluster-nodes", "--cluster-name", served.name,
        "--nodes-to-add", "InstanceGroupName=cpu,IncrementTargetCountBy=1",
    )  # fmt: skip
    nodes = aws("sagemaker", "list-cluster-nodes", "--cluster-name", served.name, "--include-node-logical-ids")
    assert len(nodes["ClusterNodeSummaries"]) == 1
    events = aws("sagemaker", "list-cluster-events", "--cluster-name", served.name)
    assert events["Events"]


def raw_call(served, body, sign=True):
    """ListClusters with a body of our own; boto3 alone would never send what is no JSON."""
    headers = {"X-Amz-Target": "SageMaker.ListClusters", "Content-Type": "application/x-amz-json-1.1"}
    request = AWSRequest("POST", served.endpoint + "/", headers, body)
    if sign:
        SigV4Auth(Credentials("AKIDEXAMPLE", "secret"), "sagemaker", REGION).add_auth(request)
    return urllib3.request("POST", request.url, body=body, headers=dict(request.headers))


def test_a_body_that_is_not_json_gets_an_error_and_the_service_goes_on(served):
    answer = raw_call(served, b"{nonsense")
    assert answer.status == 400
    assert answer.json()["__type"] == "SerializationException"
    assert "JSON" in answer.json()["message"]
    assert served.describe_cluster()["ClusterStatus"] == "InService"


def test_who_does_not_sign_is_refused_before_the_body_is_read(served):
    for body in (b"{}", b"{nonsense"):
        answer = raw_call(served, body, sign=False)
        assert answer.status == 403
        assert answer.json()["__type"] == "MissingAuthenticationTokenException"
    assert raw_call(served, b"{}").status == 200
