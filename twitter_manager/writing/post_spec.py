"""What a bot's posts are made from and how, as the settings say it: material, meaning, delivery, writers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from twitter_manager.checks import CheckContext, length, lengths
from twitter_manager.domain import Brief, Generator, Item
from twitter_manager.writing.brief import POST_CHARS
from twitter_manager.writing.releases import names

if TYPE_CHECKING:
    from twitter_manager.writing.judge import Judge
    from twitter_manager.writing.style import Style
    from twitter_manager.writing.topics import Rules


@dataclass(frozen=True, slots=True)
class Material:
    """What posts are made from."""

    rules: Rules
    """By which it is chosen."""
    trusts: Mapping[str, str] = field(default_factory=dict)
    """By source: `own`, `known` or `open`."""
    pictured: frozenset[str] = frozenset()
    """The sources whose pictures posts may show."""

    def shows_picture(self, item: Item) -> bool:
        """Whether a post of this item may show its picture."""
        return item.source in self.pictured and bool(item.image and item.image_alt)

    def trust(self, item: Item) -> str:
        """Of the source that an item is from."""
        return self.trusts.get(item.source, "known")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What is told by comparing in meaning. `background`: passages of other material on the subject of these items
    (ids); `near`: the bot's posts nearest to them; `likeness`: how like (0 to 1) an item is to the nearest post, where
    something can tell."""

    background: Callable[[Collection[int]], tuple[str, ...]] = lambda numbers: ()
    near: Callable[[Collection[int]], tuple[str, ...]] = lambda numbers: ()
    likeness: Callable[[Item], float] | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where posts go, by which `rules` (which know no material yet), what is appended to them, and how long they wait.
    `carrying`: the platforms that are set up, so that an address can go along there; `numbered`: the parts of a thread
    carry their numbers; `opener`: what each post begins with."""

    rules: CheckContext
    lifetime: timedelta
    carrying: tuple[str, ...] | None = None
    hashtags: tuple[str, ...] = ()
    signature: str = ""
    numbered: bool = True
    opener: str = ""

    def links(self, item: Item) -> dict[str, str]:
        """The platforms on which an item's address goes along, and the address. A note's own words say all."""
        on = self.rules.platforms if self.carrying is None else self.carrying
        return {} if item.kind == "note" else lengths.links(item.url, on, self.rules.policy, self.rules.limits)

    def room(self, links: Mapping[str, str], *, cards: bool = True) -> int:
        """How many characters the tightest platform leaves beside these links and all else that is appended. `cards`:
        whether a card holds the link where it can."""
        tail = " ".join(f"#{tag.lstrip('#')}" for tag in self.hashtags) + self.signature
        left = lengths.room(self.rules.platforms, links, self.rules.limits, cards=cards) or POST_CHARS
        beside = (len(tail) + 2 if tail else 0) + (len(self.opener) + 1 if self.opener else 0)
        return min(left, self.rules.policy.max_chars or POST_CHARS) - beside

    def dress(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """The parts with the opener before the first, and hashtags and signature on the last one.

        A hashtag that is there already isn't repeated, and one that would not fit any more is left out. The signature
        never is: a text that has no room for it is for the checks to refuse."""
        if not parts:
            return parts
        end = f"\n{self.signature.strip()}" if self.signature.strip() else ""
        if self.opener and not parts[0].startswith(self.opener):
            parts = (f"{self.opener} {parts[0]}", *parts[1:])
        last = parts[-1].rstrip().removesuffix(end).rstrip()
        for tag in (f"#{name}" for tag in self.hashtags if (name := tag.strip().lstrip("#"))):
            if not names(last, tag) and self._fits(f"{last} {tag}{end}"):
                last = f"{last} {tag}"
        return (*parts[:-1], last + end)

    def number(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """The parts of a thread with their numbers in front, "1/3 …", where they carry them."""
        if len(parts) < 2 or not self.numbered:
            return parts
        return tuple(f"{at}/{len(parts)} {part}" for at, part in enumerate(parts, start=1))

    def _fits(self, text: str) -> bool:
        measured = (length(text, name, self.rules.limits) for name in self.rules.platforms)
        return all(limit is None or size <= limit for size, limit in measured)


@dataclass(frozen=True, slots=True)
class Writers:
    """The generators whose model writes (`names`), and can be asked to write again. `first`: the first generator is one
    of them; `judge`: who judges what a generator's model wrote, and without whom none of it goes out; `unjudged`: those
    that are not asked, because nobody judges what they write, with what to do about it."""

    names: tuple[str, ...] = ()
    first: bool = False
    judge: Callable[[Generator], Judge | None] = lambda generator: None
    unjudged: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PostSpec:
    """All of a bot."""

    bot: str
    material: Material
    blank: Brief
    """What each of its briefs says: who speaks, and how."""
    delivery: Delivery
    style: Style | None = None
    """How its person writes, where that was learned."""
    writers: Writers = Writers()
    meaning: Meaning = Meaning()
