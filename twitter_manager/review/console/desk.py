"""What a page of the console works with: the program, the database, the person, and how a page is rendered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from twitter_manager.app import App
from twitter_manager.errors import LockHeld
from twitter_manager.review.actions import Actions
from twitter_manager.store.database import Database

if TYPE_CHECKING:
    import jinja2


def desk(request: Request) -> App:
    """The program that the console was started over."""
    app: App = request.app.state.desk
    return app


@contextmanager
def reading(request: Request) -> Iterator[Database]:
    """The database for a look."""
    with desk(request).session.reading() as db:
        assert db is not None  # the console made it as it began
        yield db


@contextmanager
def acting(request: Request) -> Iterator[Actions]:
    """What the person of this request may do."""
    app = desk(request)
    with closing(app.session.open_store()) as db:
        yield Actions(app, db, request.state.actor)


@contextmanager
def writing_anew(request: Request, number: int) -> Iterator[None]:
    """One draft at a time is written anew, for each may load a model. Raises LockHeld."""
    at_work: dict[str, tuple[int, object]] = request.app.state.at_work
    mine = (number, object())
    other = at_work.setdefault("anew", mine)
    if other is not mine:
        raise LockHeld(f"Draft {other[0]} is being written anew already.", "Wait until that is done.")
    try:
        yield
    finally:
        del at_work["anew"]


def render(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page. Every value is escaped."""
    known = {"csrf": request.state.csrf, "actor": request.state.actor, "path": request.url.path}
    shown = _templates().get_template(template).render(**known, flashes=_flashes(request), **values)
    return HTMLResponse(shown, status)


def flash(request: Request, words: str) -> None:
    """Say something on the next page that this session is shown."""
    request.state.session.flashes.append(words)


def _flashes(request: Request) -> list[str]:
    """What the pages before had to say, once."""
    said = request.state.session.flashes
    words = list(said)
    said.clear()
    return words


@cache
def _templates() -> jinja2.Environment:
    import jinja2

    loader = jinja2.PackageLoader(__package__, "templates")
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
