"""The one client that fetches what others wrote. It goes to public addresses only, and never waits or reads for long.

Each hop of a redirect is checked like the first address; the name is looked up once, every answer is checked, and the
connection goes to an address that was checked (`ssrfguard`), so that a name which moves in between moves nothing. The
policy is a parameter for the tests, which have no public address; there is no setting for it. Proxies are left aside:
they would look the name up themselves. Sites' robots.txt holds for pages (RFC 9309), and a host is not asked again at
once. A feed is made for programs to read, and a person named it: robots.txt, which is for crawlers that find addresses
by themselves, is not asked about it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from twitter_manager import __version__, phrases
from twitter_manager.domain import TimeLeft
from twitter_manager.errors import SourceError
from twitter_manager.sources.watching import watched

if TYPE_CHECKING:
    import httpx
    from protego import Protego
    from ssrfguard import Policy, Resolver

MOST_BYTES = 5 * 1024 * 1024
"""Of an answer, on the wire and unpacked."""
MOST_FEED_BYTES = 25 * 1024 * 1024
MOST_LAYERS = 3
"""How often an answer may be packed."""
SECONDS = 20.0
"""For one address, its redirects included."""
CONNECT_SECONDS = 8.0
REDIRECTS = 5
PAUSE = 1.0
"""Seconds between two requests to one host; robots.txt may ask for more."""
LONGEST_PAUSE = 30.0
MOST_ROBOTS_BYTES = 500 * 1024
"""https://www.rfc-editor.org/rfc/rfc9309#section-2.5"""
PORTS = frozenset({80, 443, 8080, 8443})
"""No others: mail, databases and the like also answer to some of what is sent to them."""
NAME = "twitter_manager"
AGENT = f"{NAME}/{__version__}"


class Gone(SourceError):
    """The address is no more (404, 410)."""


class Wanted(NamedTuple):
    """What kind of answer is wanted: the `Accept` header, a pattern of the types that are taken, the most bytes of it,
    and whether the site's robots.txt is asked."""

    accept: str
    types: str
    most_bytes: int = MOST_BYTES
    robots: bool = True


