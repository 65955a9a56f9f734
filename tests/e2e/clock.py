"""The wall clock of the processes under test, which a test can set while they run."""

import pathlib
import struct
import subprocess

SOURCE = pathlib.Path(__file__).with_name("clock.c")


class Clock:
    def __init__(self, directory):
        directory.mkdir(parents=True, exist_ok=True)
        self.file = directory / "clock-offset"
        self.library = directory / "clock.so"
        self.set(0)
        subprocess.run(["gcc-12", "-shared", "-fPIC", "-O1", "-o", self.library, SOURCE], check=True)
        self.environment = {"LD_PRELOAD": str(self.library), "CLOCK_OFFSET_FILE": str(self.file)}

    def set(self, seconds):
        """Puts it this far from the true time; the processes read the same bytes."""
        with open(self.file, "r+b" if self.file.exists() else "wb") as file:
            file.write(struct.pack("=q", seconds))
