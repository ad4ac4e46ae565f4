"""The API in this process, as somebody who is known calls it. Who is let in is tested at the real console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.home import Home
from twitter_manager.app import App
from twitter_manager.domain import Actor

if TYPE_CHECKING:
    from starlette.testclient import TestClient
    from starlette.types import ASGIApp, Receive, Scope, Send


class Known:
    """In the guard's place: everybody is the program "ci"."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["actor"] = Actor("ci", "api")
        await self.app(scope, receive, send)


def application(home: Home) -> tuple[App, Any]:
    """The program and its web application over a home."""
    from starlette.middleware import Middleware

    from twitter_manager.review.console import web

    app = App.load(home.path, home.environment(), lambda line: None)
    app.session.open_store().close()
    return app, web.make(app, [Middleware(Known)])


def client(home: Home) -> TestClient:
    """A program that calls it."""
    from starlette.testclient import TestClient

    return TestClient(application(home)[1], raise_server_exceptions=False)
