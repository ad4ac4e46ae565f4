"""Which of a bot's older posts did well, by the account's own figures. Pure: the rest is for `pipeline`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from twitter_manager.store.offers import Out

FEWEST = 20
"""Posts that must have been read before one of them stands out."""
_BEST = 0.1
"""The share of them that did well, at most,"""
_TIMES = 2.0
"""and that had so many times the usual,"""
_LEAST = 3
"""and so much at least: a like more or less is chance."""


@dataclass(frozen=True, slots=True)
class DidWell:
    """A post that did. `words`: "12 likes and 3 reposts"."""

    draft_id: int
    posted_at: datetime
    words: str


def did_well(readings: Sequence[Out]) -> list[DidWell]:
    """The best posts, best first: by what they came to on each platform, beside what is usual there. Of two readings
    of a post the older age counts."""
    newest: dict[tuple[int, str], Out] = {}
    for reading in sorted(readings, key=lambda reading: reading.band):
        newest[reading.draft_id, reading.platform] = reading
    posts: dict[int, list[Out]] = {}
    for reading in newest.values():
        posts.setdefault(reading.draft_id, []).append(reading)
    if len(posts) < FEWEST:
        return []
    usual = {
        name: median(reading.figures.engagement for reading in newest.values() if reading.platform == name)
        for name in {reading.platform for reading in newest.values()}
    }

    def beside(outs: Sequence[Out]) -> float:
        logs = [math.log((1 + out.figures.engagement) / (1 + usual[out.platform])) for out in outs]
        return sum(logs) / len(logs)

    ranked = sorted(posts.values(), key=lambda outs: -beside(outs))[: max(1, int(len(posts) * _BEST))]
    good = [
        outs
        for outs in ranked
        if beside(outs) >= math.log(_TIMES) and sum(out.figures.engagement for out in outs) >= _LEAST
    ]
    return [DidWell(outs[0].draft_id, min(out.posted_at for out in outs), " and ".join(_words(outs))) for outs in good]


def _words(outs: Sequence[Out]) -> Iterator[str]:
    """What people did with it, on all platforms together."""
    for what, one in {"likes": "like", "replies": "reply", "reposts": "repost", "quotes": "quote"}.items():
        number = sum(getattr(out.figures, what) for out in outs)
        if number:
            yield f"{number} {one if number == 1 else what}"