_NO_TEXT = r"(?:image|audio|video|font|model)/.*|text/(?:css|javascript|csv|calendar|vcard)"
_NO_FEED = rf"{_NO_TEXT}|application/(?:pdf|zip|javascript|wasm|epub\+zip|vnd\..*|msword|x-(?:tar|7z.*|rar.*|sh.*))"
FEED = Wanted(
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9,"
    " application/json;q=0.8, */*;q=0.1",
    rf"(?!(?:{_NO_FEED})\Z)[^,]*",  # servers have many names for a feed: binary/octet-stream, application/rss …
    MOST_FEED_BYTES,
    robots=False,
)
PAGE = Wanted(
    "text/html, application/xhtml+xml, text/plain;q=0.8", r"|text/(html|plain|markdown)|application/xhtml\+xml"
)
PICTURE = Wanted(
    "image/jpeg, image/png, image/webp, image/gif;q=0.5",
    r"|image/(?:p?jpe?g|(?:x-)?png|webp|gif)|(?:application|binary)/octet-stream",  # stores name no type
    8 * 2**20,
    robots=False,
)
"""A page's picture of itself, made to be shown with links to it."""
EITHER = Wanted(
    f"{PAGE.accept}, application/atom+xml, application/rss+xml, application/feed+json",
    FEED.types,
    MOST_FEED_BYTES,
    robots=False,
)
"""What a person has just typed, of which nobody knows yet what it is."""
WANTED: Mapping[str, Wanted] = {"feed": FEED, "page": PAGE, "either": EITHER}


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete, unpacked answer. `etag` and `modified` are what a later request may ask with."""

    url: str
    content: bytes
    media_type: str
    charset: str
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class _Reply:
    """What one request gave: the body is read only where it is wanted."""

    status: int
    headers: Mapping[str, str]
    content: bytes = b""


class Fetcher:
    """One client for a run. `time_left`: seconds that may still be used for fetching."""

    def __init__(
        self,
        *,
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
        time_left: TimeLeft,
        policy: Policy | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        self._sleep = sleep
        self._monotonic = monotonic
        self._time_left = time_left
        self._policy = policy
        self.resolver = resolver
        self._client: httpx.Client | None = None
        self._patience = SECONDS
        self._deadline = 0.0
        self._most_bytes = MOST_BYTES
        self._bytes_left = 0
        self._rules: dict[str, Protego | SourceError | None] = {}
        self._asked_at: dict[str, float] = {}

    def get(self, url: str, wanted: Wanted, *, etag: str = "", modified: str = "") -> Answer | None:
        """Fetch an address; None when it has not changed since the answer that gave `etag` and `modified`.

        Raises SourceError, Gone."""
        headers = {"Accept": wanted.accept}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": modified} if modified else {}
        self._patience = max(0.0, min(SECONDS, self._time_left()))
        self._deadline = self._monotonic() + self._patience
        url, reply = self._follow(url, headers, wanted.most_bytes, robots=wanted.robots)
        return self._answer(url, reply, wanted, conditional=bool(etag or modified))

    @cached_property
    def policy(self) -> Policy:
        """Which addresses may be asked."""
        return self._policy or public_policy()

    def close(self) -> None:
        """Give the connections back."""
        if self._client is not None:
            self._client.close()

    # -- one address -----------------------------------------------------------------------------------

    def _follow(self, url: str, headers: Mapping[str, str], most: int, *, robots: bool | None) -> tuple[str, _Reply]:
        """Where the redirects end, and what is said there. `robots`: whether robots.txt is asked; None for itself."""
        for _ in range(REDIRECTS + 1):
            self._check(url)
            if robots is not None:
                self._take_turn(url, self._robots_delay(url) if robots else PAUSE)
            reply = self._ask(url, headers, most)
            if (location := _redirect(reply)) is None:
                return url, reply
            url = _joined(url, location)
        raise SourceError(f"{shown(url)}: more than {REDIRECTS} redirects.", "Give the address where they end.")

    def _answer(self, url: str, reply: _Reply, wanted: Wanted, *, conditional: bool) -> Answer | None:
        if reply.status == 304 and conditional:
            return None
        if reply.status in (404, 410):
            raise Gone(
                f"{shown(url)}: there is nothing any more ({reply.status}).", "Find its new address, or take it out."
            )
        if reply.status != 200:
            locked = "Readers are not let in: find a public address, or take it out."
            remedy = locked if reply.status in (401, 402, 403, 407) else "The next look tries again."
            raise SourceError(f"{shown(url)}: the answer is {reply.status}.", remedy)
        media_type, charset = _media_type(reply.headers.get("content-type", ""))
        if not re.fullmatch(wanted.types, media_type):
            raise SourceError(f"{shown(url)}: the answer is of type {media_type[:60]}.", "Give the address of a text.")
        return Answer(
            url,
            reply.content,
            media_type,
            charset,
            etag=_validator(reply.headers.get("etag", "")),
            modified=_validator(reply.headers.get("last-modified", "")),
        )

    def seconds_left(self) -> float:
        left = self._deadline - self._monotonic()
        if left <= 0:
            seconds = phrases.amount(round(self._patience), "second")
            raise SourceError(f"The answer took longer than {seconds}.", "The next look tries again.")
        return left

    def spend(self, count: int) -> None:
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise _too_large(self._most_bytes)

    def _check(self, url: str) -> None:
        """Refuse what can be refused without looking the name up. Raises SourceError."""
        from ssrfguard import SSRFGuardError

        try:
            self.policy.check_url(url)
        except SSRFGuardError as error:
            raise _refused(url, error) from None

    def _ask(self, url: str, headers: Mapping[str, str], most_bytes: int) -> _Reply:
        """One request, one reply; redirects are not followed. Every failure leaves as a SourceError."""
        import httpx
        from ssrfguard import SSRFGuardError

        if self._client is None:
            self._client = self._new_client()
        self._most_bytes = most_bytes
        self._bytes_left = most_bytes + 64 * 1024  # a little more, for the headers
        try:
            with self._client.stream("GET", url, headers=headers) as response:
                self._client.cookies.clear()
                replied = {name.lower(): value for name, value in response.headers.items()}
                content = self._body(response) if response.status_code == 200 else b""
                return _Reply(response.status_code, replied, content)
        except SourceError as error:
            raise type(error)(f"{shown(url)}: {error.message[0].lower()}{error.message[1:]}", error.remedy) from None
        except SSRFGuardError as error:
            raise _refused(url, error) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            self.seconds_left()
            reason = re.sub(r"\[Errno -?\d+\] ", "", " ".join(str(error).split()))[:150] or type(error).__name__
            raise SourceError(f"{shown(url)}: no answer ({reason}).", "The next look tries again.") from None

    def _body(self, response: httpx.Response) -> bytes:
        announced = response.headers.get("content-length", "")
        if announced.isascii() and announced.isdigit() and int(announced[:20]) > self._most_bytes:
            raise _too_large(self._most_bytes)
        packed = bytearray()
        for chunk in response.iter_raw():
            self.seconds_left()
            packed += chunk
            if len(packed) > self._most_bytes:
                raise _too_large(self._most_bytes)
        return _unpacked(bytes(packed), response.headers.get("content-encoding", "").strip().lower(), self._most_bytes)

    def _new_client(self) -> httpx.Client:
        import httpx

        return httpx.Client(
            transport=_transport(self),
            headers={"User-Agent": AGENT, "Accept-Encoding": "gzip"},
            timeout=httpx.Timeout(SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=False,
        )

    # -- manners ---------------------------------------------------------------------------------------

    def _robots_delay(self, url: str) -> float:
        """How long the site wants to be left alone between two requests. Raises SourceError where it forbids one."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            try:
                self._rules[origin] = self._read_robots(origin)
            except SourceError as error:
                self._rules[origin] = error
        rules = self._rules[origin]
        if isinstance(rules, SourceError):
            raise rules
        if rules is None:
            return PAUSE
        if not rules.can_fetch(url, NAME):
            raise SourceError(
                f"{shown(url)}: the site's robots.txt does not allow it.", "Ask its owner, or take it out."
            )
        return min(LONGEST_PAUSE, max(PAUSE, rules.crawl_delay(NAME) or 0.0))

    def _take_turn(self, url: str, delay: float) -> None:
        host = urlsplit(url).netloc
        wait = self._asked_at.get(host, -LONGEST_PAUSE) + delay - self._monotonic()
        if wait > 0:
            if wait >= self._time_left():
                raise SourceError(f"{host}: no time left to wait for our turn.", "The next look goes on.")
            self._sleep(wait)
            self._deadline += wait
        self._asked_at[host] = self._monotonic()

    def _read_robots(self, origin: str) -> Protego | None:
        """The rules of a site, None where it has none. https://www.rfc-editor.org/rfc/rfc9309#section-2.3.1"""
        from protego import Protego

        accept = {"Accept": "text/plain, */*;q=0.1"}
        _, reply = self._follow(f"{origin}/robots.txt", accept, MOST_BYTES, robots=None)
        if reply.status == 200:
            return Protego.parse(reply.content[:MOST_ROBOTS_BYTES].decode("utf-8", "replace"))
        if 400 <= reply.status < 500 and reply.status != 429:
            return None
        raise SourceError(
            f"{origin}/robots.txt: the answer is {reply.status}; until it can be read, nothing is fetched."
        )


