"""Documents are true: their commands are run, their flags, paths and make targets exist.

A ```console block is run line by line: `$ ` begins a command, what follows is what it prints. Of the output
only what is written counts, in its order; "…" stands for anything, within a line or for lines. A command
that only looks, and does not see yet (a node is on its way), is asked again until it does. One shell lives
as long as the page: exports and files stay. Comments directly above a block change that:

    <!-- not run: WHY -->     it cannot be run in a test, and says why
    <!-- stays up -->         its command runs until the end of the page; what it exports is exported
    <!-- file: NAME -->       a ```yaml block becomes that file
"""

import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

import pytest

from api import wait_for
from cluster import ROOT, binaries
from hyperwright import KEYS, QUICK, REGION, SUBNETS, World
from process import Process, free_ports, wait_until

PAGES = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", *sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/*.md"))]
BLOCK = re.compile(r"(?:^<!-- (?P<mark>[^\n]*) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.M | re.S)
CODE = re.compile(r"`([^`\n]+)`")
MARKS = ("not run: ", "stays up", "file: ")
WITHIN = 90  # seconds until a command prints what the page says


def page_text(page):
    return (ROOT / page).read_text()


def blocks(page, language):
    """(mark, text) of each block of this language; a page without one gives none."""
    return [(m["mark"] or "", m["text"]) for m in BLOCK.finditer(page_text(page)) if m["language"] == language]


def steps(text):
    """[(command, [expected line, …]), …] of a console block."""
    found = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            assert found, f"a console block begins with a command: {line}"
            found[-1][1].append(line)
    return found


def first_missing(expected, output):
    """The first line of the page that the output does not have after the lines before it; None: it has all."""
    place = 0
    for line in expected:
        words = [re.escape(word) for word in re.split(r"…|\s+", line) if word]
        found = re.compile(r"^\s*" + ("" if not line.startswith("…") else ".*?") + ".*?".join(words), re.M).search(output, place)
        if not found:
            return line
        place = found.end()
    return None


class Page:
    """One reader with one shell, who has the page, the checkout, and the programs on the PATH."""

    def __init__(self, directory, binary, environment):
        self.directory = directory
        self.processes = []
        self.environment = environment
        self.stand_ins = {}
        directory.mkdir(parents=True)
        for entry in ROOT.iterdir():
            if not entry.name.startswith("."):
                (directory / entry.name).symlink_to(entry)
        self.programs = directory / "programs"
        self.programs.mkdir()
        for program in (binary, binaries() / "kubectl", binaries() / "helm", pathlib.Path(sys.executable).parent / "aws"):
            (self.programs / program.name).symlink_to(program)
        self.environment["PATH"] = f"{self.programs}:{environment['PATH']}"

    def close(self):
        for process in reversed(self.processes):
            process.stop(within=5)

    def run(self, command):
        """Its output; what it exports, or assigns, is there for the next one."""
        for written, meant in self.stand_ins.items():
            command = command.replace(written, meant)
        state = self.directory / "shell-state"
        script = f"set -eo pipefail\n[[ ! -f {state} ]] || source {state}\n{command}\nstatus=$?\ndeclare -p | grep -v ' -[a-zA-Z]*r' > {state} || true\nexit $status\n"
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.directory, env=self.environment, capture_output=True, text=True, timeout=WITHIN
        )
        return done.returncode, done.stdout, done.stderr

    def check(self, command, expected):
        """Runs the command until it prints what the page says."""
        deadline = time.monotonic() + WITHIN
        while True:
            for process in self.processes:
                process.check()
            status, output, errors = self.run(command)
            missing = first_missing(expected, output)
            if status == 0 and missing is None:
                return
            # What changes something is done once; what looks is done again until it sees.
            if not looks(command) or time.monotonic() > deadline:
                raise AssertionError(f"$ {command}\nexit code {status}, missing: {missing}\n{output}{errors}")
            time.sleep(0.3)

    def start(self, command):
        """Runs the command beside the others; waits until it is up and takes its exports over."""
        for written, meant in self.stand_ins.items():
            command = command.replace(written, meant)
        name = f"stays-up-{len(self.processes)}"
        process = Process(name, ["bash", "-c", f"cd {self.directory} && exec {command}"], self.directory / f"{name}.log", self.environment)
        self.processes.append(process)
        wait_until(f"{command} says something", lambda: process.log.read_text().count("\n") > 0, [process])
        if "demo" in command:
            wait_until("the demo tells its exports", lambda: "list-cluster-nodes" in process.log.read_text(), [process])
        for line in re.findall(r"^ *export (.*)$", process.log.read_text(), re.M):
            self.environment.update(entry.split("=", 1) for entry in shlex.split(line))

    def play(self, page):
        for mark, text in blocks(page, "yaml"):
            if mark.startswith("file: "):
                (self.directory / mark.removeprefix("file: ")).write_text(text)
        for match in BLOCK.finditer(page_text(page)):
            mark, language, text = match["mark"] or "", match["language"], match["text"]
            if mark.startswith("not run: "):
                continue
            if language == "python":
                self.check(f"{shlex.quote(sys.executable)} -c {shlex.quote(text)}", [])
            for command, expected in steps(text) if language == "console" else []:
                if mark == "stays up":
                    self.start(command)
                else:
                    self.check(command, expected)


