"""How the requests of tweepy and Mastodon.py reach their service, and how far each of them got.

Both clients follow redirects (sending a POST again), bound no size and raise half a dozen kinds of errors that do not
say whether the request ever left. This adapter, mounted on the client's session, mends that: it sends to the origin
that the settings name, bounds time and size, follows nothing, and keeps a record of the exchange. What the answer means
is for the platform's module.
"""

from __future__ import annotations

import io
import json
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twitter_manager.errors import NotSent, OutcomeUnknown
from twitter_manager.platforms.http_errors import log_request

if TYPE_CHECKING:
    import zlib

    from requests import PreparedRequest, Response, Session

LARGEST_ANSWER = 4 * 1024 * 1024
"""Bytes, unpacked; a hundred posts with all that we ask for are under 300 kB."""
_LONG = 64 * 1024
"""Bytes of a body that still leave in one piece; no post comes near it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer. `headers` have lower-case names; `redact` blacks out the credentials that it may echo."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    redact: Callable[[str], str] = str

    def json(self) -> Any:
        """The body; None where it is no JSON."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None


@dataclass(slots=True)
class Exchange:
    """One request's fate so far. A connection was sought (`opening`), the first byte was handed to an open connection
    (`leaving`), a complete answer came back. `in_time` is asked just before the first byte and again before the
    body: no means that it stays. What is left after that is the way to the system call (measured: 2 µs)."""

    in_time: Callable[[], bool]
    opening: bool = False
    leaving: bool = False
    answer: Answer | None = None

    @property
    def never_left(self) -> bool:
        """True only with proof: DNS, connect, proxy or TLS failed before any byte of the request went out."""
        return self.opening and not self.leaving


