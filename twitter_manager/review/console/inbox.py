"""`/inbox`: what people said, and what a person makes of it. Words that are refused stand in the form again."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from twitter_manager.errors import LockHeld, Meanwhile, TwitterManagerError, UsageError
from twitter_manager.review import answering
from twitter_manager.review.actions import Actions
from twitter_manager.review.console.desk import acting, desk, flash, reading, render
from twitter_manager.review.console.queue import told
from twitter_manager.review.console.views import inbox as view
from twitter_manager.store import comments, pages
from twitter_manager.store.comments import OPEN

A_PAGE = 25
"""Comments on a page."""
LONGEST = 20_000
"""Characters of an answer that are looked at; the checks tell how many a platform takes."""


def page(request: Request) -> Response:
    """What waits, or with `show=all` all that was said; the newest first, a page at a time."""
    app, query = desk(request), request.query_params
    wanted, shows_all, before = query.get("bot", ""), query.get("show") == "all", _number(query.get("before", ""))
    known = [bot.name for bot in app.settings.bots]
    bots = [wanted] if wanted in known else known
    with reading(request) as db:
        found = pages.of_comments(db, pages.Page(A_PAGE + 1, before, bots), () if shows_all else OPEN)
        entries = [view.entry(db, comment, app.session.time_zone(comment.bot)) for comment in found[:A_PAGE]]
    chosen = {"bot": wanted if wanted in known else "", "show": "all" if shows_all else ""}
    older = {"before": str(found[A_PAGE - 1].id)} if len(found) > A_PAGE else {}
    return render(
        request,
        "inbox.html.j2",
        entries=entries,
        bots=known,
        bot=chosen["bot"],
        shows_all=shows_all,
        is_later=bool(before),
        newest=_address(chosen),
        older=_address(chosen | older) if older else "",
        back=_address(chosen).partition("?")[2],
    )


def one(request: Request) -> Response:
    """A comment with the conversation above it."""
    return _shown(request, _of_address(request))


def answer(request: Request) -> Response:
    """Keep a person's words as its answer."""
    number, text = _of_address(request), str(request.state.form.get("text", "")).replace("\r\n", "\n").strip()
    try:
        if len(text) > LONGEST:
            raise UsageError(f"This is more than {LONGEST:,} characters.", "Shorten it.")
        with acting(request) as actions:
            draft = answering.answer(actions, number, text)
    except TwitterManagerError as error:
        return _refused(request, number, error, text)
    flash(request, f"Comment {number} is answered by draft {draft.id}, which goes out with one of the next runs.")
    return _back(request)


def approve(request: Request) -> Response:
    """Let the drafted answer go out as it was seen."""
    return _decide(request, lambda actions, number: answering.approve(actions, number, seen=_seen(request)))


def dismiss(request: Request) -> Response:
    """Leave it unanswered."""
    return _decide(request, lambda actions, number: answering.dismiss(actions, number, seen=_seen(request)))


def reopen(request: Request) -> Response:
    """Take it up again."""
    return _decide(request, answering.reopen)


def _decide(request: Request, take: Callable[[Actions, int], str]) -> Response:
    number = _of_address(request)
    try:
        with acting(request) as actions:
            became = take(actions, number)
    except TwitterManagerError as error:
        return _refused(request, number, error)
    flash(request, f"Comment {number} {became}.")
    return _back(request)


def _refused(request: Request, number: int, error: TwitterManagerError, typed: str = "") -> Response:
    """The comment as it is now, with what stood against it, and what the person wrote."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(error, Meanwhile):
        status = HTTPStatus.CONFLICT
    elif isinstance(error, LockHeld):
        status = HTTPStatus.SERVICE_UNAVAILABLE
    return _shown(request, number, trouble=told(error), typed=typed, status=status)


def _shown(
    request: Request, number: int, *, trouble: str = "", typed: str = "", status: HTTPStatus = HTTPStatus.OK
) -> Response:
    app = desk(request)
    with reading(request) as db:
        comment = comments.get(db, number)
        if comment is None:
            why = f"There is no comment {number}."
            return render(request, "not_here.html.j2", HTTPStatus.NOT_FOUND, what=why, back="/inbox")
        zone = app.session.time_zone(comment.bot)
        entry, above = view.entry(db, comment, zone), view.above(db, comment, zone)
    return render(request, "comment.html.j2", status, comment=entry, above=above, trouble=trouble, typed=typed)


def _back(request: Request) -> Response:
    """The inbox as the person left it. Only its own query is taken from the form."""
    query = str(request.state.form.get("back", ""))
    return RedirectResponse(f"/inbox?{query}" if re.fullmatch(r"[\w=&%.+-]{1,300}", query) else "/inbox", 303)


def _address(query: dict[str, str]) -> str:
    said = urlencode({name: value for name, value in query.items() if value})
    return f"/inbox?{said}" if said else "/inbox"


def _seen(request: Request) -> str:
    """The answer that the person looked at; a form about a comment without one says nothing."""
    return str(request.state.form.get("seen", ""))


def _of_address(request: Request) -> int:
    """No database has one with a larger number."""
    return min(int(request.path_params["number"]), 2**63 - 1)


def _number(words: str) -> int:
    return int(words) if re.fullmatch(r"[0-9]{1,18}", words) else 0


ROUTES: Sequence[Route] = (
    Route("/inbox", page, methods=["GET"]),
    Route("/inbox/{number:int}", one, methods=["GET"]),
    Route("/inbox/{number:int}/answer", answer, methods=["POST"]),
    Route("/inbox/{number:int}/approve", approve, methods=["POST"]),
    Route("/inbox/{number:int}/dismiss", dismiss, methods=["POST"]),
    Route("/inbox/{number:int}/reopen", reopen, methods=["POST"]),
)
