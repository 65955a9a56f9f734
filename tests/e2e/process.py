"""A process of a test: its output goes to a file, and it never outlives the tests."""

import ctypes
import signal
import socket
import subprocess
import time


def _die_with_parent():
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


class Process:
    def __init__(self, name, command, log, env=None):
        self.name = name
        self.command = [str(part) for part in command]
        self.log = log
        with open(log, "ab") as output:
            self.popen = subprocess.Popen(
                self.command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                env=env, start_new_session=True, preexec_fn=_die_with_parent,
            )  # fmt: skip

    @property
    def running(self):
        return self.popen.poll() is None

    def check(self):
        """Fails with the end of the log when the process is no longer there."""
        if not self.running:
            raise AssertionError(f"{self.name} ended with {self.popen.returncode}:\n{self.tail()}")

    def tail(self, lines=60):
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def stop(self, within=10):
        """SIGTERM, and SIGKILL for who does not listen; returns the exit code."""
        if self.running:
            self.popen.terminate()
            try:
                self.popen.wait(within)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.popen.returncode

    def freeze(self):
        """It stands still, as on a machine that is too busy, until thaw."""
        self.popen.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.popen.send_signal(signal.SIGCONT)

    def kill(self):
        """SIGKILL, as the kernel or a node's end would do it: nothing of it runs afterwards."""
        if self.running:
            self.popen.kill()
        self.popen.wait()


def free_ports(count):
    """Ports of the loopback that nobody listens on; all held at once, so that they differ."""
    held = [socket.socket() for _ in range(count)]
    try:
        for entry in held:
            entry.bind(("127.0.0.1", 0))
        return [entry.getsockname()[1] for entry in held]
    finally:
        for entry in held:
            entry.close()


def wait_until(what, ask, processes, within=60, every=0.05):
    """As api.wait_for, and at once over when one of the processes has ended."""
    deadline = time.monotonic() + within
    while not ask():
        for process in processes:
            process.check()
        if time.monotonic() > deadline:
            tails = "\n".join(f"--- {process.name}\n{process.tail(20)}" for process in processes)
            raise AssertionError(f"waited {within} s in vain: {what}\n{tails}")
        time.sleep(every)
