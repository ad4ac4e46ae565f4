"""A stand-in for the services that write posts: Anthropic's Messages and OpenAI's Chat Completions on 127.0.0.1.

    with LlmServer() as server:
        server.script = ["A post.", Fault.RATE_LIMITED, Say("Cut o", finish="length")]
        OpenAI("key", base_url=server.openai_url)

Each request takes the next step of the script; the last one stays. `server.requests` holds what was asked.
It checks what the real ones check (path, key, required fields) and leaves out everything else.
"""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class Fault(Enum):
    """Ways of a service to go wrong."""

    EMPTY_BODY = "empty body"
    EMPTY_CONTENT = "a sound answer with no text"
    WRONG_SHAPES = "JSON whose every value has the wrong type"
    JSON_LIST = "a JSON list"
    DEEP_JSON = "JSON nested 100,000 deep"
    HTML = "an HTML page with status 200"
    HUGE = "a body without end"
    DRIP = "a body that drips for ever"
    HUGE_ERROR = "an error's body without end"
    DRIP_ERROR = "an error's body that drips for ever"
    SLOW = "no answer for a long time"
    CUT = "the connection closed in the middle of the body"
    RESET = "the connection closed without a byte"
    REDIRECT = "a redirect to another place"
    GZIP = "a compressed body though none was asked for"
    ERROR_IN_200 = "an error inside a 200 (OpenRouter)"
    UNAUTHORIZED = 401
    NO_CREDIT = 402
    FORBIDDEN = 403
    NO_MODEL = 404
    RATE_LIMITED = 429
    BROKEN = 500
    OVERLOADED = 529


@dataclass(frozen=True)
class Say:
    """A sound answer, with why it ended: in OpenAI's words ("stop", "length", "content_filter")."""

    text: str
    finish: str = "stop"
    model: str = ""
    tokens: tuple[int, int] = (120, 30)


@dataclass(frozen=True)
class Status:
    """An error answer, with its own words and headers. `after` seconds or a date `after_date` seconds ahead."""

    code: int
    message: str = "something is off"
    kind: str = "api_error"
    headers: Mapping[str, str] = field(default_factory=dict)


Step = str | Say | Status | Fault

MESSAGES = {401: "invalid x-api-key", 402: "Your credit balance is too low", 403: "not permitted", 404: "model: none"}
FINISH = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}