def public_policy() -> Policy:
    """Public addresses, http and https, a few ports, no credentials in the address."""
    from ipaddress import ip_network

    from ssrfguard import DEFAULT_DENIED, AddressTable, Block, Policy, Reach

    azure = Block(ip_network("168.63.129.16/32"), "Azure's host", "its documentation", Reach.DENIED)
    return Policy(
        denied_networks=AddressTable((*DEFAULT_DENIED.blocks, azure)),
        allowed_ports=PORTS,
        max_redirects=REDIRECTS,
        max_url_length=2000,
    )


def shown(url: str) -> str:
    """An address for a message: without credentials, and without a query, which may hold a key."""
    try:
        parts = urlsplit(url)
        address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    except ValueError:
        address = "the address"
    clean = "".join(c if c.isprintable() else "?" for c in address)
    return clean if len(clean) <= 120 else clean[:119] + "…"


# -- the connection ----------------------------------------------------------------------------------


def _transport(fetcher: Fetcher) -> httpx.HTTPTransport:
    """httpx's transport over connections that the policy allowed, each read of which is on the clock and counted."""
    import httpcore
    import httpx
    from ssrfguard.httpx import SafeBackend

    class Guarded(SafeBackend):
        def connect_tcp(self, host: str, port: int, timeout: float | None = None, *rest: Any, **more: Any) -> Any:
            seconds = min(CONNECT_SECONDS, fetcher.seconds_left())
            stream = super().connect_tcp(host, port, seconds, *rest, **more)
            return watched(stream, fetcher.seconds_left, fetcher.spend)

    context = httpx.create_ssl_context()
    transport = httpx.HTTPTransport(verify=context)
    transport._pool = httpcore.ConnectionPool(
        ssl_context=context,
        max_connections=4,
        network_backend=Guarded(policy=fetcher.policy, resolver=fetcher.resolver),
    )
    return transport


