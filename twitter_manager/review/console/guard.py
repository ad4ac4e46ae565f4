"""What stands before every page and every answer of the API: nothing reaches them that has not passed here, in order.

The name by which the browser came, the method and the kind of body, the page that sent it, the session, the body with
its bounds, the token of the form. What is refused gets a plain page (JSON under /api), and a line in the log without
the query, which may hold a link's token. Every answer carries the headers that tell a browser what it may do with it.
"""

from __future__ import annotations

import asyncio
import html
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, Headers
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.responses import HTMLResponse, JSONResponse, Response

from twitter_manager.domain import Actor
from twitter_manager.errors import LockHeld, Meanwhile, StoreBusy, TwitterManagerError, UsageError
from twitter_manager.review import tokens
from twitter_manager.review.api.problems import TYPE
from twitter_manager.review.console.links import Links
from twitter_manager.review.console.sessions import Session, Sessions
from twitter_manager.review.console.users import Attempts, Users

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; connect-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with it a browser says `Origin: null` of its own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "X-Robots-Tag": "noindex",
}
READS, WRITES = ("GET", "HEAD"), ("POST",)
FORM, MULTIPART, JSON_BODY = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"
LARGEST_FORM = 1_000_000
LARGEST_UPLOAD = 64_000_000
"""Bytes: four pictures as large as any platform takes."""
LARGEST_BEFORE_LOGIN = 10_000
MOST_FIELDS, MOST_FILES = 500, 20
FORM_SECONDS, UPLOAD_SECONDS = 20.0, 120.0
DROPPED, DROPPING_SECONDS = 2_000_000, 2.0
LARGEST_HEAD = 32_000
LONGEST_PATH = 200
"""No page has a longer address, but for what follows its question mark."""
OPEN_PATHS = ("/login", "/api/login", "/api/health", "/favicon.ico")
OPEN_FOLDERS = ("/static/",)
KEPT_FOLDERS = (*OPEN_FOLDERS, "/media/")
"""What a browser may keep: what never changes under its address, or not for long."""
BY_ITSELF = "x-by-itself"
"""The header of what a page asks for with nobody's doing: it keeps neither the console nor a session alive."""


