"""What a source is told, and what one look at it gives. How each kind looks stands in a module of its own.

A look changes nothing outside: what it must remember for the next one it gives back as `state`, plain JSON, and whoever
asked keeps that together with the items.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

from twitter_manager.domain import Item, Json, TimeLeft

if TYPE_CHECKING:
    from twitter_manager.sources.fetch import Answer, Wanted


@dataclass(frozen=True, slots=True)
class Source:
    """Where material comes from, as the bot file says."""

    kind: str = "starter"
    name: str = "starter"
    urls: tuple[str, ...] = ()
    path: Path | None = None
    """Absolute."""
    patterns: tuple[str, ...] = ()
    label: str = ""
    """The topic of its items."""
    link: bool = True
    max_items: int = 10
    """How many new entries or commits a look lets through."""
    max_age_days: int = 14
    """After which news is none any more."""
    backfill: int = 1
    """How many of the entries that are there at the first look may be posted."""
    every_minutes: int = 0
    base_url: str = ""
    """The address that the files of a folder have on the web."""
    commits: bool = False
    """Whether a repository's commits are material too, and not only its releases."""
    images: bool = False
    """Whether a post shows the picture that its material leads with: only where the person may use them."""
    trust: str = "known"
    """`own` (the person's), `known` (somebody they chose to pass on) or `open` (anybody may write there)."""

    @property
    def place(self) -> str:
        """Where it is, for a person."""
        return ", ".join(self.urls) or str(self.path or "comes with the program")

    @property
    def called(self) -> str:
        """What a person calls a folder or repository; "" where that is only its place, or a host (a link in a post)."""
        is_host = "." in self.name and " " not in self.name and self.name == self.name.lower()
        is_place = self.path is None or self.path.name == Path(self.name).name
        return "" if is_place or is_host else self.name

    @property
    def signature(self) -> str:
        """What its items depend on: when this changes, they are all read anew."""
        parts: list[object] = [self.kind, self.urls, str(self.path or ""), self.patterns, self.label, self.link]
        parts += [self.base_url, self.commits] if self.base_url or self.commits else []
        return json.dumps(parts)  # as it was before there were these two: a look that starts anew costs news

    def kept_signature(self, redact: Callable[[str], str]) -> str:
        """The signature as it is written down: hashed where it would tell a secret, say one in the name of a folder."""
        return self.signature if redact(self.signature) == self.signature else self._hashed_signature

    def is_unchanged(self, signature: str) -> bool:
        """Whether this kept signature is its own."""
        return signature in (self.signature, self._hashed_signature)

    def was_elsewhere(self, signature: str) -> bool:
        """Whether this kept signature, of a source of the same name, is of another place."""
        if not signature:
            return False
        mine = [json.loads(each) for each in (self.signature, self._hashed_signature)]
        kept = json.loads(signature)
        return bool(kept[:3] != mine[0][:3] and kept[:1] != mine[1][:1])

    @property
    def _hashed_signature(self) -> str:
        place = json.loads(self.signature)[:3]
        texts = (json.dumps(place), self.signature)
        return json.dumps([hashlib.sha256(text.encode()).hexdigest() for text in texts])


class Fetches(Protocol):
    """Fetches addresses, as `fetch.Fetcher` does."""

    def get(self, url: str, wanted: Wanted, *, etag: str = "", modified: str = "") -> Answer | None:
        """What the address answers; None when nothing has changed since. Raises SourceError."""
        ...


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a source."""

    source: Source
    state: Json
    """What the look before gave, {} at the first."""
    now: datetime
    fetcher: Fetches
    warn: Callable[[str], None]
    """Takes a line about a part of the source that could not be read."""
    time_left: TimeLeft
    at: Callable[[str], None] = lambda part: None
    """Takes the name of the part that is read now."""
    skip: frozenset[str] = frozenset()
    """Parts that are not to be read."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What a look gave."""

    items: tuple[Item, ...] = ()
    state: Json = field(default_factory=dict)
    complete: bool = False
    """Whether the items and what is `kept` are all there is: the others vanished."""
    kept: frozenset[str] = frozenset()
    """What has not changed since the last look, by the part of an item's key before its last `#`."""


