"""What the stand-ins for services share: an HTTP server on 127.0.0.1 that keeps the requests and goes wrong on command.

What a fault does: `[store_then_]EFFECT`, or `normal` (useful with `hide`). Effects that cut the line: drop, reset,
hang, truncate. That delay: slow, gate (the answer waits until the test sets `gate`; `at_gate` tells that it waits).
That answer: the names in ANSWERS. `store_then_` carries the request out first. A fault takes hold of the requests that
match `method` and `path` (a shell pattern) after `skip` of them, `times` times (0: always). `seconds`: how long hang
and slow last (None: until the test is over). `hide`: how long a post made under it stays out of the
list of posts (seconds; -1: for ever). `headers`:
added to the answer.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

Json = dict[str, Any]


@dataclass
class Fault:
    name: str
    method: str = "POST"
    path: str = "*"
    skip: int = 0
    times: int = 1
    seconds: float | None = None
    hide: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    hits: int = 0

    @property
    def effect(self) -> str:
        return self.name.removeprefix("store_then_")

    @property
    def carries_out(self) -> bool:
        return self.name.startswith("store_then_") or self.effect in ("normal", "slow", "gate")


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        if isinstance(self.body, str):
            return self.body.encode()
        return b"" if self.body is None else json.dumps(self.body).encode()


class Refusal(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__(reply)
        self.reply = reply


class Service:
    """A service; between `with` and its end there is an HTTP server on 127.0.0.1."""

    answers: ClassVar[Mapping[str, Reply]] = {}
    """The answers that a fault may give, by name."""
    writes: ClassVar[str] = "*"
    """The path that a fault meets when it names none."""
    prefix = ""
    """What comes before each path."""

    def __init__(self, port: int = 0, now: Callable[[], float] = time.time, **settings: Any) -> None:
        self._now = now
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self.reset(**settings)
        self._server = _Server(("127.0.0.1", port), self)
        self.port = self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.prefix}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def reset(self) -> None:
        """Forget everything."""
        self.requests: list[Json] = []
        self.faults: list[Fault] = []
        self.gate = threading.Event()
        """Set it to let the answers go that wait."""
        self.at_gate = threading.Event()

    def fault(self, name: str, **how: Any) -> None:
        fault = Fault(name, **({"path": self.writes} | how))
        if fault.effect not in {"normal", "drop", "reset", "hang", "truncate", "slow", "gate", *self.answers}:
            raise ValueError(f"no such fault: {name}")
        with self._lock:
            self.faults.append(fault)

    def carry_out(self, method: str, target: str, path: str, headers: Any, raw: bytes, fault: Fault | None) -> Reply:
        """What the service answers to a request. May raise Refusal."""
        raise NotImplementedError

    def limit_headers(self) -> dict[str, str]:
        """What `rate_limited` says of when the limit ends."""
        return {}

    def answer(self, method: str, target: str, headers: Any, raw: bytes) -> tuple[Reply, Fault | None]:
        """The reply, and the fault (if any) that decides what becomes of it."""
        with self._lock:
            path = urlsplit(target).path.removeprefix(self.prefix)
            fault = self._take_fault(method, path)
            record: Json = {"method": method, "target": target, "at": self._now(), "body": loads(raw)}
            self.requests.append(record)
            reply = Reply(500)
            if fault is None or fault.carries_out:
                try:
                    reply = self.carry_out(method, target, path, headers, raw, fault)
                except Refusal as refusal:
                    reply = refusal.reply
            if fault is not None and fault.effect in self.answers:
                reply = self.answers[fault.effect]
            more = self.limit_headers() if fault and fault.effect == "rate_limited" else {}
            reply = dataclasses.replace(reply, headers={**reply.headers, **more, **(fault.headers if fault else {})})
            record |= {"status": reply.status, "fault": fault.name if fault else None}
            return reply, fault

    def _take_fault(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.method == method and fnmatch.fnmatchcase(path, fault.path):
                fault.hits += 1
                used = fault.hits - fault.skip
                if used > 0 and (fault.times == 0 or used <= fault.times):
                    return fault
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], service: Service) -> None:
        self.service = service
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for an answer
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are kept, not printed."""

    def _serve(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        service = self.server.service
        reply, fault = service.answer(self.command, self.path, self.headers, raw)
        effect = fault.effect if fault else "normal"
        if effect in ("hang", "slow") and fault:
            service._stopping.wait(fault.seconds)
        if effect == "gate":
            service.at_gate.set()
            while not (service.gate.wait(0.01) or service._stopping.is_set()):
                pass
        if effect in ("drop", "reset", "hang"):
            self._cut(abruptly=effect == "reset")
        else:
            self._write(reply, truncated=effect == "truncate")

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _serve

    def _write(self, reply: Reply, truncated: bool = False) -> None:
        content = reply.content
        self.send_response(reply.status)
        for name, value in {"content-type": "application/json; charset=utf-8", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content) + (100 if truncated else 0)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()
        if truncated:
            self._cut(abruptly=False)

    def _cut(self, abruptly: bool) -> None:
        self.close_connection = True
        if abruptly:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        else:
            self.connection.shutdown(socket.SHUT_RDWR)


def loads(raw: bytes) -> Any:
    """The JSON, or None."""
    try:
        return json.loads(raw)
    except ValueError:
        return None
