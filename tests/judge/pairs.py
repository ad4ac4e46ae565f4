"""Labelled pairs of material and post, and what a judge made of them: true ones refused, false ones passed, the cost.

`pairs.toml` holds material of all kinds in six languages, `pairs_en_notes.toml` short English notes.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twitter_manager.checks.suspicion import suspicions
from twitter_manager.domain import Brief, Item, Persona, TimeLeft
from twitter_manager.writing.brief import material_of
from twitter_manager.writing.judge import Judge

FOLDER = Path(__file__).parent
FILES = ("pairs.toml", "pairs_en_notes.toml")
KINDS = {"feed": "entry", "club notice": "page"}
"""What the material's kind is called in the program, where that is another name."""


@dataclass(frozen=True)
class Pair:
    """A post and its material. `fault`: what is wrong with it, "" for a true one."""

    item: Item
    post: str
    kind: str
    fault: str

    @property
    def brief(self) -> Brief:
        persona = Persona(language=self.item.language or "en")
        return Brief("judge-eval", self.item.title or "notes", "news", (self.item,), persona, 300, 0)


@dataclass(frozen=True)
class Outcome:
    """What the judge said of a pair. `usable`: its answer counted."""

    pair: Pair
    passed: bool
    usable: bool
    reasons: tuple[str, ...]
    cost_usd: float

    @property
    def wrong(self) -> bool:
        """A true post refused, or a false one passed."""
        return self.passed is bool(self.pair.fault)


def load(files: Sequence[str] = FILES) -> list[Pair]:
    """All pairs of the files."""
    every = [found for name in files for found in tomllib.loads((FOLDER / name).read_text())["material"]]
    return [pair for number, found in enumerate(every) for pair in _pairs(number, found)]


def _pairs(number: int, found: dict[str, Any]) -> Iterator[Pair]:
    kind = found.get("kind", "note")
    day = found.get("published")
    item = Item(
        "pairs",
        str(number),
        found["text"].strip(),
        title=found.get("title", ""),
        kind=KINDS.get(kind, kind),
        project=found.get("project", ""),
        headings=tuple(found.get("headings", ())),
        language=found.get("language", "en"),
        published_at=datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None,
    )
    for post in found.get("true", ()):
        yield Pair(item, post, kind, "")
    for fault, post in found.get("false", ()):
        yield Pair(item, post, kind, fault)


def judged(judge: Judge, pairs: Sequence[Pair], time_left: TimeLeft) -> Iterator[Outcome]:
    """Ask about one pair after the other; ends early where the judge gives no answer at all."""
    for pair in pairs:
        points = suspicions((pair.post,), (material_of(pair.brief),), pair.item.language)
        verdict = judge.review(pair.brief, (pair.post,), points, time_left)
        passed = not (verdict.reasons or verdict.harm)
        cost = sum(answer.cost_usd for answer in verdict.answers)
        yield Outcome(pair, passed, not verdict.unusable, verdict.reasons, cost)
        if verdict.failed:
            return


def table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The figures in lines: as a whole, by language, by kind of material, by fault."""
    yield f"{'':28}true refused   false passed"
    yield _line("all", outcomes)
    groups: dict[str, Callable[[Outcome], str]] = {
        "language": lambda one: one.pair.item.language,
        "material": lambda one: one.pair.kind,
        "fault": lambda one: one.pair.fault,
    }
    for name, group in groups.items():
        for value in sorted({group(one) for one in outcomes} - {""}):
            yield _line(f"{name}: {value}", [one for one in outcomes if group(one) == value])
    unusable = sum(not one.usable for one in outcomes)
    cost = sum(one.cost_usd for one in outcomes)
    each = cost / max(1, len(outcomes))
    yield f"{len(outcomes)} posts, {unusable} without an answer that counts; ${cost:.4f}, ${each:.5f} each"


def _line(name: str, outcomes: Sequence[Outcome]) -> str:
    count = Counter((bool(one.pair.fault), one.wrong) for one in outcomes)
    shares = []
    for false in (False, True):
        wrong, every = count[false, True], count[false, True] + count[false, False]
        shares.append(f"{wrong:3} of {every:3} {wrong / every:4.0%}" if every else f"{'-':>15}")
    return f"{name[:27]:28}" + "   ".join(shares)
