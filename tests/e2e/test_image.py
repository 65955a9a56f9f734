"""What the container image holds: the program runs in it, as its user, with nothing of this machine around it."""

import os
import subprocess

import pytest

from cluster import ROOT


@pytest.mark.skipif(os.geteuid() != 0, reason="chroot takes root")
def test_the_program_runs_in_the_root_of_the_image(binary, tmp_path):
    root = tmp_path / "root"
    subprocess.run([ROOT / "deploy/container/root", binary, root], check=True)

    def run(*arguments):
        command = ["/usr/sbin/chroot", "--userspec=65532:65532", root, "/hyperwright", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, env={})

    assert run("--version").returncode == 0
    assert run("crds").stdout == subprocess.check_output([binary, "crds"], text=True)
    # It reaches for TLS, certificates and names without a missing library or file.
    told = run("doctor", "--cluster=c", "--region=us-west-2", "--kubeconfig=/nowhere")
    assert (told.returncode, told.stdout) == (2, "")
    assert "/nowhere" in told.stderr
    demo = run("demo", "--once", "--speed=20000")
    assert demo.returncode == 0, demo.stderr
    assert not (root / "bin").exists() and not (root / "usr/bin").exists(), "no shell"
