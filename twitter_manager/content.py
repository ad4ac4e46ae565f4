"""What a post consists of: parts with what goes along with their text, the address at its end, and the hashes that
recognise it. Pure; who may say what, and how each platform shows it, is left to the checks and the platforms."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from itertools import islice
from typing import Any
from urllib.parse import quote, unquote_plus


@dataclass(frozen=True, slots=True)
class Media:
    """A picture that goes along with a part."""

    digest: str
    """SHA-256 (hex) of the file: a picture is known by its content, so an approval holds for it too."""
    mime: str
    size: int
    """In bytes."""
    width: int
    """In pixels, as it is shown; `height` likewise."""
    height: int
    alt: str = ""
    """What it shows, for those who do not see it."""
    focus: str = ""
    """What stays in sight where it is cropped: "x,y", each from -1 (left, below) to 1. "": the middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaLimits:
    """What a platform takes of pictures. A picture that exceeds a size is scaled and re-encoded until it fits; one too
    many, or an alt text that is too long, is refused."""

    count: int
    """The most pictures that a part may have."""
    max_bytes: int
    """The largest file, but for animated GIFs."""
    max_gif_bytes: int = 0
    """The largest animated GIF. 0: it takes none, and gets the first frame."""
    max_side: int
    """The most pixels of the longer side."""
    max_pixels: int = 2**63
    """The most pixels in all."""
    max_alt: int
    """The longest alt text, in characters."""
    lone_gif: bool = False
    """Whether an animated GIF goes without other pictures."""
    kept: timedelta = timedelta(hours=1)
    """How long an uploaded picture that no post shows is surely kept there."""


@dataclass(frozen=True, slots=True)
class Card:
    """A preview of an address, shown below the text."""

    url: str
    title: str
    description: str = ""
    thumb: Media | None = None
    """Its picture, where there is one: a post never needs it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a post: its text, and what goes along with it."""

    text: str
    media: tuple[Media, ...] = ()
    card: Card | None = None

    @property
    def pictures(self) -> tuple[Media, ...]:
        """Every file that goes along: `media`, which the post must have, and the card's thumbnail."""
        return (*self.media, self.thumb) if self.thumb else self.media

    @property
    def thumb(self) -> Media | None:
        """The card's thumbnail."""
        return self.card.thumb if self.card else None

    @property
    def attached(self) -> dict[str, Any]:
        """What goes along with the text, as it is stored and hashed; {} for text alone. A field at its default is left
        out, so that one that a later program adds changes no hash of an earlier post."""
        media = {"media": list(map(_as_json, self.media))} if self.media else {}
        return media | ({"card": _as_json(self.card)} if self.card else {})

    @property
    def attached_texts(self) -> tuple[str, ...]:
        """What people read besides the text."""
        card = (self.card.url, self.card.title, self.card.description) if self.card else ()
        return tuple(filter(None, (*(picture.alt for picture in self.media), *card)))


def _as_json(record: Media | Card) -> dict[str, Any]:
    values = ((field, getattr(record, field.name)) for field in fields(record))
    given = {field.name: value for field, value in values if value != field.default}
    return {name: _as_json(value) if isinstance(value, Media) else value for name, value in given.items()}


def part_of(text: str, attached: Mapping[str, Any]) -> Part:
    """A part from its text and what `Part.attached` gave."""
    media = tuple(Media(**picture) for picture in attached.get("media", ()))
    return Part(text, media, card_of(attached["card"]) if "card" in attached else None)


def card_of(kept: Mapping[str, Any]) -> Card:
    """A card from what is kept of it."""
    thumb = {"thumb": Media(**kept["thumb"])} if "thumb" in kept else {}
    return Card(**{**kept, **thumb})


def plain(texts: Iterable[str]) -> tuple[Part, ...]:
    """Parts of text alone."""
    return tuple(map(Part, texts))


