"""Has sources read by a process of its own, within limits of time and memory, whatever a document does to its parser.

The process is started anew from the interpreter, and not forked: the parent may hold keys, a database and the threads
of a model, none of which a parser of hostile bytes should have, or survive. It is one for all sources of a run, since
the libraries take most of a second to load; after trouble the next source gets a fresh one. What it answers is JSON,
for it is the one that reads what others wrote; the parent fetches, with all that guards it.
"""

from __future__ import annotations

import json
import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from twitter_manager.domain import Item, Json, TimeLeft
from twitter_manager.errors import SourceError
from twitter_manager.sources import NOTES, look_at, worker
from twitter_manager.sources.fetch import WANTED, Answer
from twitter_manager.sources.limits import LOOK_SECONDS, MOST_MEMORY
from twitter_manager.sources.material import Collected, Fetches, Look

log = logging.getLogger(__name__)

SILENT_SECONDS = 45.0
"""A part of a source that was begun and not ended by then never ends."""
MOST_ANSWERED = 64 * 2**20
"""Bytes of all that one look says."""
MOST_SKIPPED = 3
"""Parts of a source that one look gives up, each at the cost of `SILENT_SECONDS`."""
_START = "import sys; sys.path[:] = sys.argv[2:]; from twitter_manager.sources.worker import serve; serve({})"
_ENVIRONMENT = ("PATH", "HOME", "XDG_CONFIG_HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")
"""What the process is told of its surroundings: no keys."""


class OutOfBoundsError(SourceError):
    """The process had to be ended. `part`: what it was reading then, or ""."""

    def __init__(self, message: str, remedy: str, part: str) -> None:
        super().__init__(message, remedy)
        self.part = part


class Reader:
    """Has sources read, one after the other."""

    def __init__(self, fetcher: Fetches) -> None:
        self._fetcher = fetcher
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def look(self, look: Look) -> Collected:
        """Look at a source as `look_at` does. Raises SourceError. Notes are read here: they are the person's own, of
        bounded size, and the settings were read with them."""
        if look.source.kind in NOTES:
            return look_at(look)
        skip: frozenset[str] = frozenset()
        while True:
            warnings: list[str] = []
            about = (look.source, look.state, look.now, skip)
            try:
                answer = self.do(worker.look, about, look.source.place, look.time_left, warnings.append)
            except OutOfBoundsError as error:
                if not error.part or error.part in skip or len(skip) >= MOST_SKIPPED or look.time_left() <= 0:
                    raise
                skip |= {error.part}
                continue
            for line in warnings:
                look.warn(line)
            return _collected(answer, look.source.place)

    def do(
        self,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        place: str,
        time_left: TimeLeft,
        warn: Callable[[str], None],
    ) -> Any:
        """What this function of a module, called with a `worker.JobContext` and the arguments, gives as JSON.

        Raises SourceError, which names the place."""
        budget, part, characters = min(LOOK_SECONDS, time_left()), "", 0
        self._say(pickle.dumps((function, arguments, budget, time_left())), budget)
        while True:
            began = time.monotonic()
            seconds = min(budget, time_left(), SILENT_SECONDS if part else budget)
            message = self._hear(place, part, seconds, MOST_ANSWERED - characters)
            budget -= time.monotonic() - began
            match message:
                case {"get": [str(url), str(wanted), str(etag), str(modified)]} if wanted in WANTED:
                    self._say(pickle.dumps(self._fetched(url, wanted, etag, modified)), budget)
                case {"warn": str(line)}:
                    characters += len(line)
                    warn(line)
                case {"at": str(part)}:
                    characters += len(part)
                case {"done": answer}:
                    return answer
                case {"refused": [str(reason), str(remedy)]}:
                    raise SourceError(reason, remedy)
                case {"memory": True}:
                    raise self._ended(place, part, f"takes more than {MOST_MEMORY // 2**20} MB of memory to read")
                case {"unforeseen": str(name), "trace": str(trace)}:
                    log.warning("%s can't be read: %s", place, trace)
                    raise self._ended(place, "", f"can't be read (unforeseen {name})")
                case _:
                    raise self._ended(place, "", "can't be read (its reader answers nonsense)")

    def close(self) -> None:
        """End the process, and whatever it started."""
        if self._process is not None and self._line is not None:
            with suppress(ProcessLookupError, PermissionError):  # until it is waited for, the number is its own
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._line.close()
        self._process = self._line = None

    def _fetched(self, url: str, wanted: str, etag: str, modified: str) -> Answer | SourceError | None:
        try:
            return self._fetcher.get(url, WANTED[wanted], etag=etag, modified=modified)
        except SourceError as error:
            return error
        except BaseException:
            self.close()  # it waits for this answer, and would take the next question for it
            raise

    def _say(self, message: bytes, seconds: float) -> None:
        if self._line is None:
            self._start()
        assert self._line is not None
        self._line.settimeout(max(0.01, seconds))
        with suppress(OSError):  # it is gone or deaf: so is its answer, which is told
            worker.send(self._line, message)

    def _hear(self, place: str, part: str, seconds: float, most: int) -> Any:
        assert self._line is not None
        self._line.settimeout(max(0.01, seconds))
        try:
            return json.loads(worker.receive(self._line, most))
        except TimeoutError:
            part = part if seconds >= SILENT_SECONDS else ""  # else it is the look's time that is over
            raise self._ended(place, part, f"was not read within {max(0.0, seconds):.0f} seconds") from None
        except OverflowError:
            raise self._ended(place, "", f"gives more than {MOST_ANSWERED // 2**20} MB of text") from None
        except (EOFError, OSError):
            assert self._process is not None
            process = self._process
            self.close()
            reason = _REASONS.get(
                signal.Signals(-process.returncode) if process.returncode < 0 else None,
                f"its reader ended with {process.returncode}",
            )
            raise self._ended(place, part, f"can't be read ({reason})") from None
        except (ValueError, RecursionError):
            raise self._ended(place, "", "can't be read (its reader answers nonsense)") from None

    def _ended(self, place: str, part: str, what: str) -> OutOfBoundsError:
        """The trouble to raise, after the process was ended."""
        self.close()
        what = f"{part} {what}" if part else what
        return OutOfBoundsError(f"{place}: {what}.", "If it stays so, take it out, or name less of it.", part)

    def _start(self) -> None:
        self._line, theirs = socket.socketpair()
        words = (sys.executable, "-I", "-c", _START.format(os.getpid()), "reader of sources", *sys.path)
        with theirs:
            self._process = subprocess.Popen(
                words,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                start_new_session=True,
            )


_REASONS: Mapping[signal.Signals | None, str] = {
    signal.SIGKILL: "the system ended its reader, for want of memory?",
    signal.SIGXCPU: "its reader computed for too long",
    signal.SIGSEGV: "its reader crashed",
    signal.SIGABRT: "its reader gave up, for want of memory?",
}


def _collected(answer: Any, place: str) -> Collected:
    """The answer as a record: nothing else is taken from it than plain values of the right kinds."""
    try:
        items = tuple(map(_item, answer["items"]))
        return Collected(items, dict(answer["state"]), answer["complete"] is True, frozenset(map(str, answer["kept"])))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise SourceError(f"{place}: it can't be read (its reader answers nonsense).") from None


def _item(values: Json) -> Item:
    when = values.pop("published_at")
    postable = values.pop("postable") is True
    texts: Json = {
        name: tuple(map(str, value)) if isinstance(value, list) else str(value) for name, value in values.items()
    }
    return Item(**texts, published_at=datetime.fromisoformat(when) if when else None, postable=postable)
