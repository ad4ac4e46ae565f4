"""Talking to a Bluesky service as one account: log in, keep the session between runs, make calls, name what failed.

The SDK's own session handling is left aside: it trusts the local clock, and its session strings choose the server.
Here a session is used until the server calls it expired, and every request goes to the configured service, which for
bsky.social passes it on to the account's own host (https://docs.bsky.app/docs/advanced-guides/entryway).
What a failed call means for a post is for `bluesky` to say.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from twitter_manager.domain import Clock
from twitter_manager.errors import TOO_MANY, NeedsPerson, NotSent
from twitter_manager.platforms import kept
from twitter_manager.platforms.http_errors import log_request, retry_at_from_headers, told
from twitter_manager.redaction import REDACTED, Redactor

if TYPE_CHECKING:
    import httpx
    from atproto import Client

log = logging.getLogger(__name__)

T = TypeVar("T")
Headers = dict[str, str]
CONNECT_SECONDS = 10.0
MAX_ANSWER_BYTES = 4 * 2**20
"""A listing of 100 posts, the largest answer asked for, stays under 1 MB."""
_LEAVES = ("send_request_headers.started", "send_request_body.started")
"""httpcore's names for the moments just before it sends. https://www.encode.io/httpcore/extensions/#trace"""
EXPIRED = frozenset({"ExpiredToken", "InvalidToken"})
DID = r"did:[a-z]+:[A-Za-z0-9._:%-]{1,2000}"
CHECK_LOGIN = "Check the handle and the app password (BLUESKY_IDENTIFIER, BLUESKY_PASSWORD)."
NEW_SESSION = "Put an app password in its place: auth rotate bluesky."
CHECK_SERVICE = "Check BLUESKY_SERVICE_URL and the network; it will be tried again."
NO_SERVER = "BLUESKY_SERVICE_URL must be the address of a Bluesky server, such as https://bsky.social."


class CallFailed(Exception):
    """A call that gave no usable answer. `status` and `code` (an XRPC error name) are the server's, where it gave
    them; `never_sent` is proof that the request did not leave."""

    def __init__(
        self,
        detail: str,
        *,
        status: int | None = None,
        code: str = "",
        headers: Mapping[str, str] | None = None,
        never_sent: bool = False,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.headers = headers or {}
        self.never_sent = never_sent

    def as_not_sent(self, clock: Clock, operation: str = "") -> NotSent:
        """The error for a call that surely changed nothing and may be made again. `operation`: see PlatformError."""
        return NotSent(
            f"Bluesky did not take the request: {self}.",
            CHECK_SERVICE if self.status != TOO_MANY else "It will be tried again when the limit has passed.",
            status=self.status,
            retry_at=retry_at_from_headers(self.headers, clock()) if self.status == TOO_MANY else None,
            operation=operation,
        )


@dataclass(frozen=True, slots=True)
class Tokens:
    """An open session. The access token lives for hours, the refresh token for weeks and is replaced at each use."""

    did: str
    handle: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)

    def sound(self) -> bool:
        """Whether every field is what a server would have given: nothing that could forge a header or a path."""
        return all(
            isinstance(value, str) and re.fullmatch(pattern, value) is not None
            for value, pattern in (
                (self.did, DID),
                (self.handle, r"[A-Za-z0-9.-]{1,253}"),
                (self.access, r"[A-Za-z0-9._~+/=-]{1,8192}"),
                (self.refresh, r"[A-Za-z0-9._~+/=-]{1,8192}"),
            )
        )


def ends_at(token: str) -> datetime | None:
    """When a session's token ends, as it says itself (RFC 7519); None where it is no such token."""
    try:
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "==="))
        return datetime.fromtimestamp(claims["exp"], UTC)
    except (IndexError, ValueError, KeyError, TypeError, OverflowError, OSError, RecursionError):
        return None


class SessionFile:
    """Where the session waits for the next run. It counts only for the same service and identifier."""

    def __init__(self, path: Path, service_url: str, identifier: str) -> None:
        self._path = path
        self._owner = {"service": service_url, "identifier": identifier}

    def load(self) -> Tokens | None:
        stored = kept.load(self._path, self._owner)
        fields = {"did", "handle", "access", "refresh"}
        tokens = Tokens(**stored) if stored is not None and stored.keys() == fields else None
        return tokens if tokens and tokens.sound() else None

    def save(self, tokens: Tokens) -> None:
        kept.save(self._path, self._owner, asdict(tokens))