def looks(command):
    """The command changes nothing, so that it may be asked again."""
    return not re.search(r"\b(demo|apply|delete|create|create-cluster|install|uninstall|batch-\w+|set-\w+)\b", command)


@pytest.fixture
def reader(binary, directory, request):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "KUBE"))}
    environment["HOME"] = str(directory / request.node.name)
    reader = Page(directory / request.node.name, binary, environment)
    yield reader
    reader.close()


def test_the_readme_is_true(reader):
    reader.stand_ins = {"make demo": "hyperwright demo --speed=30"}  # it is built already
    reader.play("README.md")


def test_the_page_of_the_journal_is_true(reader):
    reader.play("docs/journal.md")


def test_the_page_of_the_service_is_true(cluster, reader):
    (port,) = free_ports(1)
    reader.stand_ins = {"8700": str(port)}
    use_as_home(reader, cluster.kubeconfig)
    reader.play("docs/service.md")


def test_the_page_of_the_controller_is_true(cluster, binary, reader, directory):
    """On a real Kubernetes, with the rights that deploy/rbac.yaml gives, and a HyperPod service for AWS's."""
    without_traces(cluster)
    world = World(cluster, binary, directory / "world-of-the-page")
    try:
        world.name = "my-cluster"
        world.start_service({"subnets": SUBNETS, "delays": QUICK})
        metrics, probes = free_ports(2)
        reader.environment.update(KEYS)
        reader.stand_ins = {
            "controller --cluster": f"controller --metrics-port {metrics} --health-probe-port {probes} --cluster",
            "--region us-west-2": f"--region {REGION} --endpoint {world.endpoint}",
            "8080": str(metrics),
            "8081": str(probes),
        }
        use_as_home(reader, cluster.kubeconfig)
        reader.environment["KUBECONFIG"] = str(cluster.kubeconfig)
        reader.check(
            f"aws sagemaker create-cluster --cli-input-json file://examples/cluster.json --endpoint-url {world.endpoint} --region {REGION}", []
        )
        reader.play("docs/controller.md")
    finally:
        world.stop()
        # The page takes its definitions away; the other tests of the session want them.
        cluster.install_crds(binary)


def test_the_page_of_running_on_aws_is_true(cluster, binary, reader, directory):
    """A HyperPod service stands for AWS, and the test runs the controller that no kubelet does (test_chart.py starts one
    as the chart's pod would)."""
    without_traces(cluster)
    cluster.install_crds(binary)
    world = World(cluster, binary, directory / "world-of-aws")
    try:
        world.name = "my-cluster"
        world.start_service({"subnets": SUBNETS, "delays": QUICK})
        reader.environment.update(KEYS, AWS_ENDPOINT_URL_SAGEMAKER=world.endpoint, KUBECONFIG=str(cluster.kubeconfig))
        reader.stand_ins = {
            "=us-west-2": f"={REGION}",
            "hyperwright doctor": f"hyperwright doctor --endpoint {world.endpoint}",
        }
        reader.check(f"aws sagemaker create-cluster --cli-input-json file://examples/cluster.json --region {REGION}", [])
        world.start_controller()
        reader.play("docs/running-on-aws.md")
    finally:
        world.stop()
        cluster.install_crds(binary)


def without_traces(cluster):
    """Of another page, which puts Hyperwright into the same namespace and gives it rights in the whole cluster."""
    for kind in ("clusterrole", "clusterrolebinding"):
        cluster.kubectl("delete", kind, "hyperwright", "--ignore-not-found")
    wait_for("the namespace is gone", lambda: cluster.api.get("namespaces", "hyperwright") is None, within=60)