class Transport:
    """An adapter for `Session.mount`, one for each client. `exchange` is that of the latest request (one at a time);
    whoever asks puts a new one there first. What the client asks of `origin` goes to `base_url`. Timeouts are in
    seconds."""

    def __init__(
        self,
        base_url: str,
        connect_timeout: float,
        read_timeout: float,
        *,
        origin: str = "",
        redact: Callable[[str], str] = str,
    ) -> None:
        from requests.adapters import HTTPAdapter

        self.exchange = Exchange(in_time=lambda: True)
        self._base_url, self._origin = base_url, origin or base_url
        self._timeouts = (connect_timeout, read_timeout)
        self._redact = redact
        self._adapter = HTTPAdapter()
        self._find_pool = self._adapter.get_connection_with_tls_context
        self._adapter.get_connection_with_tls_context = self._watched_pool  # type: ignore[method-assign]

    def mount_on(self, session: Session) -> None:
        """From now on no other host can be reached."""
        session.adapters.clear()
        session.mount(self._origin, self)  # type: ignore[arg-type]  # it has what a session calls

    def ask(self, service: str, send: Callable[[], object], in_time: Callable[[], bool], remedy: str) -> Answer:
        """Let the client `send`; gives the complete answer, whatever it says. Raises NotSent or OutcomeUnknown where
        there is none. Whatever the client, requests, urllib3 or http.client raise, the record says what happened."""
        exchange = self.exchange = Exchange(in_time)
        cause: Exception | None = None
        try:
            send()
        except Exception as error:  # noqa: BLE001  its record is what counts
            cause = error
        if exchange.answer is not None:
            return exchange.answer
        why = _innermost(cause) if cause else "no request was made"
        if cause is None or exchange.never_left:
            raise NotSent(f"{service} could not be reached ({why}).", remedy) from cause
        raise OutcomeUnknown(f"No answer came from {service} ({why}).", "It is looked up.") from cause

    def send(self, request: PreparedRequest, *, verify: Any = True, cert: Any = None, **_: Any) -> Response:
        """Send to the real origin and read the whole answer, or raise what requests and urllib3 raise. The timeout and
        proxies that the session gives are left out: it has none of the former, the latter are for tweepy's host."""
        began, path = time.monotonic(), (request.url or "").removeprefix(self._origin)
        try:
            return self._sent(request, path, verify, cert)
        finally:
            answer = self.exchange.answer
            told = (answer.status, answer.headers) if answer else ("no answer", {})
            log_request(request.method or "", path, *told, seconds=time.monotonic() - began)

    def _sent(self, request: PreparedRequest, path: str, verify: Any, cert: Any) -> Response:
        from requests.utils import get_environ_proxies

        routed = request.copy()
        routed.headers["Accept-Encoding"] = "identity"  # so that the limit on bytes is one on memory
        if isinstance(routed.body, bytes) and len(routed.body) > _LONG:
            # In pieces: a timeout is for each of them, not for a whole picture on a slow line.
            routed.body = io.BytesIO(routed.body)  # type: ignore[assignment]  # requests takes it
        routed.url = self._base_url + path
        proxies = get_environ_proxies(routed.url, no_proxy=None)
        response = self._adapter.send(routed, True, self._timeouts, verify, cert, proxies)
        response._content = content = self._read(response)
        headers = {name.lower(): value for name, value in response.headers.items()}
        self.exchange.answer = Answer(response.status_code, headers, content, self._redact)
        # Without it requests sees no redirect to follow: the credentials and the post go to one place, once.
        response.headers.pop("location", None)
        return response

    def close(self) -> None:
        self._adapter.close()

    def _watched_pool(self, *args: Any, **kwargs: Any) -> Any:
        self.exchange.opening = True
        pool: Any = self._find_pool(*args, **kwargs)
        if not hasattr(pool.ConnectionCls, "before_request"):
            pool.ConnectionCls = _watched(pool.ConnectionCls, self._leaving, self._sending)
        return pool

    def _leaving(self) -> None:
        if not self.exchange.in_time():
            raise OSError("this process was stopped on the way")
        self.exchange.leaving = True

    def _sending(self) -> None:
        """Before each piece. The first has been asked about; the body that follows the headers is not sent late."""
        if self.exchange.leaving and not self.exchange.in_time():
            raise OSError("this process was stopped on the way")

    def _read(self, response: Response) -> bytes:
        """The body, as it trickles in, within the size limit and the read timeout (which requests applies to each
        packet alone). What is packed is never unpacked past the limit."""
        from requests.exceptions import ChunkedEncodingError

        deadline = time.monotonic() + self._timeouts[1]
        content = bytearray()
        unpack = _unpacking(response.headers.get("content-encoding", "identity"))
        while chunk := response.raw.read1(65536, decode_content=False):
            content += unpack(chunk)
            if len(content) > LARGEST_ANSWER or time.monotonic() > deadline:
                response.close()
                raise ChunkedEncodingError("the answer is too long or too slow")
        response.raw.release_conn()
        return bytes(content)


def _unpacking(encoding: str) -> Callable[[bytes], bytes]:
    """What takes a piece of the body out of an encoding that was not asked for, never more of it than the limit."""
    from requests.exceptions import ContentDecodingError

    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return bytes  # as it came: what can't be read is for the caller to say
    unpacker = zlib.decompressobj(wbits=47)  # gzip or zlib, as it begins

    def unpack(piece: bytes) -> bytes:
        try:
            return unpacker.decompress(piece, LARGEST_ANSWER + 1)
        except zlib.error:
            raise ContentDecodingError("the answer can't be unpacked") from None

    return unpack


def _innermost(error: BaseException) -> str:
    """The innermost reason in a few words. What the system says, never what was sent."""
    for _ in range(10):
        nested = [getattr(error, "reason", None), *error.args, error.__cause__, error.__context__]
        inner = next((each for each in nested if isinstance(each, BaseException) and each is not error), None)
        if inner is None:
            break
        error = inner
    said = " ".join(str(error).split())[:120] if isinstance(error, OSError) else ""
    return said or type(error).__name__


def _watched(kind: Any, leaving: Callable[[], None], sending: Callable[[], None]) -> Any:
    """A connection class that tells when the connection stands and the request begins to leave, and of each piece."""

    class Watched(kind):  # type: ignore[misc]  # the class depends on the scheme
        before_request = staticmethod(leaving)
        before_piece = staticmethod(sending)

        def request(self, *args: Any, **kwargs: Any) -> None:
            if self.sock is None:
                self.connect()
            self.before_request()
            super().request(*args, **kwargs)

        def send(self, data: Any) -> None:
            self.before_piece()
            super().send(data)

    return Watched
