"""A collector of OpenTelemetry on loopback: it takes traces over HTTP, decodes them, and can be at fault."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Collector:
    """The server, and what it took."""

    port: int
    fault: str = ""
    """"": none; hang (it accepts and never answers), trickle, endless (it takes them, and its answer has no end), or
    400."""
    spans: list[Any] = field(default_factory=list)
    resource: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes = b""
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def collector() -> Iterator[Collector]:
    """A server that is there within."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            took.raw = self.rfile.read(int(self.headers["Content-Length"]))
            took.headers = {name.lower(): value for name, value in self.headers.items()}
            if took.fault == "hang":
                took.over.wait()
            elif took.fault == "trickle":
                while not took.over.is_set():
                    self.wfile.write(b"H")
                    time.sleep(0.5)
            elif took.fault == "endless":
                self.send_response(200)
                self.end_headers()
                with suppress(OSError):
                    while not took.over.is_set():
                        self.wfile.write(bytes(2**20))
            else:
                self.take()
                self.send_response(int(took.fault or 200))
                self.send_header("Content-Length", "0")
                self.end_headers()

        def take(self) -> None:
            assert self.path == "/v1/traces"
            request = ExportTraceServiceRequest.FromString(took.raw)
            for group in request.resource_spans:
                took.resource = {each.key: each.value.string_value for each in group.resource.attributes}
                took.spans += [span for scope in group.scope_spans for span in scope.spans]

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    took = Collector(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield took
    finally:
        took.over.set()
        server.shutdown()
        server.server_close()
