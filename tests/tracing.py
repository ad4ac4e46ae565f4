"""The program under strace: which system calls it makes on its own files and sockets, and a run with one gone wrong.

Either strace starts it, or `Tracer` attaches to a run of the fault driver's and kills it as it enters the n-th call of
a kind (`sys-fsync-2`), or lets that call fail (`fail-fsync-2-EIO`; with a `+` all later ones, too). These points lie
where no line of Python is: in SQLite's commit, in the sending of a request.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tests.home import Done, Home

FASTER = "--seccomp-bpf"
"""Stops the program at the traced calls alone."""
Case = TypeVar("Case", bound=tuple[object, ...])
CASE = "TRACED_CASE"
"""The variable that names the one case to play."""


@contextmanager
def fast_folder() -> Iterator[Path]:
    """A folder in memory where there is one: a kill loses nothing that the kernel has, so no disk is needed."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="traced-", dir=memory if os.access(memory, os.W_OK) else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def missing() -> str:
    """Why system calls can't be traced here, or nothing."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    done = subprocess.run(["strace", "-f", FASTER, "-o", "/dev/null", "true"], capture_output=True, text=True)
    return "" if done.returncode == 0 else f"strace does not work here: {done.stderr.strip()[:200]}"


def chosen(cases: Iterable[Case]) -> list[Case]:
    """All of them, or the one that the environment names."""
    wanted = os.environ.get(CASE, "")
    found = [case for case in cases if wanted in ("", _name(case))]
    assert found, f"there is no case {wanted}"
    return found


@contextmanager
def playing(case: tuple[object, ...]) -> Iterator[None]:
    """What fails herein says how to play this case alone."""
    try:
        yield
    except Exception as error:
        test = os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0]
        error.add_note(f"again: {CASE}={_name(case)} pytest -n 0 -m '' '{test}'")
        raise


def _name(case: tuple[object, ...]) -> str:
    return "-".join(map(str, case))


def own_calls(
    home: Home, words: Sequence[str], calls: Sequence[str], afresh: Callable[[], object], about: str = ""
) -> dict[str, list[int]]:
    """Run the program once, whole; gives for each call which of its uses (the first is 1) were on a file under the home
    or on a socket, as opposed to the libraries' imports; or `about` a file with this in its path. `afresh` puts
    everything back as it was."""
    _strace(home, words, "-o", "/dev/null", "-e", "trace=none")  # lest the one that counts compiles a library
    afresh()
    trace = home.path.parent / "trace"
    _strace(home, words, FASTER, "-y", "-o", str(trace), "-e", f"trace={','.join(calls)}")
    seen = dict.fromkeys(calls, 0)
    own: dict[str, list[int]] = {call: [] for call in calls}
    for line in trace.read_text(errors="replace").splitlines():
        found = re.match(r"(?:\d+ +)?(\w+)\(", line)
        if found and found[1] in seen:
            seen[found[1]] += 1
            if about in line if about else str(home.path) in line or "<socket:" in line or "<TCP:" in line:
                own[found[1]].append(seen[found[1]])
    return own


def spread(numbers: Sequence[int], most: int) -> list[int]:
    """At most so many of them, evenly over the whole, first and last among them."""
    if len(numbers) <= most:
        return list(numbers)
    return [numbers[round(place * (len(numbers) - 1) / (most - 1))] for place in range(most)]


def gone_wrong(
    home: Home, words: Sequence[str], call: str, number: int, how: str, *, last: str = "", paths: Sequence[Path] = ()
) -> Done:
    """Run it with that use of the call gone wrong: `how` is `error=NAME`; `last`: `+` for all later ones;
    `paths`: only the uses on these files count."""
    options = [word for path in paths for word in ("-P", str(path))]
    inject = ["-e", f"trace={call}", "-e", f"inject={call}:{how}:when={number}{last}"]
    return _strace(home, words, FASTER, "-o", "/dev/null", *options, *inject)


def _strace(home: Home, words: Sequence[str], *options: str) -> Done:
    program = [*home.program(), *words]
    # One order of names in every run, so that the k-th call is the same one.
    environment: Mapping[str, str] = home.environment(PYTHONHASHSEED="0")
    command = ["strace", "-f", "-q", *options, *program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    return Done(done.returncode, done.stdout, done.stderr)


# -- a run that is under way already -------------------------------------------------------------------

PREFIX = "sys-"
FAILING = "fail-"
NONE = "sys-"
"""Trace, and kill at none."""
CALLS = {
    "fdatasync": 60, "fsync": 20, "rename": 20, "link": 5, "unlink": 30, "connect": 5, "sendto": 10, "recvfrom": 10,
    "write": 20, "pwrite64": 28, "openat": 16, "read": 12, "ftruncate": 5,
}  # fmt: skip
"""The system calls, and at how many of their uses the program is killed at most."""
ERRORS = {
    "pwrite64": {"ENOSPC": 24, "EIO": 12}, "fdatasync": {"EIO": 30, "ENOSPC": 8}, "fsync": {"EIO": 8},
    "rename": {"ENOSPC": 4, "EIO": 4}, "unlink": {"EIO": 10},
}  # fmt: skip
"""How calls fail that are made on the program's own files alone, and at how many of their uses at most."""


class Tracer:
    """For one run. `point`: where it is killed, or which call fails; `log` is where strace writes the calls down."""

    def __init__(self, point: str, log: Path) -> None:
        _, self._call, self._number, error = f"{point}-".split("-", 3) if point != NONE else ("", "", "", "")
        self._point, self._log = point, log
        fault, last = f"error={error[:-1].rstrip('+')}", "+" * error.count("+")
        self._how = f"{fault if point.startswith(FAILING) else 'signal=SIGKILL'}:when={self._number}{last}"

    def attach(self, pid: int) -> None:
        """To a process that has stopped itself; it goes on."""
        while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
            time.sleep(0.001)
        inject = ["-e", f"inject={self._call}:{self._how}"] if self._call else []
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
        """The points that were passed: when nothing was to go wrong so many of each call's, else the one that was."""
        self._strace.communicate()
        seen = self._log.read_text()
        if self._call:
            return [self._point] if killed or "(INJECTED)" in seen else []
        names = (line.partition("(")[0].split()[-1] for line in seen.splitlines() if "(" in line)
        counts = Counter(names)
        return [
            f"{PREFIX}{name}-{number}"
            for name, most in CALLS.items()
            for number in spread(range(1, counts[name] + 1), most)
        ]


def failing(points: Iterable[str]) -> list[str]:
    """The points at which these calls fail instead, every other time once and for all."""
    numbers: dict[str, list[int]] = {}
    for point in points:
        _, call, number = point.split("-")
        numbers.setdefault(call, []).append(int(number))
    return [
        f"{FAILING}{call}-{number}-{error}{'+' if place % 2 else ''}"
        for call, errors in ERRORS.items()
        for error, most in errors.items()
        for place, number in enumerate(spread(numbers.get(call, []), most))
    ]
