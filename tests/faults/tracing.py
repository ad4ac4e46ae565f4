"""Kills at system calls: strace attaches to a run and kills it as it enters the n-th call of a kind (`sys-fsync-2`).

These points lie where no line of Python is: within SQLite's commit, within the sending of a request.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

PREFIX = "sys-"
NONE = "sys-"
"""Trace, and kill at none."""
CALLS = ("openat", "write", "pwrite64", "fdatasync", "fsync", "rename", "unlink", "sendto", "recvfrom")


def missing() -> bool:
    """Whether there is no strace."""
    return shutil.which("strace") is None


class Tracer:
    """For one run. `log` is where strace writes the calls down."""

    def __init__(self, kill: str, log: Path) -> None:
        _, self._call, self._number = kill.split("-") if kill != NONE else ("", "", "")
        self._log = log

    def attach(self, pid: int) -> None:
        """To a process that has stopped itself; it goes on."""
        while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
            time.sleep(0.001)
        inject = ["-e", f"inject={self._call}:signal=SIGKILL:when={self._number}"] if self._call else []
        traced = self._call or ",".join(CALLS)
        self._strace = subprocess.Popen(
            ["strace", "-e", f"trace={traced}", *inject, "-o", str(self._log), "-p", str(pid)],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._strace.stderr is not None
        line = self._strace.stderr.readline()
        assert "attached" in line, line
        os.kill(pid, signal.SIGCONT)

    def finish(self, killed: bool) -> list[str]:
        """The points that were passed: all when nothing was to be killed, else the one at which it was."""
        self._strace.communicate()
        if self._call:
            return [f"{PREFIX}{self._call}-{self._number}"] if killed else []
        names = (line.partition("(")[0].split()[-1] for line in self._log.read_text().splitlines() if "(" in line)
        counts = Counter(name for name in names if name in CALLS)
        return [f"{PREFIX}{name}-{number}" for name in CALLS for number in range(1, counts[name] + 1)]
