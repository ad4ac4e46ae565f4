"""The process that reads sources: it does one job after the other, and what it answers is JSON. `bounded` watches it.

It holds no key, no database and no lock. It has no way to the network of its own: what it wants fetched it asks for.
"""

from __future__ import annotations

import json
import pickle
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from twitter_manager.domain import Json
from twitter_manager.errors import SourceError
from twitter_manager.sources import limits, look_at
from twitter_manager.sources.fetch import WANTED, Answer, Wanted
from twitter_manager.sources.material import Look, Source

_LENGTH = struct.Struct(">Q")


def send(line: socket.socket, message: bytes) -> None:
    """Send one message. Raises OSError."""
    line.sendall(_LENGTH.pack(len(message)))
    line.sendall(message)


def receive(line: socket.socket, most: int) -> bytes:
    """The next message. Raises EOFError where the other side is gone, OverflowError for one that is too long."""
    (length,) = _LENGTH.unpack(_exactly(line, _LENGTH.size))
    if length > most:
        raise OverflowError
    return _exactly(line, length)


def _exactly(line: socket.socket, length: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < length:
        piece = line.recv(min(length - len(pieces), 1 << 20))
        if not piece:
            raise EOFError
        pieces += piece
    return bytes(pieces)


@dataclass(slots=True)
class JobContext:
    """What a job can ask of the parent, and the time that it has."""

    line: socket.socket
    budget: float
    """Seconds of reading that are left; fetching is not counted."""
    run_ends: float
    """When the run's own time is over."""
    since: float
    reserve: float
    """Seconds that are kept for the part that is begun last."""

    def get(self, url: str, wanted: Wanted, *, etag: str = "", modified: str = "") -> Answer | None:
        """What the address answers. Raises SourceError."""
        self.budget -= time.monotonic() - self.since
        name = next(name for name, each in WANTED.items() if each == wanted)
        self._say("get", [url, name, etag, modified])
        reply = pickle.loads(receive(self.line, 1 << 30))  # noqa: S301 (from our own parent)
        self.since = time.monotonic()
        if isinstance(reply, SourceError):
            raise reply
        assert reply is None or isinstance(reply, Answer)
        return reply

    def warn(self, line: str) -> None:
        self._say("warn", line)

    def at(self, part: str) -> None:
        """Say which part of the source is read now: if it never ends, it is known which it was."""
        self._say("at", part)

    def time_left(self) -> float:
        """Seconds in which a look may begin with another part."""
        now = time.monotonic()
        return min(self.budget - (now - self.since), self.run_ends - now) - self.reserve

    def _say(self, kind: str, value: object) -> None:
        send(self.line, json.dumps({kind: value}).encode())


def look(context: JobContext, source: Source, state: Json, now: datetime, skip: frozenset[str]) -> Json:
    """The job of looking at a source."""
    collected = look_at(Look(source, state, now, context, context.warn, context.time_left, context.at, skip))
    items = [
        asdict(item) | {"published_at": item.published_at and item.published_at.isoformat()} for item in collected.items
    ]
    return {"items": items, "state": collected.state, "complete": collected.complete, "kept": sorted(collected.kept)}


def serve(parent: int) -> None:
    """Do the jobs that come on the standard input, until there are no more."""
    line = socket.socket(fileno=0)
    limits.bound_this_process(parent)
    while True:
        try:
            function, arguments, budget, run_left = pickle.loads(receive(line, 1 << 30))  # noqa: S301
        except (EOFError, OSError):
            return
        limits.bound_computing(budget)
        now = time.monotonic()
        send(
            line,
            json.dumps(_done(function, JobContext(line, budget, now + run_left, now, budget / 4), arguments)).encode(),
        )


def _done(function: Callable[..., Any], context: JobContext, arguments: tuple[Any, ...]) -> Json:
    try:
        return {"done": function(context, *arguments)}
    except SourceError as error:
        return {"refused": [error.message, error.remedy]}
    except MemoryError:
        return {"memory": True}
    except Exception as error:  # noqa: BLE001 (hostile material may break a library in any way)
        import traceback

        return {"unforeseen": type(error).__name__, "trace": traceback.format_exc()[-8000:]}
