"""The journal of a controller on the real Kubernetes, played again: every decision is the same.

What was recorded is the day's own run: real resource versions, real orders, real answers.
"""

import json
import os
import resource
import zlib

import manifests
from api import wait_for
from hyperwright import group


def start(world):
    world.start(groups=[group("cpu", "ml.m5.xlarge", "subnet-a")], journal=True)
    wait_for("the controller leads, and writes", lambda: files_of(world))
    world.apply_class("default", "cpu")
    world.apply_pool("cpu")


def files_of(world):
    return sorted(world.journal.glob("*.journal"))


def test_a_run_from_zero_and_back_is_played_again(world):
    start(world)
    world.api.patch("nodepools", "cpu", {"metadata": {"annotations": {"notes.example.com/all": ANNOTATION}}})
    world.api.create("deployments", deployment_with_secrets("web", replicas=3))
    world.wait_running("app=web", 3)
    names = sorted(node["metadata"]["name"] for node in world.api.list("nodes"))
    wait_for("the journal has the nodes", lambda: nodes_of(world) == names)
    world.api.scale("web", 0)
    world.wait_until_empty()
    assert "hyperwright_journal_stopped 0" in world.metrics()
    world.controller.stop()

    folder = world.journal
    verdict = json.loads(world.replay(folder))
    (file,) = verdict["files"]
    assert verdict["same"] and file["same"]
    assert file["turns"] > 20 and file["events"] > 50 and file["effects"] > 30
    assert file["tornBytes"] == 0
    assert file["turnBytes"] < 200 * file["events"], verdict
    check_no_secrets(world, folder)

    turns = [json.loads(line) for line in world.replay(folder, "--turns").splitlines()]
    assert len(turns) == file["turns"]
    launches = [turn["turn"] for turn in turns if any("BatchAddClusterNodes" in effect for effect in turn["effects"])]
    before = json.loads(world.replay(folder, "--until", launches[0] - 1))
    assert [claim["nodePool"] for claim in before["nodeClaims"]] == ["cpu"] * len(before["nodeClaims"]) != []
    assert not before["nodes"]


def nodes_of(world):
    """By the journal, while it is being written."""
    moment = json.loads(world.replay(world.journal, "--until", 10**9))
    return sorted(node["name"] for node in moment["nodes"] if node["ready"] == "True")


ENVIRONMENT, COMMAND, ANNOTATION = "xyzzy-of-the-environment", "xyzzy-of-the-command", "xyzzy-of-the-annotation " * 500


def deployment_with_secrets(name, replicas):
    """What nobody may find in a file that is passed on, at each place where a pod has it."""
    made = manifests.deployment(name, replicas, cpu="3", annotations={"notes.example.com/all": ANNOTATION})
    (container,) = made["spec"]["template"]["spec"]["containers"]
    secrets = {"env": [{"name": "PASSWORD", "value": ENVIRONMENT}], "command": ["sh", "-c", COMMAND], "args": [COMMAND]}
    container.update(secrets)
    made["spec"]["template"]["spec"]["initContainers"] = [{"name": "first", "image": container["image"], **secrets}]
    return made


def check_no_secrets(world, folder):
    """In all that the files hold, as another reader than ours decompresses it."""
    text = "".join(record for file in folder.glob("*.journal") for record in records(file.read_bytes()))
    assert '"kind":"NodePool"' in text and '"kind":"Pod"' in text
    secrets = (world.cluster.token, world.environment["AWS_ACCESS_KEY_ID"], world.environment["AWS_SECRET_ACCESS_KEY"])
    for secret in (*secrets, ENVIRONMENT, COMMAND, ANNOTATION.split()[0], "example.com/main:1"):
        assert secret not in text, secret


