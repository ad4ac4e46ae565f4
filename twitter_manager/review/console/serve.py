"""The console's process: it serves until nobody uses it any more, or Ctrl-C or SIGTERM ends it.

It holds no lock of the runs'. A lock of its own keeps it the only console of its home, and tells the next one where to
find it.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import json
import logging
import os
import socket
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h11
import uvicorn
from starlette.middleware import Middleware
from uvicorn.protocols.http.h11_impl import H11Protocol

from twitter_manager.app import App
from twitter_manager.errors import Interrupted, TwitterManagerError
from twitter_manager.files import make_folder, open_own, parsed
from twitter_manager.review import tokens
from twitter_manager.review.console import web
from twitter_manager.review.console.guard import Activity, Guard, Safety
from twitter_manager.review.console.links import Links
from twitter_manager.review.console.listening import Listening, Wish, listen
from twitter_manager.review.console.sessions import Sessions
from twitter_manager.review.console.users import Attempts, Users

log = logging.getLogger(__name__)

MINUTE = 60.0
HEAD_SECONDS = 10.0
"""How long a browser may take to say what it wants."""
MOST_AT_ONCE = 100
"""Connections."""
LEAVING_SECONDS = 3
WAKING_SECONDS = 15.0
"""How long systemd's console may take to start."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the console keeps what it needs beside the database."""

    folder: Path

    @classmethod
    def of(cls, app: App) -> Place:
        return cls(app.settings.data / "review")

    @property
    def users(self) -> Users:
        return Users(self.folder / "users.json")

    @property
    def links(self) -> Links:
        return Links(self.folder / "links")

    @property
    def lock(self) -> Path:
        return self.folder / "console.lock"

    @property
    def start_page(self) -> Path:
        """What the browser is given: a link among the words of a command could be read by other users."""
        return self.folder / "open.html"


@dataclass(frozen=True, slots=True)
class Running:
    """The console of this home that is there already."""

    address: str
    takes_links: bool


Opened = Callable[[str, Listening], None]
"""Told the address when the console can be reached."""


def serve(app: App, wish: Wish, environ: MutableMapping[str, str], opened: Opened) -> str | Running:
    """Serve until the end; gives why it ended, or the console that runs already. Raises UsageError."""
    place = Place.of(app)
    make_folder(place.folder)
    with _only_one(place) as handle:
        if handle is None:
            return running(place) or Running("", takes_links=False)
        listening = listen(wish, environ, has_users=bool(place.users.all()))
        try:
            with app.session.logged("review"):
                app.session.open_store().close()
                safety = _safety(app, place, listening, wish)
                _tell(handle, Running(safety.address, safety.takes_links))
                opened(safety.address, listening)
                return _served(app, safety, listening, wish)
        finally:
            listening.close()
            os.ftruncate(handle, 0)
            place.start_page.unlink(missing_ok=True)


def running(place: Place) -> Running | None:
    """The console of this home that is there, if any."""
    for _ in range(30):
        with _only_one(place) as handle:
            if handle is not None:
                return None
        with suppress(OSError, ValueError, KeyError, TypeError):
            told = parsed(place.lock.read_text())
            return Running(str(told["address"]), bool(told["takes_links"]))
        time.sleep(0.1)  # it is only just starting
    return None


def woken(place: Place, port: int) -> Running | None:
    """The console that systemd starts at the first request to this port, if it does: a port of another program's is
    none."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return None
    deadline = time.monotonic() + WAKING_SECONDS
    while time.monotonic() < deadline:
        if console := running(place):
            return console
        time.sleep(0.1)
    return None


@contextmanager
def _only_one(place: Place) -> Iterator[int | None]:
    """The lock of this home's console; None where another has it. Raises TwitterManagerError."""
    handle = open_own(place.lock, os.O_RDWR | os.O_CREAT)
    try:
        if os.fstat(handle).st_uid != os.geteuid():  # what stands in it leads a person's link wherever it likes
            raise TwitterManagerError(f"{place.lock} belongs to another user.", "Look who made it, and remove it.")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield handle
    finally:
        os.close(handle)


def _tell(handle: int, running: Running) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps({"address": running.address, "takes_links": running.takes_links}).encode(), 0)


def _safety(app: App, place: Place, listening: Listening, wish: Wish) -> Safety:
    users = place.users
    return Safety(
        hosts=listening.hosts,
        is_tls=wish.is_tls,
        port=listening.port,
        sessions=Sessions(time.time, app.settings.review_idle_minutes * MINUTE, users.stamp),
        users=users,
        attempts=Attempts(time.time),
        links=place.links,
        takes_links=listening.is_local,
        activity=Activity(time.time()),
        clock=time.time,
        program=lambda token: tokens.owner(app, token),
    )


def _served(app: App, safety: Safety, listening: Listening, wish: Wish) -> str:
    idle_minutes = app.settings.review_idle_minutes

    async def look() -> None:
        activity = safety.activity
        if not activity.at_work and time.time() - activity.last > idle_minutes * MINUTE:
            server.should_exit = True

    server = uvicorn.Server(_config(web.make(app, [Middleware(Guard, safety=safety)]), wish, look))
    log.info("the console is open at %s", safety.address)
    complaints = _Complaints()
    logging.getLogger("asyncio").addFilter(complaints)
    try:
        server.run(sockets=list(listening.sockets))
        minutes = "a minute" if idle_minutes == 1 else f"{idle_minutes:,} minutes"
        why = f"The console ended: nobody used it for {minutes}."
    except Interrupted:
        why = "The console ended."
    finally:
        logging.getLogger("asyncio").removeFilter(complaints)
    log.info("%s", why)
    return why


class _Complaints(logging.Filter):
    """Of asyncio's words that it can take no more connections one is enough: it says them hundreds of times a second,
    and the log would turn over until nothing else stood in it."""

    _was_said = False

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        is_full = isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE)
        passes = not (is_full and self._was_said)
        self._was_said = self._was_said or is_full
        return passes


def _config(application: Any, wish: Wish, look: Any) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,  # its lines would show the tokens of links
        proxy_headers=False,  # no header says who somebody is
        server_header=False,
        limit_concurrency=MOST_AT_ONCE,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=LEAVING_SECONDS,
        callback_notify=look,
        timeout_notify=1,
        ssl_certfile=wish.certificate or None,
        ssl_keyfile=wish.key or None,
    )


class PatientProtocol(H11Protocol):
    """Waits for the head of a request, but not for ever: connections that say little by little what they want would
    keep everybody else out."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_watching()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._stop_watching()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop_watching(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
