"""An HTTP proxy on loopback that fails on purpose, before or after the real server has done its work.

with FaultProxy(server_url) as proxy:
    proxy.fail("putRecord", Fault(forward=True))      # the server commits, then the line is cut
    proxy.fail("putRecord", Fault(reply=Reply(502)))  # the server never hears of it
"""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import httpx

_NOT_PASSED_ON = {"connection", "content-length", "content-encoding", "transfer-encoding", "keep-alive", "date"}


@dataclass(frozen=True)
class Reply:
    """An answer given in the server's place; `drip` sends the body a byte at a time, that many seconds apart."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    drip: float = 0.0


@dataclass(frozen=True)
class Fault:
    """What happens to one request: passed on or not, then `reply`, or silence for `hang` seconds, or a cut line."""

    forward: bool = False
    reply: Reply | None = None
    hang: float = 0.0


@dataclass(frozen=True)
class Seen:
    """One request as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class FaultProxy:
    """Passes everything to `upstream`, except the requests that a fault waits for. Use as a context manager."""

    def __init__(self, upstream: str) -> None:
        self.seen: list[Seen] = []
        self._upstream = httpx.Client(base_url=upstream, trust_env=False, timeout=60, verify=False)
        self._faults: list[tuple[str, deque[Fault]]] = []
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._upstream.close()

    def fail(self, path_part: str, *faults: Fault) -> None:
        """The next requests whose path holds `path_part` meet these faults, one each."""
        self._faults.append((path_part, deque(faults)))

    def count(self, path_part: str) -> int:
        """How many requests so far held `path_part` in their path."""
        return sum(path_part in request.path for request in self.seen)

    def answer(self, request: Seen) -> Reply | None:
        """What to send back; None cuts the line."""
        self.seen.append(request)
        fault = next((faults.popleft() for part, faults in self._faults if part in request.path and faults), None)
        passed_on = self._pass_on(request) if fault is None or fault.forward else None
        if fault is None:
            return passed_on
        if fault.hang:
            self._closing.wait(fault.hang)
        return fault.reply

    def sent(self, request: Seen) -> None:
        """The answer to this request has been handed to the client's connection."""

    def quiet(self) -> None:
        """Wait until every connection that was begun so far has ended, and all its requests with it."""
        self._server.drain()

    def _pass_on(self, request: Seen) -> Reply:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_PASSED_ON}
        answer = self._upstream.request(request.method, request.path, content=request.body or None, headers=headers)
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in _NOT_PASSED_ON}
        return Reply(answer.status_code, answer.content, kept.pop("content-type", ""), kept)

    def wait(self, seconds: float) -> None:
        self._closing.wait(seconds)


class _Server(ThreadingHTTPServer):
    """Knows which connections are open."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._changed = threading.Condition()
        self._open: set[tuple[str, int]] = set()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._open.add(client_address)
            self._changed.notify_all()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        super().process_request_thread(request, client_address)
        with self._changed:
            self._open.discard(client_address)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news here."""

    def drain(self) -> None:
        """Connections are accepted in their order: once one of our own is, all before it were."""
        with socket.create_connection(("127.0.0.1", self.server_port)) as probe, self._changed:
            self._changed.wait_for(lambda: probe.getsockname() in self._open)
        with self._changed:
            self._changed.wait_for(lambda: not self._open)


def _handler(proxy: FaultProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_any(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:  # the client died while it sent: nobody hears of half a request
                self.close_connection = True
                return
            seen = Seen(self.command, self.path, dict(self.headers), body)
            reply = proxy.answer(seen)
            if reply is None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(reply.status)
            for name, value in {"content-type": reply.content_type, **reply.headers}.items():
                self.send_header(name, value)
            if "content-length" not in {name.lower() for name in reply.headers}:
                self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self._write(reply)
            proxy.sent(seen)

        def _write(self, reply: Reply) -> None:
            try:
                if not reply.drip:
                    self.wfile.write(reply.body)
                    return
                for byte in reply.body:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    proxy.wait(reply.drip)
            except OSError:  # the client has gone, as some tests want it to
                self.close_connection = True

        do_GET = do_POST = do_DELETE = do_PUT = handle_any

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
