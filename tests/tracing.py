"""The program under strace: which system calls it makes on its own files and sockets, and a run with one gone wrong."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.home import Done, Home

KILL = "signal=SIGKILL"
FASTER = "--seccomp-bpf"
"""Stops the program at the traced calls alone."""


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


def own_calls(
    home: Home, words: Sequence[str], calls: Sequence[str], afresh: Callable[[], object]
) -> dict[str, list[int]]:
    """Run the program once, whole; gives for each call which of its uses (the first is 1) were on a file under the home
    or on a socket, as opposed to the libraries' imports. `afresh` puts everything back as it was."""
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
            if str(home.path) in line or "<socket:" in line or "<TCP:" in line:
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
    """Run it with that use of the call gone wrong: `how` is KILL or `error=NAME`; `last`: `+` for all later ones;
    `paths`: only the uses on these files count."""
    options = [word for path in paths for word in ("-P", str(path))]
    inject = ["-e", f"trace={call}", "-e", f"inject={call}:{how}:when={number}{last}"]
    faster = [] if how == KILL else [FASTER]  # strace 6.1 sends no signal in that mode
    return _strace(home, words, *faster, "-o", "/dev/null", *options, *inject)


def was_killed(done: Done) -> bool:
    return done.code in (-signal.SIGKILL, 128 + signal.SIGKILL)


def _strace(home: Home, words: Sequence[str], *options: str) -> Done:
    program = list(words) if words[0] == sys.executable else [sys.executable, "-m", "twitter_manager", *words]
    # One order of names in every run, so that the k-th call is the same one.
    environment: Mapping[str, str] = home.environment(PYTHONHASHSEED="0")
    command = ["strace", "-f", "-q", *options, *program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    return Done(done.returncode, done.stdout, done.stderr)
