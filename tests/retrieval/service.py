"""A stand-in for a service with OpenAI's Embeddings API, on 127.0.0.1. It checks what the real one checks."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.retrieval.fake import FakeEmbedder

Json = dict[str, Any]


class Service:
    """`answers`: from the front, one a request: a function of the sound answer, or a status; then sound ones."""

    def __init__(self) -> None:
        self.requests: list[Json] = []
        self.answers: list[int | Callable[[Json], object]] = []
        self.url = ""

    def answer(self, body: Json, key: str) -> tuple[int, object]:
        self.requests.append(body)
        if not key.startswith("Bearer ") or {"model", "input"} - body.keys():
            return 401, {"error": {"message": "no key, or a field is missing"}}
        rows = FakeEmbedder(size=16).embed(body["input"], lambda: 9.0).vectors.tolist()
        data = [{"object": "embedding", "index": at, "embedding": row} for at, row in enumerate(rows)]
        usage = {"prompt_tokens": 1000 * len(rows), "total_tokens": 1000 * len(rows)}
        sound = {"object": "list", "data": data[::-1], "model": body["model"], "usage": usage}
        step = self.answers.pop(0) if self.answers else dict
        if isinstance(step, int):
            return step, {"error": {"message": f"status {step}"}}
        return 200, step(sound)


@contextmanager
def serve() -> Iterator[Service]:
    """The service, on a free port."""
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            self._send(200, {"object": "list", "data": []})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if self.path == "/v1/embeddings":
                self._send(*service.answer(body, self.headers["authorization"] or ""))
            else:
                self._send(404, {"error": {"message": f"no such path {self.path}"}})

        def _send(self, status: int, value: object) -> None:
            raw = json.dumps(value).encode()
            self.send_response_only(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.url = f"http://127.0.0.1:{server.server_port}/v1"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
