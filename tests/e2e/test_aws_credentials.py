"""For the same files and variables Hyperwright finds the keys, region and endpoints that botocore finds.

Each case is a home folder and an environment. botocore resolves them in a process of its own, and so does
build/dev/aws_resolution (tests/client/aws_resolution.cpp), which is what the controller uses. One server on
the loopback plays STS, the container agent, the instance metadata and SSO for both.
"""

import http.server
import json
import os
import subprocess
import sys
import threading
import time
import urllib.parse

import pytest

BOTOCORE = """
import json, sys, botocore.session
session = botocore.session.get_session()
try:
    keys = session.get_credentials()
    if keys is None:
        print(json.dumps({"error": "none"}))
    else:
        frozen = keys.get_frozen_credentials()
        region = session.get_config_variable("region")
        endpoints = {name: session.create_client(name, region_name=region).meta.endpoint_url.rstrip("/") for name in sys.argv[1:]}
        print(json.dumps({
            "source": keys.method, "access_key_id": frozen.access_key, "secret_access_key": frozen.secret_key,
            "session_token": frozen.token or "", "region": region, **endpoints,
        }))
except Exception as problem:
    print(json.dumps({"error": f"{type(problem).__name__}: {problem}"}))
"""
# Making botocore's clients takes a second each: only where the case is about endpoints.
ENDPOINTS = ("sagemaker", "ec2", "sts")


def keys_of(name):
    return {"AccessKeyId": name, "SecretAccessKey": f"s-{name}", "Token": f"t-{name}", "Expiration": "2035-01-01T00:00:00Z"}


def assumed(operation, name):
    return (
        f'<{operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{operation}Result><Credentials>'
        f"<AccessKeyId>{name}</AccessKeyId><SecretAccessKey>s-{name}</SecretAccessKey><SessionToken>t-{name}</SessionToken>"
        f"<Expiration>2035-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/a/b</Arn>"
        f"<AssumedRoleId>a:b</AssumedRoleId></AssumedRoleUser></{operation}Result></{operation}Response>"
    )


class Aws(http.server.BaseHTTPRequestHandler):
    """STS at POST /, the agent at /agent, the instance metadata at /latest, SSO at /federation."""

    protocol_version = "HTTP/1.1"

    def answer(self, body, status=200):
        body = body.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

    def do_PUT(self):
        self.body()
        self.answer("imds-token")

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path == "/agent":
            expected = "bearer"
            ok = self.headers.get("Authorization") == expected
            self.answer(json.dumps(keys_of("CONTAINER")) if ok else "no", 200 if ok else 403)
        elif path == "/latest/meta-data/iam/security-credentials/":
            self.answer("node-role")
        elif path == "/latest/meta-data/iam/security-credentials/node-role":
            self.answer(json.dumps({"Code": "Success", **keys_of("INSTANCE")}))
        elif path == "/federation/credentials" and self.headers.get("x-amz-sso_bearer_token") == "sso-token":
            role = urllib.parse.parse_qs(self.path.partition("?")[2])["role_name"][0]
            later = int((time.time() + 3600) * 1000)
            self.answer(json.dumps({"roleCredentials": {
                "accessKeyId": f"SSO-{role}", "secretAccessKey": "s", "sessionToken": "t", "expiration": later}}))  # fmt: skip
        else:
            self.answer("", 404)

    def do_POST(self):
        form = {name: values[0] for name, values in urllib.parse.parse_qs(self.body()).items()}
        operation = form.get("Action", "")
        role = form.get("RoleArn", "").rpartition("/")[2]
        if operation == "AssumeRoleWithWebIdentity":
            self.answer(assumed(operation, f"{role}-{form['WebIdentityToken'].strip()}"))
        elif operation == "AssumeRole":
            signer = self.headers["Authorization"].partition("Credential=")[2].partition("/")[0]
            self.answer(assumed(operation, f"{role}-by-{signer}-{form.get('ExternalId', '')}{form.get('DurationSeconds', '')}"))
        else:
            self.answer("<ErrorResponse><Error><Code>InvalidAction</Code></Error></ErrorResponse>", 400)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def aws():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Aws)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def resolve(aws, binary, tmp_path):
    """What botocore and Hyperwright resolve, as two dictionaries."""

    def resolve(config="", credentials="", files=None, endpoints=(), **variables):
        for name, text in {".aws/config": config, ".aws/credentials": credentials, **(files or {})}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("HOME", str(tmp_path)).replace("SERVER", aws))
        environment = {
            "HOME": str(tmp_path), "PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "us-west-2",
            "AWS_ENDPOINT_URL_STS": aws, "AWS_ENDPOINT_URL_SSO": aws, "AWS_EC2_METADATA_SERVICE_ENDPOINT": aws,
            **{name: value.replace("HOME", str(tmp_path)).replace("SERVER", aws) for name, value in variables.items()},
        }  # fmt: skip
        environment = {name: value for name, value in environment.items() if value != ""}
        run = lambda *command: json.loads(  # noqa: E731
            subprocess.run(command, env=environment, cwd=tmp_path, timeout=60, capture_output=True, text=True, check=True).stdout
        )
        hyperwright = run(binary.parent / "aws_resolution")
        for name in set(ENDPOINTS) - set(endpoints):
            hyperwright.pop(name, None)
        return run(sys.executable, "-c", BOTOCORE, *endpoints), hyperwright

    return resolve