def stem(key: str) -> str:
    """The part of an item's key that names its document: all before the last `#`."""
    return key.rsplit("#", 1)[0]


MOST_MARKS = 6000
"""Of what was seen before: three for each of the newest 2,000 entries."""


def select_news(
    items: Sequence[Item],
    look: Look,
    *,
    home: str = "",
    reader: int = 0,
    doubtful: Callable[[Item], bool] | None = None,
) -> tuple[tuple[Item, ...], list[str]]:
    """Tell news from the rest: the items worth storing, and the marks of all that was seen by now (for the state).

    An item whose key was seen before is given again (it may have changed) and is no news. One that differs in its key
    alone (same address, or same title and text) is left out. The others are new: the newest few that are not too old
    may be posted, what remains serves as background. `home`: an address that many entries may carry.

    Where the look before was another `reader`'s (the edition in its state), what it called by other words looks new:
    of what is `doubtful` then, nothing is news."""
    source = look.source
    seen = dict.fromkeys(look.state.get("seen", ()))
    allowed = source.max_items if "seen" in look.state else source.backfill
    other = "seen" in look.state and look.state.get("reader", 0) != reader
    shared = _shared_links(items) | {_plain_link(home)}
    ordered = sorted(items, key=lambda item: item.published_at or look.now, reverse=True)
    kept: dict[str, Item] = {}
    marks: list[str] = []
    now_seen: set[str] = set()
    for item in ordered:
        mine = _marks(item, shared)
        twice = item.key in kept or any(mark in now_seen for mark in mine)
        if not twice and mine[0] in seen:
            kept[item.key] = replace(item, postable=False)
        elif not twice and not any(mark in seen for mark in mine):
            fresh = item.published_at is None or (look.now - item.published_at).days < source.max_age_days
            news = fresh and allowed > 0 and not (other and doubtful is not None and doubtful(item))
            allowed -= news
            kept[item.key] = replace(item, postable=news)
        marks += mine
        now_seen.update(mine)
    for mark in marks:
        seen.pop(mark, None)
    return tuple(kept.values()), [*seen, *dict.fromkeys(marks)][-max(MOST_MARKS, len(marks)) :]


def _marks(item: Item, shared: set[str]) -> list[str]:
    link = _plain_link(item.url)
    texts = [
        "key " + item.key,
        "text " + "\n".join(" ".join(each.split()).casefold() for each in (item.title, item.text)),
    ]
    if link and link not in shared:
        texts.append("link " + link)
    return [hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12] for text in texts]


def _shared_links(items: Sequence[Item]) -> set[str]:
    """Addresses that tell no entry from another, because more than two carry them."""
    return {link for link, count in Counter(_plain_link(item.url) for item in items).items() if count > 2}


def _plain_link(url: str) -> str:
    """An address without what changes while the page stays: scheme, www, fragment, campaign words, closing slash."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    query = urlencode([pair for pair in parse_qsl(parts.query) if not pair[0].startswith(("utm_", "fbclid", "gclid"))])
    return f"{parts.netloc.casefold().removeprefix('www.')}{parts.path.rstrip('/')}?{query}".rstrip("?")


def short_key(key: str) -> str:
    """A key fit for the store: one of more than 300 characters becomes its hash."""
    return key if len(key) <= 300 else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def web_address(url: str) -> str:
    """The address if it is one of the web and may be shown, else nothing."""
    return url if re.fullmatch(r"https?://[^\s/@\\<>\"]+(?:[/?#][^\s<>\"\\]*)?", url) and len(url) <= 1000 else ""


def is_local(url: str) -> bool:
    """Whether an address leads to this machine or into a private network."""
    from ipaddress import ip_address

    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return False
    try:
        return not ip_address(host).is_global
    except ValueError:  # a name, or none
        return bool(host) and ("." not in host or host.endswith((".localhost", ".local", ".internal", ".lan")))
