"""What X shows of a post, and whether it is the one that was sent.

X never shows a text as it was written: links become t.co addresses (and what these stand for is written in X's way),
& < > are escaped, accents are composed, mentions may come before a reply. Pure: the requests are made in `x.py`.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeGuard
from urllib.parse import unquote

from twitter_manager.domain import Json, Receipt
from twitter_manager.errors import Unreadable
from twitter_manager.platforms.matching import as_count, as_dict, as_list, normal, visible, words
from twitter_manager.social import Figures, SeenPost

FieldNames = Sequence[Mapping[str, str]]
"""What we ask to see, under each set of names that X may take."""
_FIRST_ID_AT_MS = 1288834974657
"""X's ids count milliseconds from then on, in their upper 41 bits."""


@dataclass(frozen=True, slots=True)
class ShownPost:
    """A post as X shows it. `links`: what each t.co address stands for, the first the best to show; `versions`: ids
    of its edits, the original first; `whole_history`: none of them is missing; `pictured`: pictures go along with it;
    `picture`: the address that X may have put behind the text for them, or ""."""

    id: str
    raw: str
    links: Mapping[str, tuple[str, ...]]
    created_at: datetime
    parent: str
    is_repost: bool
    versions: tuple[str, ...]
    whole_history: bool = True
    pictured: bool = False
    picture: str = ""

    @property
    def text(self) -> str:
        """As a person wrote it: links expanded, entities resolved, without the address of its pictures."""
        text = self._addresses().sub(lambda link: self.links.get(link[0], (link[0],))[0], _unescape(self._written))
        return text.strip()

    @property
    def _written(self) -> str:
        return self.raw.rstrip().removesuffix(self.picture) if self.picture else self.raw

    def shows(self, text: str, pictured: bool = False) -> bool:
        """Whether this is how X shows `text`, with pictures or as it stands (it may itself end with the address of
        one)."""
        ways = (self._written, self.raw) if pictured and self.pictured else () if pictured else (self.raw,)
        return any(self._matches(text, raw) for raw in ways)

    def may_show(self, text: str) -> bool:
        """Whether it could be: if it were known what an unexplained t.co link stands for, or if X changed more than
        we know of. The same words in other clothes leave a doubt, and so do they with pictures instead of without; by
        our own hand they are never posted twice."""
        if any(self._matches(text, raw, unexplained=r"\S+") for raw in (self._written, self.raw)):
            return True
        return words(_unescape(_unescape(self.text))) == words(_unescape(_unescape(text)))

    def _matches(self, text: str, raw: str, unexplained: str = "") -> bool:
        return re.fullmatch(self._pattern(raw, unexplained), normal(text).strip()) is not None

    def _addresses(self) -> re.Pattern[str]:
        """Finds the t.co addresses. Those that X explains are known to the letter, so what stands right behind one
        is not taken for a part of it."""
        known = sorted(self.links, key=len, reverse=True)
        return re.compile("|".join([*map(re.escape, known), _TCO]))

    def _pattern(self, raw: str, unexplained: str) -> str:
        """Matches every text that X would show like this. X escapes & < >, puts a t.co address for each link and may
        set the conversation's mentions before a reply. Space is space, however much."""
        raw = visible(raw).strip()
        mentions = re.match(r"(?:@\w{1,15}\s+)+", raw) if self.parent else None
        pattern = "".join(f"(?:{re.escape(mention)} )?" for mention in mentions[0].split()) if mentions else ""
        end = mentions.end() if mentions else 0
        for link in self._addresses().finditer(raw, end):
            stands_for = self.links.get(link[0], ())
            pattern += re.escape(normal(_unescape(raw[end : link.start()])))
            known = "|".join(map(_link_pattern, (*stands_for, link[0])))
            pattern += f"(?:{known})" if stands_for or not unexplained else unexplained
            end = link.end()
        return pattern + re.escape(normal(_unescape(raw[end:])))


_TCO = r"https?://t\.co/[A-Za-z0-9]+"
_PUNYCODE = re.compile(r"xn--[a-z0-9-]+", re.IGNORECASE)
_EITHER_WAY = "|[]^{}`~'!*()"
_PERCENT_SIGNS = re.compile(
    f"(?:%[89A-F][0-9A-F])+|{'|'.join(f'%{ord(letter):02X}' for letter in _EITHER_WAY)}", re.IGNORECASE
)
"""What may be written as it is all the same: letters beyond ASCII, and signs that have no meaning in an address."""
_BEYOND_ASCII = re.compile(r"[\w-]*[^\x00-\x7f][\w-]*")


def _link_pattern(url: str) -> str:
    """Matches the ways to write this link: the scheme may be left out; the host's case, its spelling (punycode or
    not) and a bare host's slash do not matter, nor percent signs for letters beyond ASCII; everything else does."""
    scheme, separator, address = url.partition("://") if "://" in url[:9] else ("", "", url)
    host = re.split("[/?#]", address, maxsplit=1)[0]
    rest = address[len(host) :]
    names = r"\.".join(map(_label_pattern, unquote(host).split(".")))
    bare = rest.removeprefix("/")[:1] in ("", "?", "#")
    tail = "/?" + _rest_pattern(rest.removeprefix("/")) if bare else _rest_pattern(rest)
    return f"(?i:(?:{re.escape(scheme + separator)})?{names}){tail}"


def _label_pattern(label: str) -> str:
    """Matches one label of a host's name, by whichever of its two spellings. (IDNA of 2003 writes ß as ss.)"""
    spellings = (label, _PUNYCODE.sub(_from_punycode, label), _BEYOND_ASCII.sub(_to_punycode, label))
    ways = (re.escape(normal(spelling)).replace("ss", "(?:ss|ß)") for spelling in dict.fromkeys(spellings))
    return f"(?:{'|'.join(ways)})"