class Refused(Exception):
    """What is not let through: the status, and why in words for a person."""

    def __init__(self, status: int, why: str, **headers: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why
        self.headers = headers


@dataclass(slots=True)
class Activity:
    """Whether somebody uses the console."""

    last: float
    at_work: int = 0
    """Requests of a person that are being answered."""


@dataclass(frozen=True, slots=True)
class Safety:
    """What the guard and the login page know of this console. `hosts`: the names by which it may be reached, with the
    port where the browser says it."""

    hosts: Sequence[str]
    is_tls: bool
    port: int
    sessions: Sessions
    users: Users
    attempts: Attempts
    links: Links
    takes_links: bool
    activity: Activity
    clock: Callable[[], float] = field(repr=False)
    program: Callable[[str], str] = field(repr=False)
    """Whose the API's token is (`review token NAME`); "": nobody's. Looks into the database."""

    @property
    def address(self) -> str:
        """What a person opens."""
        return f"{self.scheme}://{self.hosts[0]}/"

    @property
    def scheme(self) -> str:
        return "https" if self.is_tls else "http"

    @property
    def cookie(self) -> str:
        """Its name holds the port, for browsers give all ports of a machine the same cookies."""
        return f"{'__Host-' if self.is_tls else ''}console-{self.port}"

    def set_cookie(self, response: Response, session: str) -> None:
        """The browser is this session from here on; "" is none."""
        response.set_cookie(
            self.cookie,
            session,
            max_age=None if session else 0,
            path="/",
            secure=self.is_tls,
            httponly=True,
            samesite="strict",
        )


def _told(error: Exception, *, is_known: bool) -> Refused:
    """What a person hears of an error: the program's own words, where they are logged in."""
    if not is_known or not isinstance(error, TwitterManagerError):
        return Refused(500, "This did not work. The log has the details.")
    if isinstance(error, Meanwhile):
        return Refused(409, str(error))
    if isinstance(error, UsageError):
        return Refused(422, str(error))
    if isinstance(error, LockHeld | StoreBusy):
        return Refused(503, str(error), **{"Retry-After": "5"})
    return Refused(500, str(error))


class Guard:
    """The ASGI middleware."""

    def __init__(self, app: ASGIApp, safety: Safety) -> None:
        self._app = app
        self._safety = safety

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        sender, incoming = _Sender(send, scope["path"]), _Incoming(receive)
        activity, is_counted = self._safety.activity, False
        try:
            request = _Request(scope, Headers(scope=scope))
            session = await self._admitted(request)
            again = await self._body(request, session, incoming)
            is_counted = session is not None and request.is_by_person
            activity.at_work += is_counted
            await self._app(scope, again, sender)
        except Refused as refused:
            where = f"{scope['method'][:10]} {scope['path'][:200]}"
            level = logging.INFO if refused.status == 401 else logging.WARNING  # a session that ended is no attack
            log.log(level, "refused (%d): %s: %s", refused.status, where, refused.why)
            await incoming.drop()
            await sender.refuse(scope, incoming, refused)
        except Exception as error:
            log.exception("an error in %s %s", scope["method"], scope["path"][:200])
            if sender.has_begun:
                raise
            await sender.refuse(scope, incoming, _told(error, is_known=scope["state"].get("session") is not None))
        finally:
            if is_counted:
                activity.at_work -= 1
                activity.last = self._safety.clock()

    async def _admitted(self, request: _Request) -> Session | None:
        """The session of a request that may go on; None where it needs none. Raises Refused."""
        self._check_host(request)
        _check_kind(request)
        self._check_origin(request)
        session = await self._session(request)
        request.scope["state"].update(
            safety=self._safety,
            session=session,
            csrf=session.csrf if session else "",
            actor=Actor(session.name, "api" if request.is_api else "console") if session else None,
        )
        if session is None and not request.is_open:
            how = {"WWW-Authenticate": "Bearer"} if request.is_api else {}
            raise Refused(401, "You are not logged in, or your session has ended.", **how)
        return session

    def _check_host(self, request: _Request) -> None:
        """Else another site could name an address that leads here its own (DNS rebinding)."""
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._safety.hosts:
            raise Refused(421, f"The console answers under {self._safety.address} only.")

    def _check_origin(self, request: _Request) -> None:
        """Writes come from a page of ours, and only a link brings anybody here from elsewhere. Raises Refused."""
        origins, sites = request.headers.getlist("origin"), request.headers.getlist("sec-fetch-site")
        ours = f"{self._safety.scheme}://{request.headers['host'].lower()}"
        if request.is_write and origins != [ours] and (origins or not request.is_of_program):
            raise Refused(403, "This came from another page than the console's own.")
        is_link = not request.is_write and request.headers.get("sec-fetch-mode") == "navigate"
        if not set(sites) <= {"same-origin", "none"} and not is_link:
            raise Refused(403, "This came from another site.")

    async def _session(self, request: _Request) -> Session | None:
        """A program's token makes a session of one request."""
        token = request.bearer or request.cookie(self._safety.cookie)
        if request.is_program:
            name, now = await run_in_threadpool(self._safety.program, token), self._safety.clock()
            return Session(name, "", "", now, now) if name else None
        return self._safety.sessions.find(token, by_person=request.is_by_person) if token else None

    async def _body(self, request: _Request, session: Session | None, receive: Receive) -> Receive:
        """The body, read and checked, for whoever reads it next; `request.state.form` is what a form says, `.body` all
        bytes. Raises Refused."""
        if not request.is_write:
            return receive
        largest = LARGEST_UPLOAD if request.kind == MULTIPART else LARGEST_FORM
        largest = largest if session else LARGEST_BEFORE_LOGIN
        seconds = UPLOAD_SECONDS if request.kind == MULTIPART and session else FORM_SECONDS
        try:
            async with asyncio.timeout(seconds):
                body = await _read(receive, request.headers, largest)
        except TimeoutError:
            raise Refused(408, "What was sent took too long to arrive.") from None
        if body and not request.kind:
            raise Refused(415, "What was sent does not say what it is.")
        form = await _form(request, body)
        request.scope["state"].update(form=form, body=body)
        if session and not request.bearer:
            given = request.headers.get("x-csrf-token") or form.get("csrf")
            if not isinstance(given, str) or not session.has_csrf(given):
                raise Refused(403, "This form is not of your session. Load the page again, and try once more.")
        return _again(body, receive)


@dataclass(frozen=True, slots=True)
class _Request:
    """What the guard asks of a request."""

    scope: Scope
    headers: Headers

    @property
    def is_write(self) -> bool:
        return self.scope["method"] in WRITES

    @property
    def is_api(self) -> bool:
        return str(self.scope["path"]).startswith("/api/")

    @property
    def is_open(self) -> bool:
        """Whether it needs no session."""
        path = str(self.scope["path"])
        return path in OPEN_PATHS or path.startswith(OPEN_FOLDERS)

    @property
    def is_by_person(self) -> bool:
        """Whether somebody did something: not what a page asks for by itself, nor what belongs to one, nor what a
        program looks at again and again."""
        by_itself = BY_ITSELF in self.headers or (self.is_program and not self.is_write)
        return not by_itself and not str(self.scope["path"]).startswith((*KEPT_FOLDERS, "/favicon"))

    @property
    def is_program(self) -> bool:
        """Whether it shows a token of the API's."""
        return self.bearer.startswith(tokens.PREFIX)

    @property
    def kind(self) -> str:
        """The kind of body, without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def bearer(self) -> str:
        """The session's id as a program shows it, which no other site can make a browser send."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and self.is_api else ""

    @property
    def is_of_program(self) -> bool:
        """Whether it may come without an Origin: it shows its session in a header that no page elsewhere can send, or
        asks for one, which is given in the answer and in no cookie."""
        return bool(self.bearer) or self.scope["path"] == "/api/login"

    def cookie(self, name: str) -> str:
        """The cookie of this name; "" where there is none, or more than one."""
        pairs = [pair.strip().partition("=") for header in self.headers.getlist("cookie") for pair in header.split(";")]
        values = [value for key, _, value in pairs if key == name]
        return values[0] if len(values) == 1 else ""


def _check_kind(request: _Request) -> None:
    """The size of the head, the method, and what the body says it is. Raises Refused."""
    if request.scope["http_version"] not in ("1.0", "1.1"):
        raise Refused(505, "The console speaks HTTP/1.1.")
    if (
        sum(len(name) + len(value) for name, value in request.headers.raw) + len(request.scope["raw_path"])
        > LARGEST_HEAD
    ):
        raise Refused(431, "The head of the request is too large.")
    if len(request.scope["path"]) > LONGEST_PATH:
        raise Refused(404, "There is no such page.")
    if request.scope["method"] not in (*READS, *WRITES):
        raise Refused(405, "The console takes GET, HEAD and POST.", Allow=", ".join((*READS, *WRITES)))
    lengths, codings = request.headers.getlist("content-length"), request.headers.getlist("transfer-encoding")
    if len(lengths) + len(codings) > 1:
        raise Refused(400, "What was sent says its length twice.")
    if not request.is_write:
        if codings or lengths not in ([], ["0"]):  # nobody reads it: it could come little by little for ever
            raise Refused(400, "A request that only looks takes nothing along.")
        return
    kinds = (JSON_BODY,) if request.is_api else (FORM, MULTIPART)
    if len(request.headers.getlist("content-type")) > 1 or (request.kind and request.kind not in kinds):
        raise Refused(415, f"This takes {' or '.join(kinds)}.")
    if not request.kind and not request.is_api:
        raise Refused(415, f"This takes {' or '.join(kinds)}.")


async def _read(receive: Receive, headers: Headers, largest: int) -> bytes:
    """The whole body. Raises Refused."""
    too_large = Refused(413, f"What was sent is larger than {largest:,} bytes.")
    declared = headers.get("content-length", "0")
    if not declared.isascii() or not declared.isdigit() or int(declared[:18]) > largest:
        raise too_large
    pieces, size = list[bytes](), 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "What was sent broke off.")
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > largest:
            raise too_large
        if not message.get("more_body"):
            return b"".join(pieces)


