"""A draft as each platform will show it: exactly what it gets, with its length as that platform counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from twitter_manager import invisible
from twitter_manager.content import Card, Media, Part, part_of
from twitter_manager.domain import Draft
from twitter_manager.platforms import SPECS, exact
from twitter_manager.platforms.feed_page import MAX_ADDRESS_CHARS, pieces_of


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of a text."""

    text: str
    is_address: bool = False
    """It is an http(s) address, and may be a link."""
    is_unseen: bool = False
    """It stands for a character that nobody sees, which goes out all the same: "U+202E"."""


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A preview of an address."""

    title: str
    description: str
    url: str
    """"" where it is no address that may be followed."""
    site: str
    thumb: Media | None


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One part, as a reader sees it."""

    words: tuple[Words, ...]
    media: tuple[Media, ...]
    card: ShownCard | None
    lengths: tuple[Length, ...]
    """On each of the platforms."""


@dataclass(frozen=True, slots=True)
class Length:
    """How much of a platform's limit a text takes."""

    title: str
    counted: int
    limit: int | None

    @property
    def is_over(self) -> bool:
        """Whether the platform would refuse it."""
        return self.limit is not None and self.counted > self.limit

    @property
    def told(self) -> str:
        """ "212 of 300"; without a limit "212"."""
        return f"{self.counted:,}" + ("" if self.limit is None else f" of {self.limit:,}")


@dataclass(frozen=True, slots=True)
class Shown:
    """What several platforms get alike."""

    titles: tuple[str, ...]
    """As people call the platforms."""
    parts: tuple[ShownPart, ...]


def shown(draft: Draft, limits: Mapping[str, int]) -> tuple[Shown, ...]:
    """What each platform gets, those that get the same together. `limits`: where a server's own is another."""
    alike: dict[tuple[Part, ...], list[str]] = {}
    for name, content in exact.contents(draft).items():
        alike.setdefault(tuple(part_of(part["text"], part) for part in content), []).append(name)
    return tuple(
        Shown(
            tuple(map(title, names)),
            tuple(_part(part, draft, names, limits) for part in parts),
        )
        for parts, names in alike.items()
    )


def title(name: str) -> str:
    """A platform as the head of a column calls it."""
    return SPECS[name].title.removeprefix("a ").capitalize() if name in SPECS else name


def web_address(url: str) -> str:
    """An address that may be a link; "" for any that is not http(s)."""
    return url if re.match(r"https?://\S+\Z", url) else ""


def lengths(draft: Draft, text: str, names: tuple[str, ...], limits: Mapping[str, int]) -> tuple[Length, ...]:
    """How long a text is on these platforms, with the address that goes along."""
    from twitter_manager.checks import length

    counted = ((name, SPECS[name].shown(text, draft.links.get(name, ""))) for name in names)
    return tuple(Length(title(name), *length(there, name, limits)) for name, there in counted)


def words_of(text: str) -> tuple[Words, ...]:
    """A text with its addresses told apart, and with a name for each character that would hide."""
    words = list[Words]()
    for is_kept, run in groupby(_kept(text, invisible.remove(text)), key=lambda each: each[0]):
        piece = "".join(character for _, character in run)
        if is_kept:
            words += [Words(part, is_address) for part, is_address in pieces_of(piece) if part]
        else:
            words += [Words(f"U+{ord(character):04X}", is_unseen=True) for character in piece]
    return tuple(words)


def _kept(text: str, visible: str) -> Iterator[tuple[bool, str]]:
    """Each character, and whether it is among those that are seen."""
    at = 0
    for character in text:
        is_kept = visible[at : at + 1] == character
        at += is_kept
        yield is_kept, character


def _part(part: Part, draft: Draft, names: list[str], limits: Mapping[str, int]) -> ShownPart:
    card = _card(part.card) if part.card else None
    return ShownPart(words_of(part.text), part.media, card, lengths(draft, part.text, tuple(names), limits))


def _card(card: Card) -> ShownCard:
    web = re.match(r"https?://([^/?#\s]+)", card.url)
    is_followed = web is not None and len(card.url) <= MAX_ADDRESS_CHARS
    return ShownCard(card.title, card.description, card.url if is_followed else "", web[1] if web else "", card.thumb)