class LlmServer:
    """The server, on a free port, in a thread of its own."""

    def __init__(self) -> None:
        self.script: list[Step] = ["A post."]
        self.answer: Callable[[dict[str, Any]], Step] | None = None
        """Takes a request's body and gives the step, instead of the script."""
        self.requests: list[dict[str, Any]] = []
        self.bill: list[tuple[int, int]] = []
        """The tokens in and out that are billed, answer by answer: of a sound one what it says, of one that breaks off
        a third of the characters that were sent in; errors are free."""
        self.refused_fields: set[str] = set()
        """Fields that get a 400 naming them, as newer models and stricter servers do."""
        self.over = threading.Event()
        owner = self

        class Handler(_Handler):
            server_state = owner

        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._httpd.daemon_threads = True
        self._thread = threading.Thread(target=self._httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        """For Anthropic's SDK, which adds /v1/messages."""
        return f"http://127.0.0.1:{self._httpd.server_port}"

    @property
    def openai_url(self) -> str:
        return f"{self.url}/v1"

    def next_step(self) -> Step:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self._httpd.shutdown()
        self._httpd.server_close()


class _Handler(BaseHTTPRequestHandler):
    server_state: LlmServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self.path.split("?")[0] != "/v1/models":
            return self._json(200, {"followed": "a redirect"})
        step = self.server_state.next_step()
        if isinstance(step, Status):
            return self._error(step)
        self._json(200, {"object": "list", "data": [], "has_more": False})

    def do_POST(self) -> None:
        state = self.server_state
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        state.requests.append({"path": self.path, "headers": dict(self.headers.items()), "body": body})
        anthropic = self.path == "/v1/messages"
        if not anthropic and self.path != "/v1/chat/completions":
            return self._error(Status(404, f"no such path {self.path}", "not_found_error"))
        if not (self.headers["authorization"] or (anthropic and self.headers["x-api-key"])):
            return self._error(Status(401, "no key", "authentication_error"))
        if missing := {"model", "messages", *(["max_tokens"] if anthropic else [])} - body.keys():
            return self._error(Status(400, f"{sorted(missing)}: field required", "invalid_request_error"))
        if refused := state.refused_fields & body.keys():
            return self._error(Status(400, f"Unsupported parameter: '{min(refused)}'.", "invalid_request_error"))
        self._step(state.answer(body) if state.answer else state.next_step(), anthropic, body)

    def _step(self, step: Step, anthropic: bool, body: dict[str, Any]) -> None:
        if isinstance(step, Fault):
            self._fault(step, anthropic, body)
        elif isinstance(step, Status):
            self._error(step)
        else:
            say = Say(step) if isinstance(step, str) else step
            self.server_state.bill.append(say.tokens)
            self._json(200, (_anthropic if anthropic else _openai)(say, body))

    def _fault(self, fault: Fault, anthropic: bool, body: dict[str, Any]) -> None:
        if isinstance(fault.value, int):
            return self._error(Status(fault.value, MESSAGES.get(fault.value, "try again later")))
        if fault in (Fault.CUT, Fault.RESET, Fault.HTML):
            sent = "\n\n".join(
                message["content"] for message in [{"content": body.get("system", "")}, *body["messages"]]
            )
            self.server_state.bill.append((-(-len(sent.strip()) // 3), 0))
        sound = json.dumps((_anthropic if anthropic else _openai)(Say("A post."), body)).encode()
        match fault:
            case Fault.EMPTY_BODY:
                self._send(200, b"")
            case Fault.EMPTY_CONTENT:
                self._json(200, (_anthropic if anthropic else _openai)(Say(""), body))
            case Fault.WRONG_SHAPES:
                odd = {"content": 7, "choices": [None], "usage": [1], "model": {"a": 1}, "stop_reason": []}
                self._json(200, odd)
            case Fault.JSON_LIST:
                self._json(200, ["a", "list"])
            case Fault.DEEP_JSON:
                self._send(200, b"[" * 100_000)
            case Fault.HTML:
                self._send(200, b"<!doctype html><html><body>Sign in</body></html>", {"content-type": "text/html"})
            case Fault.HUGE:
                self._endless(b"x" * 100_000, 0.0)
            case Fault.DRIP:
                self._endless(b" ", 0.05)
            case Fault.HUGE_ERROR:
                self._endless(b"x" * 100_000, 0.0, 400)
            case Fault.DRIP_ERROR:
                self._endless(b" ", 0.05, 503)
            case Fault.SLOW:
                self.server_state.over.wait(20)
                self.close_connection = True
            case Fault.CUT:
                self._head(200, {"content-length": str(len(sound)), "content-type": "application/json"})
                self.wfile.write(sound[: len(sound) // 2])
                self.close_connection = True
            case Fault.RESET:
                self.close_connection = True
            case Fault.REDIRECT:
                self._send(307, b"", {"location": "/v1/elsewhere"})
            case Fault.GZIP:
                self._send(200, gzip.compress(sound), {"content-encoding": "gzip"})
            case Fault.ERROR_IN_200:
                self._json(200, {"error": {"message": "Insufficient credits", "code": 402}})

    def _endless(self, piece: bytes, pause: float, code: int = 200) -> None:
        self._head(code, {"content-type": "application/json", "connection": "close"})
        self.close_connection = True
        try:
            while not self.server_state.over.wait(pause):
                self.wfile.write(piece)
                self.wfile.flush()
        except OSError:
            pass  # the client had enough, which is what is tested

    def _error(self, status: Status) -> None:
        error = {"type": status.kind, "message": status.message, "code": None}
        self._json(status.code, {"type": "error", "error": error}, status.headers)

    def _json(self, code: int, value: object, headers: Mapping[str, str] | None = None) -> None:
        self._send(code, json.dumps(value).encode(), {"content-type": "application/json", **(headers or {})})

    def _send(self, code: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self._head(code, {"content-length": str(len(body)), **(headers or {})})
        self.wfile.write(body)

    def _head(self, code: int, headers: Mapping[str, str]) -> None:
        self.send_response_only(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


def _anthropic(say: Say, body: dict[str, Any]) -> dict[str, Any]:
    blocks = [{"type": "thinking", "thinking": "Hm.", "signature": "x"}, {"type": "text", "text": say.text}]
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": say.model or f"{body['model']}-20260901",
        "content": blocks if say.text else [],
        "stop_reason": FINISH[say.finish],
        "stop_details": {"type": "refusal", "category": "cyber"} if say.finish == "content_filter" else None,
        "usage": {"input_tokens": say.tokens[0], "output_tokens": say.tokens[1]},
    }


def _openai(say: Say, body: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "assistant", "content": say.text, "refusal": None, "reasoning_content": "Hm."}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": say.model or f"{body['model']}-2026-09-01",
        "choices": [{"index": 0, "message": message, "finish_reason": say.finish}],
        "usage": {"prompt_tokens": say.tokens[0], "completion_tokens": say.tokens[1], "total_tokens": sum(say.tokens)},
    }
