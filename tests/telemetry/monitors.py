"""A dead-man's switch on loopback that keeps what it is told, and can be at fault."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

KEY = "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d"


@dataclass(frozen=True)
class Ping:
    """A report that arrived."""

    signal: str
    """What stands behind the key: "start", "" or "1"."""
    run: str
    words: str


@dataclass
class Monitor:
    """The server, and what it was told."""

    port: int
    pings: list[Ping] = field(default_factory=list)
    fault: str = ""
    """"": none; hang, trickle, 500, redirect or unknown."""
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{KEY}"

    @property
    def signals(self) -> list[str]:
        return [ping.signal for ping in self.pings]


@contextmanager
def monitor() -> Iterator[Monitor]:
    """A server that is there within."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            words = self.rfile.read(int(self.headers["Content-Length"])).decode()
            signal = parts.path.removeprefix(f"/{KEY}").removeprefix("/")
            told.pings.append(Ping(signal, parse_qs(parts.query)["rid"][0], words))
            if told.fault == "hang":
                told.over.wait()
            elif told.fault == "trickle":
                while not told.over.is_set():
                    self.wfile.write(b"H")
                    time.sleep(0.5)
            else:
                self.answer()

        def answer(self) -> None:
            self.send_response({"500": 500, "redirect": 302}.get(told.fault, 200))
            if told.fault == "redirect":
                self.send_header("Location", f"/{KEY}/elsewhere?rid=1")
            content = b"OK (not found)" if told.fault == "unknown" else b"OK"
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            told.pings.append(Ping("GET", "", ""))

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told = Monitor(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield told
    finally:
        told.over.set()
        server.shutdown()
        server.server_close()
