"""How a person comes in and leaves: by a link from the command line, or with a name and a password.

Each entry makes a new session and ends the one that the browser had: no id that somebody else set is ever taken over.
"""

from __future__ import annotations

import html
import logging
import math
from collections.abc import Sequence
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from twitter_manager import phrases
from twitter_manager.review.console.guard import Refused, Safety, plain_page
from twitter_manager.review.console.sessions import Session
from twitter_manager.terminal import command

log = logging.getLogger(__name__)


def login(request: Request) -> Response:
    """The page of the link, or the one that asks for name and password."""
    safety: Safety = request.state.safety
    token = request.query_params.get("token", "")
    if token and request.method == "GET" and not request.headers.get("sec-purpose"):  # no page that is only guessed
        return _come_in(request, by_link(safety, token))
    if request.state.session and not token:
        return RedirectResponse("/", 303)
    return _form(request, "Log in")


def log_in(request: Request) -> Response:
    """Name and password."""
    safety: Safety = request.state.safety
    name, password = (str(request.state.form.get(field, "")) for field in ("name", "password"))
    try:
        session = by_password(safety, name, password, request.client.host if request.client else "")
    except Refused as refused:
        return _form(request, refused.why, refused.status, refused.headers)
    return _come_in(request, session)


def leaving(request: Request) -> Response:
    """The page with the button that ends the session."""
    below = (
        f'<form method="post" action="/logout">\n<input type="hidden" name="csrf" value="{request.state.csrf}">\n'
        '<p><button>Log out</button> <a href="/">Stay</a></p>\n</form>'
    )
    return plain_page("Log out", f"You are here as {request.state.actor.name}.", below=below)


def log_out(request: Request) -> Response:
    """The session ends here and in the browser."""
    safety: Safety = request.state.safety
    safety.sessions.end(request.cookies.get(safety.cookie, ""))
    response = plain_page("Logged out", "Your session has ended.", below='<p><a href="/login">Log in again</a></p>')
    safety.set_cookie(response, "")
    return response


ROUTES: Sequence[BaseRoute] = (
    Route("/login", login),
    Route("/login", log_in, methods=["POST"]),
    Route("/logout", leaving),
    Route("/logout", log_out, methods=["POST"]),
)


def by_link(safety: Safety, token: str) -> str:
    """A new session for who has the token of a link. Raises Refused."""
    name = safety.links.use(token, datetime.now(UTC)) if safety.takes_links else ""
    if not name:
        raise Refused(403, f"This link was used, or is too old. For a new one: {command('review --link')}")
    log.info("%s logged in by a link", name)
    return safety.sessions.open(name)


def by_password(safety: Safety, name: str, password: str, address: str) -> str:
    """A new session for a named user. Raises Refused."""
    if seconds := safety.attempts.wait(name[:100], address):
        whole = math.ceil(seconds)
        raise Refused(
            429, f"That was tried too often. Wait {phrases.amount(whole, 'second')}.", **{"Retry-After": str(whole)}
        )
    stamp = safety.users.let_in(name, password)
    if stamp is None:
        log.warning("a login from %s as %a failed", address, name[:100])
        raise Refused(403, "The name or the password is wrong.")
    safety.attempts.succeeded(name[:100], address)
    log.info("%s logged in from %s", name, address)
    return safety.sessions.open(name, stamp)


def _come_in(request: Request, session: str) -> Response:
    """A page of our own goes on to the console: a redirect would count as coming from where the link stood, and the
    browser would keep the cookie back."""
    safety: Safety = request.state.safety
    safety.sessions.end(request.cookies.get(safety.cookie, ""))
    below = '<p><a href="/">Go to the console</a></p>'
    response = plain_page("Welcome", "You are logged in.", below=below, headers={"Refresh": "0; url=/"})
    safety.set_cookie(response, session)
    return response


def _form(request: Request, words: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    safety: Safety = request.state.safety
    session: Session | None = request.state.session
    by_command = f"In a terminal: {command('review --link')} gives a link that lets you in."
    if not safety.users.all():
        return plain_page("Log in", by_command, status=status if status != 200 else 401, headers=headers)
    csrf = html.escape(session.csrf if session else "")
    below = (
        f'<form method="post" action="/login">\n<input type="hidden" name="csrf" value="{csrf}">\n'
        '<p><label for="name">Name</label> <input id="name" name="name" autocomplete="username" autocapitalize="none"'
        ' required maxlength="40" autofocus></p>\n'
        '<p><label for="password">Password</label> <input id="password" name="password" type="password"'
        ' autocomplete="current-password" required maxlength="1000"></p>\n'
        "<p><button>Log in</button></p>\n</form>\n"
    )
    below += f"<p>{html.escape(by_command)}</p>" if safety.takes_links else ""
    why = words if status != 200 else "This console is for those who have a name here."
    return plain_page("Log in", why, below=below, status=status, headers=headers)