class BlueskySession:
    """One account at one service. Makes no request before the first call."""

    def __init__(
        self, identifier: str, password: str, service_url: str, session_file: Path, clock: Clock, timeout: float
    ) -> None:
        self.identifier = identifier.strip().removeprefix("@")
        self.service_url = service_url.rstrip("/")
        self._password = password
        self._file = SessionFile(session_file, self.service_url, self.identifier)
        self._clock = clock
        self._timeout = timeout
        self._tokens: Tokens | None = None
        self._in_time: Callable[[], bool] = _always

    @contextlib.contextmanager
    def while_in_time(self, in_time: Callable[[], bool]) -> Iterator[None]:
        """Requests made herein leave only if `in_time` says yes when the connection stands and again before the body:
        what is left after that is the way to the system call, some µs."""
        self._in_time = in_time
        try:
            yield
        finally:
            self._in_time = _always

    def open(self) -> Tokens:
        """The session: this object's, else the kept one, else a new login. Raises NotSent, NeedsPerson."""
        self._tokens = self._tokens or self._file.load() or self._log_in()
        return self._tokens

    def call(self, send: Callable[[Client, Headers], T]) -> T:
        """Make an authorised call; where the server says that the token has expired (a definite no), renew the
        session and send the same once more. Raises CallFailed; NotSent, NeedsPerson when there is no session."""
        tokens = self.open()
        try:
            return self.call_openly(lambda client: send(client, _bearer(tokens.access)))
        except CallFailed as failure:
            if failure.code not in EXPIRED:
                raise
        renewed = self._renew(tokens)
        return self.call_openly(lambda client: send(client, _bearer(renewed.access)))

    def call_openly(self, send: Callable[[Client], T]) -> T:
        """Make a call without credentials. Raises CallFailed."""
        with _named_failures(self._scrub):
            return send(self._client)

    def _renew(self, tokens: Tokens) -> Tokens:
        try:
            return self._refreshed(tokens.refresh)
        except CallFailed as failure:
            if failure.code in EXPIRED or failure.status == 401:
                log.info("the kept Bluesky session has ended: logging in again")
                self._tokens = self._log_in()
                return self._tokens
            raise self._login_error(failure) from failure

    def _take_up(self, token: str) -> Tokens:
        try:
            return self._refreshed(token)
        except CallFailed as failure:
            if failure.code in EXPIRED or failure.status == 401:
                raise NeedsPerson(f"The Bluesky session has ended: {failure}.", NEW_SESSION) from failure
            raise self._login_error(failure) from failure

    def _refreshed(self, token: str) -> Tokens:
        """Raises CallFailed."""
        fresh = self.call_openly(lambda client: client.com.atproto.server.refresh_session(headers=_bearer(token)))
        return self._keep(Tokens(fresh.did, fresh.handle, fresh.access_jwt, fresh.refresh_jwt))

    def _log_in(self) -> Tokens:
        if ends_at(self._password):  # a session's refresh token stands in the place of an app password
            return self._take_up(self._password)
        credentials = {"identifier": self.identifier, "password": self._password}
        try:
            session = self.call_openly(lambda client: client.com.atproto.server.create_session(credentials))
        except CallFailed as failure:
            raise self._login_error(failure) from failure
        if session.active is False:
            raise NeedsPerson(
                f"The Bluesky account is {session.status or 'not active'}.", "Sign in at bsky.app to mend it."
            )
        return self._keep(Tokens(session.did, session.handle, session.access_jwt, session.refresh_jwt))

    def _keep(self, tokens: Tokens) -> Tokens:
        if not tokens.sound():
            raise NotSent("Bluesky's answer to the login is not a session.", CHECK_SERVICE)
        self._tokens = tokens
        self._file.save(tokens)
        return tokens

    def _login_error(self, failure: CallFailed) -> NotSent | NeedsPerson:
        if failure.code == "AuthFactorTokenRequired":
            remedy = "The account has two-factor login: put an app password in BLUESKY_PASSWORD."
            return NeedsPerson(f"Bluesky refused the login: {failure}.", remedy, status=failure.status)
        if failure.code and failure.status in (400, 401, 403):
            return NeedsPerson(f"Bluesky refused the login: {failure}.", CHECK_LOGIN, status=failure.status)
        if failure.status in (404, 501):
            return NeedsPerson(f"There is no Bluesky server at {self.service_url}.", NO_SERVER, status=failure.status)
        return failure.as_not_sent(self._clock, "login")

    def _scrub(self, words: str) -> str:
        """The server's words for a log or a message: one short line, without anything secret that it echoes."""
        secrets = [self._password]
        if self._tokens:
            secrets += [self._tokens.access, self._tokens.refresh]
        for secret in secrets:  # a short password too, which the redactor takes for a word
            words = words.replace(secret, REDACTED) if secret else words
        return told(words, Redactor(secrets).redact)

    def _watch(self, request: httpx.Request) -> None:
        """Half a request is none: without its body a server has nothing to store."""

        def look(step: str, _: object) -> None:
            if step.endswith(_LEAVES) and not self._in_time():
                raise CallFailed("this process was stopped on the way", never_sent=True)

        request.extensions |= {"trace": look, "began": time.monotonic()}

    @functools.cached_property
    def _client(self) -> Client:
        import httpx
        from atproto import Client, Request

        timeout = httpx.Timeout(self._timeout, connect=min(CONNECT_SECONDS, self._timeout))
        hooks = {"request": [self._watch], "response": [_bounded(self._timeout)]}
        # Uncompressed, so that the cap on bytes is a cap on memory.
        request = Request(timeout=timeout, headers={"accept-encoding": "identity"}, event_hooks=hooks)
        return Client(base_url=self.service_url, request=request)