def _unpacked(content: bytes, named: str, most_bytes: int) -> bytes:
    """The body as it was before it was packed. `named`: the Content-Encoding, which is only believed where the bytes
    don't tell: text that is called gzip is text, gzip that is called nothing or gzip twice is unpacked.

    Raises SourceError."""
    for _ in range(MOST_LAYERS):
        if content.startswith(b"\x1f\x8b"):
            content = _inflated(content, 31, most_bytes)
        elif content and "deflate" in named and not _is_text(content):
            is_zlib = content[0] & 15 == 8 and int.from_bytes(content[:2], "big") % 31 == 0
            content, named = _inflated(content, 15 if is_zlib else -15, most_bytes), ""
        else:
            break
    other = re.search(r"\b(br|zstd|compress|dcb|dcz)\b", named)
    if content.startswith(b"\x1f\x8b") or (other and not _is_text(content)):
        name = other[1] if other else "gzip, many times"
        raise SourceError(f"The answer is packed as {name}, which nobody asked for.", "Tell the site's owner.")
    return content


def _inflated(content: bytes, bits: int, most_bytes: int) -> bytes:
    import zlib

    unpacker = zlib.decompressobj(bits)
    try:
        unpacked = unpacker.decompress(content, most_bytes + 1)
    except zlib.error:
        raise SourceError("The answer can't be unpacked.", "The next look tries again.") from None
    if len(unpacked) > most_bytes:
        raise _too_large(most_bytes)
    if not unpacker.eof:
        raise SourceError("The answer broke off.", "The next look tries again.")
    return unpacked


def _is_text(content: bytes) -> bool:
    """Whether it begins as markup and data do."""
    return content[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1] in (b"<", b"{", b"[", b"#")


# -- small things ------------------------------------------------------------------------------------


def _redirect(reply: _Reply) -> str | None:
    return reply.headers.get("location") if reply.status in (301, 302, 303, 307, 308) else None


def _joined(url: str, location: str) -> str:
    import httpx

    try:
        return str(httpx.URL(url).join(location))
    except (httpx.InvalidURL, ValueError):
        raise SourceError(f"{shown(url)}: it redirects to what is no address.", "Tell the site's owner.") from None


def _refused(url: str, error: Any) -> SourceError:
    reason = " ".join(str(getattr(error, "reason", error)).split())[:150]
    return SourceError(f"{shown(url)} is refused: {reason}.", "Only public web addresses are fetched.")


def _too_large(most_bytes: int) -> SourceError:
    return SourceError(f"The answer is larger than {most_bytes // 2**20} MB.", "Give the address of a smaller one.")


def _media_type(header: str) -> tuple[str, str]:
    """The type without parameters, and the charset; '' where they are missing."""
    media_type, _, rest = header.partition(";")
    charset = re.search(r"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", rest, re.IGNORECASE)
    return media_type.strip().lower(), charset[1] if charset else ""


def _validator(value: str) -> str:
    """An ETag or a date that may be sent back, or nothing."""
    return value if re.fullmatch(r"[ -~]{1,500}", value) else ""
