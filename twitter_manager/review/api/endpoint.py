"""What an endpoint of the API is, and how a request to one is answered: its words are read and bounded, the work is
done in a thread, and whatever goes wrong becomes problem details."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from twitter_manager.app import App
from twitter_manager.domain import Json
from twitter_manager.review.api import incoming
from twitter_manager.review.api.problems import Problem, problem_of
from twitter_manager.review.api.shapes import Nothing
from twitter_manager.review.console.desk import desk
from twitter_manager.review.console.guard import Refused
from twitter_manager.show.shapes import Shape
from twitter_manager.terminal import redacted


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose words were read."""

    request: Request
    number: int
    """The number in the address; 0 where it has none."""
    body: Any
    """As the endpoint's `body`."""
    query: Any
    """As the endpoint's `query`."""

    @property
    def app(self) -> App:
        return desk(self.request)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One thing that can be asked. What it does is told by the function's docstring."""

    method: str
    path: str
    """Below /api."""
    run: Callable[[Call], Json | Response]
    answers: Any
    """The shape of the answer."""
    body: type[Shape] | None = None
    query: type[Shape] = Nothing
    status: int = 200
    refusals: Sequence[str] = ()
    """The kinds of problems that this one has besides those of all."""
    text: str = ""
    """The media type of another form of the answer, which is plain text."""
    others: Sequence[int] = ()
    """Other statuses at which the answer has the same shape."""
    is_open: bool = False
    """Whoever reaches the port may ask."""


@dataclass(frozen=True, slots=True)
class Resource:
    """All that can be asked at one address: an ASGI application."""

    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    """By method; empty: there is nothing at this address."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except ClientDisconnect:
            return
        except Refused:
            raise  # the guard answers
        except Exception as error:  # noqa: BLE001 (the last line of defence: no traceback reaches a program)
            response = refusal(desk(request), problem_of(error))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if not self.endpoints:
            raise Problem("not-found", "There is nothing at this address.", "See /api/openapi.json.")
        endpoint = self.endpoints.get("GET" if request.method == "HEAD" else request.method)
        if endpoint is None:
            allowed = ", ".join([*self.endpoints, *["HEAD"] * ("GET" in self.endpoints)])
            raise Problem("method", f"What is answered here: {allowed}.", headers={"Allow": allowed})
        raw = await incoming.read_body(request) if endpoint.body else b""
        return await run_in_threadpool(_answered, endpoint, request, raw)


def _answered(endpoint: Endpoint, request: Request, raw: bytes) -> Response:
    query = incoming.query(request.query_params.multi_items(), endpoint.query)
    body = incoming.body(raw, endpoint.body) if endpoint.body else None
    answer = endpoint.run(Call(request, _number(request), body, query))
    return answer if isinstance(answer, Response) else answered(desk(request), answer, endpoint.status)


def _number(request: Request) -> int:
    given = request.path_params.get("id", "0")
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise Problem("not-found", "There is none of this number.", "The lists give the numbers.")
    return int(given)


def answered(app: App, value: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer of JSON, with every secret blacked out."""
    return Response(_dumped(app, value), status, headers, "application/json")


def refusal(app: App, problem: Problem) -> Response:
    """An answer that says no."""
    return Response(_dumped(app, problem.as_json()), problem.status, problem.headers, "application/problem+json")


def _dumped(app: App, value: Json) -> bytes:
    text = json.dumps(redacted(value, app.redactor.redact), ensure_ascii=False, default=str)
    return text.encode(errors="backslashreplace")  # half a character becomes JSON's escape of it