A = "[default]\naws_access_key_id = A\naws_secret_access_key = a\n"
BASE = "[base]\naws_access_key_id = BASE\naws_secret_access_key = b\n"
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "e"}
IRSA = {"AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/irsa", "AWS_WEB_IDENTITY_TOKEN_FILE": "HOME/token"}
TOKEN = {"token": "a.b.c"}
AGENT = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "SERVER/agent", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "bearer"}
SSO_TOKEN = json.dumps({"accessToken": "sso-token", "expiresAt": "2035-01-01T00:00:00Z"})
PROCESS = json.dumps({"Version": 1, "AccessKeyId": "PROCESS", "SecretAccessKey": "p", "SessionToken": "t", "Expiration": "2035-01-01T00:00:00Z"})
ROLE = "[default]\nrole_arn = arn:aws:iam::111122223333:role/r\n"

CASES = {
    "environment": dict(**ENVIRONMENT),
    "environment with a token": dict(**ENVIRONMENT, AWS_SESSION_TOKEN="t"),
    "the older token variable": dict(**ENVIRONMENT, AWS_SESSION_TOKEN="t", AWS_SECURITY_TOKEN="older"),
    "environment before files": dict(credentials=A, **ENVIRONMENT),
    "environment before web identity": dict(files=TOKEN, **ENVIRONMENT, **IRSA),
    "an end that is far": dict(**ENVIRONMENT, AWS_CREDENTIAL_EXPIRATION="2035-01-01T00:00:00Z"),
    "credentials file": dict(credentials=A),
    "config file": dict(config=A),
    "credentials file before config file": dict(config=A, credentials=A.replace("A", "K")),
    "a profile by variable": dict(credentials=A + BASE, AWS_PROFILE="base"),
    "the older profile variable": dict(credentials=A + BASE, AWS_PROFILE="default", AWS_DEFAULT_PROFILE="base"),
    "a quoted profile": dict(config='[profile "my prod"]\naws_access_key_id=Q\naws_secret_access_key=q\n', AWS_PROFILE="my prod"),
    "files by variable": dict(files={"c": "[profile x]\nregion=eu-west-1\n", "k": BASE.replace("base", "x")},
                              AWS_CONFIG_FILE="HOME/c", AWS_SHARED_CREDENTIALS_FILE="~/k", AWS_PROFILE="x", AWS_DEFAULT_REGION=""),
    "a token in the credentials file": dict(credentials=A + "aws_session_token = t\n"),
    "keys split over comments and spaces": dict(credentials="; x\n[default]\n# y\naws_access_key_id:A\n\nAWS_SECRET_ACCESS_KEY =  a b=c\n".replace(" b", "")),
    "irsa": dict(files=TOKEN, **IRSA),
    "irsa before the credentials file": dict(credentials=A, files=TOKEN, **IRSA),
    "a role of the profile before irsa": dict(config=ROLE + "source_profile = base\n", credentials=BASE, files=TOKEN, **IRSA),
    "web identity of a profile": dict(config="[default]\nrole_arn = arn:aws:iam::111122223333:role/w\nweb_identity_token_file = HOME/token\n", files=TOKEN),
    "role by a profile": dict(config=ROLE + "source_profile = base\nexternal_id = x7\nduration_seconds = 900\n", credentials=BASE),
    "role by itself": dict(config=ROLE + "source_profile = default\n", credentials=A),
    "role by a role": dict(config=ROLE + "source_profile = mid\n[profile mid]\nrole_arn = arn:aws:iam::111122223333:role/m\nsource_profile = base\n", credentials=BASE),
    "role by a process": dict(config=ROLE + "source_profile = p\n[profile p]\ncredential_process = /bin/cat HOME/p.json\n", files={"p.json": PROCESS}),
    "role by the environment": dict(config=ROLE + "credential_source = Environment\n", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY=""),
    "role by the container": dict(config=ROLE + "credential_source = EcsContainer\n", **AGENT),
    "role by the instance": dict(config=ROLE + "credential_source = Ec2InstanceMetadata\n"),
    "role in a circle": dict(config=ROLE + "source_profile = b\n[profile b]\nrole_arn = arn:aws:iam::1:role/b\nsource_profile = default\n"),
    "role without a source": dict(config=ROLE),
    "role with two sources": dict(config=ROLE + "source_profile = base\ncredential_source = Environment\n", credentials=BASE),
    "role by a profile that is not there": dict(config=ROLE + "source_profile = gone\n"),
    "process": dict(config="[default]\ncredential_process = /bin/cat \"HOME/p.json\"\n", files={"p.json": PROCESS}),
    "process before the config file's keys": dict(config=A + "credential_process = /bin/cat HOME/p.json\n", files={"p.json": PROCESS}),
    "process that fails": dict(config="[default]\ncredential_process = /bin/false\n"),
    "process of another version": dict(config="[default]\ncredential_process = /bin/cat HOME/p.json\n", files={"p.json": PROCESS.replace("1,", "2,", 1)}),
    "sso session": dict(config="[default]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = admin\n"
                               "[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp/start\n",
                        files={".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json": SSO_TOKEN}),
    "sso as it was": dict(config="[default]\nsso_start_url = https://corp/start\nsso_region = us-east-1\nsso_account_id = 111122223333\nsso_role_name = admin\n",
                          files={".aws/sso/cache/717f6b50ccf65f10839b090b78b6ff0786091a96.json": SSO_TOKEN}),
    "sso without a token": dict(config="[default]\nsso_start_url = https://corp/none\nsso_region = us-east-1\nsso_account_id = 111122223333\nsso_role_name = admin\n"),
    "container": dict(**AGENT),
    "container with a token file": dict(files={"t": "bearer"}, **{**AGENT, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "HOME/t", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "x"}),
    "container at an address that may not be asked": dict(AWS_CONTAINER_CREDENTIALS_FULL_URI="http://192.0.2.1/agent"),
    "files before the container": dict(credentials=A, **AGENT),
    "instance": dict(),
    "nothing at all": dict(AWS_EC2_METADATA_DISABLED="true"),
    "half of the environment": dict(AWS_ACCESS_KEY_ID="ENV"),
    "half of a file": dict(credentials="[default]\naws_access_key_id = A\n"),
    "a profile that is not there": dict(credentials=A, AWS_PROFILE="gone"),
    "a file that is none": dict(config="[default]\nnonsense\n", **ENVIRONMENT),
    "a key twice": dict(credentials=A + "aws_access_key_id = B\n"),
    "endpoints by variable": dict(endpoints=ENDPOINTS, **ENVIRONMENT, AWS_ENDPOINT_URL="http://all:1/", AWS_ENDPOINT_URL_EC2="http://ec2:2"),
    "endpoints by profile": dict(endpoints=ENDPOINTS, config="[default]\nendpoint_url = http://all:1\nservices = dev\n[services dev]\nec2 =\n  endpoint_url = http://ec2:2\n", **ENVIRONMENT),
    "endpoints ignored": dict(endpoints=ENDPOINTS, **ENVIRONMENT, AWS_ENDPOINT_URL="http://all:1", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true"),
    "china": dict(endpoints=ENDPOINTS, **ENVIRONMENT, AWS_DEFAULT_REGION="cn-north-1", AWS_ENDPOINT_URL_STS=""),
    "gov cloud": dict(endpoints=ENDPOINTS, **ENVIRONMENT, AWS_DEFAULT_REGION="us-gov-west-1", AWS_ENDPOINT_URL_STS=""),
    "region of the profile": dict(endpoints=ENDPOINTS, config="[default]\nregion = eu-central-1\n", AWS_DEFAULT_REGION="", AWS_ENDPOINT_URL_STS="", **ENVIRONMENT),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_botocore_finds_the_same(resolve, case):
    botocore, hyperwright = resolve(**case)
    assert ("error" in hyperwright) == ("error" in botocore), (botocore, hyperwright)
    if "error" not in botocore:
        assert hyperwright == botocore


def test_an_error_lists_every_source(resolve):
    _, hyperwright = resolve(AWS_EC2_METADATA_DISABLED="true")
    for source in ("env: ", "assume-role: ", "assume-role-with-web-identity: ", "sso: ", "shared-credentials-file: ",
                   "custom-process: ", "config-file: ", "container-role: ", "iam-role: "):  # fmt: skip
        assert source in hyperwright["error"]
    assert "AWS_PROFILE" in hyperwright["remedy"]