async def _form(request: _Request, body: bytes) -> FormData:
    """What a form says; nothing where the body is none. Raises Refused."""

    async def pieces() -> AsyncGenerator[bytes, None]:
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    try:
        if request.kind == MULTIPART:
            _, options = parse_options_header(request.headers["content-type"])
            if options.get(b"charset", b"utf-8").lower() != b"utf-8":  # Python's codecs are many, and not all letters
                raise Refused(415, "This takes UTF-8.")
            parser = MultiPartParser(request.headers, pieces(), max_files=MOST_FILES, max_fields=MOST_FIELDS)
            return await parser.parse()
        if request.kind == FORM:
            return await FormParser(request.headers, pieces(), max_fields=MOST_FIELDS).parse()
    except MultiPartException as error:
        raise Refused(400, f"The form can't be read: {error.message}") from None
    return FormData()


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives the body once more, then what really comes."""
    left = [body]

    async def receive_again() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return receive_again


class _Incoming:
    """What comes in, and whether more of it is to come."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._has_more = True

    async def __call__(self) -> Message:
        message = await self._receive()
        self._has_more = message["type"] == "http.request" and bool(message.get("more_body"))
        return message

    async def drop(self) -> None:
        """Let go by what was sent, within bounds: whoever is still sending would not hear the answer."""
        size = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(DROPPING_SECONDS):
                while self._has_more and size < DROPPED:
                    size += len((await self()).get("body", b""))


