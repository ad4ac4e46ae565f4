"""The addresses of channels (`NOTIFY_URLS`), by which a person is told: what can be said of them without the library.

An address is a secret: `mailtos://user:password@host`, `tgram://token/chat`, a web hook. What names a public host stays
readable, for a bot may write about its own site; all else that could open the channel is for the redactor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote_plus, urlsplit

from twitter_manager.redaction import looks_like_a_key
from twitter_manager.validation import InvalidValue

VARIABLE = "NOTIFY_URLS"
MOST = 10
_ADDRESS = re.compile(r"([a-z][a-z0-9]{1,19})://[^\s/?#]?\S*", re.ASCII | re.IGNORECASE)
_PUBLIC_HOST = re.compile(r"(?:[a-z0-9_-]{1,40}\.)+[a-z][a-z0-9-]*|localhost|[0-9.+-]+|\[[0-9a-f:.]+]")
"""What anybody may know: a host, or a number (a chat, a telephone)."""
_PLAIN_WORD = re.compile(r"[A-Z]?[a-z_-]{0,15}|v?[0-9]{1,7}")
"""Such as a path has between its secrets (`services`, `api`, `v1`), or a person's name. Posts may hold it."""
_SECRET_NAME = re.compile("pass|pwd|secret|token|key|auth", re.IGNORECASE)
_REMEDY = "Write it as docs/notifications.md shows, say mailtos://user:password@example.org"


def checked(value: str) -> tuple[str, ...]:
    """The addresses in a value, each once. Whether a service knows them is for `doctor`. Raises InvalidValue."""
    addresses = tuple(dict.fromkeys(value.split()))
    if len(addresses) > MOST:
        raise InvalidValue(f"has more than {MOST} addresses", "Leave some out.")
    for number, address in enumerate(addresses, 1):
        found = _ADDRESS.fullmatch(address)
        which = f" (its address number {number})" if len(addresses) > 1 else ""
        if found is None or looks_like_a_key(found[1]) or not address.partition("://")[2].strip("/"):
            raise InvalidValue(f"is not the address of a channel{which}", f"{_REMEDY}, with blanks between several.")
        try:
            _ = urlsplit(address).hostname
        except ValueError:
            raise InvalidValue(f"is not the address of a channel{which}", f"{_REMEDY}.") from None
    return addresses


def names(addresses: tuple[str, ...]) -> dict[str, str]:
    """By a name that tells nothing of it, each address: `mailtos`, `slack`, `slack 2`."""
    named: dict[str, str] = {}
    for address in addresses:
        kind = address.partition("://")[0].lower()
        alike = sum(name.partition(" ")[0] == kind for name in named)
        named[f"{kind} {alike + 1}" if alike else kind] = address
    return named


def secrets_in(value: str) -> set[str]:
    """What in these addresses, sound or not, could open a channel."""
    found = {piece for address in value.split() for piece in _secret_pieces(address)}
    return {form for piece in found for form in (piece, unquote_plus(piece))}


def _secret_pieces(address: str) -> Iterator[str]:
    scheme, separator, rest = address.partition("://")
    if not separator or looks_like_a_key(scheme):
        yield address
        return
    rest, _, fragment = rest.partition("#")
    rest, _, query = rest.partition("?")
    place, *path = rest.split("/")
    user, _, host = place.rpartition("@")
    name, _, password = user.partition(":")
    yield password
    for piece in (name, re.sub(r":\d+$", "", host), *path, fragment):
        yield from _unless_public(piece)
    for each in re.split("[&;]", query):
        name, _, content = each.partition("=")
        if _SECRET_NAME.search(name):
            yield content
        else:
            yield from _unless_public(content)


def _unless_public(piece: str) -> Iterator[str]:
    """What a piece holds between its marks, but for hosts and words that many texts have."""
    plain = unquote_plus(piece)
    for part in {plain, *re.split(r"[:,|@/ ]", plain)}:
        words = _PUBLIC_HOST.fullmatch(part.rpartition("@")[2]) or _PLAIN_WORD.fullmatch(part)
        if not words or looks_like_a_key(part):
            yield part
