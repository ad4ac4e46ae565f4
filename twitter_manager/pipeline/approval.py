"""Why a draft needs a person's yes before it goes out, in words for that person. Pure: what is done about it is left to
`fill`, which saves it as pending, and to `holding`, which holds what waits already to a setting that changed."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from twitter_manager.content import Media, Part
from twitter_manager.domain import Item
from twitter_manager.english import find_words
from twitter_manager.settings import BotFile
from twitter_manager.settings.records import ALWAYS, NEVER, WHEN, ApproveWhen

if TYPE_CHECKING:
    from twitter_manager.writing.post_spec import Material

THREAD = "thread"
"""The format, see `domain.FORMATS`."""

PICTURE = Media("", "image/png", 0, 1, 1)
"""Stands for the picture of a post that nobody wrote yet."""
_LEAST_WAITING = 4
"""Where some posts need no approval, so many others may wait, however small the pool is."""


@dataclass(frozen=True, slots=True)
class Written:
    """What is asked of a draft. `material`: what it was made from; `score`: by `writing.text_scoring`, NaN where none
    was kept, None where it is not asked about; `posts`: how many posts of the bot went out, or at least as many as
    `Approval.first`."""

    parts: Sequence[Part]
    topic: str = ""
    material: Sequence[Item] = ()
    score: float | None = None
    posts: int = 0


@dataclass(frozen=True, slots=True)
class Approval:
    """Which posts of a bot a person wants to see, and how long those wait."""

    mode: str = NEVER
    when: ApproveWhen = field(default_factory=ApproveWhen)
    lifetime: timedelta = timedelta(hours=72)

    @classmethod
    def of(cls, bot: BotFile) -> Approval:
        """As the bot's settings say it."""
        return cls(bot.approve, bot.approve_when, timedelta(hours=bot.approval_hours))

    @property
    def asks(self) -> bool:
        """Whether a person wants to see any."""
        return self.mode != NEVER

    @property
    def first(self) -> int:
        """Of how many posts it matters how many went out before."""
        return self.when.first if self.mode == WHEN else 0

    @property
    def keeps_refused(self) -> bool:
        """Whether what a judge refused waits for a person."""
        return self.mode == WHEN and self.when.doubts

    def why(self, written: Written) -> str:
        """Why a person must say yes to it; "" where it goes out by itself."""
        if self.mode == ALWAYS:
            return "you approve every post"
        return "; ".join(self._reasons(written)) if self.mode == WHEN else ""

    def _reasons(self, written: Written) -> Iterator[str]:
        when = self.when
        if written.posts < when.first:
            yield f"it is one of the bot's first {when.first} posts"
        if when.score_below is not None and written.score is not None and not written.score >= when.score_below:
            told = "is not known" if math.isnan(written.score) else f"{written.score:g} is below {when.score_below:g}"
            yield f"its score {told}"
        if when.threads and len(written.parts) > 1:
            yield "it is a thread"
        if when.images and any(part.media for part in written.parts):
            yield "it has a picture"
        elif when.images and any(part.thumb for part in written.parts):
            yield "its card has a picture"
        for topic in when.topics:
            if reason := _on(topic, written):
                yield reason

    def most_waiting(self, pool: int, posts: int) -> int | None:
        """How many drafts may wait for approval before no more are written for a slot that nothing approved can take;
        None: any number, as each that is written goes out by itself. `posts`: as in `Written`."""
        if self.mode == NEVER:
            return None
        all_wait = self.mode == ALWAYS or posts < self.first
        return pool if all_wait else max(2 * pool, _LEAST_WAITING)

    def spares(self, waiting: int, pool: int) -> bool:
        """Whether nothing more is written that is known to need a yes, as a pool of that waits already: else it would
        stop what needs none."""
        return self.mode == WHEN and waiting >= pool

    def spared(self, material: Material) -> Material:
        """What posts are made from, without the formats and topics that need a yes."""
        rules, topics = material.rules, set(map(_folded, self.when.topics))
        formats = {name: weight for name, weight in rules.formats.items() if name != THREAD or not self.when.threads}
        left = {name: weight for name, weight in rules.topics.items() if _folded(name) not in topics}
        return replace(material, rules=replace(rules, formats=formats, topics=left))

    def needs(self, item: Item, *, pictured: bool) -> bool:
        """Whether a post of it surely needs a yes. `pictured`: it shows the item's picture."""
        parts = (Part("", (PICTURE,) if pictured else ()),)
        return bool(self.why(Written(parts, material=(item,), posts=self.first)))


def _on(topic: str, written: Written) -> str:
    """That a draft is on one of the person's topics, or has its word, or its material has; else ""."""
    wanted = _folded(topic)
    if wanted in map(_folded, (written.topic, *(item.label for item in written.material))):
        return f"it is on {topic}"
    if any(find_words(wanted, _folded(text)) >= 0 for text in _said(written.parts)):
        return f"it says “{topic}”"
    told = (text for item in written.material for text in (item.title, item.summary, *item.headings, item.text))
    return f"its material says “{topic}”" if any(find_words(wanted, _folded(text)) >= 0 for text in told) else ""


def _said(parts: Sequence[Part]) -> Iterator[str]:
    """All words that readers get."""
    for part in parts:
        yield part.text
        yield from (media.alt for media in part.media)
        if part.card:
            yield f"{part.card.title}\n{part.card.description}"


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
