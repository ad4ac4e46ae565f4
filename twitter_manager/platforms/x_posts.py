"""What X shows of a post, and whether it is the one that was sent.

X never shows a text as it was written: links become t.co addresses, & < > are escaped, mentions may come before a
reply. Pure: the requests are made in `x.py`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeGuard
from urllib.parse import unquote

from twitter_manager.domain import Json
from twitter_manager.errors import Unreadable


@dataclass(frozen=True, slots=True)
class ShownPost:
    """A post as X shows it. `links`: what each t.co address stands for, the first the best to show; `versions`: ids
    of its edits, the original first."""

    id: str
    raw: str
    links: Mapping[str, tuple[str, ...]]
    created_at: datetime
    parent: str
    is_repost: bool
    versions: tuple[str, ...]

    @property
    def text(self) -> str:
        """As a person wrote it: links expanded, entities resolved."""
        return _TCO.sub(lambda link: self.links.get(link[0], (link[0],))[0], _unescape(self.raw)).strip()

    def shows(self, text: str) -> bool:
        """Whether this is how X shows `text`."""
        return re.fullmatch(self._pattern(), _normal(text).strip()) is not None

    def may_show(self, text: str) -> bool:
        """Whether it could be, were it known what an unexplained t.co link stands for."""
        return re.fullmatch(self._pattern(unexplained=r"\S+"), _normal(text).strip()) is not None

    def _pattern(self, unexplained: str = "") -> str:
        """Matches every text that X would show like this. X escapes & < >, puts a t.co address for each link and may
        set the conversation's mentions before a reply. Space is space, however much."""
        raw = self.raw.strip()
        mentions = re.match(r"(?:@\w{1,15}\s+)+", raw) if self.parent else None
        pattern = "".join(f"(?:{re.escape(mention)} )?" for mention in mentions[0].split()) if mentions else ""
        end = mentions.end() if mentions else 0
        for link in _TCO.finditer(raw, end):
            stands_for = self.links.get(link[0], ())
            pattern += re.escape(_normal(_unescape(raw[end : link.start()])))
            known = "|".join(map(_link_pattern, (*stands_for, link[0])))
            pattern += f"(?:{known})" if stands_for or not unexplained else unexplained
            end = link.end()
        return pattern + re.escape(_normal(_unescape(raw[end:])))


_TCO = re.compile(r"https?://t\.co/[A-Za-z0-9]+")


def _link_pattern(url: str) -> str:
    """Matches the ways to write this link: the scheme may be left out, the host's case and a bare host's slash do
    not matter; everything else does."""
    scheme, separator, address = url.partition("://") if "://" in url[:9] else ("", "", url)
    host = re.split("[/?#]", address, maxsplit=1)[0]
    rest = address[len(host) :]
    head = f"(?:{re.escape(scheme + separator)})?"
    tail = "/?" if rest in ("", "/") else re.escape(_normal(rest))
    return f"(?i:{head}{re.escape(_normal(host))}){tail}"


def _normal(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text))


def _unescape(text: str) -> str:
    """Only what X escapes, once: `&amp;lt;` is how X shows a typed `&lt;`."""
    return re.sub("&(amp|lt|gt);", lambda found: {"amp": "&", "lt": "<", "gt": ">"}[found[1]], text)


def parse_post(shown: Any) -> ShownPost:
    """Raises Unreadable when it is no post as X describes them (under either set of names)."""
    shown = as_dict(shown)
    long = as_dict(shown.get("note_tweet") or shown.get("note_post"))
    whole = long if isinstance(long.get("text"), str) else shown
    post_id, raw = shown.get("id"), whole.get("text")
    try:
        created_at = datetime.fromisoformat(shown["created_at"])
    except (KeyError, TypeError, ValueError):
        created_at = None
    if not is_id(post_id) or not isinstance(raw, str) or created_at is None or created_at.tzinfo is None:
        raise Unreadable("X shows a post without a usable id, text or time.", "Reading is tried again later.")
    references = [as_dict(other) for other in as_list(shown.get("referenced_tweets") or shown.get("referenced_posts"))]
    parents = [str(other.get("id", "")) for other in references if other.get("type") == "replied_to"]
    versions = as_list(shown.get("edit_history_tweet_ids") or shown.get("edit_history_post_ids"))
    return ShownPost(
        id=post_id,
        raw=raw,
        links=_links(as_dict(whole.get("entities"))),
        created_at=created_at.astimezone(UTC),
        parent=parents[0] if parents else "",
        is_repost=any(other.get("type") == "retweeted" for other in references),
        versions=tuple(dict.fromkeys([*filter(is_id, versions), post_id])),
    )


def _links(entities: Json) -> dict[str, tuple[str, ...]]:
    """By t.co address, the ways to write what it stands for: as X expands it, and with what X may have escaped in it
    (`&amp;`, percent signs for letters beyond ASCII) as it was typed."""
    links: dict[str, tuple[str, ...]] = {}
    for link in map(as_dict, as_list(entities.get("urls"))):
        address, expanded = link.get("url"), link.get("expanded_url")
        if isinstance(address, str) and isinstance(expanded, str) and expanded:
            links[address] = tuple(dict.fromkeys([expanded, _unescape(expanded), unquote(expanded)]))
    return links


def is_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and re.fullmatch(r"[0-9]{1,19}", value) is not None


def as_dict(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