class _Sender:
    """Sends the answer with the headers that every answer has."""

    def __init__(self, send: Send, path: str) -> None:
        self._send = send
        self._is_kept = path.startswith(KEPT_FOLDERS)
        self.has_begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            ours = {name.lower().encode(): value.encode() for name, value in HEADERS.items()}
            ours[b"cache-control"] = b"private, max-age=300" if self._is_kept else b"no-store"
            theirs = [(name, value) for name, value in message["headers"] if name.lower() not in ours]
            message = {**message, "headers": [*theirs, *ours.items()]}
        await self._send(message)

    async def refuse(self, scope: Scope, receive: Receive, refused: Refused) -> None:
        """Say no, and read nothing more of this connection."""
        is_api = str(scope["path"]).startswith("/api/")
        headers = {**refused.headers, "Connection": "close"}
        response: Response
        if is_api:
            response = _problem(refused, headers)
        elif refused.status == 401 and scope["method"] in READS:
            response = Response(status_code=303, headers={"Location": "/login"})
        else:
            response = plain_page("Not done", refused.why, status=refused.status, headers=headers)
        await response(scope, receive, self)


_KINDS = {
    401: "not-signed-in",
    404: "not-found",
    405: "method",
    413: "too-large",
    415: "media-type",
    429: "too-many",
    500: "failed",
}
_WAY_IN = "Send a token with it (Authorization: Bearer TOKEN); the verb review token NAME makes one."


def _problem(refused: Refused, headers: dict[str, str]) -> JSONResponse:
    """Problem details (RFC 9457), as the API gives them."""
    kind = _KINDS.get(refused.status, "forbidden" if refused.status in (403, 421) else "invalid")
    title = HTTPStatus(refused.status).phrase
    told = {"type": TYPE + kind, "title": title, "status": refused.status}
    told |= {"detail": refused.why, "remedy": _WAY_IN if refused.status == 401 else ""}
    return JSONResponse(told, refused.status, headers, "application/problem+json")


def plain_page(
    title: str, why: str, *, below: str = "", status: int = 200, headers: dict[str, str] | None = None
) -> HTMLResponse:
    """A page that needs neither session nor template. `below`: HTML of ours."""
    shown = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{html.escape(title)}</title>\n<link rel="stylesheet" href="/static/console.css">\n</head>\n'
        f'<body>\n<main>\n<h1>{html.escape(title)}</h1>\n<p role="status">{html.escape(why)}</p>\n{below}\n</main>\n'
        "</body>\n</html>\n"
    )
    return HTMLResponse(shown, status, headers)