def exact_hash(parts: Sequence[Part], links: Mapping[str, str]) -> str:
    """What an approval holds for: the parts exactly, and the links that go along. Version 1 is `text_hash`, for posts
    of text alone; version 2 covers what goes along with a text, and is told by its beginning."""
    if not any(part.attached for part in parts):
        return text_hash([part.text for part in parts], links)
    whole = {"parts": [{"text": part.text, **part.attached} for part in parts], "links": dict(links)}
    return "2:" + hashlib.sha256(json.dumps(whole, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def text_hash(parts: Sequence[str], links: Mapping[str, str] | None = None) -> str:
    """SHA-256 (hex) of exact texts, and of the links that go along."""
    whole: list[Any] = [*parts, dict(sorted(links.items()))] if links else list(parts)
    return hashlib.sha256(json.dumps(whole, ensure_ascii=False).encode()).hexdigest()


def normalised_hash(parts: Sequence[str]) -> str:
    """SHA-256 (hex) of the parts' words alone (NFKC, case-folded, letters and digits): equal for the same post
    in other clothes."""
    folded = unicodedata.normalize("NFKC", " ".join(parts)).casefold()
    words = "".join(c if c.isalnum() else " " for c in folded).split()
    return hashlib.sha256(" ".join(words or [folded]).encode()).hexdigest()


def with_link(parts: Sequence[str], link: str) -> tuple[str, ...]:
    """The parts with `link` at the end of the last one: in place of the address that it stands for where that ends it,
    else on a line of its own, unless a part has it already."""
    if not parts or not link or any(link in part for part in parts):
        return tuple(parts)
    last = parts[-1].rstrip()
    own = address_at_end(last)
    return (*parts[:-1], f"{last.removesuffix(own)}{link}" if own in forms(link) else f"{last}\n{link}")


def without_link(parts: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The parts as they were before `with_link`, and the link; "" where none ends them."""
    before, _, last = parts[-1].rpartition("\n") if parts else ("", "", "")
    is_link = before and last.startswith(("https://", "http://")) and not any(c.isspace() for c in last)
    return ((*parts[:-1], before), last) if is_link else (parts, "")


LONG_LINK = 40
"""A longer address is shown short where the platform keeps the whole one beside the text."""
_SHOWN_HOST_AND_PATH, _SHOWN_PATH = 30, 16


def short_link(link: str) -> str:
    """A long address as readers see it: without its scheme, the host whole, what follows cut."""
    if len(link) <= LONG_LINK:
        return link
    shown = link.partition("://")[2]
    host = re.split("[/?#]", shown, maxsplit=1)[0]
    cut = max(_SHOWN_HOST_AND_PATH, len(host) + _SHOWN_PATH)
    if len(shown) <= cut + 1:
        return shown
    return re.sub("%[0-9A-Fa-f]?$", "", shown[:cut]) + "…"  # no half of a character


def with_short_link(text: str, link: str) -> str:
    """`text` with the link that `with_link` put at its end as `short_link` shows it."""
    end = f"\n{link}"
    return text.removesuffix(end) + f"\n{short_link(link)}" if link and text.endswith(end) else text


# --- Addresses --------------------------------------------------------------------------------------------------------

_ADDRESS = re.compile(r"(?<!\S)https?://[^\s<>\"“”]+\Z")
_MOST_FORMS = 30
_ENDED = re.compile(r"(?:\A|\n|[.!?…:。！？：][\"'”’»)\]]*)[^\S\n]*\Z")
"""What stands before an address that no sentence needs."""


def address_at_end(text: str) -> str:
    """The address that ends a text, "" where none does or a sentence's mark follows it."""
    found = _ADDRESS.search(text[-2_100:].rstrip())
    address = found[0] if found else ""
    closed = address.endswith(")") and address.count("(") == address.count(")")
    return address if closed or re.search(r"[\w/=&%#+~*$@-]\Z", address) else ""


def without_address(text: str, address: str) -> str:
    """A text without the address at its end, where a card with `address` says as much: it stands there by itself, on a
    line of its own or behind a whole sentence or a colon, it is the only one, and something is left."""
    own = address if text.endswith(f"\n{address}") else address_at_end(text)
    left = text.rstrip().removesuffix(own)
    by_itself = own and own in forms(address) and "://" not in left and _ENDED.search(left)
    return left.rstrip() or text if by_itself else text


def forms(link: str) -> Iterator[str]:
    """The link, and what it was before parameters were added to it: without the last one, without the last two …"""
    whole, mark, fragment = link.partition("#")

    def shorter(whole: str) -> Iterator[str]:
        yield whole
        while "?" in whole:
            whole = whole[: max(whole.rfind("?"), whole.rfind("&", whole.find("?")))]
            yield whole

    return (f"{form}{mark}{fragment}" for form in islice(shorter(whole), _MOST_FORMS))


def with_params(address: str, params: Mapping[str, str]) -> str:
    """An address with these parameters in its query. One that it has already keeps its value."""
    whole, mark, fragment = address.partition("#")
    path, _, query = whole.partition("?")
    known = {unquote_plus(pair.partition("=")[0]) for pair in query.split("&")}
    added = [f"{quote(name)}={quote(value, safe='')}" for name, value in params.items() if name not in known]
    return f"{path}?{'&'.join(filter(None, (query, *added)))}{mark}{fragment}" if added else address


def reworded(part: Part, text: str) -> Part:
    """A part with other words. A card goes where they name its address no more."""
    address = re.sub(r"\Ahttps?://|/\Z", "", part.card.url) if part.card else ""
    named = {word for word in part.text.split() if address in word}
    gone = part.card is not None and bool(named) and named.isdisjoint(text.split())
    return replace(part, text=text, card=None if gone else part.card)


def links_after(before: Sequence[Part], after: Sequence[Part], links: Mapping[str, str]) -> Mapping[str, str]:
    """The links that still go along with parts in other words: none that stands for an address which they had."""
    own = address_at_end(before[-1].text)
    return {} if own and own != address_at_end(after[-1].text) else links


def whole_texts(texts: Sequence[str], links: Iterable[str]) -> set[tuple[str, ...]]:
    """The texts alone, and with the link at their end in each of its forms: all that the same post may have been."""
    return {tuple(texts), *(with_link(texts, form) for link in links for form in forms(link))}