def _from_punycode(label: re.Match[str]) -> str:
    with contextlib.suppress(UnicodeError):  # not all that begins with xn-- is a name's other spelling
        return label[0][4:].encode().decode("punycode")
    return label[0]


def _to_punycode(label: re.Match[str]) -> str:
    return "xn--" + unicodedata.normalize("NFC", label[0]).lower().encode("punycode", "replace").decode()


def _rest_pattern(rest: str) -> str:
    """Matches what follows the host; what is typed as it is or by percent signs may be in either form."""
    plain = _PERCENT_SIGNS.sub(lambda match: unquote(match[0]), rest)
    letters = unicodedata.normalize("NFC", rest if "\N{REPLACEMENT CHARACTER}" in plain else plain)
    return "".join(map(_letter_pattern, letters))


def _letter_pattern(letter: str) -> str:
    if letter.isascii() and letter not in _EITHER_WAY:
        return re.escape(letter)
    percent = "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "replace"))
    return f"(?:{re.escape(normal(letter))}|(?i:{percent}))"


def _unescape(text: str) -> str:
    """Only what X escapes, once: `&amp;lt;` is how X shows a typed `&lt;`."""
    return re.sub("&(amp|lt|gt);", lambda match: {"amp": "&", "lt": "<", "gt": ">"}[match[1]], text)


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
    parents = [other.get("id") for other in references if other.get("type") == "replied_to"]
    parent = parents[0] if parents else ""
    if parents and not is_id(parent):
        raise Unreadable("X shows a reply and not what it replies to.", "Reading is tried again later.")
    versions = as_list(shown.get("edit_history_tweet_ids") or shown.get("edit_history_post_ids"))
    picture = _picture(raw, as_dict(whole.get("entities")))
    return ShownPost(
        id=post_id,
        raw=raw,
        links=_links(as_dict(whole.get("entities"))),
        created_at=created_at.astimezone(UTC),
        parent=str(parent),
        is_repost=any(other.get("type") == "retweeted" for other in references),
        versions=tuple(dict.fromkeys([*filter(is_id, versions), post_id])),
        whole_history=all(map(is_id, versions)),
        pictured=bool(picture or as_list(as_dict(shown.get("attachments")).get("media_keys"))),
        picture=picture,
    )


def _picture(raw: str, entities: Json) -> str:
    """The t.co address, one for all pictures, that X puts behind the text; "" where there is none."""
    last = re.search(rf"(?:^|\s)({_TCO})\s*$", raw)
    for link in map(as_dict, as_list(entities.get("urls"))):
        shown = str(link.get("display_url") or "")
        own = bool(link.get("media_key")) or shown.startswith(("pic.x.com/", "pic.twitter.com/"))
        if last and own and link.get("url") == last[1]:
            return last[1]
    return ""


def _links(entities: Json) -> dict[str, tuple[str, ...]]:
    """By t.co address, the ways to write what it stands for: as X expands it, and without the `&amp;` that X may have
    put into it."""
    links: dict[str, tuple[str, ...]] = {}
    for link in map(as_dict, as_list(entities.get("urls"))):
        address, expanded = link.get("url"), link.get("expanded_url")
        if not isinstance(address, str) or not re.fullmatch(r"https?://\S+", address):
            continue  # what could stand anywhere in the text
        if isinstance(expanded, str) and expanded:
            links[address] = tuple(dict.fromkeys([expanded, _unescape(expanded)]))
    return links


def is_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and re.fullmatch(r"[0-9]{1,19}", value) is not None


def receipt_of(remote_id: str) -> Receipt:
    return Receipt(remote_id, f"https://x.com/i/web/status/{remote_id}")


def id_at(moment: datetime) -> str:
    """Posts made after that moment have a higher id."""
    return str(max(int(moment.timestamp() * 1000) - _FIRST_ID_AT_MS, 0) << 22)


def figures_of(shown: Json) -> Figures | None:
    """None where X does not tell them."""
    counts = as_dict(shown.get("public_metrics"))
    reposts = counts.get("retweet_count", counts.get("repost_count"))
    told = [counts.get("like_count"), counts.get("reply_count"), reposts, counts.get("quote_count")]
    numbers = [number for number in map(as_count, told) if number is not None]
    if len(numbers) < len(told):
        return None
    likes, replies, reposts, quotes = numbers
    return Figures(likes, replies, reposts, quotes, as_count(counts.get("impression_count")))


def as_seen(shown: Json, body: Json) -> SeenPost | None:
    """Anybody's post, with its author as the `body` that shows it tells of them; None where it can't be read."""
    try:
        post = parse_post(shown)
    except Unreadable:
        return None
    author_id, first = str(shown.get("author_id") or ""), shown.get("conversation_id")
    users = [as_dict(user) for user in as_list(as_dict(body.get("includes")).get("users"))]
    user = next((user for user in users if user.get("id") == author_id), {})
    language, parent_author = str(shown.get("lang") or ""), str(shown.get("in_reply_to_user_id") or "")
    return SeenPost(
        receipt=receipt_of(post.id),
        author=str(user.get("username") or author_id),
        author_id=author_id,
        author_name=str(user.get("name") or ""),
        text=post.text,
        created_at=post.created_at,
        language=language if re.fullmatch("[a-z]{2}(-[A-Za-z]+)?", language) else "",
        parent_id=post.parent,
        parent_author_id=parent_author if post.parent else "",
        root=receipt_of(first) if is_id(first) and first not in post.versions else None,
        figures=figures_of(shown),
    )
