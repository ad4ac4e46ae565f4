"""The last resort: posts the material's own sentences, word for word. No model, no request, no cost.

A note is posted in one of its human wordings, or with others as a thread. What other material gives is `designs`'.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from twitter_manager.domain import Brief, Candidate, Generation, Item, Progress, TimeLeft
from twitter_manager.english import weight
from twitter_manager.language import primary
from twitter_manager.writing import designs, openers
from twitter_manager.writing.brief import POST_CHARS
from twitter_manager.writing.formats import THREAD, threads

WORDING = "wording"
"""The `frame` of what a person wrote, and of what a rule that keeps its form made of it."""


class Excerpt:
    """Never fails; an item with no sentence that fits gives a generation without candidates."""

    name = "excerpt"
    free = True

    def generate(
        self, briefs: Sequence[Brief], n: int, time_left: TimeLeft, progress: Progress
    ) -> Iterator[tuple[Brief, tuple[Generation, ...]]]:
        """See `domain.Generator`. One generation a brief, with up to `n` candidates."""
        for brief in briefs:
            excerpts_of_brief = excerpts(brief)[:n]
            candidates = (
                Candidate(excerpt.parts, -at, frame=excerpt.frame, alone=excerpt.alone)
                for at, excerpt in enumerate(excerpts_of_brief)
            )
            raw = "\n".join(excerpt.text for excerpt in excerpts_of_brief)
            yield brief, (Generation(self.name, "", seed=brief.seed, raw=raw, candidates=tuple(candidates)),)

    def verify(self) -> str:
        """Needs nothing."""
        return "needs nothing"


@dataclass(frozen=True, slots=True)
class Said:
    """A post that is true by construction: its parts, what made it, and whether it can be understood without its
    material's address (see `domain.Candidate`). `score`: how good a design it is for its material."""

    parts: tuple[str, ...]
    frame: str
    score: float = 0.0
    alone: bool = True

    @property
    def text(self) -> str:
        return "\n\n".join(self.parts)


def excerpts(brief: Brief) -> list[Said]:
    """Posts out of the brief's items that fit its limit, best first: what was not said lately before the rest, a
    thread before plain wordings."""

    def fits(text: str) -> bool:
        return weight(text) <= min(brief.max_chars, POST_CHARS)

    excerpts_of_brief: list[Said] = []
    if brief.format == THREAD and brief.max_parts > len(brief.items) and in_english(brief):
        excerpts_of_brief += [Said(parts, THREAD) for parts in threads(brief.items, fits, brief.seed)]
    for item in brief.items:
        if is_note(item):
            excerpts_of_brief += [
                wording for wording in _wordings(item, brief.seed) if weight(wording.text) <= brief.max_chars
            ]
        else:
            designs_of_item = designs.designs(item, fits, brief.persona.language, linked=brief.linked)
            excerpts_of_brief += [
                Said((design.text,), design.frame, design.score, design.alone) for design in designs_of_item
            ]
    said = openers.said(brief.recent)
    excerpts_of_brief.sort(key=lambda excerpt: any(openers.said_before(part, said) for part in excerpt.parts))
    return list({excerpt.parts: excerpt for excerpt in reversed(excerpts_of_brief)}.values())[::-1]


def is_note(item: Item) -> bool:
    """Written as a fact to be posted, by a person; of other material only its own sentences are used."""
    return item.kind == "note" and bool(item.wordings or item.label)


def in_english(brief: Brief) -> bool:
    """Whether the rules that know English alone may be used."""
    return primary(brief.persona.language) == "en"


def _wordings(item: Item, seed: int) -> list[Said]:
    """A note's own text and its human wordings, in an order that turns with the seed."""
    wordings = [Said((text.strip(),), WORDING) for text in (item.text, *item.wordings) if text.strip()]
    turn = seed % max(1, len(wordings))
    return wordings[turn:] + wordings[:turn]
