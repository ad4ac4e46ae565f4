"""The console's pages on loopback, without what stands before them: whoever comes is let in."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.datastructures import FormData
from starlette.middleware import Middleware
from starlette.requests import Request

from tests.home import Home
from twitter_manager.app import App
from twitter_manager.domain import Actor
from twitter_manager.review.console import web

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass
class Session:
    """What a page knows of a session."""

    flashes: list[str] = field(default_factory=list)


@dataclass
class LetIn:
    """Sets what the guard sets."""

    app: ASGIApp
    session: Session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            is_write = scope["method"] == "POST"
            form = await Request(scope, receive).form() if is_write else FormData()
            known = {"actor": Actor("anna", "console"), "csrf": "token", "session": self.session, "form": form}
            scope.setdefault("state", {}).update(known)
        await self.app(scope, receive, send)


def console(home: Home) -> ASGIApp:
    """The application over a home."""
    app = App.load(home.path, {"TWITTER_MANAGER_HOME": str(home.path)}, lambda line: None)
    return web.make(app, [Middleware(LetIn, session=Session())])


@contextmanager
def served(home: Home) -> Iterator[str]:
    """Its address, for a real browser."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(console(home), host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
