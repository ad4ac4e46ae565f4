"""Web servers on this machine for the sources to fetch from, and a fetcher that may reach them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network

from ssrfguard import Policy

from twitter_manager.sources.fetch import Fetcher, public_policy

Answer = Callable[[BaseHTTPRequestHandler], None]


class Request:
    """What the server saw."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self.path = handler.path
        self.headers = {name.lower(): value for name, value in handler.headers.items()}


@dataclass
class Site:
    """A server with its pages by path; what has no page is 404. `seen`: the requests, robots.txt left out."""

    port: int
    pages: dict[str, Answer] = field(default_factory=dict)
    seen: list[Request] = field(default_factory=list)
    robots_asked: int = 0
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def put(self, path: str, body: bytes | str, status: int = 200, **headers: str) -> str:
        """Serve this; gives its address."""
        content = body.encode() if isinstance(body, str) else body

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in ({"content_type": "text/html; charset=utf-8"} | headers).items():
                handler.send_header(name.replace("_", "-"), value)
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content)

        self.pages[path] = answer
        return self.url + path

    def put_versioned(self, path: str, body: str, etag: str, **headers: str) -> str:
        """Serve it with an ETag, and 304 to whoever has it."""
        whole = self.put(path, body, 200, **{"ETag": etag, **headers})
        send = self.pages[path]

        def answer(handler: BaseHTTPRequestHandler) -> None:
            if handler.headers.get("If-None-Match") == etag:
                handler.send_response(304)
                handler.end_headers()
            else:
                send(handler)

        self.pages[path] = answer
        return whole

    def redirect(self, path: str, location: str, status: int = 302) -> str:
        return self.put(path, b"", status, Location=location)


@contextmanager
def serve() -> Iterator[Site]:
    """A site on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            site.connections += 1
            super().setup()

        def do_GET(self) -> None:
            if self.path == "/robots.txt":
                site.robots_asked += 1
            else:
                site.seen.append(Request(self))
            if self.path not in site.pages:
                self.send_response(404)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            with suppress(OSError):  # the client had enough
                site.pages[self.path](self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site = Site(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def loopback_policy(*ports: int, hosts: str = "127.0.0.1/32") -> Policy:
    """The program's own policy, opened for this machine's address and some ports, as only tests need it."""
    policy = public_policy()
    return replace(
        policy, allowed_networks=(ip_network(hosts),), allowed_ports=frozenset({*policy.allowed_ports, *ports})
    )


class Waits:
    """A clock that a sleep moves at once. `slept`: the pauses that were kept."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def monotonic(self) -> float:
        return time.monotonic() + sum(self.slept)


def fetcher(*ports: int, seconds: float = 60.0, waits: Waits | None = None) -> Fetcher:
    """A fetcher that may reach these ports of this machine, and waits for nobody."""
    waits = waits or Waits()
    return Fetcher(
        sleep=waits.sleep, monotonic=waits.monotonic, time_left=lambda: seconds, policy=loopback_policy(*ports)
    )
