"""The console as a web application: every page under its address. Who may see it is left to what stands before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from twitter_manager.app import App
from twitter_manager.review.api import table
from twitter_manager.review.console import calendar, draft, inbox, login, media, past, queue, standing, write
from twitter_manager.review.console.guard import plain_page

STATIC = Path(__file__).with_name("static")


def home(request: Request) -> RedirectResponse:
    """The queue is where one begins."""
    return RedirectResponse("/queue", 303)


def not_there(request: Request, error: Exception) -> Response:
    """An address at which there is no page, or none that takes this."""
    assert isinstance(error, HTTPException)
    words = "There is no such page." if error.status_code == 404 else str(error.detail)
    below = '<p><a href="/">Go to the queue</a></p>'
    return plain_page("Not here", words, below=below, status=error.status_code, headers=dict(error.headers or {}))


PAGES: Sequence[BaseRoute] = (
    *login.ROUTES,
    Route("/", home),
    *write.ROUTES,
    *calendar.ROUTES,
    *past.ROUTES,
    *standing.ROUTES,
    *media.ROUTES,
    *queue.ROUTES,
    *inbox.ROUTES,
    *draft.ROUTES,
    Mount("/static", StaticFiles(directory=STATIC)),
    *table.ROUTES,
)


def make(app: App, guards: Sequence[Middleware]) -> Starlette:
    """The application over one home folder. `guards` set `request.state.actor` and `request.state.csrf`."""
    web = Starlette(routes=[*PAGES], middleware=[*guards], exception_handlers={HTTPException: not_there})
    web.state.desk = app
    web.state.at_work = {}  # see desk.writing_anew
    return web