def use_as_home(reader, kubeconfig):
    home = reader.directory / ".kube"
    home.mkdir()
    (home / "config").write_text(pathlib.Path(kubeconfig).read_text())


# --- what is named exists -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def helps(binary):
    """The --help of each command; "" is the program's own."""

    def help_of(*command):
        return subprocess.run([binary, *command, "--help"], capture_output=True, text=True, check=True).stdout

    commands = re.findall(r"^  ([a-z]+) {2,}", help_of(), re.M)
    assert {"demo", "controller", "service", "explain", "doctor", "crds"} <= set(commands)
    return {"": help_of(), **{command: help_of(command) for command in commands}}


def code_of(page):
    """Commands of console blocks, and what stands in `backticks`."""
    lines = [command for _, text in blocks(page, "console") for command, _ in steps(text)]
    return lines + CODE.findall(BLOCK.sub("", page_text(page)))


def calls_of_hyperwright(page):
    """(command, flags) of each `hyperwright COMMAND …` on the page."""
    for code in code_of(page):
        for call in re.finditer(r"(?:^|[|;&] *|/)hyperwright ([a-z]+)((?: +[^|&;]*)?)", code):
            yield call[1], re.findall(r"(?<![\w-])--[a-z][a-z-]*", call[2])


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_flag_exists(page, helps):
    for command, flags in calls_of_hyperwright(page):
        assert command in helps, f"{page}: hyperwright {command}"
        for flag in flags:
            assert re.search(rf"{flag}\b", helps[command]), f"{page}: hyperwright {command} {flag}"
    for code in code_of(page):
        for flag in re.findall(r"^(--[a-z][a-z-]*)", code):
            assert any(flag in text for text in helps.values()), f"{page}: `{code}` is no flag of any command"


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_exists(page):
    targets = set(re.findall(r"^([a-z][a-z0-9]*):", (ROOT / "Makefile").read_text(), re.M))
    for code in code_of(page):
        for call in re.finditer(r"(?:^|[;&|] *)make((?: +[a-z][a-z0-9]*)*)", code):
            missing = set(call[1].split()) - targets
            assert not missing, f"{page}: make {call[1]}: {missing}"


@pytest.mark.parametrize("page", PAGES)
def test_every_path_exists(page):
    text = page_text(page)
    here = (ROOT / page).parent
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        if not link.startswith("http"):
            assert (here / link).exists(), f"{page}: link to {link}"
    tops = "|".join(sorted(entry.name for entry in ROOT.iterdir() if entry.is_dir() and entry.name != "build"))
    rooms = "|".join(sorted(entry.name for entry in (ROOT / "src").iterdir() if entry.is_dir()))
    for code in code_of(page):
        code = re.sub(r"(?<=/)[A-Z]+(?=[/_])", "*", code)  # a placeholder, as in src/ROOM/
        for path in re.findall(rf"(?<![\w./:-])(?:{tops})/[\w./*-]+", code):
            assert list(ROOT.glob(path.rstrip("."))), f"{page}: {path}"
        for path in re.findall(rf"(?<![\w./:-])(?:{rooms})/[\w./*-]+", code):
            if not list(ROOT.glob(path)):
                assert list((ROOT / "src").glob(path.rstrip(".") + "*")), f"{page}: src/{path}"


@pytest.mark.parametrize("page", PAGES)
def test_every_mark_is_known_and_every_shell_block_can_be_run(page):
    text = page_text(page)
    for mark in re.findall(r"<!-- (.*?) -->", text, re.S):
        assert mark.startswith(MARKS), f"{page}: <!-- {mark} -->"
    for language in ("sh", "bash", "shell"):
        assert not blocks(page, language), f"{page}: a ```{language} block is not run; write ```console"
    for mark, block in blocks(page, "console"):
        assert steps(block)


def test_the_page_of_metrics_lists_what_there_is():
    sources = "".join((ROOT / f"src/runtime/{name}.cpp").read_text() for name in ("metrics", "gauges"))
    there = set(re.findall(r'"((?:karpenter|hyperwright)_[a-z_]+)"', sources))
    table = "".join(line for line in page_text("docs/metrics.md").splitlines(True) if line.startswith("| `"))
    assert set(re.findall(r"^\| `(\w+)`", table, re.M)) == there