def records(data):
    """As src/runtime/journal_file.h describes a file."""
    at = data.index(b"\n") + 1
    assert data[:at] == b"hyperwright-journal 1\n"
    stream = zlib.decompressobj(wbits=-15)
    while at < len(data):
        length, shift = 0, 0
        while True:
            byte, at = data[at], at + 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        part = data[at + 4 : at + 4 + length]
        assert int.from_bytes(data[at : at + 4], "little") == zlib.crc32(part)
        at += 4 + length
        yield stream.decompress(part + b"\0\0\xff\xff").decode()


def test_a_killed_controllers_journal_is_played_again_up_to_its_torn_end(world):
    start(world)
    world.apply_deployment("web", replicas=2, cpu="3")
    wait_for("a claim is there", world.claims)
    world.kill_controller()
    folder = world.journal
    (first,) = files_of(world)
    with open(first, "r+b") as file:  # as where the machine went down in the midst of a write
        file.truncate(os.path.getsize(first) - 3)
    world.start_controller()
    wait_for("the next controller leads, and writes its own", lambda: len(files_of(world)) == 2, within=60)
    world.wait_running("app=web", 2, within=120)
    world.controller.stop()

    verdict = json.loads(world.replay(folder))
    assert verdict["same"]
    assert [file["tornBytes"] > 0 for file in verdict["files"]] == [True, False]
    assert len(world.recorder.launched()) == 2


def test_a_damaged_file_keeps_no_other_from_its_judgement(world):
    """The last turn before the damage is named, and its picture can be seen."""
    start(world)
    world.apply_deployment("web", replicas=1, cpu="3")
    world.wait_running("app=web", 1)
    world.controller.stop()
    world.start_controller()
    wait_for("the next life writes its own", lambda: len(files_of(world)) == 2)
    world.controller.stop()
    first, second = files_of(world)
    data = bytearray(first.read_bytes())
    data[len(data) * 2 // 3] ^= 0xFF
    first.write_bytes(data)

    verdict = json.loads(world.replay(world.journal, code=2))
    damaged, whole = verdict["files"]
    assert not verdict["same"] and not damaged["same"] and whole["same"]
    last = damaged["firstTurn"] + damaged["turns"] - 1
    assert damaged["turns"] > 3 and damaged["damage"]["fix"].endswith(f"hyperwright replay {first} --until {last}")
    assert json.loads(world.replay(first, "--until", last))["turn"] == last
    world.replay(first, "--until", last + 1, code=2)
    listed = [json.loads(line)["file"] for line in world.replay(world.journal, "--turns", code=2).splitlines()]
    assert listed.count(str(first)) == damaged["turns"] and listed.count(str(second)) == whole["turns"]


def test_a_journal_that_is_removed_stops_and_nothing_else_does(world):
    start(world)
    folder = world.journal
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    world.apply_deployment("web", replicas=1, cpu="3")
    world.wait_running("app=web", 1)
    assert "hyperwright_journal_stopped 1" in world.metrics()
    assert world.controller.log.read_text().count("the journal stopped") == 1
    assert world.probe("/readyz")


def test_a_full_disk_stops_the_journal_and_nothing_else(world):
    """As long as no file may grow, but the log, which begins anew."""
    start(world)
    world.apply_deployment("web", replicas=1, cpu="3")
    world.wait_running("app=web", 1)
    folder = world.journal
    (file,) = files_of(world)
    os.truncate(world.controller.log, 0)
    process, unbounded = world.controller.popen.pid, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (file.stat().st_size, resource.RLIM_INFINITY))
    world.api.scale("web", 2)
    wait_for("it is told", lambda: "the journal stopped" in world.log_of("controller"))
    resource.prlimit(process, resource.RLIMIT_FSIZE, unbounded)
    assert "hyperwright_journal_stopped 1" in world.metrics()
    world.wait_running("app=web", 2)
    assert len(world.recorder.launched()) == 2
    world.controller.stop()

    verdict = json.loads(world.replay(folder))
    assert verdict["same"], "what was written before is good"
    assert world.log_of("controller").count("the journal stopped") == 1
