"""The fault driver's processes of the program, started by `tests/forked.py`.

On order one kills itself with SIGKILL at a named point: before or after a database commit, or a file operation of the
program's own (`commit-3-before`, `replace-1-after`). It tells which points it passed, so that cases are found by
counting.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, NoReturn

from tests.faults.clock import SharedClock
from tests.forked import ForkServer, Start

PATIENCE = 120.0
"""Seconds after which a run counts as stuck."""


@dataclass(frozen=True)
class Order:
    """One run. `kill`: the point at which the process kills itself; `timeout`: seconds that it waits for an answer;
    `naive`: with the outbox of `naive.py`; `paused`: it stops before its first step, for a tracer."""

    argv: list[str]
    env: dict[str, str]
    clock: str
    kill: str = ""
    timeout: float = 30.0
    seed: int = 0
    naive: bool = False
    paused: bool = False


@dataclass(frozen=True)
class Ended:
    """How a run ended: `code` is the exit code, or minus the number of the signal."""

    code: int
    out: str
    err: str
    passed: list[str] = field(default_factory=list)

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Zygote:
    """The driver's end. Use as a context manager."""

    def __enter__(self) -> Zygote:
        self._server = ForkServer()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def run(self, order: Order, started: Callable[[int], None] = lambda pid: None) -> Ended:
        """Run to the end; `started` is told the pid at once."""
        with ExitStack() as stack:
            nothing, out, err, trace = (stack.enter_context(NamedTemporaryFile()) for _ in range(4))
            code = f"from tests.faults.zygote import Order, play; play({order}, {trace.name!r})"
            streams = [os.dup(file.fileno()) for file in (nothing, out, err)]
            process = self._server.start_on(Start(order.argv, order.env, code), streams)
            started(process.pid)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise TimeoutError(f"the program did not end within {PATIENCE:.0f} seconds") from None
            return Ended(process.wait(), _read(out), _read(err), _read(trace).split())


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="backslashreplace")


# -- in the process ------------------------------------------------------------------------------------


def play(order: Order, trace: str) -> NoReturn:
    """Be that run of the program."""
    random.seed(order.seed)
    _move_time(SharedClock(Path(order.clock)))
    _shorten_timeouts(order.timeout)
    _watch(Trace(os.open(trace, os.O_WRONLY | os.O_APPEND), order.kill))
    if order.naive:
        from tests.faults import naive

        naive.install()
    if order.paused:
        os.kill(os.getpid(), signal.SIGSTOP)
    from twitter_manager import cli

    sys.exit(cli.main(order.argv))


def _move_time(clock: SharedClock) -> None:
    """The clock on the wall is the case's; a sleep moves it, and the monotonic clock with it."""
    from twitter_manager import app

    monotonic, slept = time.monotonic, [0.0]

    def sleep(seconds: float) -> None:
        slept[0] += seconds
        clock.sleep(seconds)

    app.utc_now = clock.now
    patched: dict[str, Any] = vars(time)
    patched |= {"time": clock.time, "sleep": sleep, "monotonic": lambda: monotonic() + slept[0]}


def _shorten_timeouts(seconds: float) -> None:
    from twitter_manager.platforms.bluesky import Bluesky
    from twitter_manager.platforms.mastodon import Mastodon
    from twitter_manager.platforms.x import X

    clients = ((X.__init__, "read_timeout"), (Mastodon.__init__, "read_timeout"), (Bluesky.__init__, "timeout"))
    for made, name in clients:
        defaults: dict[str, Any] = made.__kwdefaults__ or {}
        assert name in defaults
        defaults[name] = seconds


class Trace:
    """Counts the points, writes down each that is passed, and kills the process at one of them."""

    def __init__(self, handle: int, kill: str) -> None:
        self._handle, self._kill = handle, kill
        self._counts: Counter[str] = Counter()

    def around(self, kind: str, work: Callable[[], Any]) -> Any:
        """Do the work between two points."""
        self._counts[kind] += 1
        self._point(f"{kind}-{self._counts[kind]}-before")
        result = work()
        self._point(f"{kind}-{self._counts[kind]}-after")
        return result

    def _point(self, name: str) -> None:
        os.write(self._handle, name.encode() + b"\n")
        if name == self._kill:
            os.kill(os.getpid(), signal.SIGKILL)


def _watch(trace: Trace) -> None:
    """Points around every commit and every file that is flushed, replaced or removed."""
    from twitter_manager.store.database import Database

    execute = Database._execute

    def watched(db: Database, sql: str, parameters: Any) -> Any:
        if sql != "COMMIT":
            return execute(db, sql, parameters)
        return trace.around("commit", lambda: execute(db, sql, parameters))

    setattr(Database, "_execute", watched)  # noqa: B010
    for name in ("fsync", "replace", "unlink"):
        setattr(os, name, _watched_call(trace, name, getattr(os, name)))


def _watched_call(trace: Trace, kind: str, call: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **kwargs: trace.around(kind, lambda: call(*args, **kwargs))
