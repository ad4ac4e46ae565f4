"""How good an item is for a post: how fresh, how close to its topic, how new against the latest posts, how rested.

Pure. Which items are looked at, and what is drawn from them, is left to `topics`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from twitter_manager.domain import Item, Json
from twitter_manager.english import function_words, unspaced, words

UNLABELLED = "general"
"""The topic of items without a label."""
HALF_LIVES: Mapping[str, timedelta] = {
    "entry": timedelta(days=3),
    "commit": timedelta(days=3),
    "release": timedelta(days=7),
}
"""Kinds of item that are news, and how long until they are half as fresh. Of the others only dated documents age."""
DATED = timedelta(days=7)
"""The same of a document with a date: an announcement, a report."""
FRESH = 0.5
"""Items that are at least so fresh are news; what does not age has just this freshness too, but is none."""
IN_TITLE, IN_TEXT = 0.8, 0.5
"""How close an item without a label is to a topic whose every word its title, or its text, has."""
_LEAST = 0.01
_FEWEST_WORDS = 3
_MOST_CHARS = 4000


@dataclass(frozen=True, slots=True)
class Scored:
    """An item's marks, each above 0 and at most 1; `near`: the latest post that it is most like."""

    number: int
    freshness: float
    relevance: float
    rest: float
    novelty: float = 1.0
    near: str = ""

    @property
    def score(self) -> float:
        return round(max(_LEAST**2, self.freshness * self.relevance * self.rest * self.novelty), 4)

    def as_json(self, item: Item, used: datetime | None) -> Json:
        """What is recorded: the marks, and what is needed to give them again."""
        record: Json = {"item": self.number, "score": self.score}
        record |= {name: getattr(self, name) for name in ("freshness", "relevance", "novelty", "rest")}
        record |= {"near": self.near} if self.near else {}
        return record | ({"used": used.isoformat()} if used else {}) | {"hash": item.content_hash[:12]}


# -- the marks ----------------------------------------------------------------------------------------


def marked(
    number: int, topic: str, item: Item, since: datetime | None, used: datetime | None, rest: timedelta, now: datetime
) -> Scored:
    """The marks that are cheap to give. `since`: when it became public, or was first seen; `used`: when last."""
    rest = rest_of(item, rest)
    rested = 1.0 if used is None or not rest else 1 - 0.5 ** max(0.0, (now - used) / rest)
    is_labelled = fold(label_of(item)) == fold(topic)
    relevance = 1.0 if is_labelled else max(_LEAST, closeness(tokens(topic), item))
    return Scored(number, round(freshness_of(item, since, now), 4), relevance, round(max(_LEAST, rested), 4))


def rest_of(item: Item, rest: timedelta) -> timedelta:
    """How long this item is left alone after its use: with several wordings it comes back in other words, so sooner."""
    return rest / (1 + len(item.wordings))


def half_life(item: Item) -> timedelta | None:
    """How long until the item is half as fresh; None for what doesn't age."""
    return DATED if item.kind == "document" and item.published_at else HALF_LIVES.get(item.kind)


def freshness_of(item: Item, since: datetime | None, now: datetime) -> float:
    """1 for news of this moment, half of that with each half-life. A date in the future makes nothing fresher."""
    half = half_life(item)
    if half is None or since is None:
        return FRESH if half is None else _LEAST
    return float(max(_LEAST, 0.5 ** min(60.0, max(timedelta(), now - since) / half)))


def compared(
    scored: Scored, item: Item, posts: Mapping[str, frozenset[str]], likeness: Callable[[Item], float] | None
) -> Scored:
    """The same with its novelty: how unlike it is to the one of the posts (content words by name) that is most like it,
    in words, or in meaning where `likeness` can tell."""
    mine = content(f"{item.title} {item.text}")
    like, near = max(((overlap(mine, theirs), name) for name, theirs in posts.items()), default=(0.0, ""))
    if likeness is not None and (likeness_in_meaning := likeness(item)) > like:
        like, near = likeness_in_meaning, "meaning"
    return replace(scored, novelty=novelty(like), near=near if like > 0 else "")


def novelty(like: float) -> float:
    """What likeness leaves of 1."""
    return round(max(_LEAST, 1 - min(1.0, like)), 4)


def overlap(these: frozenset[str], those: frozenset[str]) -> float:
    """The share of the shorter one's content words that the other has."""
    fewer = min(len(these), len(those))
    return len(these & those) / fewer if fewer >= _FEWEST_WORDS else 0.0


@functools.lru_cache(maxsize=1000)  # one refill compares with the same posts again and again
def content(text: str) -> frozenset[str]:
    """The words that say something."""
    return frozenset(words(text[:_MOST_CHARS])) - function_words()


# -- topics and labels --------------------------------------------------------------------------------


def label_of(item: Item) -> str:
    """What an item is about, in readable form: its label, else its project or page; "" where it has neither."""
    return item.label or item.project


def fold(label: str) -> str:
    """A label or a topic's name as it is compared."""
    return " ".join((label or UNLABELLED).casefold().split()) or UNLABELLED


def closeness(wanted: AbstractSet[str], item: Item) -> float:
    """How close an item is to the words of a topic, as `tokens` gives them; 0 where one is missing."""
    if wanted and _holds(wanted - tokens(item.title), item.title):
        return IN_TITLE
    return IN_TEXT if wanted and _holds(wanted - tokens(item.text), item.text) else 0.0


def _holds(missing: AbstractSet[str], text: str) -> bool:
    """Whether words that are no tokens of their own stand in the text all the same: in a script without spaces."""
    return all(not word.isascii() and word in text and unspaced().search(word) for word in missing)


@functools.lru_cache(maxsize=2000)  # of one item for many topics
def tokens(text: str) -> frozenset[str]:
    """Words as a topic's name may hold them: C++ and C# are such."""
    return frozenset(re.findall(r"\w[\w+#]*", text[:_MOST_CHARS].casefold()))
