"""Prints the vectors of aws_signature_test.cpp: what botocore, the signer of boto3 and the aws CLI, says
that the Authorization header must be. Run: python3 tests/client/aws_signature_vectors.py"""
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

DATE = "20261124T120000Z"
JSON = "application/x-amz-json-1.1"
FORM = "application/x-www-form-urlencoded; charset=utf-8"
KEY, SECRET, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "IQoJb3JpZ2lu//X2VjE+Pj4=="
CASES = [  # url, service, region, session token, content type, target, body
    ("http://api.sagemaker.us-west-2.amazonaws.com/", "sagemaker", "us-west-2", None, JSON,
     "SageMaker.DescribeCluster", '{"ClusterName":"gpu"}'),
    ("http://api.sagemaker.us-west-2.amazonaws.com/", "sagemaker", "us-west-2", TOKEN, JSON,
     "SageMaker.BatchAddClusterNodes", '{"ClusterName":"a","NodesToAdd":[]}'),
    ("http://hyperpod.test:4567/", "sagemaker", "eu-central-1", TOKEN, JSON, "SageMaker.ListClusters", "{}"),
    ("http://hyperpod.test:4567/", "sagemaker", "eu-central-1", None, JSON, "SageMaker.ListClusters",
     '{"NameContains":"\u00e9\u4e2d"}'),
    ("http://ec2.us-east-1.amazonaws.com/", "ec2", "us-east-1", TOKEN, FORM, "",
     "Action=DescribeSubnets&Version=2016-11-15&SubnetId.1=subnet-0a"),
]


class AtTheDate(SigV4Auth):
    def _modify_request_before_signing(self, request):
        request.context["timestamp"] = DATE
        super()._modify_request_before_signing(request)


for url, service, region, token, content_type, target, body in CASES:
    request = AWSRequest("POST", url, data=body.encode(), headers={"Content-Type": content_type})
    if target:
        request.headers["X-Amz-Target"] = target
    signer = AtTheDate(Credentials(KEY, SECRET, token), service, region)
    request.context["timestamp"] = DATE
    signer._modify_request_before_signing(request)
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    signed = signer.signed_headers(signer.headers_to_sign(request))
    rows = [url, service, region, token or "", content_type, target, body.replace('"', '\\"'), signed, signature]
    print("    {" + ",\n     ".join(f'"{row}"' for row in rows) + "},")