def _always() -> bool:
    return True


def _bearer(token: str) -> Headers:
    return {"authorization": f"Bearer {token}"}


@contextlib.contextmanager
def _named_failures(scrub: Callable[[str], str]) -> Iterator[None]:
    """Turn everything that the SDK, its HTTP library and its parsers raise into CallFailed."""
    import httpx
    from atproto.exceptions import AtProtocolError, RequestErrorBase

    never_sent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
    try:
        yield
    except (AtProtocolError, httpx.HTTPError, ValueError) as error:
        response = error.response if isinstance(error, RequestErrorBase) else None
        if response is not None:
            # XrpcError for exactly {error, message}, a DotDict for any other JSON object, else bytes.
            code, words = getattr(response.content, "error", ""), getattr(response.content, "message", "")
            code = code if isinstance(code, str) else ""
            raise CallFailed(
                f"{response.status_code} {scrub(str(words or code or 'no reason given'))}",
                status=response.status_code,
                code=code,
                headers=response.headers,
            ) from None  # the SDK's error repeats the server's words as they came
        cause = error.__cause__ if isinstance(error, RequestErrorBase) else error
        if isinstance(cause, httpx.HTTPError):
            words = scrub(f"{type(cause).__name__} {cause}".strip())
            raise CallFailed(words, never_sent=isinstance(cause, never_sent)) from error
        raise CallFailed("an answer that can't be read") from error


def _bounded(seconds: float) -> Callable[[httpx.Response], None]:
    """A hook that keeps an answer's body within MAX_ANSWER_BYTES and `seconds`, and follows no redirect: the password
    and the tokens are for the configured service alone."""
    import httpx

    class Body(httpx.SyncByteStream):
        def __init__(self, inner: httpx.SyncByteStream) -> None:
            self._inner = inner

        def __iter__(self) -> Iterator[bytes]:
            size, end = 0, time.monotonic() + seconds
            for chunk in self._inner:
                size += len(chunk)
                if size > MAX_ANSWER_BYTES or time.monotonic() > end:
                    raise CallFailed("an answer that is too large or too slow")
                yield chunk

        def close(self) -> None:
            self._inner.close()

    def hook(response: httpx.Response) -> None:
        request = response.request
        seconds = time.monotonic() - request.extensions["began"]
        log_request(request.method, request.url.path, response.status_code, response.headers, seconds=seconds)
        if response.has_redirect_location:
            raise CallFailed(f"{response.status_code} a redirect, which is not followed", status=response.status_code)
        if response.headers.get("content-encoding", "identity") != "identity":
            raise CallFailed("an answer in an encoding that was not asked for")
        if isinstance(response.stream, httpx.SyncByteStream):
            response.stream = Body(response.stream)

    return hook
