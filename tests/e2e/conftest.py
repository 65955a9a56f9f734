"""What the end-to-end tests share: one Kubernetes for the session, wiped before each test.

    ~/.cache/hyperwright/python/bin/pytest tests/e2e                    everything
    ~/.cache/hyperwright/python/bin/pytest tests/e2e -k limit --keep    one test; logs stay

The binary is $HYPERWRIGHT_BINARY, or build/dev/hyperwright.
"""

import os
import pathlib
import shutil
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
pytest.register_assert_rewrite("api", "cluster", "hyperwright", "process")

from cluster import ROOT, Cluster  # noqa: E402
from hyperwright import World  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--keep", action="store_true", help="keep the directory with logs, also of a green run")


@pytest.fixture(scope="session")
def directory(request):
    """Where all logs of the session go; it stays when a test failed."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="hyperwright-e2e-"))
    yield path
    if request.session.testsfailed or request.config.getoption("--keep"):
        print(f"\nlogs: {path}", file=sys.stderr)
    else:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def shared_cluster(directory):
    cluster = Cluster(directory).start()
    yield cluster
    cluster.stop()


@pytest.fixture
def cluster(shared_cluster):
    """The session's Kubernetes, empty."""
    shared_cluster.reset()
    return shared_cluster


@pytest.fixture(scope="session")
def binary():
    path = pathlib.Path(os.environ.get("HYPERWRIGHT_BINARY", ROOT / "build/dev/hyperwright"))
    assert path.exists(), f"no binary at {path}: run make build, or set HYPERWRIGHT_BINARY"
    return path


@pytest.fixture(scope="session")
def crds(shared_cluster, binary):
    shared_cluster.install_crds(binary)


@pytest.fixture
def world(cluster, crds, binary, directory, request):
    """Hyperwright's parts for one test: `world.start(...)` brings up service and controller."""
    world = World(cluster, binary, directory / request.node.name.replace("/", "_"))
    yield world
    world.stop()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows the ends of the logs that explain it."""
    report = (yield).get_result()
    if not report.failed:
        return
    world = item.funcargs.get("world")
    cluster = item.funcargs.get("shared_cluster")
    processes = (list(world.processes) if world else []) + (list(cluster.processes) if cluster else [])
    for process in processes:
        lines = 80 if world and process in world.processes else 8
        report.sections.append((f"{process.name} ({process.log})", process.tail(lines)))
    if world:
        report.sections.append(("the state of the world", world.describe()))
